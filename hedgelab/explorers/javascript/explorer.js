// What every explorer does besides drawing: controls and model in step, play, reset, and numbers in words.

import { anatomy } from "./anatomy.js";
import { autumn1987 } from "./autumn_1987.js";
import { gammaTheta } from "./gamma_theta.js";
import { howOften } from "./how_often.js";
import { written } from "./numbers.js";
import { onePath } from "./one_path.js";
import { priceOfCertainty } from "./price_of_certainty.js";
import { youHedge } from "./you_hedge.js";

/**
 * By the name of the Python class: a function of (stage, {data, get, set, redraw}) that makes the charts and returns
 * {draw(settings, held, slid) -> {says, numbers}, repaint(), destroy()}: a slider is `held`, or it was the last thing
 * that moved (null after Reset).  `draw` returns nothing when it has yet to compute what it shows; when that is done it has itself redrawn.
 */
const EXPLORERS = {
  anatomy,
  "autumn-1987": autumn1987,
  "one-path": onePath,
  "how-often": howOften,
  "gamma-theta": gammaTheta,
  "price-of-certainty": priceOfCertainty,
  "you-hedge": youHedge,
};

const DAY = 90; // milliseconds that a day takes when it plays
const PATIENCE = 150; // milliseconds that numbers may stand for settings of before, without a word

/** The numbers that a slider picks from, if it is not one over a range. */
export const picks = (input) => input.dataset.values?.split(" ").map(Number);

const valueOf = (input) => {
  if (input.type === "checkbox") return input.checked;
  if (input.tagName === "SELECT") return input.value;
  return picks(input)?.[input.value] ?? Number(input.value);
};

function put(input, value) {
  if (input.type === "checkbox") input.checked = value;
  else {
    const text = String(picks(input)?.indexOf(value) ?? value);
    if (input.value !== text) input.value = text;
  }
}

/** The moves of a game so far. */
const movesOf = (held) => held.split(",").filter(Boolean);

/** Bring an explorer's frame to life in `el`; returns what takes it down again.  This is anywidget's `render`. */
export function render({ model, el }) {
  if (!el.querySelector(".explorer")) el.innerHTML = model.get("_frame");
  const find = (selector) => el.querySelector(selector);
  const stage = find(".explorer-stage");
  const form = find("form");
  const inputs = [...form.elements].filter((input) => input.name);
  const initial = Object.fromEntries(inputs.map((input) => [input.name, model.get(input.name)]));
  const off = new AbortController();
  const more = find(".explorer-more");
  const kept = [...el.querySelectorAll("[data-keeps]")].map((box) => box.dataset.keeps);
  let [held, slid, waiting, playing, played, drawn, impatience] = [false, false, 0, 0, "", false, 0];

  const picture = stage.firstElementChild; // stands until there is something to see in its place
  picture?.classList.add("explorer-still");
  const set = (name, value) => {
    if (model.get(name) === value) return;
    model.set(name, value);
    model.save_changes();
  };
  const explorer = EXPLORERS[model.get("_kind")](stage, {
    data: model.get("_data"),
    get: (name) => model.get(name),
    set: (name, value) => {
      if (name === played) pause(); // a hand on the chart
      set(name, value);
    },
    redraw: () => {
      cancelAnimationFrame(waiting);
      show();
    },
  });

  function show() {
    waiting = 0;
    const settings = Object.fromEntries(inputs.map((input) => [input.name, model.get(input.name)]));
    for (const input of inputs) {
      const value = settings[input.name];
      put(input, value);
      const [menu, choice] = input.dataset.when?.split("=") ?? [];
      input.disabled = menu !== undefined && settings[menu] !== choice;
      for (const button of form.querySelectorAll(`[data-append="${input.name}"]`))
        // not `disabled`, which would take the focus away from whoever has just made the last move
        button.setAttribute("aria-disabled", movesOf(value).length >= Number(input.dataset.most));
      if (more?.contains(input) && value !== initial[input.name]) more.open = true; // by a link, or from Python
      if (input.type === "range") {
        const text = written(value, input.dataset.style);
        form.querySelector(`output[for="${input.id}"]`).textContent = text;
        input.setAttribute("aria-valuetext", text);
      }
    }
    const shown = explorer.draw(settings, held, slid);
    const computing = !shown || Boolean(shown.computing);
    find(".explorer").setAttribute("aria-busy", computing);
    if (shown) tell(shown);
    if (computing && drawn) impatience ||= setTimeout(excuse, PATIENCE);
  }
  const soon = () => (waiting ||= requestAnimationFrame(show));

  function tell({ says, numbers }) {
    clearTimeout(impatience);
    impatience = 0;
    if (!drawn) picture?.remove();
    drawn = true;
    find(".explorer-says").textContent = says;
    for (const place of el.querySelectorAll("[data-number]")) {
      const value = numbers[place.dataset.number];
      place.textContent = written(value, place.dataset.style);
      place.dataset.value = value;
    }
  }
  /** No number may stand for long beside settings that are not its own. */
  function excuse() {
    find(".explorer-says").textContent = "Being computed …";
    for (const place of el.querySelectorAll("[data-number]")) {
      place.textContent = "…";
      delete place.dataset.value;
    }
  }

  const pause = () => {
    clearInterval(playing);
    [playing, played] = [0, ""];
    const button = find("[data-play]");
    if (button) button.textContent = "Play";
  };
  function play(button) {
    if (playing) return pause();
    const input = inputs.find((each) => each.name === button.dataset.play);
    const [first, last, step] = [input.min, input.max, input.step].map(Number);
    if (model.get(input.name) >= last) set(input.name, first);
    button.textContent = "Pause";
    played = input.name;
    playing = setInterval(() => {
      set(input.name, Math.min(model.get(input.name) + step, last));
      if (model.get(input.name) >= last) pause();
    }, DAY);
  }

  const listen = (target, type, listener) => target.addEventListener(type, listener, { signal: off.signal });
  listen(form, "submit", (event) => event.preventDefault());
  listen(form, "input", ({ target }) => {
    if (!target.name) return;
    if (target.name === played) pause();
    held = slid = target.type === "range";
    set(target.name, valueOf(target));
  });
  let touched; // a finger that goes on to scroll the page has not meant the slider that it began on
  listen(form, "pointerdown", ({ target }) => {
    if (target.name && target.name === played) pause();
    touched = [target.name, target.name && model.get(target.name)];
  });
  listen(form, "pointercancel", () => {
    if (touched[0]) set(...touched);
    held = false;
    soon();
  });
  listen(form, "change", () => {
    held = false;
    soon();
  });
  listen(el, "click", ({ target }) => {
    if (!target.closest("button")) return;
    slid = target.closest('[data-do="reset"]') ? null : false;
    const { draw, play: played, append, source, times, do: action } = target.closest("button")?.dataset ?? {};
    if (draw) {
      set(draw, model.get(draw) + 1);
      for (const { name } of inputs.filter((input) => input.dataset.deal === draw)) set(name, "");
    }
    if (append) {
      const [moves, { most }] = [movesOf(model.get(append)), form.elements[append].dataset];
      set(append, [...moves, ...Array(Number(times)).fill(model.get(source))].slice(0, Number(most)).join(","));
    }
    if (played) play(target.closest("button"));
    if (action === "reset") {
      pause();
      for (const [name, value] of Object.entries(initial)) set(name, value);
      soon();
    }
  });
  const watched = [...inputs.map(({ name }) => name), ...kept];
  for (const name of watched) model.on(`change:${name}`, soon);

  const repaint = new MutationObserver(() => explorer.repaint());
  for (const themed of [document.documentElement, document.body])
    repaint.observe(themed, { attributeFilter: ["data-theme", "data-jp-theme-name", "data-jp-theme-light"] });
  const shade = matchMedia("(prefers-color-scheme: dark)");
  listen(shade, "change", () => requestAnimationFrame(() => explorer.repaint()));
  document.fonts?.ready.then(() => off.signal.aborted || explorer.repaint());

  show();
  return () => {
    pause();
    cancelAnimationFrame(waiting);
    clearTimeout(impatience);
    off.abort();
    repaint.disconnect();
    for (const name of watched) model.off(`change:${name}`, soon);
    explorer.destroy();
  };
}
