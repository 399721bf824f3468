// Who wins, gamma or theta?  Each day's rent against each day's bill, and what they come to.

import { greeks, price } from "../black_scholes.js";
import { Chart, Steady } from "../chart.js";
import { hedge, clock } from "../hedging.js";
import { distribution } from "../normal.js";
import { written } from "../numbers.js";
import { path } from "../shocks.js";

const DAYS = 63;
const YEAR = 252;
const OPTION = { kind: "call", strike: 100 };
const QUANTITY = -1000;
const CENT = 0.01; // where neither is left, near expiry, rounding noise has a sign too
const TIMES = Array.from({ length: DAYS + 1 }, (_, day) => day / YEAR);

/** Each day's gain by gamma and by theta, as hedgelab's explain has them, and the P&L so far. */
export function daysOf({ implied, realised, shocks }) {
  const spots = path(shocks, 0, { spot: 100, volatility: realised, expiry: DAYS / YEAR, steps: DAYS });
  const books = hedge(OPTION, [...spots], TIMES, { quantity: QUANTITY, volatility: implied, policy: clock(1) });
  return books.slice(1).map(({ pnl }, step) => {
    const before = greeks(OPTION.kind, spots[step], OPTION.strike, TIMES[DAYS] - TIMES[step], implied);
    const move = spots[step + 1] - spots[step];
    return { gamma: (QUANTITY * before.gamma * move ** 2) / 2, theta: (QUANTITY * before.theta) / YEAR, pnl };
  });
}

export default function gammaTheta(stage) {
  let today = DAYS;
  const x = { label: "", write: (day) => written(day, "count") };
  const y = { write: (dollars) => written(dollars, "whole dollars") };
  const marks = (u, line) => {
    line({ x: today, dash: "dotted" });
    line({ y: 0 });
  };
  const daily = new Chart(stage, {
    title: "one day at a time",
    share: 0.44,
    x,
    y,
    marks,
    series: [
      { label: "theta, earned", colour: "hedged", kind: "bars", width: 0, fill: true },
      { label: "gamma, paid", colour: "loss", kind: "bars", width: 0, fill: true },
    ],
  });
  const total = new Chart(stage, {
    title: "added up",
    share: 0.56,
    x: { ...x, label: "trading day" },
    y,
    marks,
    series: [
      { label: "theta", colour: "hedged" },
      { label: "gamma", colour: "loss" },
      { label: "profit or loss", colour: "ink", width: 2.5 },
    ],
  });
  const [days, sums] = [new Steady(), new Steady()];

  return {
    draw({ implied, realised, day, shocks }, _, slid) {
      today = day;
      const rows = daysOf({ implied, realised, shocks });
      const past = (values) => values.map((value, step) => (step <= day ? value : null));
      const numbers = rows.map((_, step) => step);
      const [theta, gamma] = [rows.map((row) => row.theta), rows.map((row) => row.gamma)];
      daily.draw([numbers, past(theta).map((value, step) => (step < day ? value : null)), gamma.map((value, step) => (step < day ? value : null))], {
        x: [0, DAYS],
        y: days.around(Math.min(...gamma), Math.max(...theta), slid),
      });
      const cumulated = (values) => values.reduce((sums, value) => [...sums, sums[sums.length - 1] + value], [0]);
      const [thetas, gammas, pnl] = [cumulated(theta), cumulated(gamma), [0, ...rows.map((row) => row.pnl)]];
      total.draw([[...numbers, DAYS], past(thetas), past(gammas), past(pnl)], {
        x: [0, DAYS],
        y: sums.around(Math.min(...gammas, ...pnl), Math.max(...thetas, ...pnl), slid),
      });

      const won = rows.slice(0, day).filter((row) => row.theta + row.gamma > CENT).length;
      const expected = 2 * distribution(implied / realised) - 1;
      const profit = pnl[day];
      return {
        says:
          `After ${written(day, "days")} theta has brought ${written(thetas[day], "whole dollars")} and gamma has cost ` +
          `${written(-gammas[day], "whole dollars")}; the seller is ${written(Math.abs(profit), "whole dollars")} ` +
          `${profit < 0 ? "down" : "up"}. Theta won on ${won} of them, ` +
          `${day ? written(won / day, "percent") : "none"}; one expects ${written(expected, "percent")}.`,
        numbers: { gamma: gammas[day], theta: thetas[day], residual: profit - gammas[day] - thetas[day], pnl: profit, won, expected },
      };
    },
    repaint: () => [daily, total].forEach((each) => each.repaint()),
    destroy: () => [daily, total].forEach((each) => each.destroy()),
  };
}
