// Which gap breaks the floor?  A fund insured for three months, one gap, and the gap it would have survived each day.

import { delta, payoff, price } from "../black_scholes.js";
import { Chart, Steady } from "../chart.js";
import { written } from "../numbers.js";
import { path } from "../shocks.js";

const DAYS = 63;
const YEAR = 252;
const EXPIRY = DAYS / YEAR;
const [SPOT, FLOOR] = [100, 90];
const MOST = 0.5; // larger gaps survived are drawn as this
const CENT = 0.005;

/** The share, day by day, with the gap after the evening of `day`. */
function share({ volatility, shocks, day, gap }) {
  const spots = path(shocks, 0, { spot: SPOT, volatility, expiry: EXPIRY, steps: DAYS });
  return [...spots].map((spot, step) => (step > day ? spot * (1 - gap) : spot));
}

/** What the fund is worth on each evening, what it has in shares, and the gap that it survives. */
export function fundOf(settings) {
  const { method, multiplier, believes } = settings;
  const spots = share(settings);
  const left = (step) => EXPIRY - step / YEAR;
  let shares = 0;
  let worth = SPOT + price("put", SPOT, FLOOR, EXPIRY, believes);
  const days = spots.map((spot, step) => {
    if (step > 0) worth += shares * (spot - spots[step - 1]);
    if (step < DAYS)
      shares =
        method === "replica"
          ? 1 + delta("put", spot, FLOOR, left(step), believes)
          : (multiplier * Math.max(worth - FLOOR, 0)) / spot;
    const [held, cushion] = [shares * spot, Math.max(worth - FLOOR, 0)];
    return { worth, shares: held, survives: held > cushion ? cushion / held : Number(cushion > 0) };
  });
  const put = (spot, step) => (step < DAYS ? price("put", spot, FLOOR, left(step), believes) : payoff("put", spot, FLOOR));
  return { spots, days, insured: spots.map((spot, step) => spot + put(spot, step)) };
}

export default function gapSurvived(stage, { set }) {
  let [eve, coming] = [0, 0];
  const x = { label: "", write: (day) => written(day, "count") };
  const onPoint = (at) => set("day", Math.min(Math.max(Math.round(at), 0), DAYS - 1));
  const funds = new Chart(stage, {
    title: "worth, and the floor",
    share: 0.58,
    x,
    y: { write: (dollars) => written(dollars, "whole dollars") },
    onPoint,
    marks: (u, line) => {
      line({ x: eve, dash: "dotted" });
      line({ y: FLOOR, colour: "loss", dash: "dashed" });
    },
    series: [
      { label: "share, uninsured", colour: "unhedged", width: 1.5 },
      { label: "with the put", colour: "theory" },
      { label: "the fund", colour: "hedged", width: 2.5 },
    ],
  });
  const gaps = new Chart(stage, {
    title: "largest gap survived",
    share: 0.42,
    x: { ...x, label: "trading day" },
    y: { write: (size) => written(size, "percent") },
    onPoint,
    marks: (u, line) => {
      line({ x: eve, dash: "dotted" });
      line({ y: coming, colour: "loss", dash: "dashed" });
    },
    series: [{ label: "by the fund, that evening", colour: "hedged", width: 2.5 }],
  });
  const worths = new Steady();

  return {
    draw(settings, _, slid) {
      const { day, gap } = settings;
      [eve, coming] = [day, gap];
      const { spots, days, insured } = fundOf(settings);
      const steps = days.map((_, step) => step);
      const worth = days.map((one) => one.worth);
      const all = [...spots, ...worth, ...insured];
      funds.draw([steps, spots, insured, worth], {
        x: [0, DAYS],
        y: worths.around(Math.min(...all), Math.max(...all), slid),
      });
      gaps.draw([steps, days.map(({ survives }, step) => (step < DAYS ? Math.min(survives, MOST) : null))], {
        x: [0, DAYS],
        y: [0, MOST + 0.02],
      });

      const before = days[day];
      const end = worth[DAYS];
      const numbers = {
        eve: before.worth,
        shares: before.shares,
        survives: before.survives,
        after: worth[day + 1],
        end,
        over: end - FLOOR,
        put: insured[DAYS],
      };
      const dollars = (name) => written(Math.abs(numbers[name]), "dollars");
      const where = Math.abs(numbers.over) < CENT ? "at its floor" : `${dollars("over")} ${numbers.over < 0 ? "below" : "above"} its floor`;
      const shock = gap > 0 ? `One of ${written(gap, "percent")} comes and leaves` : "None comes; the next day it has";
      return {
        says:
          `After day ${written(day, "count")} the fund is worth ${dollars("eve")}, ${dollars("shares")} of it in shares, and survives ` +
          `a gap of ${written(before.survives, "percent")}. ${shock} ${dollars("after")}. It ends with ${dollars("end")}, ${where}; ` +
          `with the put, ${dollars("put")}.`,
        numbers,
      };
    },
    repaint: () => [funds, gaps].forEach((each) => each.repaint()),
    destroy: () => [funds, gaps].forEach((each) => each.destroy()),
  };
}
