// The explorers as an element of a page, <hedge-explorer>: the same code, with a small stand-in for the model.

import { picks } from "./controls.js";
import { render } from "./explorer.js";
import { last, read, write } from "./share.js";

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

/** Explorers start when they come near, within a window's height of what one sees: one by one, a page answers in between. */
const near = new IntersectionObserver(
  (entries) => entries.filter((entry) => entry.isIntersecting).forEach(({ target }) => setTimeout(() => target.start())),
  { rootMargin: "100% 0px" },
);
const HANDS = ["focusin", "pointerdown", "click"]; // what shows that a reader is here already

/** Put a fragment in the address that nobody is to be led by: not after a reload, nor on the way back. */
function keep(fragment) {
  const address = fragment ? `#${fragment.replace(/^#/, "")}` : location.pathname + location.search;
  try {
    history.replaceState({ ...history.state, kept: true }, "", address);
  } catch {
    // a browser takes so many a minute, and a key that is held down asks for more
  }
}

/** Whether a link has just brought the reader, rather than a reload, the way back, or what they set themselves. */
function isNew() {
  const loading = document.readyState !== "complete";
  const [page] = performance.getEntriesByType("navigation");
  return !history.state?.kept && !(loading && page?.type !== "navigate");
}

class HedgeExplorer extends HTMLElement {
  connectedCallback() {
    if (this.model) return;
    const { kind, settings, data } = JSON.parse(this.querySelector("script").textContent);
    this.defaults = settings;
    this.model = new Model({ ...settings, _kind: kind, _data: data });
    this.off = new AbortController();
    const { signal } = this.off;
    for (const hand of HANDS) this.addEventListener(hand, () => this.start(), { signal, capture: true });
    addEventListener("hashchange", () => this.follow(), { signal });
    near.observe(this);
    this.follow();
  }

  disconnectedCallback() {
    near.unobserve(this);
    this.off.abort();
    this.down?.();
    this.model = this.down = undefined;
  }

  /** Come alive, in place of the picture. */
  start() {
    if (this.down || !this.model) return; // alive already, or gone from the page
    near.unobserve(this);
    this.down = render({ model: this.model, el: this });
    const { signal } = this.off;
    this.addEventListener("change", () => keep(this.fragment()), { signal });
    this.addEventListener("click", ({ target }) => this.clicked(target.closest("button")), { signal });
  }

  /** Take settings from the address, as far as the controls allow them; a link that brought the reader leads here. */
  follow() {
    const texts = read(location.hash, this.id);
    if (!texts) return;
    this.start();
    for (const [name, usual] of Object.entries(this.defaults))
      this.model.set(name, allowed(this.querySelector(`form [name="${name}"]`), texts[name]) ?? usual);
    if (last(location.hash) === this.id && isNew()) requestAnimationFrame(() => this.arrive());
  }

  /** Show a reader who followed a link what it is about; once, for this place in the history is theirs from now on. */
  arrive() {
    this.scrollIntoView({ block: "start", behavior: "instant" });
    keep(location.hash);
  }

  /** The settings that differ from those the page came with, for an address. */
  fragment(always = false) {
    const own = Object.keys(this.defaults).filter((name) => this.model.get(name) !== this.defaults[name]);
    return write(location.hash, this.id, Object.fromEntries(own.map((name) => [name, this.model.get(name)])), always);
  }

  async clicked(button) {
    if (!button) return;
    const shared = button.dataset.do === "share";
    const fragment = this.fragment(shared);
    keep(fragment);
    if (!shared) return;
    try {
      await navigator.clipboard.writeText(new URL(`#${fragment}`, location).href);
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
