// The walk of hedgelab/engine.py for one path: hold an option, trade the stock by a policy, keep the books.

import { delta as blackScholesDelta, payoff, price } from "./black_scholes.js";

/** A smaller change of what is held is rounding, and no trade. */
export const ROUNDING = 1e-12;

/** Trade to delta at every `every`-th step. */
export const clock = (every) => (moment) => (moment.step % every === 0 ? moment.delta : moment.held);

/** Trade when delta is more than `halfWidth` from what is held: to delta itself, or to the band's edge. */
export const deltaBand = (halfWidth, to = "middle") => (moment) => {
  if (to === "edge") return Math.min(Math.max(moment.held, moment.delta - halfWidth), moment.delta + halfWidth);
  return Math.abs(moment.delta - moment.held) > halfWidth ? moment.delta : moment.held;
};

/** A hedger's delta at each step of a path; at the last, that of the payoff. */
export function deltas({ kind, strike }, prices, times, volatility) {
  const expiry = times[times.length - 1];
  return prices.map((spot, step) => blackScholesDelta(kind, spot, strike, expiry - times[step], volatility));
}

/**
 * The books of one path, a row for each step: what hedgelab's ledger calls them, without interest.
 *
 * @param option {kind, strike}, which expires at the last of `times`
 * @param terms {quantity, volatility (the hedger's), cost (of the value traded), policy}
 * @param known deltas of the path, if they are known already
 */
export function hedge(option, prices, times, { quantity, volatility, cost = 0, policy }, known) {
  const last = prices.length - 1;
  const target = known ?? deltas(option, prices, times, volatility);
  const [unit, toward] = [Math.abs(quantity), -Math.sign(quantity)]; // a policy counts shares per option, owned or owed
  const rows = [];
  let shares = 0;
  let cash = -quantity * price(option.kind, prices[0], option.strike, times[last], volatility);
  prices.forEach((spot, step) => {
    const delta = toward * target[step];
    const held = shares / unit;
    const wanted = step < last ? policy({ step, spot, delta, held }) : held;
    const traded = Math.abs(wanted - held) > ROUNDING ? unit * wanted - shares : 0;
    const charge = cost * Math.abs(traded) * spot;
    cash -= traded * spot + charge;
    shares += traded;
    const left = times[last] - times[step];
    const worth = left > 0 ? price(option.kind, spot, option.strike, left, volatility) : payoff(option.kind, spot, option.strike);
    rows.push({ spot, delta, traded, shares, charge, cash, pnl: cash + shares * spot + quantity * worth });
  });
  return rows;
}

/** P&L, cost and number of trades at the end of one path, as `hedge` has them, without the rows. */
export function outcome(option, prices, wanted, { quantity, premium, cost = 0, policy }) {
  const last = prices.length - 1;
  const [unit, toward] = [Math.abs(quantity), -Math.sign(quantity)];
  let [held, cash, charged, trades] = [0, -quantity * premium, 0, 0];
  for (let step = 0; step < last; step++) {
    const spot = prices[step];
    const next = policy({ step, spot, delta: toward * wanted[step], held });
    if (Math.abs(next - held) <= ROUNDING) continue;
    const traded = unit * (next - held);
    const charge = cost * Math.abs(traded) * spot;
    cash -= traded * spot + charge;
    charged += charge;
    trades += 1;
    held = next;
  }
  const spot = prices[last];
  return { pnl: cash + unit * held * spot + quantity * payoff(option.kind, spot, option.strike), cost: charged, trades };
}
