// The controls of an explorer: what they show is what its model says, and what a hand does to them is told to it.

import { written } from "./numbers.js";

/** The numbers that a slider picks from, if it is not one over a range. */
export const picks = (input) => input.dataset.values?.split(" ").map(Number);

/** What an input is set to, as its control in Python has it. */
export function valueOf(input) {
  if (input.type === "checkbox") return input.checked;
  if (input.tagName === "SELECT") return input.value;
  return picks(input)?.[input.value] ?? Number(input.value);
}

function put(input, value) {
  if (input.type === "checkbox") input.checked = value;
  else {
    const text = String(picks(input)?.indexOf(value) ?? value);
    if (input.value !== text) input.value = text;
  }
}

/** The moves of a game so far. */
const movesOf = (held) => held.split(",").filter(Boolean);

export class Controls {
  constructor(form, model) {
    [this.form, this.model] = [form, model];
    this.inputs = [...form.elements].filter((input) => input.name);
    this.names = this.inputs.map(({ name }) => name);
    this.initial = model.get("_came") ?? this.settings; // in a notebook a view may be made when much has been moved
    this.more = form.querySelector(".explorer-more");
  }

  get settings() {
    return Object.fromEntries(this.names.map((name) => [name, this.model.get(name)]));
  }

  get(name) {
    return this.model.get(name);
  }

  set(name, value) {
    if (this.model.get(name) === value) return;
    this.model.set(name, value);
    this.model.save_changes();
  }

  reset() {
    for (const [name, value] of Object.entries(this.initial)) this.set(name, value);
  }

  /** Draw other shocks, and deal anew what was played with these. */
  draw(shocks) {
    this.set(shocks, this.get(shocks) + 1);
    for (const { name } of this.inputs.filter((input) => input.dataset.deal === shocks)) this.set(name, "");
  }

  /** Add the number that `source` shows to the moves of a game, as often as there is room for it. */
  append(name, source, times) {
    const moves = [...movesOf(this.get(name)), ...Array(times).fill(this.get(source))];
    this.set(name, moves.slice(0, Number(this.form.elements[name].dataset.most)).join(","));
  }

  /** Show the model's settings, which are returned. */
  show() {
    const settings = this.settings;
    for (const input of this.inputs) {
      const value = settings[input.name];
      put(input, value);
      this.enable(input, settings);
      this.reveal(input, value);
      if (input.type === "range") this.write(input, value);
    }
    return settings;
  }

  /** A control may depend on what a menu says, and a move on whether there is room for it. */
  enable(input, settings) {
    const [menu, choice] = input.dataset.when?.split("=") ?? [];
    input.disabled = menu !== undefined && settings[menu] !== choice;
    for (const button of this.form.querySelectorAll(`[data-append="${input.name}"]`))
      // not `disabled`, which would take the focus away from whoever has just made the last move
      button.setAttribute("aria-disabled", movesOf(settings[input.name]).length >= Number(input.dataset.most));
  }

  /** Nothing that was set, by a link or from Python, stays behind the word "More". */
  reveal(input, value) {
    if (this.more?.contains(input) && value !== this.initial[input.name]) this.more.open = true;
  }

  /** The number beside a slider, also for those who hear it. */
  write(input, value) {
    const text = written(value, input.dataset.style);
    this.form.querySelector(`output[for="${input.id}"]`).textContent = text;
    input.setAttribute("aria-valuetext", text);
  }
}
