// How often must one hedge?  The hedging errors of 2,000 paths, and the law of the square root.

import { deltas, clock, outcome } from "./hedging.js";
import { price } from "./black_scholes.js";
import { Chart, Steady } from "./chart.js";
import { deviation, mean, written } from "./numbers.js";
import { normals } from "./shocks.js";

const PATHS = 2000;
const MOST = 252; // rebalances
const OPTION = { kind: "call", strike: 100 };
const [SPOT, EXPIRY] = [100, 0.25];
const COST = 0.001;
const BINS = 60;

/** The law of Derman and Kamal: the standard deviation of the error for an option at the money, for sale at 1. */
export function law(volatility, rebalances) {
  const vega = (SPOT * Math.sqrt(EXPIRY) * Math.exp(-(volatility ** 2 * EXPIRY) / 8)) / Math.sqrt(2 * Math.PI);
  return (Math.sqrt(Math.PI / 4) * volatility * vega) / Math.sqrt(rebalances);
}

/** All shocks of one number, drawn once. */
const drawn = new Map();
function shocksOf(number) {
  if (!drawn.has(number)) {
    drawn.clear();
    drawn.set(number, Array.from({ length: PATHS }, (_, path) => normals(number, path, MOST)));
  }
  return drawn.get(number);
}

/** P&L and cost of an option sold, on each of the paths. */
export function errors({ rebalances, volatility, charged, shocks }) {
  const times = Array.from({ length: rebalances + 1 }, (_, step) => (EXPIRY * step) / rebalances);
  const dt = EXPIRY / rebalances;
  const [drift, scale] = [(-(volatility ** 2) / 2) * dt, volatility * Math.sqrt(dt)];
  const premium = price(OPTION.kind, SPOT, OPTION.strike, EXPIRY, volatility);
  const terms = { quantity: -1, premium, cost: charged ? COST : 0, policy: clock(1) };
  return shocksOf(shocks).map((normal) => {
    const spots = new Float64Array(rebalances + 1);
    let log = 0;
    spots[0] = SPOT;
    for (let step = 0; step < rebalances; step++) spots[step + 1] = SPOT * Math.exp((log += drift + scale * normal[step]));
    return outcome(OPTION, spots, deltas(OPTION, spots, times, volatility), terms);
  });
}

export function howOften(stage) {
  const visited = new Map(); // standard deviation by number of rebalances, at the other settings of now
  let settled = "";
  const outcomes = new Chart(stage, {
    title: "2,000 hedges: profit or loss per option",
    share: 0.52,
    x: { label: "", write: (dollars) => written(dollars, "whole dollars") },
    y: { write: (paths) => written(paths, "count") },
    marks: (u, line) => line({ x: 0, dash: "dotted" }),
    series: [{ label: "", colour: "hedged", kind: "bars", width: 1, fill: true }],
  });
  const spread = new Chart(stage, {
    title: "standard deviation",
    share: 0.48,
    x: { label: "rebalances", write: (power) => written(2 ** power, "count"), steps: [1, 2, 4] },
    y: { write: (power) => written(2 ** power, "dollars"), steps: [1, 2, 4] },
    series: [
      { label: "law: 1 over the root of N", colour: "theory", dash: "dashed", width: 1.5 },
      { label: "where you have been", colour: "faint", kind: "points" },
      { label: "now", colour: "hedged", kind: "points" },
    ],
  });
  const [counts, reaches, powersSeen] = [new Steady(), new Steady(0), new Steady(0)];

  return {
    draw({ rebalances, volatility, charged, shocks }, held) {
      const results = errors({ rebalances, volatility, charged, shocks });
      const pnl = results.map((result) => result.pnl);
      const [middle, sd] = [mean(pnl), deviation(pnl)];
      const reach = reaches.around(-3 * law(volatility, 4), 3 * law(volatility, 4), held)[1];
      const width = (2 * reach) / BINS;
      const bins = new Array(BINS).fill(0);
      for (const value of pnl) bins[Math.min(Math.max(Math.floor((value + reach) / width), 0), BINS - 1)] += 1;
      outcomes.draw([bins.map((_, k) => -reach + k * width), bins], {
        x: [-reach, reach],
        y: [0, counts.around(0, Math.max(...bins), held)[1]],
      });

      const others = `${volatility} ${charged} ${shocks}`;
      if (others !== settled) visited.clear();
      settled = others;
      visited.set(rebalances, sd);
      const powers = [...new Set([0, 8, ...[...visited.keys()].map(Math.log2)])].sort((a, b) => a - b);
      const lawAt = powers.map((power) => Math.log2(law(volatility, 2 ** power)));
      const sds = powers.map((power) => visited.get(Math.round(2 ** power)));
      const logs = sds.map((one) => (one === undefined ? null : Math.log2(one)));
      spread.draw([powers, lawAt, logs, logs.map((one, k) => (powers[k] === Math.log2(rebalances) ? one : null))], {
        x: [-0.3, 8.3],
        y: powersSeen.around(Math.log2(law(volatility, 256)) - 0.6, Math.log2(law(volatility, 1)) + 0.8, held),
      });

      const [error, cost, expected] = [sd / Math.sqrt(PATHS), mean(results.map((each) => each.cost)), law(volatility, rebalances)];
      return {
        says:
          `${written(rebalances, "count")} ${rebalances === 1 ? "rebalance" : "rebalances"} in three months: the average is ` +
          `${written(middle, "dollars")} per option, give or take ${written(error, "dollars")}; the spread around it is ` +
          `${written(sd, "dollars")}, where the law says ${written(expected, "dollars")}` +
          `${charged ? `. Trading cost ${written(cost, "dollars")} on average.` : ". Four times as many would halve it."}`,
        numbers: { mean: middle, error, deviation: sd, law: expected, cost },
      };
    },
    repaint: () => [outcomes, spread].forEach((each) => each.repaint()),
    destroy: () => [outcomes, spread].forEach((each) => each.destroy()),
  };
}
