// Can you beat the algorithm?  Each day the reader says how many shares to hold, then tomorrow comes.

import { Chart, Steady } from "../chart.js";
import { clock, hedge } from "../hedging.js";
import { written } from "../numbers.js";
import { Scores } from "../scores.js";
import { path } from "../shocks.js";

const DAYS = 20;
const YEAR = 252;
const OPTION = { kind: "call", strike: 100 };
const [QUANTITY, VOLATILITY] = [-1000, 0.3];
const TIMES = Array.from({ length: DAYS + 1 }, (_, day) => day / YEAR);

/** The root of the mean square of the changes. */
const typicalOf = (pnl) => Math.sqrt(pnl.slice(1).reduce((sum, x, k) => sum + (x - pnl[k]) ** 2, 0) / Math.max(pnl.length - 1, 1));

export default function youHedge(stage, { get, set }) {
  const x = { label: "", write: (day) => written(day, "count"), steps: [1, 2, 5, 10, 20] };
  const stock = new Chart(stage, {
    title: "stock price",
    share: 0.29,
    x,
    y: { write: (spot) => written(spot, "whole dollars") },
    series: [{ label: "", colour: "unhedged", kind: "linked" }],
  });
  const shares = new Chart(stage, {
    title: "shares",
    share: 0.32,
    x,
    y: { write: (number) => written(number, "count") },
    series: [
      { label: "yours", colour: "hedged", kind: "steps", width: 2.5 },
      { label: "the algorithm’s", colour: "theory", kind: "steps", width: 1.5 },
      { label: "your next", colour: "hedged", kind: "points" },
    ],
  });
  const result = new Chart(stage, {
    title: "profit or loss so far",
    share: 0.39,
    x: { ...x, label: "trading day" },
    y: { write: (dollars) => written(dollars, "whole dollars") },
    marks: (u, line) => line({ y: 0 }),
    series: [
      { label: "you", colour: "hedged", width: 2.5 },
      { label: "the algorithm", colour: "theory" },
    ],
  });
  const [prices, dollars] = [new Steady(), new Steady()];
  const scores = new Scores(stage.closest(".explorer").querySelector("[data-keeps]"), { get, set, days: DAYS });

  return {
    draw({ shares: next, held, hint, shocks }, _, slid) {
      const decided = held.split(",").filter(Boolean).map(Number);
      const day = decided.length;
      const spots = [...path(shocks, 0, { spot: 100, volatility: VOLATILITY, expiry: DAYS / YEAR, steps: DAYS })];
      const reader = ({ step }) => (day ? decided[Math.min(step, day - 1)] : 0) / -QUANTITY;
      const books = (policy) => hedge(OPTION, spots, TIMES, { quantity: QUANTITY, volatility: VOLATILITY, policy });
      const [mine, its] = [books(reader), books(clock(1))];
      const days = spots.map((_, step) => step);
      const upTo = (last, value) => days.map((step) => (step <= last ? value(step) : null));
      const over = day === DAYS;

      const seen = spots.slice(0, day + 1);
      stock.draw([days, upTo(day, (step) => spots[step])], {
        x: [-0.4, DAYS + 0.4],
        y: prices.around(Math.min(95, ...seen), Math.max(105, ...seen), slid),
      });
      // what was decided holds until the next morning
      const holdings = (value, last) => upTo(Math.min(last + 1, DAYS), (step) => value(Math.min(step, last)));
      shares.draw(
        [
          days,
          day ? holdings((step) => decided[step], day - 1) : days.map(() => null),
          hint || over ? holdings((step) => its[step].shares, over ? DAYS - 1 : day) : days.map(() => null),
          days.map((step) => (step === day && !over ? next : null)),
        ],
        { x: [-0.4, DAYS + 0.4], y: [-60, 1060] },
      );
      const [me, it] = [mine, its].map((rows) => rows.slice(0, day + 1).map((row) => row.pnl));
      result.draw([days, upTo(day, (step) => me[step]), upTo(day, (step) => it[step])], {
        x: [-0.4, DAYS + 0.4],
        y: dollars.around(Math.min(-300, ...me, ...it), Math.max(300, ...me, ...it), slid),
      });

      const [typical, itsTypical] = [typicalOf(me), typicalOf(it)];
      scores.see({
        month: shocks,
        held,
        day,
        you: me[day],
        algorithm: it[day],
        typical,
        typical_algorithm: itsTypical,
      });
      const move = day ? `The stock went from ${written(spots[day - 1], "dollars")} to ${written(spots[day], "dollars")}. ` : "";
      const says = over
        ? `Month ${shocks} is over. You ended with ${written(me[day], "whole dollars")}, the algorithm with ${written(it[day], "whole dollars")}: ` +
          `mostly luck. Your typical day was ${written(typical, "whole dollars")}, its ${written(itsTypical, "whole dollars")}: that is the hedge.`
        : `Month ${shocks}, ${day ? `day ${day} of ${DAYS}. ` : "day 0: you have sold 1,000 calls with the stock at $100. "}${move}` +
          `${day ? `You hold ${written(decided[day - 1], "count")} shares` : "You hold no shares yet"}. How many for the night: ${written(next, "count")}?`;
      return {
        says,
        numbers: { day, spot: spots[day], pnl: me[day], algorithm: it[day], typical, typical_algorithm: itsTypical },
      };
    },
    repaint: () => [stock, shares, result].forEach((each) => each.repaint()),
    destroy: () => [stock, shares, result, scores].forEach((each) => each.destroy()),
  };
}
