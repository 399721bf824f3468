// What does a hedger do all day?  The stock, the shares held against what delta asks for, and the P&L, day by day.

import { Chart, Steady } from "../chart.js";
import { clock, deltaBand, hedge } from "../hedging.js";
import { written } from "../numbers.js";
import { path } from "../shocks.js";

const DAYS = 63;
const YEAR = 252;
const OPTION = { kind: "call", strike: 100 };
const QUANTITY = -1000;
const TIMES = Array.from({ length: DAYS + 1 }, (_, day) => day / YEAR);

export default function onePath(stage, { data, set }) {
  let [today, first] = [DAYS, true];
  const dayAt = (at) => set("day", Math.min(Math.max(Math.round(at), 0), DAYS));
  const x = { label: "", write: (day) => written(day, "count") };
  const chart = (spec) =>
    new Chart(stage, { x, onPoint: dayAt, marks: (u, line) => line({ x: today, dash: "dotted" }), ...spec });
  const stock = chart({
    title: "stock price",
    share: 0.29,
    y: { write: (spot) => written(spot, "whole dollars") },
    series: [
      { label: "", colour: "unhedged" },
      { label: "", colour: "faint", width: 1 },
    ],
  });
  const shares = chart({
    title: "shares",
    share: 0.33,
    y: { write: (number) => written(number, "count") },
    series: [
      { label: "held", colour: "hedged", kind: "steps", width: 2.5 },
      { label: "delta asks for", colour: "theory", width: 1.5 },
      { label: "band", colour: "faint", width: 1, dash: "dashed" },
      { label: "", colour: "faint", width: 1, dash: "dashed" },
    ],
  });
  const result = chart({
    title: "profit or loss so far",
    share: 0.38,
    x: { ...x, label: "trading day" },
    y: { write: (dollars) => written(dollars, "whole dollars") },
    marks: (u, line) => {
      line({ x: today, dash: "dotted" });
      line({ y: 0 });
    },
    series: [{ label: "", colour: "hedged" }],
  });
  const [prices, dollars] = [new Steady(), new Steady()];

  return {
    draw({ path: which, shocks, volatility, hedge_volatility, policy, every, half_width, cost, day }, _, slid) {
      today = day;
      const spots =
        which === "drawn"
          ? [...path(shocks, 0, { spot: 100, volatility, expiry: DAYS / YEAR, steps: DAYS })]
          : data.october_1987;
      const rule = policy === "clock" ? clock(every) : deltaBand(half_width);
      const rows = hedge(OPTION, spots, TIMES, { quantity: QUANTITY, volatility: hedge_volatility, cost, policy: rule });
      const past = (value) => rows.map((row, step) => (step <= day ? value(row) : null));
      const days = rows.map((_, step) => step);
      const band = policy === "band" ? -QUANTITY * half_width : NaN;
      const edge = (side) => past((row) => (band ? -QUANTITY * row.delta + side * band : null));

      stock.draw([days, past((row) => row.spot), spots.map((spot, step) => (step >= day ? spot : null))], {
        x: [0, DAYS],
        y: prices.around(Math.min(...spots), Math.max(...spots), slid),
      });
      shares.draw([days, past((row) => row.shares), past((row) => -QUANTITY * row.delta), edge(1), edge(-1)], {
        x: [0, DAYS],
        y: [-80, 1080],
      });
      const pnl = rows.map((row) => row.pnl);
      result.draw([days, past((row) => row.pnl)], {
        x: [0, DAYS],
        y: dollars.around(Math.min(0, ...pnl), Math.max(0, ...pnl), slid && !first),
      });
      first = false;

      const now = rows[day];
      const done = rows.slice(0, day + 1);
      const trades = done.filter((row) => row.traded !== 0).length;
      const charged = done.reduce((sum, row) => sum + row.charge, 0);
      const act = { 1: "buys", 0: "does not trade", "-1": "sells" }[Math.sign(now.traded)];
      const number = now.traded === 0 ? "" : ` ${written(Math.abs(now.traded), "count")} shares`;
      const deed =
        day === DAYS
          ? `The calls are settled; ${written(now.shares, "count")} shares are left and valued at that price. `
          : `Delta asks for ${written(-QUANTITY * now.delta, "count")} shares; the hedger ${act}${number} and holds ${written(now.shares, "count")}. `;
      return {
        says:
          `Day ${day}: the stock is at ${written(now.spot, "dollars")}. ${deed}` +
          `So far: ${trades} trades, costs of ${written(charged, "whole dollars")}, and a ` +
          `${now.pnl < 0 ? "loss" : "profit"} of ${written(Math.abs(now.pnl), "whole dollars")}.`,
        numbers: {
          spot: now.spot,
          delta: now.delta,
          shares: now.shares,
          trades,
          cost: charged,
          cash: now.cash,
          pnl: now.pnl,
        },
      };
    },
    repaint: () => [stock, shares, result].forEach((each) => each.repaint()),
    destroy: () => [stock, shares, result].forEach((each) => each.destroy()),
  };
}
