// Fold the code of a page away, all at once or cell by cell; what it gives stays.  On paper all of it is there (reader.css).

import { make } from "./making.mjs";

const inputs = [...document.querySelectorAll(".cell > .cell_input")];
const handles = new Map();
let control;
let folded = false;

export const isFolded = () => folded;
export const hasCode = () => inputs.length > 1;

/** Where the reader writes, is asked something or has the focus. */
const inUse = (input) => input.matches(":focus-within") || input.querySelector(".editing, .run-says button");

function fold(input, away) {
  if (!handles.has(input)) {
    if (!folded) return;
    const lines = input.querySelector("pre").textContent.trimEnd().split("\n").length;
    const handle = make("button", { type: "button", className: "code-handle d-print-none", textContent: `Code, ${lines} ${lines > 1 ? "lines" : "line"}` });
    handle.addEventListener("click", () => fold(input, !input.hidden));
    // where the browser searches a page, it also finds what is folded, and unfolds it
    input.addEventListener("beforematch", () => fold(input, false));
    input.before(handle);
    handles.set(input, handle);
  }
  input.hidden = away && "until-found";
  const handle = handles.get(input);
  handle.setAttribute("aria-expanded", String(!away));
  handle.classList.toggle("unfolded", !away);
  handle.hidden = !folded && !away;
}

/** Fold or unfold all, but not what the reader is about; what they look at stays where it is. */
export function foldAll(away) {
  const root = document.documentElement;
  const kept = [...document.querySelectorAll("main section > :not(section)")].find((part) => part.getBoundingClientRect().bottom > 90);
  const before = kept?.getBoundingClientRect().top;
  root.style.overflowAnchor = "none"; // else the browser would do the same again
  folded = away;
  const focused = document.activeElement;
  for (const input of inputs) fold(input, away && !inUse(input));
  if (focused?.matches(".code-handle[hidden]")) control?.focus({ preventScroll: true });
  if (control) control.textContent = away ? "Unfold all code" : "Fold all code";
  if (kept && scrollY) scrollBy({ top: kept.getBoundingClientRect().top - before, behavior: "instant" });
  requestAnimationFrame(() => (root.style.overflowAnchor = ""));
}

/** The page's one control, below its contents. */
export function addControl(press) {
  control = make("button", { type: "button", className: "reader-button", textContent: "Fold all code" });
  control.addEventListener("click", () => {
    control.closest("dialog")?.close(); // on a phone, where the contents cover what is folded
    press();
  });
  document.querySelector("#pst-secondary-sidebar .sidebar-secondary-items")?.append(make("div", { className: "fold-all" }, control));
}
