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
export function philox(counter, key) {
  let [a, b, c, d] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < ROUNDS; round++) {
    const [low0, low1] = [Math.imul(MULTIPLIERS[0], a), Math.imul(MULTIPLIERS[1], c)];
    [a, c] = [upper(MULTIPLIERS[1], c) ^ b ^ k0, upper(MULTIPLIERS[0], a) ^ d ^ k1];
    [b, d] = [low1, low0];
    [k0, k1] = [(k0 + INCREMENTS[0]) | 0, (k1 + INCREMENTS[1]) | 0];
  }
  return [a >>> 0, b >>> 0, c >>> 0, d >>> 0];
}

/** Independent standard normal numbers of one path, by Box and Muller: as many as there are steps. */
export function normals(seed, path, steps) {
  const numbers = new Float64Array(steps);
  for (let step = 0; step < steps; step += 4) {
    const uniform = philox([step / 4, path, 0, 0], [seed, 0]).map((bits) => (bits + 0.5) / 2 ** 32);
    for (let pair = 0; pair < 4; pair += 2) {
      const radius = Math.sqrt(-2 * Math.log(uniform[pair]));
      const angle = 2 * Math.PI * uniform[pair + 1];
      if (step + pair < steps) numbers[step + pair] = radius * Math.cos(angle);
      if (step + pair + 1 < steps) numbers[step + pair + 1] = radius * Math.sin(angle);
    }
  }
  return numbers;
}

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
