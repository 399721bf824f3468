// What makes a sale of 75,000 contracts a crash?  A program that follows volume, makers with a limit, late buyers.

import { Chart, Steady } from "../chart.js";
import { written } from "../numbers.js";
import { normals } from "../shocks.js";

const SECONDS = 2400;
const MINUTE = 60;
const CONTRACTS = 75000;
const STOPPED = 808;
const STOPS = { none: 0, five: 5, sixty: 60 };
const FIRST = { share: 0.09, limit: 7000, stop: "five", frees: 0.076, delay: 30, passing: true, thins: true };

// the numbers of hedgelab.crowd.ThinMarket that no slider moves
const OTHERS = 315.673;
const TAKERS = 27.398;
const PASSING = 4.586;
const DEPTH = 1533604.6;
const THINNING = Math.log(100);
const APPETITE = 11.548;
const NOISE = 5e-5;
const RESTLESS = 15;
const BACK = 0.1;

/** Price, sales, inventory and volume of each second: `ThinMarket.sell`. */
export function saleOf({ share, limit, stop, frees, delay, passing, thins, shocks }) {
  const drawn = normals(shocks, 0, SECONDS);
  const thinning = thins ? THINNING : 0;
  const volumes = new Array(MINUTE).fill(OTHERS);
  let [x, held, called, left, minute] = [0, 0, 0, CONTRACTS, MINUTE * OTHERS];
  const sale = { price: [x], sold: [0], held: [held], minute: [minute] };
  for (let second = 0; second < SECONDS; second++) {
    called += (Math.max(-x, 0) - called) / delay;
    let volume = 0;
    if (second < STOPPED || second >= STOPPED + STOPS[stop]) {
      const full = Math.min(Math.max(held / limit, 0), 1);
      const selling = Math.min((share * minute) / MINUTE, left);
      const net = selling - (left > 0 ? TAKERS : 0) - APPETITE * 100 * called;
      const move = (Math.exp(thinning * full) / DEPTH) * -net;
      x += net < 0 && x + move > 0 ? -BACK * x : move + NOISE * Math.sqrt(1 + RESTLESS * full) * drawn[second];
      held += net > 0 ? net * (1 - full) : Math.max(net, -held);
      volume = OTHERS * (1 + (passing ? PASSING : 0) * full ** 2) + selling;
      left -= selling;
    } else if (second === STOPPED + STOPS[stop] - 1) held *= 1 - frees;
    minute = Math.max(minute + volume - volumes[second % MINUTE], 0);
    volumes[second % MINUTE] = volume;
    sale.price.push(x);
    sale.sold.push(CONTRACTS - left);
    sale.held.push(held);
    sale.minute.push(minute);
  }
  return sale;
}

/** The readouts. */
export function toldOf(sale, { limit, thins }) {
  const low = Math.min(...sale.price);
  const full = Math.min(Math.max(...sale.held) / limit, 1);
  return {
    low: Math.expm1(low),
    at: sale.price.indexOf(low) / MINUTE,
    sold: sale.sold[STOPPED],
    unsold: CONTRACTS - sale.sold[SECONDS],
    peak: Math.max(...sale.minute),
    left: Math.exp(-(thins ? THINNING : 0) * full),
    end: Math.expm1(sale.price[SECONDS]),
  };
}

const clock = (minutes) => `${2 + Math.floor((32 + minutes) / 60)}:${String(Math.floor((32 + minutes) % 60)).padStart(2, "0")}`;

export default function flashCrash(stage) {
  const x = { label: "", write: (minutes) => clock(minutes + 1e-9), steps: [5, 10, 20] };
  const marks = (u, line) => line({ x: STOPPED / MINUTE, dash: "dotted" });
  const price = new Chart(stage, {
    title: "price since 2:32",
    share: 0.58,
    x,
    y: { write: (fall) => written(fall, "percent") },
    marks,
    series: [
      { label: "at 9 %, with the stop", colour: "unhedged", width: 2 },
      { label: "as set", colour: "hedged", width: 2.5, dash: "dashed" },
    ],
  });
  const volume = new Chart(stage, {
    title: "contracts in the last minute",
    share: 0.42,
    x: { ...x, label: "6 May 2010, afternoon; a model" },
    y: { write: (contracts) => written(contracts, "count") },
    marks,
    series: [
      { label: "all", colour: "theory", width: 2 },
      { label: "the program", colour: "loss", width: 2 },
    ],
  });
  const [prices, volumes] = [new Steady(), new Steady()];
  const minutes = Array.from({ length: SECONDS + 1 }, (_, second) => second / MINUTE);

  return {
    draw(settings, _, slid) {
      const [sale, first] = [settings, { ...FIRST, shocks: settings.shocks }].map(saleOf);
      const [fall, usual] = [sale, first].map((one) => one.price.map(Math.expm1));
      price.draw([minutes, usual, fall], {
        x: [0, SECONDS / MINUTE],
        y: prices.around(Math.min(...fall, ...usual), Math.max(...fall, ...usual), slid),
      });
      const program = sale.sold.map((sold, second) => sold - (second > MINUTE ? sale.sold[second - MINUTE] : 0));
      volume.draw([minutes, sale.minute, program], {
        x: [0, SECONDS / MINUTE],
        y: volumes.around(0, Math.max(...sale.minute), slid),
      });

      const numbers = toldOf(sale, settings);
      const count = (name) => written(numbers[name], "count");
      const low =
        numbers.low > -0.0005
          ? "The price does not fall."
          : `The price is lowest at ${clock(numbers.at)}, at ${written(numbers.low, "percent")}; at 3:12 it is at ${written(numbers.end, "percent")}.`;
      return {
        says:
          `${low} By 2:45:28 the program has sold ${count("sold")} contracts, at 3:12 ${count("unsold")} are left. ` +
          `Most traded in a minute: ${count("peak")}. The book is never thinner than ${written(numbers.left, "percent")} of what it was.`,
        numbers,
      };
    },
    repaint: () => [price, volume].forEach((each) => each.repaint()),
    destroy: () => [price, volume].forEach((each) => each.destroy()),
  };
}
