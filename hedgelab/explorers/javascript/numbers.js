// How a number is written: the same styles as in hedgelab/explorers/controls.py.  A number and its unit stay on one line.

const fixed = (digits) => (x) => x.toFixed(digits).replace(/\B(?=(\d{3})+\b)/g, ",");
const plural = (x, unit) => `${+x.toFixed(9)} ${unit}${x === 1 ? "" : "s"}`;

const STYLES = {
  percent: (x) => `${fixed(Math.abs(100 * x - Math.round(100 * x)) < 1e-9 ? 0 : 1)(100 * x)}\u00a0%`,
  "basis points": (x) => `${fixed(0)(1e4 * x)}\u00a0bp`,
  dollars: (x) => `$${fixed(2)(x)}`,
  "whole dollars": (x) => `$${fixed(0)(x)}`,
  number: (x) => (x !== 0 && (x < 1e-4 || x >= 1e5) ? x.toExponential(2) : `${+x.toPrecision(4)}`),
  shares: fixed(2),
  days: (x) => plural(Math.round(x), "day"),
  months: (x) => plural(x, "month"),
  count: fixed(0),
};

export function written(value, style) {
  const text = STYLES[style](Math.abs(value));
  return value < 0 && /[1-9]/.test(text) ? `−${text}` : text;
}

export const mean = (sample) => sample.reduce((sum, x) => sum + x, 0) / sample.length;

/** Standard deviation of a sample, with n - 1. */
export function deviation(sample) {
  const middle = mean(sample);
  return Math.sqrt(sample.reduce((sum, x) => sum + (x - middle) ** 2, 0) / (sample.length - 1));
}

/** The number of this name among the numbers from low to high, `count` of them. */
export const grid = (low, high, count) => Array.from({ length: count }, (_, k) => low + ((high - low) * k) / (count - 1));
