// The explorers as an element of a page, <hedge-explorer>: the same code, with a small stand-in for the model.

import { picks, render } from "./explorer.js";
import { read, write } from "./share.js";

class Model extends EventTarget {
  constructor(state) {
    super();
    this.state = state;
  }
  get(name) {
    return this.state[name];
  }
  set(name, value) {
    if (this.state[name] === value) return;
    this.state[name] = value;
    this.dispatchEvent(new Event(`change:${name}`));
  }
  save_changes() {}
  on(name, listener) {
    this.addEventListener(name, listener);
  }
  off(name, listener) {
    this.removeEventListener(name, listener);
  }
}

class HedgeExplorer extends HTMLElement {
  connectedCallback() {
    if (this.down) return;
    const { kind, settings, data } = JSON.parse(this.querySelector("script").textContent);
    this.defaults = settings;
    this.model = new Model({ ...settings, _kind: kind, _data: data });
    this.down = render({ model: this.model, el: this });
    this.follow();
    this.addEventListener("change", () => this.address());
    this.addEventListener("click", ({ target }) => this.clicked(target.closest("button")));
    this.listener = () => this.follow();
    addEventListener("hashchange", this.listener);
  }

  disconnectedCallback() {
    removeEventListener("hashchange", this.listener);
    this.down?.();
    this.down = undefined;
  }

  /** Take settings from the address, as far as the controls allow them. */
  follow() {
    const texts = read(location.hash, this.id);
    if (!texts) return;
    for (const [name, usual] of Object.entries(this.defaults))
      this.model.set(name, allowed(this.querySelector(`form [name="${name}"]`), texts[name]) ?? usual);
    requestAnimationFrame(() => this.scrollIntoView({ block: "start" }));
  }

  /** The settings that differ from those the page came with, into the address. */
  address() {
    const own = Object.keys(this.defaults).filter((name) => this.model.get(name) !== this.defaults[name]);
    const fragment = write(location.hash, this.id, Object.fromEntries(own.map((name) => [name, this.model.get(name)])));
    history.replaceState(history.state, "", fragment ? `#${fragment}` : location.pathname + location.search);
  }

  async clicked(button) {
    if (!button) return;
    this.address();
    if (button.dataset.do !== "share") return;
    if (!location.hash.includes(`${this.id}:`)) history.replaceState(history.state, "", `#${this.id}`);
    try {
      await navigator.clipboard.writeText(location.href);
      button.textContent = "Copied";
    } catch {
      button.textContent = "It is in the address bar";
    }
    setTimeout(() => (button.textContent = "Copy link"), 1500);
  }
}

/** A text from the address as the value of a control, or nothing if the control would not take it. */
function allowed(input, text) {
  if (!input || text === undefined) return undefined;
  if (input.type === "checkbox") return { true: true, false: false }[text];
  if (input.tagName === "SELECT") return [...input.options].some(({ value }) => value === text) ? text : undefined;
  if (input.dataset.pattern) return new RegExp(`^(?:${input.dataset.pattern})$`).test(text) ? text : undefined;
  const number = text.trim() === "" ? NaN : Number(text);
  if (input.type === "hidden") return Number.isInteger(number) && number >= 0 && number < 2 ** 31 ? number : undefined;
  if (picks(input)) return picks(input).includes(number) ? number : undefined;
  const taken = Object.assign(input.cloneNode(), { value: text }).value; // what the slider makes of it
  return Number(taken) === number ? number : undefined;
}

customElements.define("hedge-explorer", HedgeExplorer);
