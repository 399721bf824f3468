// Can five prices contradict one another?  Five quotes, the SVI smile nearest to them, its density and Gatheral's g.

import { price } from "../black_scholes.js";
import { Chart, Steady } from "../chart.js";
import { density as normalDensity } from "../normal.js";
import { grid, written } from "../numbers.js";

const [FORWARD, EXPIRY] = [100, 0.25];
const STRIKES = [80, 90, 100, 110, 120];
const SPAN = Math.log(STRIKES[4] / STRIKES[0]);
const CENTRES = grid(-0.6, 0.6, 61).map((share) => share * SPAN); // of the hyperbola
const ROUNDINGS = grid(Math.log(0.08), 0, 31).map((log) => SPAN * Math.exp(log));
const SHOWN = grid(60, 160, 201); // strikes at which g and the density are drawn
const WING = 5; // dollars, from the middle of a butterfly to its ends
const MANY = 1000; // butterflies
const TIE = 1e-9; // of the misfit: what is nearer by less is no nearer
const G = [-1, 2.5]; // what of g is drawn

const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);
const product = (a, b) => sum(a.map((number, i) => number * b[i]));

/** The shapes that are tried, each with its values at the five strikes. */
const TRIED = CENTRES.flatMap((m) =>
  ROUNDINGS.map((sigma) => {
    const y = STRIKES.map((strike) => (Math.log(strike / FORWARD) - m) / sigma);
    return { m, sigma, y, root: y.map((one) => Math.sqrt(1 + one * one)) };
  }),
);

/** The nearest smile {a, b, rho, m, sigma} among those that are tried. */
export function smileOf(quotes) {
  const w = quotes.map((volatility) => volatility ** 2 * EXPIRY);
  const weight = quotes.map((volatility) => 1 / (2 * volatility * EXPIRY) ** 2); // a residual of variance as one of volatility
  const [weights, lowest] = [sum(weight), 0.02 * Math.min(...w)];
  const centred = (of) => {
    let total = 0;
    for (let i = 0; i < 5; i++) total += weight[i] * of[i];
    return of.map((one) => one - total / weights);
  };
  const along = (one, other) => {
    let total = 0;
    for (let i = 0; i < 5; i++) total += weight[i] * one[i] * other[i];
    return total;
  };
  const goal = centred(w);
  let [nearest, least] = [undefined, Infinity];
  for (const { m, sigma, y, root } of TRIED) {
    const line = centred(y);
    const square = along(line, line);
    let bow = centred(root);
    const share = along(bow, line) / square;
    bow = bow.map((one, i) => one - share * line[i]); // the part of it that is no line
    let bend = along(bow, goal) / along(bow, bow);
    let tilt = along(line, goal) / square - share * bend;
    if (!(bend > (TIE * sum(w)) / 5)) bend = 0; // so that both wings rise
    tilt = Math.min(Math.max(tilt, -0.999 * bend), 0.999 * bend);
    const dip = Math.sqrt(bend ** 2 - tilt ** 2);
    let level = 0;
    for (let i = 0; i < 5; i++) level += (weight[i] * (w[i] - tilt * y[i] - bend * root[i])) / weights;
    level = Math.max(level, lowest - dip);
    let misfit = 0;
    for (let i = 0; i < 5; i++) misfit += weight[i] * (level + tilt * y[i] + bend * root[i] - w[i]) ** 2;
    if (misfit < least * (1 - TIE) - 1e-18) {
      least = misfit;
      nearest = { a: level, b: bend / sigma, rho: bend ? tilt / bend : 0, m, sigma };
    }
  }
  return nearest;
}

/** Volatility, g and the density per dollar at a strike. */
export function smileAt({ a, b, rho, m, sigma }, strike) {
  const k = Math.log(strike / FORWARD);
  const x = k - m;
  const r = Math.sqrt(x * x + sigma ** 2);
  const [w, slope, curvature] = [a + b * (rho * x + r), b * (rho + x / r), (b * sigma ** 2) / r ** 3];
  const g = (1 - (k * slope) / (2 * w)) ** 2 - (slope ** 2 / 4) * (1 / w + 0.25) + curvature / 2;
  const root = Math.sqrt(w);
  return { volatility: Math.sqrt(w / EXPIRY), g, density: (g * normalDensity(k / root + root / 2)) / root / strike };
}

/** What the five quotes themselves sell: spreads that cannot lose, each of which pays $10 at most. */
export function listed(quotes) {
  const call = STRIKES.map((strike, i) => price("call", FORWARD, strike, EXPIRY, quotes[i]));
  const put = call.map((dollars, i) => dollars - FORWARD + STRIKES[i]);
  const butterflies = [1, 2, 3].map((i) => call[i - 1] - 2 * call[i] + call[i + 1]);
  return [put[1] - (put[0] * STRIKES[1]) / STRIKES[0], ...butterflies, call[3] - call[4]];
}

/** What a butterfly costs around each strike shown but those at the ends, on the smile. */
function butterfliesOf(smile) {
  const call = (strike) => price("call", FORWARD, strike, EXPIRY, smileAt(smile, strike).volatility);
  return SHOWN.slice(10, -10).map((strike) => call(strike - WING) - 2 * call(strike) + call(strike + WING));
}

export default function fiveQuotes(stage) {
  let where = 100;
  const x = { label: "", write: (strike) => written(strike, "whole dollars") };
  const least = (line) => line({ x: where, dash: "dotted" });
  const zero = (u, line) => {
    least(line);
    line({ y: 0 });
  };
  const good = { label: "", colour: "hedged", width: 2.5 };
  const bad = { label: "negative", colour: "loss", width: 3 };
  const above = new Chart(stage, {
    title: "volatility",
    share: 0.38,
    x,
    y: { write: (volatility) => written(volatility, "percent") },
    marks: (u, line) => least(line),
    series: [
      { label: "the nearest smile", colour: "hedged", width: 2.5 },
      { label: "quotes", colour: "unhedged", kind: "points", size: 10 },
    ],
  });
  const middle = new Chart(stage, {
    title: "density of the price at expiry",
    share: 0.31,
    x,
    y: { write: (number) => written(number, "number") },
    marks: zero,
    series: [good, bad],
  });
  const below = new Chart(stage, {
    title: "Gatheral’s g",
    share: 0.31,
    x: { ...x, label: "strike" },
    y: { write: (number) => written(number, "number") },
    marks: zero,
    series: [good, bad],
  });
  const [volatilities, densities] = [new Steady(), new Steady()];

  return {
    draw({ at_80, at_90, at_100, at_110, at_120 }, _, slid) {
      const quotes = [at_80, at_90, at_100, at_110, at_120];
      const smile = smileOf(quotes);
      const all = SHOWN.map((strike) => smileAt(smile, strike));
      let place = 0;
      all.forEach(({ g }, i) => {
        if (g < all[place].g - TIE) place = i;
      });
      where = SHOWN[place];
      const curve = all.map(({ volatility }) => volatility);
      above.draw([SHOWN, curve, SHOWN.map((strike) => quotes[STRIKES.indexOf(strike)] ?? null)], {
        x: [60, 160],
        y: volatilities.around(0, Math.max(...curve, ...quotes), slid),
      });
      const signs = (numbers) => [numbers.map((one) => (one >= 0 ? one : null)), numbers.map((one) => (one < 0 ? one : null))];
      const dense = all.map(({ density }) => density);
      middle.draw([SHOWN, ...signs(dense)], { x: [60, 160], y: densities.around(Math.min(0, ...dense), Math.max(...dense), slid) });
      below.draw([SHOWN, ...signs(all.map(({ g }) => Math.min(Math.max(g, G[0]), G[1])))], { x: [60, 160], y: G });

      const missed = STRIKES.map((strike, i) => smileAt(smile, strike).volatility - quotes[i]);
      const numbers = {
        least: all[place].g,
        where,
        rms: Math.sqrt(product(missed, missed) / missed.length),
        cheapest: MANY * Math.min(...butterfliesOf(smile)),
        listed: MANY * Math.min(...listed(quotes)),
      };
      const list = numbers.listed < 0 ? "The list contradicts itself" : "The list of five is free of arbitrage";
      const verdict = numbers.least < 0 ? "butterflies there pay you to take them" : "there is no free butterfly from $60 to $160";
      return {
        says:
          `${list}. The smile misses the quotes by ${written(numbers.rms, "basis points")}. Its g is least at ${written(where, "dollars")}, ` +
          `${written(numbers.least, "number")}: ${verdict}.`,
        numbers,
      };
    },
    repaint: () => [above, middle, below].forEach((each) => each.repaint()),
    destroy: () => [above, middle, below].forEach((each) => each.destroy()),
  };
}
