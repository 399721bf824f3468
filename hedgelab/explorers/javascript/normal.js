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
const FAR = 4; // from here on the continued fraction is the better of the two: either is good to 3e-13 here
const DEPTH = 24; // terms of it, enough at 4

// written out, in half the time of a loop: a figure of 2,000 paths comes here half a million times
const above = (z) => (((((P[0] * z + P[1]) * z + P[2]) * z + P[3]) * z + P[4]) * z + P[5]) * z + P[6];
const below = (z) => ((((((Q[0] * z + Q[1]) * z + Q[2]) * z + Q[3]) * z + Q[4]) * z + Q[5]) * z + Q[6]) * z + Q[7];

/** Density of the standard normal distribution. */
export const density = (x) => Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);

/** Probability that a standard normal number is below x. */
export function distribution(x) {
  const tail = beyond(Math.abs(x));
  return x > 0 ? 1 - tail : tail;
}

/**
 * The same, to 4e-16 of a whole: what is less is nothing, as in hedgelab/black_scholes/normal.py, so that a hedger
 * does not trade a billionth of a billionth of a share.
 */
export const rounded = (x) => 0.5 + Math.sign(x) * (0.5 - beyond(Math.abs(x)));

/** Probability beyond z, zero or more. */
const beyond = (z) => (z < FAR ? (Math.exp(-0.5 * z * z) * above(z)) / below(z) : farTail(z));

/** Probability beyond z by Laplace's continued fraction, density / (z + 1 / (z + 2 / (z + ...))). */
function farTail(z) {
  let fraction = z;
  for (let k = DEPTH; k > 0; k--) fraction = z + k / fraction;
  return z === Infinity ? 0 : density(z) / fraction;
}
