// An order split over venues, as in hedgelab/desk/routing.py, in any fractions of a share.

/** What so many shares cost beyond the mid-price. */
export const paid = ({ cost, depth }, shares) => shares * (cost + shares / (2 * depth));

const total = (numbers) => numbers.reduce((sum, x) => sum + x, 0);

/** The parts at which the last share costs the same wherever shares are left: straight from corner to corner. */
function least(wanted, offers) {
  const ends = offers.flatMap(({ cost, depth, size }) => [cost, cost + size / depth]);
  const at = (level) => offers.map(({ cost, depth, size }) => (level >= cost + size / depth ? size : Math.min(Math.max((level - cost) * depth, 0), size)));
  const corners = [...new Set(ends)].sort((a, b) => a - b).map(at);
  const sums = corners.map(total);
  const to = Math.min(Math.max(sums.findIndex((sum) => sum >= wanted), 1), corners.length - 1);
  const [from, until] = [corners[to - 1], corners[to]];
  const way = (wanted - sums[to - 1]) / (sums[to] - sums[to - 1] || 1);
  return from.map((part, k) => part + way * (until[k] - part));
}

/** To each in proportion to its size. */
function bySize(wanted, offers) {
  const all = total(offers.map(({ size }) => size)) || 1;
  return offers.map(({ size }) => (wanted * size) / all);
}

/** All that the cheapest first share's venue has, then the next one's. */
function inTurn(wanted, offers) {
  const taken = offers.map(() => 0);
  let left = wanted;
  const order = offers.map((_, k) => k).sort((i, j) => offers[i].cost - offers[j].cost || i - j);
  for (const k of order) {
    taken[k] = Math.min(left, offers[k].size);
    left -= taken[k];
  }
  return taken;
}

const WAYS = { route: least, pro_rata: bySize, best_first: inTurn };

/** An order split by one of the ways: {shares, cost, dearest}. */
export function split(way, shares, offers) {
  const wanted = Math.min(shares, total(offers.map(({ size }) => size)));
  const parts = wanted > 0 ? WAYS[way](wanted, offers) : offers.map(() => 0);
  const dearest = offers.map(({ cost, depth }, k) => (parts[k] > 0 ? cost + parts[k] / depth : -Infinity));
  return {
    shares: parts,
    cost: total(offers.map((offer, k) => paid(offer, parts[k]))),
    dearest: wanted > 0 ? Math.max(...dearest) : 0,
  };
}
