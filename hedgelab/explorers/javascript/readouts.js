// The sentence and the numbers under a figure.

import { written } from "./numbers.js";

const PATIENCE = 150; // milliseconds that numbers may stand for settings of before, without a word

export class Readouts {
  constructor(el) {
    [this.sentence, this.numbers] = [el.querySelector(".explorer-says"), el.querySelectorAll("[data-number]")];
    [this.told, this.impatience] = [false, 0];
  }

  tell({ says, numbers }) {
    this.end();
    this.told = true;
    this.sentence.textContent = says;
    for (const place of this.numbers) {
      const value = numbers[place.dataset.number];
      place.textContent = written(value, place.dataset.style);
      place.dataset.value = value;
    }
  }

  /** What belongs to the settings is being computed; what the page came with may stand until it is there. */
  wait() {
    if (this.told) this.impatience ||= setTimeout(() => this.excuse(), PATIENCE);
  }

  /** No number may stand for long beside settings that are not its own. */
  excuse() {
    this.sentence.textContent = "Being computed …";
    for (const place of this.numbers) {
      place.textContent = "…";
      delete place.dataset.value;
    }
  }

  end() {
    clearTimeout(this.impatience);
    this.impatience = 0;
  }
}
