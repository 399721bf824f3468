// The Black-Scholes formula and its derivatives, with the units and signs of hedgelab.black_scholes.greeks.

import { density, distribution, rounded } from "./normal.js";

/** +1 for a call, -1 for a put. */
export const sign = (kind) => (kind === "call" ? 1 : -1);

/** What an option pays at expiry. */
export const payoff = (kind, spot, strike) => Math.max(sign(kind) * (spot - strike), 0);

/** The terms that price and delta share; years and volatility above zero. */
function terms(spot, strike, expiry, volatility, rate, dividend) {
  const total = volatility * Math.sqrt(expiry);
  const d1 = (Math.log(spot / strike) + (rate - dividend) * expiry) / total + total / 2;
  return { total, d1, d2: d1 - total, share: Math.exp(-dividend * expiry), bond: strike * Math.exp(-rate * expiry) };
}

/** Value of an option; at expiry and without volatility what it pays for certain. */
export function price(kind, spot, strike, expiry, volatility, rate = 0, dividend = 0) {
  const w = sign(kind);
  const { total, d1, d2, share, bond } = terms(spot, strike, expiry, volatility, rate, dividend);
  const certain = Math.max(w * (spot * share - bond), 0);
  if (!(total > 0)) return certain;
  return Math.max(w * (spot * share * distribution(w * d1) - bond * distribution(w * d2)), certain);
}

/** Shares that offset one option; one half of a share at the kink. */
export function delta(kind, spot, strike, expiry, volatility, rate = 0, dividend = 0) {
  const w = sign(kind);
  const { total, d1, share } = terms(spot, strike, expiry, volatility, rate, dividend);
  if (total > 0) return w * share * rounded(w * d1);
  const forward = Math.log(spot / strike) + (rate - dividend) * expiry;
  return w * share * (forward === 0 ? 0.5 : w * forward > 0 ? 1 : 0);
}

/** Price and all Greeks, before expiry: theta, charm and color per year, vega per unit of volatility. */
export function greeks(kind, spot, strike, expiry, volatility, rate = 0, dividend = 0) {
  const w = sign(kind);
  const { total, d1, d2, share, bond } = terms(spot, strike, expiry, volatility, rate, dividend);
  const root = Math.sqrt(expiry);
  const n = share * density(d1);
  const held = spot * share * distribution(w * d1);
  const paid = bond * distribution(w * d2);
  const gamma = n / (spot * total);
  const vega = spot * n * root;
  const carry = rate - dividend;
  return {
    price: price(kind, spot, strike, expiry, volatility, rate, dividend),
    delta: w * share * distribution(w * d1),
    gamma,
    vega,
    theta: w * (dividend * held - rate * paid) - (spot * n * volatility) / (2 * root),
    rho: w * expiry * paid,
    vanna: (-n * d2) / volatility,
    volga: (vega * d1 * d2) / volatility,
    charm: w * dividend * share * distribution(w * d1) - n * (carry / total - d2 / (2 * expiry)),
    speed: (-gamma / spot) * (1 + d1 / total),
    zomma: (gamma * (d1 * d2 - 1)) / volatility,
    color: gamma * (dividend + (carry * d1) / total + (1 - d1 * d2) / (2 * expiry)),
  };
}
