// Which assumption breaks the book?  A thousand months of one book; hedgelab/assumptions.py is the other half.

import { delta, payoff, price } from "../black_scholes.js";
import { Chart, Steady } from "../chart.js";
import { distribution } from "../normal.js";
import { deviation, mean, written } from "../numbers.js";
import { fill } from "../shocks.js";

const [DAYS, A_DAY, LOOK] = [21, 8, 2];
const STEPS = DAYS * A_DAY;
const EXPIRY = DAYS / 252;
const DT = EXPIRY / STEPS;
const [SPOT, STRIKE, BELIEVED, NUMBER] = [100, 100, 0.2, 1000];
const ROWS = 2 * STEPS + 4;
const MONTHS = 1000;
const [WORST, LOW, HIGH, BIN] = [100, -1500, 6000, 125];
const EVERY = A_DAY;
const [COST, OTHER, MOODS, FOLLOWS, JUMP, JUMP_SPREAD, NIGHT] = [0.0002, 0.22, 1, 2, 1 / 12, 0.04, 0.5];
const [SPREAD, VOLUME, MEMORY, THINNING, LIE, MISPRINT, MOST] = [0.0001, 1e6, 1 / A_DAY, 10, 0.5, 0.05, 0.7];
export const NAMES = ["frequency", "costs", "volatility", "moods", "smile", "jumps", "gaps", "liquidity", "crowd", "feed", "limit"];

const left = (step) => EXPIRY - step * DT;
const held = (spot, step) => delta("put", spot, STRIKE, left(step), BELIEVED);

/** Which of so many places something takes, or none. */
function placeOf(normal, chance, places) {
  const uniform = distribution(normal);
  return uniform < chance ? Math.floor((places * uniform) / chance) : Infinity;
}

/** The price at each step of a month: the news, and what the others make of it. */
function pricesOf(z, broken, { jump, gain }) {
  const chance = broken.jumps ? JUMP : 0;
  const share = (chance * (jump ** 2 + JUMP_SPREAD ** 2)) / (BELIEVED ** 2 * EXPIRY);
  const jumpsAt = placeOf(z[2 * STEPS], chance, STEPS);
  const growth = Math.expm1(-jump + JUMP_SPREAD ** 2 / 2);
  const nu = broken.moods ? MOODS : 0;
  const follows = broken.smile ? FOLLOWS : 0;
  const between = (broken.volatility ? OTHER : BELIEVED) ** 2 * (1 - share);
  const ofNight = broken.gaps ? NIGHT : 1 / A_DAY;
  const [gamma] = [Math.exp(-((BELIEVED * Math.sqrt(EXPIRY)) ** 2) / 8) / Math.sqrt(2 * Math.PI) / (SPOT * BELIEVED * Math.sqrt(EXPIRY))];
  const crowded = broken.crowd && gain > 0;
  const impact = gain / (gamma * SPOT ** 2); // of one put's worth of shares for each of theirs
  const thinning = broken.liquidity ? THINNING : 0;
  const prices = new Float64Array(STEPS + 1);
  prices[0] = SPOT;
  let [news, mood, shift, log, theirs] = [0, 0, 0, 0, held(SPOT, 0)];
  for (let step = 0; step < STEPS; step++) {
    const night = step % A_DAY === A_DAY - 1;
    const weight = A_DAY * (night ? ofNight : (1 - ofNight) / (A_DAY - 1));
    const variance = between * weight * DT * Math.exp(2 * nu * mood - 2 * nu ** 2 * step * DT - 2 * follows * news);
    let moved = Math.sqrt(variance) * z[step] - variance / 2;
    if (chance) {
      const hazard = chance / STEPS / (1 - (chance * step) / STEPS);
      if (jumpsAt >= step) moved -= Math.log1p(hazard * growth);
      if (jumpsAt === step) moved += -jump + JUMP_SPREAD * z[2 * STEPS + 1];
    }
    news += moved;
    mood += Math.sqrt(DT) * z[STEPS + step];
    if (crowded && step > 0) {
      const wanted = held(prices[step], step);
      shift += impact * Math.exp(-thinning * log) * SPOT * (wanted - theirs);
      theirs = wanted;
    }
    log = news + shift;
    prices[step + 1] = SPOT * Math.exp(log);
  }
  return prices;
}

/** What one month costs the desk, from its random numbers. */
function lossOf(z, broken, terms) {
  const prices = pricesOf(z, broken, terms);
  const every = broken.frequency ? EVERY : LOOK;
  const liesAt = broken.feed ? A_DAY * placeOf(z[2 * STEPS + 2], LIE, DAYS) : Infinity;
  const misprint = z[2 * STEPS + 3] < 0 ? -MISPRINT : MISPRINT;
  const most = broken.limit ? MOST : 1;
  let [cash, shares, variance] = [NUMBER * price("put", SPOT, STRIKE, EXPIRY, BELIEVED), 0, BELIEVED ** 2];
  for (let step = 0; step < STEPS; step++) {
    const spot = prices[step];
    if (step > 0) variance = (1 - MEMORY) * variance + (MEMORY * Math.log(spot / prices[step - 1]) ** 2) / DT;
    if (step % every) continue;
    const seen = step === liesAt ? spot * (1 + misprint) : spot;
    const traded = NUMBER * Math.max(held(seen, step), -most) - shares;
    const size = Math.abs(traded);
    let charge = broken.costs ? COST * size * spot : 0;
    if (broken.liquidity) {
      const daily = Math.sqrt(variance / 252);
      charge += (SPREAD * variance * size * spot) / BELIEVED ** 2 + daily * Math.sqrt(size / VOLUME) * size * spot;
    }
    cash -= traded * spot + charge;
    shares += traded;
  }
  const last = prices[STEPS];
  return NUMBER * payoff("put", last, STRIKE) - cash - shares * last;
}

const kept = { shocks: null, months: 0, numbers: null };

/** The random numbers of so many months, drawn once. */
function numbersOf(shocks, months) {
  if (kept.shocks !== shocks || kept.months !== months) {
    const numbers = new Float64Array(months * ROWS);
    for (let month = 0; month < months; month++) fill(numbers, month * ROWS, shocks, month, 0, ROWS);
    Object.assign(kept, { shocks, months, numbers });
  }
  return kept.numbers;
}

/** What each month costs, with the assumptions that `broken` has on. */
export function lossesOf({ shocks, jump, gain }, broken, months = MONTHS) {
  const numbers = numbersOf(shocks, months);
  return Float64Array.from({ length: months }, (_, month) =>
    lossOf(numbers.subarray(month * ROWS, (month + 1) * ROWS), broken, { jump, gain }),
  );
}

/** How many months of each bin, as a share; those beyond the ends stand at them. */
function sharesOf(losses) {
  const shares = new Array((HIGH - LOW) / BIN).fill(0);
  for (const loss of losses) shares[Math.min(Math.max(Math.floor((loss - LOW) / BIN), 0), shares.length - 1)] += 1 / losses.length;
  return shares;
}

const worstOf = (losses) => [...losses].sort((a, b) => b - a).slice(0, WORST);
const thousands = (dollars) => `${written(dollars / 1000, "whole dollars")}k`;

export default function assumptions(stage) {
  const months = new Chart(stage, {
    title: "share of months, by loss",
    share: 0.5,
    x: { label: "", write: thousands, steps: [1000, 2000, 5000] },
    y: { write: (share) => written(share, "percent") },
    marks: (u, line) => line({ x: 0, dash: "dotted" }),
    series: [
      { label: "as broken", colour: "loss", kind: "bars", width: 1, fill: true },
      { label: "by the formula", colour: "theory", kind: "steps", width: 2 },
    ],
  });
  const worst = new Chart(stage, {
    title: "loss of the 100 worst",
    share: 0.5,
    x: { label: "the worst first", write: (rank) => written(rank, "count") },
    y: { write: thousands },
    series: [
      { label: "as broken", colour: "loss", width: 2.5 },
      { label: "by the formula", colour: "theory", width: 2, dash: "dashed" },
    ],
  });
  const [heights, depths] = [new Steady(), new Steady()];
  let [formula, drawn] = [null, null]; // in the formula's world nothing depends on anything but the months

  return {
    draw(settings, _, slid) {
      const losses = lossesOf(settings, settings);
      if (drawn !== settings.shocks) [formula, drawn] = [lossesOf(settings, {}), settings.shocks];
      const [shares, before] = [sharesOf(losses), sharesOf(formula)];
      months.draw([shares.map((_, k) => LOW + k * BIN), shares, before], {
        x: [LOW, HIGH],
        y: [0, heights.around(0, Math.max(...shares, ...before), slid)[1]],
      });
      const [mine, theirs] = [worstOf(losses), worstOf(formula)];
      worst.draw([mine.map((_, k) => k + 1), mine, theirs], {
        x: [0, WORST],
        y: [0, depths.around(0, Math.max(mine[0], theirs[0]), slid)[1]],
      });

      const tail = (ordered) => mean(ordered.slice(0, MONTHS / 100));
      const numbers = {
        broken: NAMES.filter((name) => settings[name]).length,
        mean: mean(losses),
        deviation: deviation(losses),
        tail: tail(mine),
        formula: tail(theirs),
        worst: mine[0],
      };
      const dollars = (name) => written(numbers[name], "whole dollars");
      const which = { 0: "None of the eleven is broken", 11: "All eleven are broken" }[numbers.broken] ?? `${numbers.broken} of eleven are broken`;
      return {
        says:
          `${which}. A month costs ${dollars("mean")} on average, with a standard deviation of ${dollars("deviation")}; the worst ` +
          `hundredth ${dollars("tail")}, in the formula’s world ${dollars("formula")}.`,
        numbers,
      };
    },
    repaint: () => [months, worst].forEach((each) => each.repaint()),
    destroy: () => [months, worst].forEach((each) => each.destroy()),
  };
}
