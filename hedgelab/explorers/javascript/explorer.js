// What every explorer does besides drawing: its parts, brought together, and what a hand does to them.

import { Controls, valueOf } from "./controls.js";
import { DRAWINGS } from "./drawings"; // made of the files in that folder by tools/bundle_explorers.mjs
import { Player } from "./player.js";
import { Readouts } from "./readouts.js";

/** Bring an explorer's frame to life in `el`; returns what takes it down again.  This is anywidget's `render`. */
export function render({ model, el }) {
  if (!el.querySelector(".explorer")) el.innerHTML = model.get("_frame");
  const explorer = new Explorer(model, el);
  explorer.show();
  return () => explorer.destroy();
}

class Explorer {
  constructor(model, el) {
    [this.model, this.el] = [model, el];
    this.frame = el.querySelector(".explorer");
    this.controls = new Controls(el.querySelector("form"), model);
    this.player = new Player(this.controls, el.querySelector("[data-play]"));
    this.readouts = new Readouts(el);
    this.hand = { held: false, slid: false }; // whether a slider is in it; whether one was the last that moved, null after Reset
    this.waiting = 0; // for the frame in which it will be drawn
    this.soon = () => (this.waiting ||= requestAnimationFrame(() => this.show()));
    this.off = new AbortController();
    this.drawing = this.begin(el.querySelector(".explorer-stage"));
    this.watched = [...this.controls.names, ...[...el.querySelectorAll("[data-keeps]")].map((box) => box.dataset.keeps)];
    for (const name of this.watched) model.on(`change:${name}`, this.soon);
    this.listenToControls();
    this.listenToButtons();
    this.theme = this.followTheme();
  }

  /**
   * Make what draws this kind of explorer, by a function of (stage, {data, get, set, redraw}) that makes the charts and
   * returns {draw(settings, held, slid) -> {says, numbers}, repaint(), destroy()}.  `draw` returns nothing when it has
   * yet to compute what it shows; when that is done it has itself redrawn.
   */
  begin(stage) {
    this.picture = stage.firstElementChild; // stands until there is something to see in its place
    this.picture?.classList.add("explorer-still");
    return DRAWINGS[this.model.get("_kind")](stage, {
      data: this.model.get("_data"),
      get: (name) => this.model.get(name),
      set: (name, value) => {
        this.player.handOn(name); // a hand on the chart
        this.controls.set(name, value);
      },
      redraw: () => {
        cancelAnimationFrame(this.waiting);
        this.show();
      },
    });
  }

  show() {
    this.waiting = 0;
    const shown = this.drawing.draw(this.controls.show(), this.hand.held, this.hand.slid);
    const computing = !shown || Boolean(shown.computing);
    this.frame.setAttribute("aria-busy", computing);
    if (shown) {
      this.picture?.remove();
      this.readouts.tell(shown);
    }
    if (computing) this.readouts.wait();
  }

  listen(target, type, listener) {
    target.addEventListener(type, listener, { signal: this.off.signal });
  }

  listenToControls() {
    const { form } = this.controls;
    const letGo = () => {
      this.hand.held = false;
      this.soon();
    };
    let touched; // a finger that goes on to scroll the page has not meant the slider that it began on
    this.listen(form, "submit", (event) => event.preventDefault());
    this.listen(form, "input", ({ target }) => this.moved(target));
    this.listen(form, "pointerdown", ({ target }) => {
      this.player.handOn(target.name);
      touched = target.name && [target.name, this.model.get(target.name)];
    });
    this.listen(form, "pointercancel", () => {
      if (touched) this.controls.set(...touched);
      letGo();
    });
    this.listen(form, "change", letGo);
  }

  /** A hand has moved an input. */
  moved(input) {
    if (!input.name) return;
    this.player.handOn(input.name);
    this.hand.held = this.hand.slid = input.type === "range";
    this.controls.set(input.name, valueOf(input));
  }

  listenToButtons() {
    this.listen(this.el, "click", ({ target }) => {
      const button = target.closest("button");
      if (button) this.pressed(button.dataset);
    });
  }

  /** A button was pressed, whose data say what it does. */
  pressed({ draw, play, append, source, times, do: action }) {
    this.hand.slid = action === "reset" ? null : false;
    if (draw) this.controls.draw(draw);
    if (append) this.controls.append(append, source, Number(times));
    if (play) this.player.toggle();
    if (action === "reset") this.reset();
  }

  reset() {
    this.player.pause();
    this.controls.reset();
    this.soon();
  }

  /** Paint again whenever the page turns light or dark, and when its letters have come; returns what watches it. */
  followTheme() {
    const repaint = () => this.drawing.repaint();
    const theme = new MutationObserver(repaint);
    for (const themed of [document.documentElement, document.body])
      theme.observe(themed, { attributeFilter: ["data-theme", "data-jp-theme-name", "data-jp-theme-light"] });
    this.listen(matchMedia("(prefers-color-scheme: dark)"), "change", () => requestAnimationFrame(repaint));
    document.fonts?.ready.then(() => this.off.signal.aborted || repaint());
    return theme;
  }

  destroy() {
    this.player.pause();
    cancelAnimationFrame(this.waiting);
    this.readouts.end();
    this.off.abort();
    this.theme.disconnect();
    for (const name of this.watched) this.model.off(`change:${name}`, this.soon);
    this.drawing.destroy();
  }
}
