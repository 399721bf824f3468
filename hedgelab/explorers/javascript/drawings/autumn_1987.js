// What did the autumn of 1987 do to a desk that had sold options?  The record and the desk's books, day by day.

import { Chart } from "../chart.js";
import { written } from "../numbers.js";

const ROOM = 0.06; // of a chart, above and below what is drawn

/** Limits that take in all numbers of the story, so that the axes stay while the day moves. */
function around(...numbers) {
  const [low, high] = [Math.min(...numbers), Math.max(...numbers)];
  return [low - ROOM * (high - low), high + ROOM * (high - low)];
}

const ways = { 1: ["up", "makes", "buys"], "-1": ["down", "loses", "sells"] };

export default function autumn1987(stage, { data, set }) {
  const { dates, closes, traded, pnl, volatilities, marked } = data;
  const last = closes.length - 1;
  const days = closes.map((_, day) => day);
  const limits = { index: around(...closes), desk: around(0, ...pnl, ...marked.filter((mark) => mark !== null)) };
  let today = 0;

  const short = (day) => dates[day]?.replace(/^\w+ (\d+) (\w{3}).*/, "$1 $2") ?? "";
  const x = { label: "", write: short, steps: [7, 14, 21] };
  const chart = (spec) =>
    new Chart(stage, {
      x,
      onPoint: (at) => set("day", Math.min(Math.max(Math.round(at), 0), last)),
      marks: (u, line) => {
        line({ x: today, dash: "dotted" });
        if (spec.zero) line({ y: 0 });
      },
      ...spec,
    });
  const index = chart({
    title: "S&P 500 at the close",
    share: 0.44,
    y: { write: (close) => written(close, "count") },
    series: [
      { label: "", colour: "unhedged", width: 2.5 },
      { label: "", colour: "faint", width: 1 },
    ],
  });
  const desk = chart({
    title: "profit or loss of the desk",
    share: 0.56,
    zero: true,
    y: { write: (dollars) => written(dollars, "whole dollars") },
    series: [
      { label: "its options at one volatility", colour: "hedged", width: 2.5 },
      { label: "at the market’s that evening", colour: "loss", kind: "linked", width: 1.5 },
    ],
  });

  return {
    draw({ day }) {
      today = day;
      const before = Math.max(day - 1, 0);
      const past = (column) => column.map((value, at) => (at <= day ? value : null));
      index.draw([days, past(closes), closes.map((close, at) => (at >= day ? close : null))], {
        x: [0, last],
        y: limits.index,
      });
      desk.draw([days, past(pnl), past(marked).map((mark) => mark ?? undefined)], { x: [0, last], y: limits.desk });

      const numbers = {
        close: closes[day],
        change: closes[day] / closes[before] - 1,
        traded: traded[day],
        today: pnl[day] - pnl[before],
        pnl: pnl[day],
      };
      const size = (name, style) => written(Math.abs(numbers[name]), style);
      const way = (name) => ways[Math.sign(numbers[name])];
      const moved = way("change") ? `, ${way("change")[0]} ${size("change", "percent")}` : "";
      const deed = Math.abs(numbers.traded) >= 0.5 ? `The desk ${way("traded")[2]} ${size("traded", "count")} units. ` : "";
      const result =
        day === 0
          ? "It has sold 1,000 calls and 1,000 puts"
          : `With its options at ${written(data.volatility, "percent")} throughout it ${way("today")?.[1] ?? "makes"} ` +
            `${size("today", "whole dollars")} and stands at ${written(pnl[day], "whole dollars")}`;
      const mark =
        marked[day] === null ? "" : `; at that evening’s ${written(volatilities[day], "percent")}, at ${written(marked[day], "whole dollars")}`;
      return {
        says: `${dates[day]}: the S&P 500 closes at ${written(closes[day], "shares")}${moved}. ${deed}${result}${mark}.`,
        numbers,
      };
    },
    repaint: () => [index, desk].forEach((each) => each.repaint()),
    destroy: () => [index, desk].forEach((each) => each.destroy()),
  };
}
