// The normal distribution, to the last digits of a double in its tails too.

// Hart et al., Computer Approximations (1968), no. 5666, as in hedgelab/black_scholes/normal.py.
const P = [
  0.0352624965998911, 0.700383064443688, 6.37396220353165, 33.912866078383, 112.079291497871, 221.213596169931,
  220.206867912376,
];
const Q = [
  0.0883883476483184, 1.75566716318264, 16.064177579207, 86.7807322029461, 296.564248779674, 637.333633378831,
  793.826512519948, 440.413735824752,
];
const FAR = 7; // from here on the continued fraction is the better of the two
const DEPTH = 24; // terms of it, more than enough at 7

const horner = (coefficients, z) => coefficients.reduce((total, coefficient) => total * z + coefficient);

/** Density of the standard normal distribution. */
export const density = (x) => Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);

/** Probability that a standard normal number is below x. */
export function distribution(x) {
  const z = Math.abs(x);
  const tail = z < FAR ? (Math.exp(-0.5 * z * z) * horner(P, z)) / horner(Q, z) : farTail(z);
  return x > 0 ? 1 - tail : tail;
}

/** Probability beyond z by Laplace's continued fraction, density / (z + 1 / (z + 2 / (z + ...))). */
function farTail(z) {
  let fraction = z;
  for (let k = DEPTH; k > 0; k--) fraction = z + k / fraction;
  return z < Infinity ? density(z) / fraction : 0;
}
