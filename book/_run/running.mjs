// Run the code of a page in the reader's own browser.  Nothing of Python is fetched before the reader agrees to it.

import { edit } from "./editing.mjs";
import { codeOf, make, written } from "./elements.mjs";
import { note, putBack, show, write } from "./showing.mjs";

// The page (buttons.mjs): its boxes, the cells that show their code; the buttons for all of it; what a screen reader hears.
let boxes;
let all;
let reset;
let heard;
let given; // where things are, and how large

// ---------------------------------------------------------------------------------------------- the page's Python

let cells; // all cells of the page, hidden ones as well, in order
let palette; // names of the colours of figures
let worker;
let answers = new Map();
let asked = 0;
let progress = () => {};
let running; // the box whose run was asked for
let turn = Promise.resolve();
let stops = 0;
let decline; // what answers no to the question whether Python may come, while it stands

const enough = () => !(navigator.deviceMemory < 2);
const TOO_SMALL = "Python needs about 600 MB of memory, more than this device gives a page. On a larger one it runs.";

function start() {
  const { megabytes } = given;
  worker = new Worker(new URL(`worker.js?${given.version}`, given.folder), { type: "module" });
  worker.onmessage = ({ data }) => {
    if (data.fetched) progress(data.fetched < 1e6 * (megabytes - 2) ? `Starting Python, ${Math.round(data.fetched / 1e6)} of ${megabytes} MB are here` : "Starting Python");
    else if (data.failed) fail(data.failed);
    else {
      answers.get(data.number)?.(data.result);
      answers.delete(data.number);
    }
  };
  worker.onerror = (event) => fail(event.message || "its files did not come");
  progress("Starting Python");
}

// The end of a Python, by the reader's wish or its own: whatever was asked of it is answered.
function end(answer) {
  stops++;
  worker?.terminate();
  worker = undefined;
  for (const cell of cells ?? []) delete cell.ran;
  for (const tell of answers.values()) tell(answer);
  answers = new Map();
}
const fail = (why) => end({ failed: /memory|alloc/i.test(why) ? TOO_SMALL : `Python ended: ${why.split("\n")[0]}` });

const ask = (index, source, hidden) =>
  new Promise((tell) => {
    answers.set(++asked, tell);
    worker.postMessage({ number: asked, source, hidden, cell: index });
  });

async function read() {
  if (cells) return;
  const listed = await (await fetch(given.cells)).json();
  if (!given.cells.endsWith(listed.digest)) throw new Error("this page has been published anew since you opened it. Load it again.");
  palette = listed.palette;
  cells = listed.cells.map((cell) => ({ ...cell, box: document.getElementById(`cell-${cell.id}`) }));
  for (const [index, cell] of cells.entries()) {
    if (cell.box) cell.box.index = index;
    cell.editable = boxes.includes(cell.box);
    // what a hidden cell has to say is said below the last cell that shows
    cell.host = cell.box ?? cells[index - 1]?.host;
  }
}

// ---------------------------------------------------------------------------------------------- running

const seconds = (time) => (time < 950 ? `${Math.max(0.1, time / 1000).toFixed(1)} s` : `${Math.round(time / 1000)} s`);
const sourceOf = (cell) => (cell.editable ? written(cell.box) : cell.source);
const edited = (cell) => cell.editable && written(cell.box) !== cell.source.trimEnd();

// Once, and not where the files are here already: what it takes, before anything is fetched.
async function agreed(box) {
  const place = `browser-python ${given.folder.pathname}`; // of this book, where a host has several
  const known = () => {
    try {
      return localStorage.getItem(place) === "agreed";
    } catch {
      return false;
    }
  };
  if (worker || known()) return true;
  const before = document.activeElement;
  const yes = make("button", { type: "button", className: "run-button", textContent: "Start Python" });
  const no = make("button", { type: "button", className: "run-button", textContent: "Not now" });
  const says = box.says;
  const told = `This fetches Python and its packages from this site: ${given.megabytes} MB, once. What you type stays on your machine.`;
  says.replaceChildren(told, " ", yes, " ", no);
  yes.focus();
  heard.textContent = told;
  const answer = await new Promise((tell) => {
    const settle = (answer) => {
      decline = says.onkeydown = undefined;
      says.replaceChildren();
      tell(answer);
    };
    const settleHere = (answer) => {
      settle(answer);
      before?.focus();
    };
    yes.onclick = () => settleHere(true);
    no.onclick = () => settleHere(false);
    says.onkeydown = ({ key, defaultPrevented }) => {
      // nothing is returned: `false` would keep Tab and Enter from the two buttons
      if (key === "Escape" && !defaultPrevented) settleHere(false);
    };
    decline = () => settle(false);
  });
  if (answer)
    try {
      localStorage.setItem(place, "agreed");
    } catch {
      // it is asked again
    }
  return answer;
}

function say(box, text, aloud) {
  box.says.textContent = text;
  if (aloud) heard.textContent = text;
}

// A clock beside what takes long; a screen reader hears that it has begun and how it ended.
function timed(box, began) {
  let text = "";
  const tell = () => {
    const time = performance.now() - began;
    if (text) say(box, time < 1000 ? text : `${text} · ${seconds(time)}`);
  };
  const clock = setInterval(tell, 500);
  progress = (now) => {
    text = now;
    tell();
  };
  return () => {
    clearInterval(clock);
    progress = () => {};
  };
}

function allowed(now) {
  running = now;
  for (const box of boxes) {
    box.go.textContent = box === now ? "Stop" : "Run";
    box.go.setAttribute("aria-label", `${box.go.textContent} cell ${boxes.indexOf(box) + 1}`);
  }
  all.textContent = now ? "Stop" : "Run all";
  reset.disabled = Boolean(now);
}

// Run up to a box, with what follows it before the next one: the book's own checks and the numbers of the text.
async function run(target) {
  const stopped = stops;
  if (!enough()) return say(target, TOO_SMALL, true);
  if (!(await agreed(target))) return;
  allowed(target);
  const began = performance.now();
  const quiet = timed(target, began);
  try {
    await read();
    if (stopped !== stops) return say(target, "Stopped.", true);
    if (!worker) {
      heard.textContent = "Starting Python";
      start();
    }
    const at = target.index;
    let last = at;
    while (last + 1 < cells.length && !cells[last + 1].editable) last++;
    let first = cells.findIndex((cell, index) => index === at || cell.ran !== sourceOf(cell));
    const before = cells.slice(first, at).filter((cell) => cell.editable).length;
    if (worker.ran) progress("Running");
    for (const cell of cells.slice(first)) delete cell.ran;
    for (; first <= last; first++) {
      const cell = cells[first];
      const source = sourceOf(cell);
      const result = await ask(first, source, !cell.shown);
      if (result.failed || stopped !== stops) return say(target, result.failed ?? "Stopped.", true);
      if (!worker.ran) {
        worker.ran = true;
        progress("Running");
      }
      const above = cells.slice(0, first + 1);
      if (cell.box && (first === at || above.some((each) => edited(each) || each.box?.fresh))) {
        show(cell.box, result, edited(cell), palette);
        cell.box.altered = above.some(edited); // what it shows is not what is printed
      }
      if (cell.box) settled(cell.box);
      if (cell.editable && first !== at && !cell.box.waits) say(cell.box, "");
      if (!cell.shown && cell.host) note(cell.host, first, result);
      write(result.numbers);
      if (!result.ok && cell.shown) {
        if (first > at) break;
        if (first === at) return say(target, "An error: see below.", true);
        const link = make("a", { href: `#${cell.box.id}`, textContent: "a cell above" });
        target.says.replaceChildren("There is an error in ", link, ".");
        heard.textContent = target.says.textContent;
        return false;
      }
      cell.ran = source;
    }
    const time = seconds(performance.now() - began);
    say(target, before ? `Ran, with ${before === 1 ? "the cell" : `${before} cells`} above, in ${time}` : `Ran in ${time}`, true);
    const changed = cells.slice(0, last + 1).some(edited);
    for (const later of cells.slice(last + 1)) if (later.editable && (changed || later.box.altered)) outdate(later.box);
    return true;
  } catch (error) {
    say(target, `This did not work: ${error.message}`, true);
  } finally {
    quiet();
    allowed();
  }
}

function stop() {
  end({ failed: "Stopped. The next run starts Python again." });
}

const next = (act) => (turn = turn.then(act, act));

const STALE = "From before the change above.";
const outdate = (box) => {
  box.classList.add("stale");
  say(box, STALE);
};
const settled = (box) => {
  if (box.classList.contains("stale")) say(box, "");
  box.classList.remove("stale");
};

// ---------------------------------------------------------------------------------------------- what a reader asks for

function runOne(box) {
  decline?.();
  if (running === box) return stop();
  if (box.waits) return;
  const stopped = stops;
  box.waits = true;
  if (running) say(box, "Waits for the cell that runs.", true);
  next(() => {
    box.waits = false;
    if (stopped === stops) return run(box);
    say(box, ""); // what was waiting is called off with what was stopped
  });
}

function runAll() {
  decline?.();
  if (running) return stop();
  next(async () => {
    const last = boxes.at(-1);
    all.says.textContent = "";
    const lent = last.says;
    last.says = all.says; // what happens is told where the reader is
    const well = await run(last);
    last.says = lent;
    if (well) say(all, all.says.textContent.replace(/^Ran.* in/, `All ${boxes.length} cells ran in`), true);
    if (lent.textContent === STALE && !last.classList.contains("stale")) say(last, "");
    const wrong = /^(An error: see|There is an error in)/.test(all.says.textContent) && document.querySelector(".run-error")?.closest(".cell");
    if (wrong) all.says.replaceChildren("There is an error in ", make("a", { href: `#${wrong.id}`, textContent: "a cell" }), ".");
  });
}

function resetAll() {
  decline?.();
  next(() => {
    for (const box of boxes) {
      box.area?.close();
      if (box.code) codeOf(box).replaceChildren(...box.code);
      box.altered = false;
      settled(box);
      say(box, "");
    }
    putBack((cells ?? []).map(({ box }) => box).filter(Boolean));
    say(all, "The page is as it was printed.", true);
  });
}

/** What can be done with a page's cells: `run` and `edit` one of them; `runAll`, `reset`. */
export function open(page) {
  ({ boxes, all, reset, heard } = page);
  given = page;
  const classes = Object.fromEntries(page.colours.split(" ").map((each) => each.split(":")));
  const editOne = (box) => {
    decline?.();
    edit(box, `cell ${boxes.indexOf(box) + 1}`, classes, () => running === box || runOne(box)); // only a button stops
  };
  return { run: runOne, edit: editOne, runAll, reset: resetAll };
}
