// When the market moves, what does the smile do?  The smile before and after, and what four deltas make of every move.

import { greeks, price } from "../black_scholes.js";
import { Chart, Steady } from "../chart.js";
import { grid, written } from "../numbers.js";

const SPOT = 100;
const NUMBER = 1000;
const LEAST = 0.02; // no volatility is quoted below
const REACH = 0.1; // moves up to ten per cent
const STRIKES = grid(75, 125, 51);
const MOVES = grid(-REACH, REACH, 81);

/** What is quoted at a strike after a move. */
function volatility({ level, skew, follows }, strike, move) {
  const k = Math.log(strike / SPOT) - follows * Math.log1p(move);
  return Math.max(level + 10 * skew * k, LEAST);
}

/** The shares that hedge the puts, by rule, and what each hedger makes of a move. */
export function hedgersOf(settings) {
  const { strike, skew, follows, months } = settings;
  const value = (move) => price("put", SPOT * (1 + move), strike, months / 12, volatility(settings, strike, move));
  const here = greeks("put", SPOT, strike, months / 12, volatility(settings, strike, 0));
  const hold = Object.fromEntries(
    Object.entries({ strike: 0, moneyness: 1, slope: -1, knows: follows }).map(([rule, share]) => [
      rule,
      NUMBER * (here.delta - (share * here.vega * 10 * skew) / SPOT),
    ]),
  );
  const first = value(0);
  return { hold, makes: (rule, move) => hold[rule] * SPOT * move - NUMBER * (value(move) - first) };
}

/** The numbers under the figure. */
export function numbersOf(settings) {
  const { hold, makes } = hedgersOf(settings);
  const numbers = { before: volatility(settings, settings.strike, 0), after: volatility(settings, settings.strike, settings.move) };
  for (const rule of Object.keys(hold)) {
    numbers[`hold_${rule}`] = hold[rule];
    numbers[`pnl_${rule}`] = makes(rule, settings.move);
  }
  return numbers;
}

export default function smileFollows(stage) {
  let [moved, struck] = [0, SPOT];
  const smile = new Chart(stage, {
    title: "implied volatility",
    share: 0.45,
    x: { label: "strike", write: (strike) => written(strike, "whole dollars") },
    y: { write: (sigma) => written(sigma, "percent") },
    marks: (u, line) => line({ x: struck, dash: "dotted" }),
    series: [
      { label: "before", colour: "ink", dash: "dashed", width: 1.5 },
      { label: "after", colour: "loss", width: 2.5 },
      { label: "", colour: "ink", kind: "points" },
      { label: "the puts", colour: "loss", kind: "points" },
    ],
  });
  const results = new Chart(stage, {
    title: "profit or loss",
    share: 0.55,
    x: { label: "move of the market", write: (move) => written(move, "percent") },
    y: { write: (dollars) => written(dollars, "whole dollars") },
    marks: (u, line) => {
      line({ x: moved, dash: "dotted" });
      line({ y: 0 });
    },
    series: [
      { label: "moneyness", colour: "unhedged" },
      { label: "strike", colour: "theory" },
      { label: "slope", colour: "hedged" },
      { label: "who knew", colour: "ink", dash: "dashed", width: 1.5 },
      { label: "", colour: "unhedged", kind: "points" },
      { label: "", colour: "theory", kind: "points" },
      { label: "", colour: "hedged", kind: "points" },
    ],
  });
  const [levels, dollars] = [new Steady(), new Steady()];
  const joined = (places, here) => [...new Set([...places, here])].sort((a, b) => a - b);

  return {
    draw(settings, _, slid) {
      const { move, strike } = settings;
      [moved, struck] = [move, strike];
      const strikes = joined(STRIKES, strike);
      const [before, after] = [0, move].map((by) => strikes.map((each) => volatility(settings, each, by)));
      const dot = (line) => line.map((sigma, place) => (strikes[place] === strike ? sigma : null));
      smile.draw([strikes, before, after, dot(before), dot(after)], {
        x: [STRIKES[0], STRIKES.at(-1)],
        y: levels.around(Math.min(...before, ...after), Math.max(...before, ...after), slid),
      });

      const { makes } = hedgersOf(settings);
      const moves = joined(MOVES, move);
      const lines = ["moneyness", "strike", "slope", "knows"].map((rule) => moves.map((by) => makes(rule, by)));
      const now = lines.slice(0, 3).map((line) => line.map((result, place) => (moves[place] === move ? result : null)));
      results.draw([moves, ...lines, ...now], {
        x: [-REACH, REACH],
        y: dollars.around(Math.min(...lines.flat()), Math.max(...lines.flat()), slid),
      });

      const numbers = numbersOf(settings);
      const said = (name) => written(numbers[name], "whole dollars");
      return {
        says:
          `The puts’ volatility goes from ${written(numbers.before, "percent")} to ${written(numbers.after, "percent")}. ` +
          `Hedged by sticky moneyness a thousand of them make ${said("pnl_moneyness")}, by sticky strike ${said("pnl_strike")}, ` +
          `by the slope ${said("pnl_slope")}; who knew the smile makes ${said("pnl_knows")}.`,
        numbers,
      };
    },
    repaint: () => [smile, results].forEach((each) => each.repaint()),
    destroy: () => [smile, results].forEach((each) => each.destroy()),
  };
}
