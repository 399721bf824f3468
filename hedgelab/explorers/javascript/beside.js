// Long computations beside the page: in a worker, or where none may start in slices, between which the page answers.

import { TASKS } from "./tasks.js";

const SLICE = 8; // milliseconds of computing between two looks at what else the page has to do

/** The code of worker.js, put here by tools/bundle_explorers.mjs: as a blob it starts from a file and in a notebook too. */
const code = typeof WORKER_CODE === "undefined" ? "" : WORKER_CODE;
let address;

/** A worker, or nothing where there are none. */
function started() {
  try {
    address ??= code && URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
    return address ? new Worker(address) : undefined;
  } catch {
    return undefined;
  }
}

/** The answer to the last of many requests, whenever it comes. */
export class Beside {
  /**
   * @param name of one of the tasks
   * @param told is called when an answer has come
   */
  constructor(name, told) {
    [this.name, this.told, this.worker] = [name, told, started()];
    if (!this.worker) return;
    this.worker.onmessage = ({ data }) => this.answered(data);
    this.worker.onerror = (event) => {
      event.preventDefault(); // so does a page that refuses workers say so: go on without
      this.worker = undefined;
      if (this.asked) this.compute();
    };
  }

  /**
   * What is known of a request: {request, answer}, or nothing, and then it is asked.  While a hand `moves` a control,
   * the answer that came last stands in, so that the figure follows the hand.
   */
  about(request, moves) {
    const text = JSON.stringify(request);
    if (this.wanted?.text !== text) this.wanted = { text, request };
    if (this.known?.text === text) return this.known;
    if (!this.asked) this.ask();
    return moves ? this.known : undefined;
  }

  /** Whether what was asked last is not known yet. */
  get waits() {
    return this.wanted?.text !== this.known?.text;
  }

  ask() {
    this.asked = this.wanted;
    if (this.worker) this.worker.postMessage({ name: this.name, request: this.asked.request });
    else this.compute();
  }

  /** Compute here, a slice at a time. */
  compute() {
    const task = TASKS[this.name](this.asked.request);
    const slice = () => {
      if (this.ended) return;
      const until = performance.now() + SLICE;
      let step;
      do step = task.next();
      while (!step.done && performance.now() < until);
      if (step.done) this.answered(step.value);
      else setTimeout(slice);
    };
    setTimeout(slice);
  }

  answered(answer) {
    this.known = { ...this.asked, answer };
    this.asked = undefined;
    if (this.wanted.text !== this.known.text) this.ask();
    this.told();
  }

  end() {
    this.ended = true;
    this.worker?.terminate();
  }
}
