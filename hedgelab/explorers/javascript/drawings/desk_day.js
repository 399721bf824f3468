// What does a late or a bad quote cost?  One afternoon of a desk, beside a perfect one.

import { delta, price } from "../black_scholes.js";
import { Chart, Steady } from "../chart.js";
import { distribution } from "../normal.js";
import { written } from "../numbers.js";
import { normals, path } from "../shocks.js";

const STEPS = 720; // quotes after the first, one each ten seconds from two to four o'clock
const HOURS = (10 * STEPS) / (252 * 6.5 * 3600); // the two hours, in years of trading
const WEEK = 5 / 252;
const STRADDLES = 50000;
const [STRIKE, VOLATILITY] = [100, 0.2];
const [HALF_SPREAD, IMPACT] = [5e-5, 5e-6]; // of the price; dollars for each share
const [LEAP, AGREED] = [0.1, 3]; // the gate's: a larger move is refused until so many in a row
const TIMES_TOO_HIGH = { ten: 10, five: 1.05 };

const left = (k) => WEEK - (k * HOURS) / STEPS;

/** Which quotes the gate lets through: not one that leaps, unless it is the third in a row that agrees. */
function passed(told) {
  let [last, row] = [told[0], []];
  return told.map((quote) => {
    const leaps = Math.abs(quote / last - 1) > LEAP;
    row = leaps ? [...row.filter((each) => Math.abs(quote / each - 1) <= LEAP), quote] : [];
    const used = !leaps || row.length >= AGREED;
    if (used) [last, row] = [quote, []];
    return used;
  });
}

/** Shares after each quote, by a desk that trades to delta where it is out by more than the band. */
function held(told, used, band) {
  let shares = 0;
  return told.map((quote, k) => {
    if (!used[k]) return shares;
    const target = STRADDLES * (2 * delta("call", quote, STRIKE, left(k), VOLATILITY) - 1);
    if (Math.abs(target - shares) > band) shares = target;
    return shares;
  });
}

/** P&L since two o'clock, at each quote: shares and straddles at what they are worth, trades at what they cost. */
function profit(shares, spots, owed) {
  let paid = 0;
  return spots.map((spot, k) => {
    const trade = shares[k] - (k ? shares[k - 1] : 0);
    paid += trade * spot + HALF_SPREAD * spot * Math.abs(trade) + (IMPACT / 2) * trade ** 2;
    return shares[k] * spot - paid - owed[k] + owed[0];
  });
}

/** The afternoon, quote by quote. */
export function afternoonOf({ late, bad, wrong, gate, shocks, band }) {
  const spots = [...path(shocks, 0, { spot: STRIKE, volatility: VOLATILITY, expiry: HOURS, steps: STEPS })];
  const chance = [...normals(shocks, 1, STEPS + 1)].map(distribution);
  const spoilt = chance.map((one, k) => one < bad && k > 0 && k < STEPS);
  const told = spots.map((spot, k) => (spoilt[k] ? TIMES_TOO_HIGH[wrong] * spot : spot));
  const used = gate ? passed(told) : told.map(() => true);
  const wanted = held(told, used, band);
  const perfect = held(spots, spots.map(() => true), band);
  const shares = wanted.map((_, k) => (k >= late / 10 ? wanted[k - late / 10] : 0));
  const straddle = (spot, k) => price("call", spot, STRIKE, left(k), VOLATILITY) + price("put", spot, STRIKE, left(k), VOLATILITY);
  const owed = spots.map((spot, k) => STRADDLES * straddle(spot, k));
  return { spots, spoilt, used, shares, perfect, pnl: profit(shares, spots, owed), perfect_pnl: profit(perfect, spots, owed) };
}

const CLOCK = Array.from({ length: STEPS + 1 }, (_, k) => 14 + k / 360);
const clock = (hour) => `${Math.floor(hour + 1e-9)}:${String(Math.round(60 * (hour - Math.floor(hour + 1e-9)))).padStart(2, "0")}`;

const styled = (style) => (value) => written(value, style);
/** As short as a phone asks for. */
const money = (dollars) => (Math.abs(dollars) < 1e5 ? written(dollars, "whole dollars") : `${written(dollars / 1000, "whole dollars")}k`);

export default function deskDay(stage) {
  const chart = (title, share, label, write, series) =>
    new Chart(stage, {
      title,
      share,
      x: { label, write: clock, steps: [0.5, 1] },
      y: { write },
      series,
    });
  const quotes = chart("price", 0.3, "", styled("dollars"), [
    { label: "true", colour: "ink", width: 1.5 },
    { label: "a bad quote", colour: "loss", kind: "points", size: 9 },
  ]);
  const pair = [
    { label: "perfect desk", colour: "theory", width: 3 },
    { label: "this desk", colour: "hedged", width: 1.5 },
  ];
  const holdings = chart("shares held", 0.36, "", styled("count"), pair);
  const results = chart("P&L", 0.34, "o’clock", money, [
    { ...pair[0], label: "" },
    { ...pair[1], label: "" },
  ]);
  const [prices, shares, dollars] = [new Steady(), new Steady(), new Steady()];
  const x = [14, 16];

  return {
    draw(settings, _, slid) {
      const day = afternoonOf(settings);
      const top = Math.max(...day.spots);
      quotes.draw([CLOCK, day.spots, day.spoilt.map((bad) => (bad ? top : null))], {
        x,
        y: prices.around(Math.min(...day.spots), top, slid),
      });
      const both = [...day.shares, ...day.perfect];
      holdings.draw([CLOCK, day.perfect, day.shares], { x, y: shares.around(Math.min(...both), Math.max(...both), slid) });
      const results_ = [...day.pnl, ...day.perfect_pnl];
      results.draw([CLOCK, day.perfect_pnl, day.pnl], { x, y: dollars.around(Math.min(...results_), Math.max(...results_), slid) });

      const [pnl, perfect] = [day.pnl[STEPS], day.perfect_pnl[STEPS]];
      const number = (list) => list.filter(Boolean).length;
      const numbers = {
        pnl,
        perfect,
        behind: perfect - pnl,
        spoilt: number(day.spoilt),
        refused: day.used.length - number(day.used),
        traded: day.shares.reduce((sum, each, k) => sum + Math.abs(each - (k ? day.shares[k - 1] : 0)), 0),
      };
      const say = (value, style = "whole dollars") => written(value, style);
      const gap = Math.abs(numbers.behind) < 0.5 ? "as much as" : `${say(Math.abs(numbers.behind))} ${numbers.behind > 0 ? "less" : "more"} than`;
      return {
        says:
          `Of 721 quotes ${say(numbers.spoilt, "count")} ${numbers.spoilt === 1 ? "is" : "are"} bad and ${say(numbers.refused, "count")} refused. ` +
          `The desk trades ${say(numbers.traded, "count")} shares and ends with ${say(pnl)}, ${gap} the perfect desk’s ${say(perfect)}.`,
        numbers,
      };
    },
    repaint: () => [quotes, holdings, results].forEach((each) => each.repaint()),
    destroy: () => [quotes, holdings, results].forEach((each) => each.destroy()),
  };
}
