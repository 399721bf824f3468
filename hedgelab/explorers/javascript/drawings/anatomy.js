// What is an option's value made of?  Value, tangent and decay above; a Greek of the reader's choice below.

import { greeks, payoff, price } from "../black_scholes.js";
import { Chart, Steady } from "../chart.js";
import { grid, written } from "../numbers.js";

const SPOTS = [50, 150];
const CURVE = 201;

/** What the lower chart calls each Greek. */
const NAMES = {
  delta: "delta: shares that offset one option",
  gamma: "gamma: change of delta per dollar",
  vega: "vega: dollars per unit of volatility",
  theta: "theta: dollars per year",
  rho: "rho: dollars per unit of the rate",
  vanna: "vanna: change of delta per unit of volatility",
  volga: "volga: change of vega per unit of volatility",
  charm: "charm: change of delta per year",
  speed: "speed: change of gamma per dollar",
  zomma: "zomma: change of gamma per unit of volatility",
  color: "color: change of gamma per year",
};

export default function anatomy(stage) {
  const x = { label: "stock price", write: (spot) => written(spot, "whole dollars") };
  const marks = (u, line) => line({ x: spotNow, dash: "dotted" });
  let spotNow = 100;
  const value = new Chart(stage, {
    title: "value of the option",
    share: 0.56,
    x: { ...x, label: "" },
    y: { write: x.write },
    marks,
    series: [
      { label: "today", colour: "hedged", width: 2.5 },
      { label: "half the time gone", colour: "unhedged", width: 1.5 },
      { label: "at expiry", colour: "ink", width: 1.5, dash: "dotted" },
      { label: "delta's straight line", colour: "theory", width: 1.5, dash: "dashed" },
      { label: "", colour: "hedged", kind: "points" },
    ],
  });
  const greek = new Chart(stage, {
    title: "",
    share: 0.44,
    x,
    y: { write: (number) => written(number, "number") },
    marks: (u, line) => {
      marks(u, line);
      line({ y: 0 });
    },
    series: [
      { label: "", colour: "theory", width: 2.5 },
      { label: "", colour: "theory", kind: "points" },
    ],
  });
  const [values, heights] = [new Steady(), {}];

  return {
    draw({ kind, spot, strike, volatility, months, rate, greek: name }, _, slid) {
      spotNow = spot;
      const expiry = months / 12;
      const all = (at) => greeks(kind, at, strike, expiry, volatility, rate);
      const here = all(spot);
      const spots = [...new Set([...grid(...SPOTS, CURVE), spot])].sort((a, b) => a - b);
      const only = (number) => spots.map((at) => (at === spot ? number : null));

      const today = spots.map((at) => price(kind, at, strike, expiry, volatility, rate));
      const top = Math.max(...today);
      value.draw(
        [
          spots,
          today,
          spots.map((at) => price(kind, at, strike, expiry / 2, volatility, rate)),
          spots.map((at) => payoff(kind, at, strike)),
          spots.map((at) => here.price + here.delta * (at - spot)),
          only(here.price),
        ],
        { x: SPOTS, y: values.around(-0.12 * top, top, slid) },
      );
      const curve = spots.map((at) => all(at)[name]);
      heights[name] ??= new Steady();
      greek.title(NAMES[name]);
      greek.draw([spots, curve, only(here[name])], {
        x: SPOTS,
        y: heights[name].around(Math.min(0, ...curve), Math.max(0, ...curve), slid),
      });

      const [theta, vega] = [here.theta / 365, here.vega / 100];
      return {
        says:
          `With the stock at ${written(spot, "dollars")} the ${kind} is worth ${written(here.price, "dollars")}. ` +
          `If the stock gains a dollar it ${here.delta < 0 ? "loses" : "gains"} about ${written(Math.abs(here.delta), "dollars")}, ` +
          `and its delta rises by ${written(here.gamma, "number")}. ` +
          `A day of waiting ${theta < 0 ? "costs" : "brings"} ${written(Math.abs(100 * theta), "number")} cents, ` +
          `a point of volatility adds ${written(100 * vega, "number")} cents.`,
        numbers: { price: here.price, delta: here.delta, gamma: here.gamma, theta, vega, greek: here[name] },
      };
    },
    repaint: () => [value, greek].forEach((chart) => chart.repaint()),
    destroy: () => [value, greek].forEach((chart) => chart.destroy()),
  };
}
