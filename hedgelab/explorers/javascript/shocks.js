// Random numbers that Python and the page draw alike: hedgelab/explorers/shocks.py is the other half.

// Philox4x32-10, a counter that ten rounds of multiplication make random: Salmon et al., "Parallel random numbers:
// as easy as 1, 2, 3", Supercomputing (2011).
const MULTIPLIERS = [0xd2511f53, 0xcd9e8d57];
const INCREMENTS = [0x9e3779b9, 0xbb67ae85];
const ROUNDS = 10;

/** The upper half of a product of two 32-bit numbers. */
function upper(a, b) {
  const [a1, a0, b1, b0] = [a >>> 16, a & 0xffff, b >>> 16, b & 0xffff];
  const middle = a1 * b0 + ((a0 * b0) >>> 16);
  const carried = a0 * b1 + (middle & 0xffff);
  return (a1 * b1 + Math.floor(middle / 65536) + Math.floor(carried / 65536)) >>> 0;
}

/** Four random 32-bit numbers for a counter of four and a key of two. */
export function philox([a, b, c, d], [k0, k1], words = new Uint32Array(4)) {
  for (let round = 0; round < ROUNDS; round++) {
    const [low0, low1] = [Math.imul(MULTIPLIERS[0], a), Math.imul(MULTIPLIERS[1], c)];
    [a, c] = [upper(MULTIPLIERS[1], c) ^ b ^ k0, upper(MULTIPLIERS[0], a) ^ d ^ k1];
    [b, d] = [low1, low0];
    [k0, k1] = [(k0 + INCREMENTS[0]) | 0, (k1 + INCREMENTS[1]) | 0];
  }
  words[0] = a;
  words[1] = b;
  words[2] = c;
  words[3] = d;
  return words;
}

const words = new Uint32Array(4);
const uniform = (bits) => (bits + 0.5) / 2 ** 32;

/** Independent standard normal numbers of one path, those of the steps from `first` to before `end`, by Box and Muller. */
export function fill(numbers, offset, seed, path, first, end) {
  for (let four = first - (first % 4); four < end; four += 4) {
    philox([four / 4, path, 0, 0], [seed, 0], words);
    for (let pair = 0; pair < 4; pair += 2) {
      const radius = Math.sqrt(-2 * Math.log(uniform(words[pair])));
      const angle = 2 * Math.PI * uniform(words[pair + 1]);
      const step = four + pair;
      if (step < end) numbers[offset + step] = radius * Math.cos(angle);
      if (step + 1 < end) numbers[offset + step + 1] = radius * Math.sin(angle);
    }
  }
  return numbers;
}

/** The first normal numbers of one path. */
export const normals = (seed, path, steps) => fill(new Float64Array(steps), 0, seed, path, 0, steps);

/** The prices of one path of geometric Brownian motion at equal steps from today to expiry. */
export function path(seed, number, { spot, volatility, drift = 0, expiry, steps }) {
  const dt = expiry / steps;
  const prices = new Float64Array(steps + 1);
  let log = 0;
  prices[0] = spot;
  normals(seed, number, steps).forEach((shock, step) => {
    log += (drift - volatility ** 2 / 2) * dt + volatility * Math.sqrt(dt) * shock;
    prices[step + 1] = spot * Math.exp(log);
  });
  return prices;
}
