// What was learned here: what is it worth there?  Corrections to a delta, and the gain of each as a quadratic form.

import { Chart, Steady } from "../chart.js";
import { density, distribution } from "../normal.js";
import { deviation, grid, mean, written } from "../numbers.js";

const D = grid(-2.4, 2.4, 49);
const DELTAS = D.map((d) => distribution(d));
const HALF = D.length >> 1;
const QUARTER = 0.6744897501960817;
const DRAWS = 20;
const WIDEST = 0.3; // shares: a larger correction is drawn as this

/** A matrix of five by five from its upper half, row by row. */
function symmetric(upper) {
  const full = Array.from({ length: 5 }, () => new Array(5));
  let at = 0;
  for (let row = 0; row < 5; row++) for (let column = row; column < 5; column++) full[row][column] = full[column][row] = upper[at++];
  return full;
}

/** The weights x with A x = b, A three by three: by elimination, the largest number of a column first. */
function solved(A, b) {
  const rows = [0, 1, 2].map((row) => [...A[row].slice(0, 3), b[row]]);
  for (let at = 0; at < 3; at++) {
    const first = [0, 1, 2].filter((row) => row >= at).reduce((best, row) => (Math.abs(rows[row][at]) > Math.abs(rows[best][at]) ? row : best), at);
    [rows[at], rows[first]] = [rows[first], rows[at]];
    for (let row = at + 1; row < 3; row++) {
      const share = rows[row][at] / rows[at][at];
      rows[row] = rows[row].map((value, column) => value - share * rows[at][column]);
    }
  }
  const x = [0, 0, 0];
  for (let at = 2; at >= 0; at--) x[at] = (rows[at][3] - [0, 1, 2].reduce((sum, k) => (k > at ? sum + rows[at][k] * x[k] : sum), 0)) / rows[at][at];
  return x;
}

/** What weights leave of a history: a quadratic form. */
function left(products, weights) {
  const against = [...weights.map((weight) => -weight), 1];
  let sum = 0;
  for (let row = 0; row < 5; row++) for (let column = 0; column < 5; column++) sum += against[row] * products[row][column] * against[column];
  return sum;
}

/** By what fraction weights leave less variance than none, in some histories together, and its standard error. */
function gain(histories, weights) {
  const [remains, book] = [histories.map((each) => left(each, weights)), histories.map((each) => each[4][4])];
  const sum = (numbers) => numbers.reduce((total, x) => total + x, 0);
  const value = 1 - sum(remains) / sum(book);
  const n = histories.length;
  const squares = sum(remains.map((each, place) => (each - (1 - value) * book[place]) ** 2));
  return { value, error: Math.sqrt((squares * n) / (n - 1)) / sum(book) };
}

/** The weights of four columns that twenty learners found, or twenty times the user's own. */
function weightsOf({ learner, learned, days, low, middle, high }, data) {
  if (learner !== "hand")
    return data.learned[learned][days].map(([a, b, c, multiple]) => (learner === "regression" ? [a, b, c, 0] : [0, 0, 0, multiple]));
  const [first, second, third] = [low / density(-QUARTER), middle / density(0), high / density(QUARTER)];
  const c = 8 * (first - 2 * second + third);
  const b = 2 * (third - first) - c;
  return new Array(DRAWS).fill([second - b / 2 - c / 4, b, c, 0]);
}

/** Everything that is shown. */
export function worldOf(settings, data) {
  const histories = data.tests[settings.used].map(symmetric);
  const total = Array.from({ length: 5 }, (_, row) => Array.from({ length: 5 }, (_, column) => histories.reduce((sum, each) => sum + each[row][column], 0)));
  const nearest = solved(total, [0, 1, 2].map((row) => total[row][3]));
  const best = [...solved(total, [0, 1, 2].map((row) => total[row][4])), 0];
  const curve = ([a, b, c, multiple]) => {
    const [p, q, r] = [a, b, c].map((weight, place) => weight + multiple * nearest[place]);
    return D.map((d, place) => density(d) * (p + q * DELTAS[place] + r * DELTAS[place] ** 2));
  };
  const weights = weightsOf(settings, data);
  const gains = weights.map((each) => gain(histories, each).value);
  const own = weights[settings.draw - 1];
  const { value, error } = gain(histories, own);
  const curves = { used: curve(own), best: curve(best), slope: curve([0, 0, 0, 1]) };
  const numbers = {
    gain: value,
    error,
    slope: gain(histories, [0, 0, 0, 1]).value,
    best: gain(histories, best).value,
    mean: mean(gains),
    spread: deviation(gains),
    half: curves.used[HALF],
  };
  return { gains, curves, numbers };
}

/** The numbers under the figure. */
export const numbersOf = (settings, data) => worldOf(settings, data).numbers;

const words = {
  skew: "where quotes are true",
  half: "where half of the skew is true",
  none: "where quotes are untrue",
  jumps: "with a jump a year",
  flat: "with one volatility for all",
};

export default function trainedElsewhere(stage, { data, set }) {
  let drawn = 1;
  const corrections = new Chart(stage, {
    title: "shares added to delta",
    share: 0.5,
    x: { label: "delta", write: (delta) => written(delta, "number") },
    y: { write: (shares) => written(shares, "number") },
    marks: (u, line) => line({ y: 0 }),
    series: [
      { label: "best in hindsight", colour: "theory", dash: "dashed" },
      { label: "slope", colour: "unhedged", dash: "dotted" },
      { label: "used", colour: "hedged", width: 2.5 },
    ],
  });
  const savings = new Chart(stage, {
    title: "variance saved",
    share: 0.5,
    x: { label: "draw of the data", write: (draw) => written(draw, "count"), steps: [5, 10] },
    y: { write: (saved) => written(saved, "percent") },
    onPoint: (at) => set("draw", Math.min(Math.max(Math.round(at), 1), DRAWS)),
    marks: (u, line) => {
      line({ x: drawn, dash: "dotted" });
      line({ y: 0 });
    },
    series: [
      { label: "", colour: "theory", dash: "dashed", width: 1.5 },
      { label: "", colour: "unhedged", dash: "dotted" },
      { label: "twenty learners", colour: "ink", kind: "points", size: 6 },
      { label: "this one", colour: "hedged", kind: "points", size: 11 },
    ],
  });
  const [shares, fractions] = [new Steady(), new Steady()];

  return {
    draw(settings, _, slid) {
      drawn = settings.draw;
      const { gains, curves, numbers } = worldOf(settings, data);
      const within = (curve) => curve.map((each) => Math.min(Math.max(each, -WIDEST), WIDEST));
      const lines = [curves.best, curves.slope, curves.used].map(within);
      corrections.draw([DELTAS, ...lines], {
        x: [0, 1],
        y: shares.around(Math.min(-0.02, ...lines.flat()), Math.max(0.02, ...lines.flat()), slid),
      });
      const draws = gains.map((_, place) => place + 1);
      const all = [...gains, numbers.best, numbers.slope, 0.02, -0.02];
      savings.draw(
        [draws, draws.map(() => numbers.best), draws.map(() => numbers.slope), gains, gains.map((each, place) => (place + 1 === drawn ? each : null))],
        { x: [0.4, DRAWS + 0.6], y: fractions.around(Math.min(...all), Math.max(...all), slid) },
      );
      const said = (name) => written(numbers[name], "percent");
      const who = { regression: "Three numbers", multiple: "One multiple of the slope", hand: "Your correction" }[settings.learner];
      const from = settings.learner === "hand" ? "" : `, from ${written(settings.days, "days")} ${words[settings.learned]},`;
      return {
        says:
          `${who}${from} used ${words[settings.used]}: ${said("gain")} of the variance saved (± ${said("error")}). ` +
          `The slope of the skew, without data, saves ${said("slope")}; the best three numbers in hindsight save ${said("best")}.`,
        numbers,
      };
    },
    repaint: () => [corrections, savings].forEach((each) => each.repaint()),
    destroy: () => [corrections, savings].forEach((each) => each.destroy()),
  };
}
