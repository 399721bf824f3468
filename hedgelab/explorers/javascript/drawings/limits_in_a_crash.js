// What does a loss limit do in a crash?  One day of a desk that has sold straddles, with its limit and without.

import { greeks } from "../black_scholes.js";
import { Chart, Steady } from "../chart.js";
import { written } from "../numbers.js";
import { path } from "../shocks.js";

const STEPS = 78;
const DAYS = 21;
const YEAR = 252;
const NUMBER = 100000;
const [SPOT, STRIKE] = [100, 100];
const IMPLIED = 0.54;
const FALLS = [30, 32];
const SPREAD = 0.0002;
const POINTS = 0.5;
const TENTH = 0.1;

const within = (x) => Math.min(Math.max(x, 0), 1);

/** The price at each step. */
function priceOf({ volatility, shocks, falls, back }) {
  const [first, last] = FALLS;
  return [...path(shocks, 0, { spot: SPOT, volatility, expiry: 1 / YEAR, steps: STEPS })].map((spot, step) => {
    const fallen = within((step - first) / (last - first));
    const after = within((step - last) / (STEPS - last));
    return spot * Math.exp(Math.log1p(-falls) * (fallen - back * after));
  });
}

/** A desk's day: profits, shares held, what trading took, and the step at which its limit stopped it. */
function deskOf(book, { loss, does, delta }, limited) {
  let [cash, shares, paid, stopped, closed] = [book[0].owed, 0, 0, null, 0];
  const held = [];
  const profit = book.map(({ spot, owed, neutral, half, closing }, step) => {
    const now = stopped !== null && does === "close" ? closed : cash + shares * spot - owed;
    const trips = limited && stopped === null && now < -loss;
    let wanted = shares;
    if (trips && does === "close") wanted = 0;
    else if (trips || (stopped === null && Math.abs(neutral - shares) > delta)) wanted = neutral;
    if (step < STEPS && (wanted !== shares || trips)) {
      const charge = Math.abs(wanted - shares) * half + (trips && does === "close" ? closing : 0);
      cash -= (wanted - shares) * spot + charge;
      paid += charge;
      shares = wanted;
      if (trips) [stopped, closed] = [step, now - charge];
    }
    held.push(shares);
    return now;
  });
  return { profit, held, paid, stopped };
}

/** The price, what is left of the depth, and the days of both desks. */
export function limitsOf(settings) {
  const spots = priceOf(settings);
  const depth = spots.map((spot) => (1 - settings.leaves) ** (Math.max(1 - spot / SPOT, 0) / TENTH));
  const book = spots.map((spot, step) => {
    const call = greeks("call", spot, STRIKE, (DAYS - step / STEPS) / YEAR, IMPLIED);
    return {
      spot,
      owed: NUMBER * (2 * call.price - spot + STRIKE),
      neutral: NUMBER * (2 * call.delta - 1),
      half: (SPREAD * spot) / depth[step],
      closing: (((2 * NUMBER * call.vega) / 100) * POINTS) / depth[step],
    };
  });
  return { spots, depth, limited: deskOf(book, settings, true), free: deskOf(book, settings, false) };
}

const thousands = (dollars) => `${written(dollars / 1000, "whole dollars")}k`;

export default function limitsInACrash(stage) {
  let [limit, trip] = [0, null];
  const x = { label: "", write: (hours) => written(hours, "number") };
  const marked = (line) => {
    if (trip !== null) line({ x: trip / 12, colour: "loss", dash: "dotted" });
  };
  const price = new Chart(stage, {
    title: "price",
    share: 0.4,
    x,
    y: { write: (dollars) => written(dollars, "whole dollars"), steps: [1, 2, 5, 10, 20, 50] },
    marks: (u, line) => marked(line),
    series: [{ label: "the share", colour: "theory" }],
  });
  const profits = new Chart(stage, {
    title: "profit of the day, and the limit",
    share: 0.6,
    x: { ...x, label: "hours of trading" },
    y: { write: thousands },
    marks: (u, line) => {
      marked(line);
      line({ y: -limit, colour: "loss", dash: "dashed" });
    },
    series: [
      { label: "without a limit", colour: "unhedged", width: 2 },
      { label: "with the limit", colour: "hedged", width: 2.5, dash: "dashed" },
    ],
  });
  const [prices, results] = [new Steady(), new Steady()];

  return {
    draw(settings, _, slid) {
      const { spots, depth, limited, free } = limitsOf(settings);
      [limit, trip] = [settings.loss, limited.stopped];
      const hours = spots.map((_, step) => step / 12);
      price.draw([hours, spots], { x: [0, 6.5], y: prices.around(Math.min(...spots), Math.max(...spots), slid) });
      const all = [...limited.profit, ...free.profit, -limit];
      profits.draw([hours, free.profit, limited.profit], {
        x: [0, 6.5],
        y: results.around(Math.min(...all), Math.max(...all), slid),
      });

      const numbers = {
        limited: limited.profit[STEPS],
        free: free.profit[STEPS],
        earned: limited.profit[STEPS] - free.profit[STEPS],
        minute: 5 * (trip ?? STEPS),
        paid: limited.paid,
        paid_free: free.paid,
        left: Math.min(...depth),
      };
      const dollars = (name) => written(numbers[name], "whole dollars");
      const size = written(Math.abs(numbers.earned), "whole dollars");
      const doing = settings.does === "halt" ? "stops the hedge" : "buys the options back";
      return {
        says:
          trip === null
            ? `The limit does not trip. The day ends with ${dollars("limited")}, as without one: ${dollars("free")}. The least depth was ${written(numbers.left, "percent")} of the usual.`
            : `At minute ${written(numbers.minute, "count")} the limit trips and ${doing}. The day ends with ${dollars("limited")}, without a limit ` +
              `with ${dollars("free")}: it ${numbers.earned < 0 ? "cost" : "saved"} ${size}. The least depth was ${written(numbers.left, "percent")} of the usual.`,
        numbers,
      };
    },
    repaint: () => [price, profits].forEach((each) => each.repaint()),
    destroy: () => [price, profits].forEach((each) => each.destroy()),
  };
}
