// Where should an order go?  Five venues, one level of the last share, and what other ways cost.

import { Chart, Steady } from "../chart.js";
import { written } from "../numbers.js";
import { paid, split } from "../routing.js";

const VENUES = {
  A: [0.01, 4e5, 3000],
  B: [0.012, 2e5, 5000],
  C: [0.008, 1e5, 1500],
  D: [0.015, 6e5, 8000],
  E: [0.011, 3e5, 4000],
};
const NAMES = Object.keys(VENUES);
const [FIRST, ALL] = [100, 21500];
const ORDERS = [...Array.from({ length: 54 }, (_, k) => FIRST + 400 * k), ALL];
const CROWDED = 30; // points of a line

/** What the venues have, or show. */
function offersOf({ venue, deeper, dearer, shows }, shown) {
  return NAMES.map((name) => {
    const [cost, depth, size] = VENUES[name];
    if (name !== venue) return { cost, depth, size };
    const times = shown ? shows : 1;
    return { cost: cost + dearer / 100, depth: depth * deeper * times, size: size * times };
  });
}

/** How an order is sent at first, what it costs in the end, and how much of it is missed at first. */
export function doneOf(way, shares, settings) {
  const [shown, there] = [offersOf(settings, true), offersOf(settings, false)];
  const sent = split(way, shares, shown);
  const filled = there.map(({ size }, k) => Math.min(sent.shares[k], size));
  let missed = shares - filled.reduce((sum, part) => sum + part, 0);
  if (missed <= 1e-9 * shares) missed = 0;
  const left = there.map(({ cost, depth, size }, k) => ({
    cost: cost + filled[k] / depth + settings.away / 100,
    depth,
    size: size - filled[k],
  }));
  const first = there.reduce((sum, offer, k) => sum + paid(offer, filled[k]), 0);
  return { sent, missed, cost: first + split(way, missed, left).cost };
}

/** The numbers under the figure. */
export function numbersOf(settings) {
  const [best, rata, first] = ["route", "pro_rata", "best_first"].map((way) => doneOf(way, settings.shares, settings));
  return {
    part: best.sent.shares[NAMES.indexOf(settings.venue)],
    last: 100 * best.sent.dearest,
    route: best.cost,
    pro_rata: rata.cost,
    best_first: first.cost,
    missed: best.missed,
    missed_pro_rata: rata.missed,
  };
}

export default function splitOrder(stage, { set }) {
  let [level, order] = [0, 0];
  const count = (shares) => written(shares, "count");
  const cents = { write: (value) => written(value, "number") };
  const venues = new Chart(stage, {
    title: "next share, cents",
    share: 0.54,
    x: { label: "shares at a venue", write: count },
    y: cents,
    marks: (u, line) => line({ y: level, dash: "dotted" }),
    series: [
      ...NAMES.slice(1).map((_, k) => ({ label: k ? "" : "other venues", colour: "hedged", width: 1.5 })),
      { label: "this one", colour: "loss", width: 2.5 },
      { label: "sent", colour: "ink", kind: "points", size: 10 },
    ],
  });
  const costs = new Chart(stage, {
    title: "cents a share",
    share: 0.46,
    x: { label: "shares to buy", write: count, steps: [5000, 10000] },
    y: cents,
    onPoint: (at) => set("shares", Math.min(Math.max(100 * Math.round(at / 100), FIRST), ALL)),
    marks: (u, line) => line({ x: order, dash: "dotted" }),
    series: [
      { label: "best split", colour: "hedged", width: 2.5 },
      { label: "pro rata", colour: "unhedged", dash: "dashed" },
      { label: "best price first", colour: "theory", dash: "dotted" },
    ],
  });
  const [across, up, dear] = [new Steady(), new Steady(), new Steady()];

  return {
    draw(settings, _, slid) {
      order = settings.shares;
      const shown = offersOf(settings, true);
      const { sent } = doneOf("route", order, settings);
      level = 100 * sent.dearest;
      const cost = ({ cost, depth }, shares) => 100 * (cost + shares / depth);
      // one column of all places on all lines, and of the dots
      const places = shown.flatMap(({ size }) => Array.from({ length: CROWDED + 1 }, (_, k) => (size * k) / CROWDED));
      const xs = [...new Set([...places, ...sent.shares])].sort((a, b) => a - b);
      const lines = shown.map((offer) => xs.map((x) => (x <= offer.size ? cost(offer, x) : null)));
      const dots = xs.map(() => null);
      shown.forEach((offer, k) => {
        if (sent.shares[k] > 0) dots[xs.indexOf(sent.shares[k])] = cost(offer, sent.shares[k]);
      });
      const own = NAMES.indexOf(settings.venue);
      const ends = shown.flatMap((offer) => [cost(offer, 0), cost(offer, offer.size)]);
      venues.draw([xs, ...lines.filter((_, k) => k !== own), lines[own], dots], {
        x: [0, across.around(0, Math.max(...shown.map(({ size }) => size)), slid)[1]],
        y: up.around(Math.min(...ends), Math.max(...ends), slid),
      });
      const curves = ["route", "pro_rata", "best_first"].map((way) => ORDERS.map((shares) => (100 * doneOf(way, shares, settings).cost) / shares));
      costs.draw([ORDERS, ...curves], {
        x: [0, ALL],
        y: dear.around(Math.min(...curves.flat()), Math.max(...curves.flat()), slid),
      });

      const numbers = numbersOf(settings);
      const dollars = (name) => written(numbers[name], "dollars");
      const missed = numbers.missed > 0 ? ` Of the shares it sent, ${count(numbers.missed)} were not there, and were tried again.` : "";
      return {
        says:
          `Of ${count(order)} shares ${count(numbers.part)} go to ${settings.venue}; the last share costs ${written(numbers.last, "number")} cents. ` +
          `The best split costs ${dollars("route")}, pro rata ${dollars("pro_rata")}, the best price first ${dollars("best_first")}.${missed}`,
        numbers,
      };
    },
    repaint: () => [venues, costs].forEach((each) => each.repaint()),
    destroy: () => [venues, costs].forEach((each) => each.destroy()),
  };
}
