// When does a fall feed itself?  One bad day of a market that its insurers move, and the threshold.

import { Chart, Steady } from "../chart.js";
import { dayOf, gain as gainOf, MINUTES, threshold } from "../crowd.js";
import { grid, written } from "../numbers.js";

const HOURS = Array.from({ length: MINUTES + 1 }, (_, minute) => minute / 60);
const POWERS = grid(-2, 4, 97); // buyers come within a quarter of an hour, up to sixteen hours

export default function spiral(stage) {
  let levels = [];
  const day = new Chart(stage, {
    title: "price, of 100 at the close before",
    share: 0.54,
    x: { label: "hours of trading", write: (hour) => written(hour, "count"), steps: [1, 2] },
    y: { write: (price) => written(price, "count") },
    marks: (u, line) => levels.forEach((y) => line({ y, dash: "dotted", colour: "loss" })),
    series: [
      { label: "the news alone", colour: "ink", width: 1 },
      { label: "with the crowd", colour: "unhedged", width: 2.5 },
    ],
  });
  const race = new Chart(stage, {
    title: "gain",
    share: 0.46,
    x: { label: "hours within which buyers come", write: (power) => written(2 ** power, "number"), steps: [2] },
    y: { write: (gain) => written(gain, "number") },
    marks: (u, line) => line({ y: 1, dash: "dotted" }),
    series: [
      { label: "threshold", colour: "theory", dash: "dashed" },
      { label: "feeds itself", colour: "loss", kind: "points", size: 11 },
      { label: "dies out", colour: "hedged", kind: "points", size: 11 },
    ],
  });
  const [prices, gains] = [new Steady(), new Steady(0.1)];

  return {
    draw(settings, _, slid) {
      const { delay, breakers } = settings;
      const { prices: shown, alone, trough, sold, still } = dayOf(settings);
      const [gain, least] = [gainOf(settings), threshold(settings, delay)];
      const feeds = gain >= least;
      levels = breakers === "halts" || breakers === "queue" ? [93, 87, 80] : [];
      day.draw([HOURS, alone, shown], { x: [0, 6.5], y: prices.around(Math.min(78, ...shown), Math.max(...shown, ...alone), slid) });
      const now = Math.log2(delay);
      const powers = [...POWERS.filter((power) => power !== now), now].sort((a, b) => a - b);
      const dot = (here) => powers.map((power) => (here && power === now ? gain : null));
      race.draw([powers, powers.map((power) => threshold(settings, 2 ** power)), dot(feeds), dot(!feeds)], {
        x: [-2.2, 4.2],
        y: gains.around(0, Math.max(2, gain, Math.min(threshold(settings, 0.25), 4)), slid),
      });

      const numbers = { gain, threshold: least, trough, sold, still };
      const say = (name, style = "shares") => written(numbers[name], style);
      return {
        says:
          `The gain is ${say("gain")}, the threshold ${say("threshold")}: if all traded both ways, a small move would ` +
          `${feeds ? "feed itself" : "die out"}. ` +
          `At its lowest the price is ${say("trough", "percent")} below the close before; the news alone takes it ` +
          `${written(1 - Math.min(...alone) / 100, "percent")} down. Insurers sell $${say("sold")}bn` +
          `${still > 0.005 ? `, and $${say("still")}bn more is called for at the close` : ""}.`,
        numbers,
      };
    },
    repaint: () => [day, race].forEach((each) => each.repaint()),
    destroy: () => [day, race].forEach((each) => each.destroy()),
  };
}
