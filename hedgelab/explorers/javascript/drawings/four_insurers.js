// What does a floor cost?  One path, four insurers: what each fund is worth, and which part of it is in shares.

import { Chart, Steady } from "../chart.js";
import { insured } from "../insurance.js";
import { written } from "../numbers.js";
import { path } from "../shocks.js";

const DAYS = 252;
const RATE = 0.03;
const FUNDS = [
  { name: "put", label: "synthetic put", colour: "hedged" },
  { name: "cppi", label: "CPPI", colour: "theory" },
  { name: "stop", label: "stop-loss", colour: "loss" },
  { name: "mix", label: "constant mix", colour: "unhedged" },
];
const days = Array.from({ length: DAYS + 1 }, (_, day) => day);

export default function fourInsurers(stage) {
  const x = { label: "", write: (day) => written(day, "count") };
  const worth = new Chart(stage, {
    title: "worth",
    share: 0.6,
    x,
    y: { write: (dollars) => written(dollars, "whole dollars") },
    series: [
      { label: "held", colour: "faint", width: 1.5 },
      ...FUNDS,
      { label: "floor", colour: "ink", width: 1, dash: "dashed" },
    ],
  });
  const share = new Chart(stage, {
    title: "of it in shares",
    share: 0.4,
    x: { ...x, label: "trading day" },
    y: { write: (part) => written(part, "percent") },
    series: FUNDS.map((fund) => ({ ...fund, label: "" })),
  });
  const [dollars, parts] = [new Steady(), new Steady()];

  return {
    draw({ floor, multiplier, volatility, shocks, drift, believed, borrow }, _, slid) {
      const prices = [...path(shocks, 0, { spot: 100, volatility, drift, expiry: 1, steps: DAYS })];
      const funds = insured(prices, { floor, multiplier, believed, borrow, rate: RATE, horizon: 1 });
      const columns = [funds.holding.wealth, ...FUNDS.map(({ name }) => funds[name].wealth), funds.floor];
      worth.draw([days, ...columns], {
        x: [0, DAYS],
        y: dollars.around(Math.min(...columns.flat()), Math.max(...columns.flat()), slid),
      });
      const shares = FUNDS.map(({ name }) => funds[name].share);
      share.draw([days.slice(0, -1), ...shares], { x: [0, DAYS], y: parts.around(0, Math.max(1, ...shares.flat()), slid) });

      const numbers = Object.fromEntries(["holding", "put", "cppi", "stop", "mix"].map((name) => [name, funds[name].wealth[DAYS]]));
      const end = (name) => written(numbers[name], "dollars");
      const sold = funds.stop.sold < 0 ? "never sold" : `sold on day ${funds.stop.sold}`;
      return {
        says:
          `$100 in shares ends as ${end("holding")}. Insured at ${written(100 * floor, "dollars")}: the synthetic put leaves ${end("put")}, ` +
          `CPPI ${end("cppi")}, the stop-loss, ${sold}, ${end("stop")}. ` +
          `A constant mix with ${written(funds.mix.share[0], "percent")} in shares leaves ${end("mix")}.`,
        numbers,
      };
    },
    repaint: () => [worth, share].forEach((each) => each.repaint()),
    destroy: () => [worth, share].forEach((each) => each.destroy()),
  };
}
