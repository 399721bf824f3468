// What did March 2020 do to a desk that sold a week at a time?  Straddles sold again and again, hedged between closes too.

import { delta, payoff, price } from "../black_scholes.js";
import { Chart, Steady } from "../chart.js";
import { written } from "../numbers.js";
import { normals } from "../shocks.js";

const PREMIUM = 100;
const LAST_SALE = 41;
const PARTS = 24;
const YEAR = 252;
const CENT = 0.005;
const SIXTEENTH = "Monday 16 March";

/** The reconstruction: so many prices from each close to the next, and the last close. */
function pathOf({ closes, vix }, { tremble, shocks }) {
  const days = closes.length - 1;
  const drawn = normals(shocks, 0, days * PARTS);
  const prices = [];
  for (let day = 0; day < days; day++) {
    const walk = [0];
    for (let part = 0; part < PARTS; part++) walk.push(walk[part] + drawn[day * PARTS + part] / Math.sqrt(PARTS));
    const implied = (tremble * vix[day]) / Math.sqrt(YEAR);
    for (let part = 0; part < PARTS; part++) {
      const along = part / PARTS;
      const line = closes[day] + (closes[day + 1] - closes[day]) * along;
      prices.push(line * Math.exp(implied * (walk[part] - along * walk[PARTS])));
    }
  }
  return [...prices, closes[days]];
}

/** The path, the days on which something is sold, and the desk's P&L on each day. */
export function deskOf(settings, data) {
  const { day, expiry, hedges, level } = settings;
  const path = pathOf(data, settings);
  const pnl = data.closes.slice(1).map(() => 0);
  const sold = [];
  for (let sale = day; sale <= LAST_SALE; sale += expiry) {
    sold.push(sale);
    const volatility = level * data.vix[sale];
    const strike = path[sale * PARTS];
    const at = (step) => {
      const spot = path[(sale * hedges + step) * (PARTS / hedges)];
      const left = (expiry * hedges - step) / hedges / YEAR;
      const call = left > 0 ? price("call", spot, strike, left, volatility) : payoff("call", spot, strike);
      return { spot, owed: 2 * call - spot + strike, held: 2 * delta("call", spot, strike, left, volatility) - 1 };
    };
    let before = at(0);
    const number = PREMIUM / before.owed;
    for (let step = 1; step <= expiry * hedges; step++) {
      const now = at(step);
      pnl[sale + Math.floor((step - 1) / hedges)] += number * (before.held * (now.spot - before.spot) - (now.owed - before.owed));
      before = now;
    }
  }
  return { path, sold, pnl, end: sold.at(-1) + expiry };
}

/** Sales, what they made in all, the worst day with its move, and 16 March. */
export function numbersOf(settings, data) {
  const { sold, pnl, end } = deskOf(settings, data);
  const live = pnl.slice(settings.day, end);
  const worst = settings.day + live.indexOf(Math.min(...live));
  const move = data.closes[worst + 1] / data.closes[worst] - 1;
  return {
    worstDay: worst + 1,
    numbers: {
      sales: sold.length,
      total: pnl.reduce((sum, x) => sum + x, 0),
      won: live.filter((x) => x > CENT).length / live.length,
      worst: pnl[worst],
      move,
      implied: move / (data.vix[worst] / Math.sqrt(YEAR)),
      crash: pnl[data.dates.indexOf(SIXTEENTH) - 1],
    },
  };
}

export default function march2020(stage, { data, set }) {
  const { dates, closes } = data;
  const last = closes.length - 1;
  let [sales, worstDay] = [[], 0];
  const short = (day) => dates[day]?.replace(/^\w+ (\d+) (\w{3}).*/, "$1 $2") ?? "";
  const x = { label: "", write: short, steps: [7, 14, 21] };
  const onPoint = (at) => set("day", Math.min(Math.max(Math.round(at), 0), LAST_SALE));
  const index = new Chart(stage, {
    title: "S&P 500",
    share: 0.45,
    x,
    y: { write: (close) => written(close, "count") },
    onPoint,
    marks: (u, line) => line({ x: worstDay, colour: "loss", dash: "dotted" }),
    series: [
      { label: "between closes, reconstructed", colour: "faint", width: 1 },
      { label: "closes", colour: "unhedged", kind: "points", size: 5 },
    ],
  });
  const result = new Chart(stage, {
    title: "running P&L",
    share: 0.55,
    x,
    y: { write: (dollars) => written(dollars, "whole dollars") },
    onPoint,
    marks: (u, line) => {
      sales.forEach((sale) => line({ x: sale, colour: "faint", dash: "dotted" }));
      line({ y: 0 });
      line({ x: worstDay, colour: "loss", dash: "dotted" });
    },
    series: [{ label: "$100 of premium at each sale (dotted)", colour: "hedged", width: 2.5 }],
  });
  const [prices, dollars] = [new Steady(), new Steady()];

  return {
    draw(settings, _, slid) {
      const { day } = settings;
      const { path, sold, pnl, end } = deskOf(settings, data);
      const found = numbersOf(settings, data);
      const { numbers } = found;
      sales = sold;
      worstDay = found.worstDay;
      const fine = path.map((_, part) => part / PARTS);
      index.draw([fine, path, path.map((price, part) => (part % PARTS ? undefined : price))], {
        x: [0, last],
        y: prices.around(Math.min(...path), Math.max(...path), slid),
      });
      let sum = 0;
      const running = [0, ...pnl].map((gain, at) => ((sum += gain), at < day || at > end ? null : sum));
      const shown = running.filter((value) => value !== null);
      result.draw([running.map((_, at) => at), running], {
        x: [0, last],
        y: dollars.around(Math.min(0, ...shown), Math.max(0, ...shown), slid),
      });
      const money = (value) => written(Math.abs(value), "dollars");
      const made = (value) => `${value < 0 ? "lost" : "made"} ${money(value)}`;
      const way = numbers.move < 0 ? "fell" : "rose";
      const one = sold.length === 1;
      return {
        says:
          `From ${dates[day]}, ${written(sold.length, "count")} sale${one ? "" : "s"} of $100: in all the desk ${made(numbers.total)}. ` +
          `Its worst day was ${dates[worstDay]}, when the index ${way} by ${written(Math.abs(numbers.move), "percent")}, ` +
          `${written(Math.abs(numbers.implied), "shares")} times what the VIX implied for a day, and the desk ${made(numbers.worst)}. ` +
          `It won on ${written(numbers.won, "percent")} of its days.`,
        numbers,
      };
    },
    repaint: () => [index, result].forEach((each) => each.repaint()),
    destroy: () => [index, result].forEach((each) => each.destroy()),
  };
}
