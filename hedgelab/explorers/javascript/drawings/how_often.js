// How often must one hedge?  The hedging errors of 2,000 paths, and the law of the square root.

import { Beside } from "../beside.js";
import { Chart, Steady } from "../chart.js";
import { EXPIRY, PATHS, SPOT } from "../errors.js";
import { deviation, mean, written } from "../numbers.js";

const BINS = 60;

/** The law of Derman and Kamal: the standard deviation of the error for an option at the money, for sale at 1. */
export function law(volatility, rebalances) {
  const vega = (SPOT * Math.sqrt(EXPIRY) * Math.exp(-(volatility ** 2 * EXPIRY) / 8)) / Math.sqrt(2 * Math.PI);
  return (Math.sqrt(Math.PI / 4) * volatility * vega) / Math.sqrt(rebalances);
}

export default function howOften(stage, { redraw }) {
  const hedges = new Beside("errors", redraw);
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
    draw(settings, held, slid) {
      const known = hedges.about(settings, held);
      if (!known) return undefined;
      const { rebalances, volatility, charged, shocks } = known.request;
      const { pnl, cost: costs } = known.answer;
      const [middle, sd] = [mean(pnl), deviation(pnl)];
      const reach = reaches.around(-3 * law(volatility, 4), 3 * law(volatility, 4), slid)[1];
      const width = (2 * reach) / BINS;
      const bins = new Array(BINS).fill(0);
      for (const value of pnl) bins[Math.min(Math.max(Math.floor((value + reach) / width), 0), BINS - 1)] += 1;
      outcomes.draw([bins.map((_, k) => -reach + k * width), bins], {
        x: [-reach, reach],
        y: [0, counts.around(0, Math.max(...bins), slid)[1]],
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
        y: powersSeen.around(Math.log2(law(volatility, 256)) - 0.6, Math.log2(law(volatility, 1)) + 0.8, slid),
      });

      const [error, cost, expected] = [sd / Math.sqrt(PATHS), mean(costs), law(volatility, rebalances)];
      return {
        says:
          `${written(rebalances, "count")} ${rebalances === 1 ? "rebalance" : "rebalances"} in three months: the average is ` +
          `${written(middle, "dollars")} per option, give or take ${written(error, "dollars")}; the spread around it is ` +
          `${written(sd, "dollars")}, where the law says ${written(expected, "dollars")}` +
          `${charged ? `. Trading cost ${written(cost, "dollars")} on average.` : ". Four times as many would halve it."}`,
        numbers: { mean: middle, error, deviation: sd, law: expected, cost },
        computing: hedges.waits,
      };
    },
    repaint: () => [outcomes, spread].forEach((each) => each.repaint()),
    destroy: () => {
      hedges.end();
      [outcomes, spread].forEach((each) => each.destroy());
    },
  };
}
