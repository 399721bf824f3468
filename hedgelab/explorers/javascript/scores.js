// The months of the game that were played to their end, and those that were left: none is lost without a word.

import { written } from "./numbers.js";

const whole = (dollars) => written(dollars, "whole dollars");

/** Where a page keeps the scores while its window is open; a browser may allow no such place, and then the page has them. */
function storage() {
  try {
    return window.sessionStorage;
  } catch {
    return undefined;
  }
}

const isScore = (row) =>
  typeof row?.held === "string" && ["month", "day", "you", "algorithm", "typical", "typical_algorithm"].every((name) => Number.isFinite(row[name]));

/** Whether one state of the game comes of another by playing on. */
const continues = (now, before) => now.month === before.month && `${now.held},`.startsWith(`${before.held},`);

export class Scores {
  /** In `box`; kept in the trait `scores` in a notebook, and on a page in the window's storage. */
  constructor(box, { get, set, days }) {
    Object.assign(this, { box, get, set, days, off: new AbortController() });
    if (this.get("scores") === undefined) this.place = `hedgelab ${box.closest("[id]").id} scores`;
    box.addEventListener("click", ({ target }) => this.clicked(target.closest("button")), { signal: this.off.signal });
  }

  get rows() {
    const known = this.get("scores");
    if (known) return known.filter(isScore);
    try {
      const stored = JSON.parse(storage()?.getItem(this.place) ?? "[]");
      return Array.isArray(stored) ? stored.filter(isScore) : [];
    } catch {
      return []; // somebody else's text
    }
  }

  keep(rows) {
    this.set("scores", rows);
    if (!this.place) return;
    try {
      storage()?.setItem(this.place, JSON.stringify(rows));
    } catch {
      // full, or forbidden: the page has them as long as it stands
    }
  }

  /** Take in how the game stands: a month that is over, or one that was begun and is not what is played now. */
  see(now) {
    const before = this.last;
    this.last = now;
    const rows = this.rows;
    const left = before && before.day > 0 && before.day < this.days && !continues(now, before) ? [before] : [];
    const open = [...rows, ...left].filter((row) => row.day === this.days || !(now.day && continues(now, row)));
    const isOver = now.day === this.days && (now.month !== before?.month || now.held !== before.held);
    const isNew = isOver && !open.some((row) => row.month === now.month && row.held === now.held);
    const next = isNew ? [...open, now] : open;
    if (JSON.stringify(next) !== JSON.stringify(rows)) this.keep(next);
    this.paint(next);
  }

  paint(rows) {
    const text = JSON.stringify(rows);
    if (text === this.painted) return;
    this.painted = text;
    if (!rows.length) return this.box.replaceChildren();
    const over = rows.filter((row) => row.day === this.days);
    const times = (count) => `${count} of ${over.length}`;
    const [ahead, calmer] = [
      over.filter((row) => row.you > row.algorithm).length,
      over.filter((row) => row.typical < row.typical_algorithm).length,
    ];
    const table = document.createElement("table");
    const head = table.createTHead().insertRow();
    for (const title of ["Month", "You made", "The algorithm", "Your typical day", "Its typical day"]) {
      const cell = document.createElement("th");
      cell.scope = "col";
      cell.textContent = title;
      head.append(cell);
    }
    const body = table.createTBody();
    rows.forEach((row, place) => {
      const line = body.insertRow();
      const name = document.createElement("th");
      name.scope = "row";
      name.textContent = `${row.month}`;
      line.append(name);
      if (row.day < this.days) {
        const cell = line.insertCell();
        cell.colSpan = 4;
        cell.textContent = `left on day ${row.day} `;
        cell.append(button("Go on with it", { resume: place }));
      } else for (const value of [row.you, row.algorithm, row.typical, row.typical_algorithm]) line.insertCell().textContent = whole(value);
    });
    const caption = table.createCaption();
    caption.textContent = over.length
      ? `Your months. You ended ahead in ${times(ahead)}, and had the calmer days in ${times(calmer)}.`
      : "Your months.";
    this.box.replaceChildren(table, button("Clear the table", { clear: "" }));
  }

  clicked(pressed) {
    const { resume, clear } = pressed?.dataset ?? {};
    if (resume !== undefined) {
      const { month, held } = this.rows[resume];
      this.set("shocks", month);
      this.set("held", held);
    }
    if (clear !== undefined) {
      this.keep([]);
      this.paint([]);
    }
    if (resume !== undefined || clear !== undefined) this.box.closest(".explorer").querySelector("[data-append]").focus();
  }

  destroy() {
    this.off.abort();
  }
}

function button(text, data) {
  const made = Object.assign(document.createElement("button"), { type: "button", textContent: text });
  Object.assign(made.dataset, data);
  return made;
}
