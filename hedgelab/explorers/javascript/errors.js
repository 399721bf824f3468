// The hedging errors of 2,000 paths, for How often must one hedge?

import { payoff, price } from "./black_scholes.js";
import { ROUNDING } from "./hedging.js";
import { rounded } from "./normal.js";
import { fill } from "./shocks.js";

export const PATHS = 2000;
const MOST = 252; // rebalances
const OPTION = { kind: "call", strike: 100 };
export const [SPOT, EXPIRY] = [100, 0.25];
const COST = 0.001;
const SLICE = 50; // paths at a time

/** The shocks of one number that were drawn already: of each path the first few. */
const drawn = { number: undefined, steps: 0, normals: new Float64Array(PATHS * MOST) };

/** P&L, cost and number of trades of an option sold and hedged by its delta, on each of the paths. */
export function* errors({ rebalances, volatility, charged, shocks }) {
  const dt = EXPIRY / rebalances;
  const [drift, scale] = [(-(volatility ** 2) / 2) * dt, volatility * Math.sqrt(dt)];
  const premium = price(OPTION.kind, SPOT, OPTION.strike, EXPIRY, volatility);
  const moneyness = Math.log(SPOT / OPTION.strike);
  const totals = Float64Array.from({ length: rebalances }, (_, step) => volatility * Math.sqrt(EXPIRY - (EXPIRY * step) / rebalances));
  const charge = charged ? COST : 0;
  if (drawn.number !== shocks) [drawn.number, drawn.steps] = [shocks, 0];
  const already = drawn.steps;
  const [pnl, cost, trades] = [new Float64Array(PATHS), new Float64Array(PATHS), new Int32Array(PATHS)];
  for (let path = 0; path < PATHS; path++) {
    if (path % SLICE === SLICE - 1) yield;
    const first = path * MOST;
    if (already < rebalances) fill(drawn.normals, first, shocks, path, already, rebalances);
    let [log, held, cash, charges] = [0, 0, premium, 0];
    for (let step = 0; step < rebalances; step++) {
      const spot = SPOT * Math.exp(log);
      const delta = rounded((moneyness + log) / totals[step] + totals[step] / 2);
      if (Math.abs(delta - held) > ROUNDING) {
        const paid = (delta - held) * spot;
        cash -= paid;
        charges += charge * Math.abs(paid);
        trades[path]++;
        held = delta;
      }
      log += drift + scale * drawn.normals[first + step];
    }
    const spot = SPOT * Math.exp(log);
    pnl[path] = cash - charges + held * spot - payoff(OPTION.kind, spot, OPTION.strike);
    cost[path] = charges;
  }
  drawn.steps = Math.max(already, rebalances);
  return { pnl, cost, trades };
}
