// One day of a market that its own insurers move, on one path: hedgelab/crowd is the other half.

import { density, distribution } from "./normal.js";
import { path } from "./shocks.js";

export const DAY = 1 / 252;
export const HOUR = DAY / 6.5;
export const MINUTES = 390;
const [FLOOR, SPREAD] = [-0.05, 0.25]; // of the put that the insurers replicate
const INSURERS = 0.25 * HOUR; // within which they sell what is called for
const OVERHANG = 8 / 75;
const PACE = 1.5 / HOUR;
const VOLATILITY = 0.3635;
const HALTS = { levels: [0.07, 0.13, 0.2], length: 0.25 * HOUR, latest: (5 + 55 / 60) * HOUR };
const SOON = 1e-9 * DAY;

/** The share of a fall that the crowd adds to it. */
export const gain = ({ insured, impact, hidden }) => (impact * hidden * insured * density(FLOOR / SPREAD)) / SPREAD;

/** The gain from which a small move feeds itself, if insurers also buy back and buyers, hours later, also sell short. */
export const threshold = ({ taken, impact }, delay) => {
  const absorption = 10 * taken * impact;
  return 1 + Math.min(absorption, ((1 + absorption) * INSURERS) / (delay * HOUR));
};

/** The prices of a day, with the crowd and by the news alone, and what the insurers sold and did not. */
export function dayOf({ insured, impact, delay, breakers, shocks, news, taken, hidden }) {
  const alone = path(shocks, 0, { spot: 100 * (1 - news), volatility: VOLATILITY, drift: VOLATILITY ** 2 / 2, expiry: DAY, steps: MINUTES });
  const dt = DAY / MINUTES;
  const before = OVERHANG * insured - insured * distribution(FLOOR / SPREAD);
  const called = (price) => before + insured * distribution((FLOOR - price) / SPREAD);
  const halts = breakers === "halts" || breakers === "queue";
  let [sold, held, shift, traded] = [0, 0, 0, 0]; // by insurers, by buyers; of the log price; sales done
  let [level, until] = [0, -1];
  let waiting = { sales: 0, purchases: 0 }; // for the reopening
  let price = Math.log(alone[0] / 100);
  const prices = [alone[0]];
  for (let minute = 1; minute <= MINUTES; minute++) {
    const [start, end] = [(minute - 1) * dt, minute * dt];
    const value = Math.log(alone[minute] / 100);
    const closed = halts && until > start + SOON;
    let sale = Math.max(called(price) - sold, 0) * Math.min(dt / INSURERS, 1);
    if (breakers === "pace") sale = Math.min(sale, PACE * dt);
    if (closed && breakers !== "queue") sale = 0;
    const purchase = (10 * taken * Math.max(value - price, 0) - held) * Math.min(dt / (delay * HOUR), 1);
    sold += sale;
    held += purchase;
    waiting = { sales: waiting.sales + sale, purchases: waiting.purchases + purchase };
    if (!closed || until <= end + SOON) {
      shift += impact * (waiting.purchases - hidden * waiting.sales);
      traded += waiting.sales;
      waiting = { sales: 0, purchases: 0 };
      price = value + shift;
      if (halts && level < HALTS.levels.length && price <= Math.log1p(-HALTS.levels[level])) {
        const length = end < HALTS.latest ? HALTS.length : 0;
        until = level === HALTS.levels.length - 1 ? Infinity : end + length;
        level += 1;
      }
    }
    prices.push(100 * Math.exp(price));
  }
  const due = called(price) - sold;
  return { prices, alone: [...alone], trough: 1 - Math.min(...prices) / 100, sold: traded, still: Math.max(due, 0) };
}
