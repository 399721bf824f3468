// What the tests ask of the browser's half, many settings at a time; in Node, and bundled in a browser.

import { lossesOf } from "../../hedgelab/explorers/javascript/drawings/assumptions.js";
import * as blackScholes from "../../hedgelab/explorers/javascript/black_scholes.js";
import * as crowd from "../../hedgelab/explorers/javascript/crowd.js";
import { errors as sampled } from "../../hedgelab/explorers/javascript/errors.js";
import * as five from "../../hedgelab/explorers/javascript/drawings/five_quotes.js";
import { daysOf } from "../../hedgelab/explorers/javascript/drawings/gamma_theta.js";
import { fundOf } from "../../hedgelab/explorers/javascript/drawings/gap_survived.js";
import { afternoonOf } from "../../hedgelab/explorers/javascript/drawings/desk_day.js";
import * as flash from "../../hedgelab/explorers/javascript/drawings/flash_crash.js";
import { limitsOf } from "../../hedgelab/explorers/javascript/drawings/limits_in_a_crash.js";
import * as deskIn2020 from "../../hedgelab/explorers/javascript/drawings/straddles_of_2020.js";
import * as hedging from "../../hedgelab/explorers/javascript/hedging.js";
import * as howOften from "../../hedgelab/explorers/javascript/drawings/how_often.js";
import * as insurance from "../../hedgelab/explorers/javascript/insurance.js";
import * as normal from "../../hedgelab/explorers/javascript/normal.js";
import * as numbers from "../../hedgelab/explorers/javascript/numbers.js";
import * as trained from "../../hedgelab/explorers/javascript/drawings/trained_elsewhere.js";
import { numbersOf } from "../../hedgelab/explorers/javascript/drawings/smile_follows.js";
import * as certainty from "../../hedgelab/explorers/javascript/drawings/price_of_certainty.js";
import * as splitting from "../../hedgelab/explorers/javascript/drawings/split_order.js";
import * as shocks from "../../hedgelab/explorers/javascript/shocks.js";

const each = (compute) => (given) => given.map(compute);

/** Of objects of numbers, their numbers: {pnl: [...], cost: [...]}. */
const columns = (rows) =>
  Object.fromEntries(Object.keys(rows[0] ?? {}).map((name) => [name, rows.map((row) => row[name])]));

export const price = each((terms) => blackScholes.price(...terms));
export const delta = each((terms) => blackScholes.delta(...terms));
export const greeks = (given) => columns(given.map((terms) => blackScholes.greeks(...terms)));
export const distribution = each(normal.distribution);
export const density = each(normal.density);

export const philox = each(({ counter, key }) => [...shocks.philox(counter, key)]);
export const normals = each(({ seed, path, steps }) => [...shocks.normals(seed, path, steps)]);
export const path = each(({ seed, number, terms }) => [...shocks.path(seed, number, terms)]);

const policyOf = ({ every, halfWidth, to }) => (every ? hedging.clock(every) : hedging.deltaBand(halfWidth, to));

/** The books of each hedge, and what `outcome` makes of it. */
export const hedges = each(({ option, prices, times, policy, ...terms }) => {
  const expiry = times[times.length - 1];
  const premium = blackScholes.price(option.kind, prices[0], option.strike, expiry, terms.volatility);
  const wanted = hedging.deltas(option, prices, times, terms.volatility);
  const decided = { ...terms, policy: policyOf(policy) };
  return {
    books: columns(hedging.hedge(option, prices, times, decided)),
    outcome: hedging.outcome(option, prices, wanted, { ...decided, premium }),
  };
});

/** What a generator returns in the end. */
function end(task) {
  let step = task.next();
  while (!step.done) step = task.next();
  return step.value;
}

export const errors = each((settings) => {
  const { pnl, cost, trades } = end(sampled(settings));
  return { pnl: [...pnl], cost: [...cost], trades: [...trades] };
});
export const law = each(({ volatility, rebalances }) => howOften.law(volatility, rebalances));
export const days = each((settings) => columns(daysOf(settings)));
export const fund = each((settings) => {
  const { days, insured } = fundOf(settings);
  return { ...columns(days), insured };
});
export const afternoon = each(afternoonOf);
export const limited = each(limitsOf);
export const crashed = each((settings) => {
  const sale = flash.saleOf(settings);
  return { ...sale, numbers: flash.toldOf(sale, settings) };
});
export const assumed = each(({ settings, broken }) => [...lossesOf(settings, broken)]);
export const five_quotes = each(({ quotes, strikes }) => {
  const smile = five.smileOf(quotes);
  return { smile, listed: five.listed(quotes), ...columns(strikes.map((strike) => five.smileAt(smile, strike))) };
});
export const crowded = each((settings) => ({
  gain: crowd.gain(settings),
  threshold: crowd.threshold(settings, settings.delay),
  ...crowd.dayOf(settings),
}));
export const split_orders = each((settings) => ({
  numbers: splitting.numbersOf(settings),
  parts: splitting.doneOf("route", settings.shares, settings).sent.shares,
}));
export const smiles = each(numbersOf);
export const elsewhere = ({ data, settings }) => settings.map((each) => trained.numbersOf(each, data));
export const march = ({ data, settings }) =>
  settings.map((each) => ({ ...deskIn2020.deskOf(each, data), numbers: deskIn2020.numbersOf(each, data).numbers }));
export const point = each(({ policy, width, ...market }) => certainty.point(market, policy, width));

export const insured = each(({ prices, ...terms }) => insurance.insured(prices, terms));

export const written = each(([value, style]) => numbers.written(value, style));
