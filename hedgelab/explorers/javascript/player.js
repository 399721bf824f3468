// Play: one control goes on by itself, day by day, to its end or until a hand is on it.

const DAY = 90; // milliseconds that a day takes when it plays

export class Player {
  /**
   * @param controls of the explorer
   * @param button that starts and stops it, if there is one
   */
  constructor(controls, button) {
    [this.controls, this.button, this.timer, this.playing] = [controls, button, 0, ""];
  }

  toggle() {
    if (this.playing) this.pause();
    else this.play(this.button.dataset.play);
  }

  play(name) {
    const input = this.controls.inputs.find((each) => each.name === name);
    const [first, last, step] = [input.min, input.max, input.step].map(Number);
    if (this.controls.get(name) >= last) this.controls.set(name, first);
    this.button.textContent = "Pause";
    this.playing = name;
    this.timer = setInterval(() => {
      const next = Number((this.controls.get(name) + step).toFixed(9)); // a number of the slider, as 0.3 is and .1 + .2 is not
      this.controls.set(name, Math.min(next, last));
      if (this.controls.get(name) >= last) this.pause();
    }, DAY);
  }

  pause() {
    clearInterval(this.timer);
    if (this.playing) this.button.dispatchEvent(new Event("change", { bubbles: true })); // as when a hand lets go
    this.playing = "";
    if (this.button) this.button.textContent = "Play";
  }

  /** A hand is on the control of this name. */
  handOn(name) {
    if (this.playing && name === this.playing) this.pause();
  }
}
