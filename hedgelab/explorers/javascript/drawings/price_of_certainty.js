// What does certainty cost?  Clocks and bands on one map of risk and cost, and the reader's own point.

import { price } from "../black_scholes.js";
import { Chart, Steady } from "../chart.js";
import { clock, deltaBand, deltas, outcome } from "../hedging.js";
import { deviation, mean, written } from "../numbers.js";
import { path } from "../shocks.js";

const PATHS = 2000;
const DAYS = 63;
const YEAR = 252;
const OPTION = { kind: "call", strike: 100 };
const [SPOT, VOLATILITY] = [100, 0.3];
const EXPIRY = DAYS / YEAR;
const TIMES = Array.from({ length: DAYS + 1 }, (_, day) => day / YEAR);
const PREMIUM = price(OPTION.kind, SPOT, OPTION.strike, EXPIRY, VOLATILITY);

/** Paths and deltas of one number of shocks, computed once. */
const kept = new Map();
function marketOf(shocks) {
  if (!kept.has(shocks)) {
    kept.clear();
    const paths = Array.from({ length: PATHS }, (_, number) =>
      path(shocks, number, { spot: SPOT, volatility: VOLATILITY, expiry: EXPIRY, steps: DAYS }),
    );
    kept.set(shocks, { policies: new Map(), paths: paths.map((spots) => ({ spots, wanted: deltas(OPTION, spots, TIMES, VOLATILITY) })) });
  }
  return kept.get(shocks);
}

/** Each path's P&L before costs, what was traded in dollars, and the number of trades: costs are a share of it. */
function traded(shocks, name, policy) {
  const market = marketOf(shocks);
  if (!market.policies.has(name))
    market.policies.set(
      name,
      market.paths.map(({ spots, wanted }) => {
        const free = outcome(OPTION, spots, wanted, { quantity: -1, premium: PREMIUM, cost: 1, policy });
        return { gross: free.pnl + free.cost, turnover: free.cost, trades: free.trades };
      }),
    );
  return market.policies.get(name);
}

/** Risk and cost of one policy: standard deviation of the P&L, mean cost, mean number of trades. */
export function point({ shocks, cost }, policy, width) {
  const rule = policy === "clock" ? clock(width) : deltaBand(width);
  const paths = traded(shocks, `${policy} ${width}`, rule);
  return {
    risk: deviation(paths.map((each) => each.gross - cost * each.turnover)),
    cost: mean(paths.map((each) => cost * each.turnover)),
    trades: mean(paths.map((each) => each.trades)),
  };
}

export default function priceOfCertainty(stage, { data }) {
  const chart = new Chart(stage, {
    title: "risk: standard deviation of the profit or loss",
    share: 1,
    x: { label: "mean cost per option", write: (dollars) => written(dollars, "dollars") },
    y: { write: (dollars) => written(dollars, "dollars") },
    series: [
      { label: "clocks", colour: "unhedged", kind: "linked" },
      { label: "bands", colour: "hedged", kind: "linked" },
      { label: "yours", colour: "theory", kind: "points", size: 13 },
    ],
  });
  const [risks, costs] = [new Steady(), new Steady()];

  return {
    draw({ cost, policy, every, half_width, shocks }, _, slid) {
      const at = (kind, widths) => widths.map((width) => point({ shocks, cost }, kind, width)).sort((a, b) => a.risk - b.risk);
      const [clocks, bands] = [at("clock", data.clocks), at("band", data.bands)];
      const own = point({ shocks, cost }, policy, policy === "clock" ? every : half_width);
      const points = [...clocks.map((one) => [one, 0]), ...bands.map((one) => [one, 1]), [own, 2]].sort(([a], [b]) => a.cost - b.cost);
      const column = (which) => points.map(([one, series]) => (series === which ? one.risk : undefined));
      const all = points.map(([one]) => one);
      chart.draw([all.map((one) => one.cost), column(0), column(1), column(2).map((one) => one ?? null)], {
        x: [0, costs.around(0, Math.max(...all.map((one) => one.cost), 0.1), slid)[1]],
        y: [0, risks.around(0, Math.max(...all.map((one) => one.risk)), slid)[1]],
      });
      const name = policy === "clock" ? `trading every ${written(every, "days")}` : `a band of ±${half_width} around delta`;
      const clockCost = between(clocks, own.risk);
      return {
        says:
          `At ${written(cost, "basis points")} a trade, ${name} costs ${written(own.cost, "dollars")} per option on average, ` +
          `in ${written(own.trades, "shares")} trades, and leaves a standard deviation of ${written(own.risk, "dollars")}. ` +
          (policy === "band" && Number.isFinite(clockCost)
            ? `A clock of the same risk would cost ${written(clockCost, "dollars")}.`
            : `The premium is ${written(PREMIUM, "dollars")}.`),
        numbers: { cost: own.cost, risk: own.risk, trades: own.trades },
      };
    },
    repaint: () => chart.repaint(),
    destroy: () => chart.destroy(),
  };
}

/** Cost on the line through points in the order of their risk, NaN beyond its ends. */
function between(points, risk) {
  const after = points.findIndex((one) => one.risk >= risk);
  if (after <= 0) return NaN;
  const [left, right] = [points[after - 1], points[after]];
  return left.cost + ((right.cost - left.cost) * (risk - left.risk)) / (right.risk - left.risk);
}
