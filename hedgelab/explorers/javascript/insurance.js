// The walk of hedgelab/insurance for one path: funds that begin with 100, and how much of each is in shares.

import { delta, price } from "./black_scholes.js";

const VALUE = 100;

/**
 * The strike of option-based insurance, in first prices, for a floor that is `share` of the value: by Newton's method
 * from the left, as in hedgelab/insurance/laws.py.
 */
export function strike(share, horizon, volatility, rate) {
  const wanted = 1 / share - Math.exp(-rate * horizon);
  let found = share;
  for (let turn = 0; turn < 200; turn++) {
    const terms = ["call", 1, found, horizon, volatility, rate];
    const step = (price(...terms) - found * wanted) / delta(...terms);
    found *= Math.exp(step);
    if (Math.abs(step) < 1e-15) break;
  }
  return found;
}

/** What a fund is worth at each step and which part of it is in shares, if before each move it holds `target(moment)`. */
function walk(prices, { rate, horizon }, target) {
  const last = prices.length - 1;
  const dt = horizon / last;
  const [wealth, share] = [[VALUE], []];
  let sold = -1;
  for (let step = 0; step < last; step++) {
    const now = wealth[step];
    const inShares = target({ step, spot: prices[step], wealth: now, left: horizon - step * dt, sold: sold >= 0 });
    if (inShares === 0 && sold < 0) sold = step;
    share.push(inShares / now);
    wealth.push((inShares * prices[step + 1]) / prices[step] + (now - inShares) * Math.exp(rate * dt));
  }
  return { wealth, share, sold };
}

/**
 * The funds of one path, by name: shares held, a synthetic put, CPPI, a stop-loss, and a mix that keeps the part in
 * shares with which the synthetic put begins.
 *
 * @param terms {floor (of the value at first), multiplier, believed (the volatility), borrow, rate, horizon}
 */
export function insured(prices, terms) {
  const { floor, multiplier, believed, borrow, rate, horizon } = terms;
  const spot = prices[0];
  const moneyness = strike(floor, horizon, believed, rate);
  const units = (VALUE * floor) / (spot * moneyness);
  const floorAt = (left) => VALUE * floor * Math.exp(-rate * left);
  const fund = (target) => walk(prices, terms, target);
  const put = fund(({ spot: now, left }) => units * (1 + delta("put", now, spot * moneyness, left, believed, rate)) * now);
  return {
    holding: fund(({ wealth }) => wealth),
    put,
    cppi: fund(({ wealth, left }) => {
      const exposure = multiplier * Math.max(wealth - floorAt(left), 0);
      return borrow ? exposure : Math.min(exposure, Math.max(wealth, 0));
    }),
    stop: fund(({ wealth, left, sold }) => (!sold && wealth > floorAt(left) ? wealth : 0)),
    mix: fund(({ wealth }) => put.share[0] * wealth),
    floor: prices.map((_, step) => floorAt(horizon * (1 - step / (prices.length - 1)))),
  };
}
