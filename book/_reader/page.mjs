// On each page: single keys, folding of code and, for readers who have asked for it, what they have read and answered.
// The help, with which all of it can be looked up and turned off, comes when it is opened (sheet.mjs).

import { addControl, foldAll, hasCode, isFolded } from "./folding.mjs";
import { listen } from "./keys.mjs";
import { make, say } from "./making.mjs";
import { REFUSED, empty, recordOf } from "./record.mjs";

const script = document.currentScript;
const { page, chapter } = script.dataset;
const root = new URL("..", script.src);
const record = recordOf(root);
const all = (selector) => [...document.querySelectorAll(selector)];
const press = (selector) => document.querySelector(selector)?.click();

const nameOf = (link) => link.href.split(/[?#]/)[0].slice(root.href.length).replace(/\.html$/, "");
const addressOf = ({ page, place }) => new URL(`${page}.html${place ? `#${encodeURIComponent(place)}` : ""}`, root).href;

// ---------------------------------------------------------------------------------------------- where one was

const PLACES = "main :is(section, .cell, .exercise, figure, .quiz)[id]";
const contents = new Map(all(".page-toc a").map((link) => [link.hash, link.textContent.trim()]));

/** The last thing with a name that has passed the upper third of the window. */
function place() {
  const passed = all(PLACES).filter((it) => !it.closest("details:not([open])") && it.getBoundingClientRect().top < innerHeight / 3);
  const section = passed.map(({ id }) => contents.get(`#${id}`)).findLast(Boolean) ?? "";
  return { page, title: chapter, place: scrollY ? (passed.at(-1)?.id ?? "") : "", section: scrollY ? section : "", at: Date.now() };
}

/** Of a chapter that counts as read, the next page. */
function after() {
  const link = document.querySelector("a.right-next");
  const title = link?.querySelector(".prev-next-title").textContent.trim();
  return link ? { page: nameOf(link), title, place: "", section: "", at: Date.now() } : place();
}

function leave() {
  const kept = record.get();
  if (kept && !kept.read[page]) record.change((it) => (it.last = place()));
}

// ---------------------------------------------------------------------------------------------- what one answered

const quizzes = all(".quiz");
const labelOf = (input) => input.labels[0]?.textContent.trim().slice(0, 200);

/** What is answered here, besides what was answered elsewhere: in another tab, or in a file that was added. */
function noteAnswers(kept) {
  const given = {};
  for (const quiz of quizzes) {
    const { name } = quiz.querySelector("input");
    const checked = quiz.querySelector("input:checked");
    const answer = checked ? labelOf(checked) : kept.answers[page]?.given[name];
    if (answer) given[name] = answer;
  }
  if (Object.keys(given).length) kept.answers[page] = { of: quizzes.length, given };
}

/** An option whose words have changed since is not what was answered. */
function answerAgain({ answers }) {
  for (const input of all(".quiz input")) if (answers[page]?.given[input.name] === labelOf(input)) input.checked = true;
}

// ---------------------------------------------------------------------------------------------- what one sees of it

const strip = make("section", { className: "progress-strip d-print-none" });
strip.setAttribute("aria-label", "Your progress");
const act = make("button", { type: "button", className: "reader-button" });
const told = make("span");
told.setAttribute("role", "status");
const more = make("button", { type: "button", className: "reader-link", textContent: "More" });
act.addEventListener("click", () => (record.get() ? markRead() : begin()));
more.addEventListener("click", help);
strip.append(act, " ", told, " ", more);

function begin() {
  // another tab may have begun
  const kept = record.get() ?? { ...empty(), last: chapter ? place() : null, folded: isFolded() };
  noteAnswers(kept);
  if (!record.write(kept)) tell(REFUSED);
}

function markRead() {
  const well = record.change((kept) => {
    if (kept.read[page]) {
      delete kept.read[page];
      kept.last = place();
    } else {
      kept.read[page] = new Date().toISOString().slice(0, 10);
      kept.last = after();
    }
  });
  if (!well) tell(REFUSED);
  return well;
}

/** Beside the button; a screen reader hears what is new. */
function tell(text) {
  if (told.textContent !== text) told.textContent = text;
}

const questions = ({ of, given }) => `${Object.keys(given).length} of ${of} questions answered`;

function mark(link, kept) {
  link.querySelector(".read-mark")?.remove();
  if (!kept) return;
  const name = nameOf(link);
  const wide = link.closest(".chapter-list");
  const known = kept.answers[name];
  if (!kept.read[name] && !(wide && known)) return;
  const sign = make("span", { className: "read-mark" });
  if (wide) sign.textContent = [kept.read[name] && "✓ read", known && questions(known)].filter(Boolean).join(", ");
  else {
    sign.textContent = "✓";
    sign.setAttribute("role", "img");
    sign.setAttribute("aria-label", "read");
  }
  link.append(" ", sign);
}

const start = document.querySelector(".start p");
const resume = make("a");
const links = all(".bd-links a, .chapter-list dt a");

function show() {
  const kept = record.get();
  if (kept) answerAgain(kept);
  for (const link of links) mark(link, kept);
  if (start) {
    resume.remove();
    if (kept?.last) {
      const { title, section } = kept.last;
      resume.href = addressOf(kept.last);
      resume.textContent = `Resume: ${section || title}`;
      start.prepend(resume, " ");
    }
  }
  if (!chapter) return;
  if (!kept) {
    act.textContent = "Keep my place";
    tell("From then on this browser, and nobody else, remembers where you were, the chapters you have read and what you answered.");
  } else {
    const known = kept.answers[page];
    act.textContent = kept.read[page] ? "Read: take the mark away" : "Mark as read";
    tell(known ? `${questions(known)}. ` : quizzes.length ? "No question answered yet." : "");
  }
}

if (chapter) {
  document.querySelector(".prev-next-footer")?.before(strip);
  document.addEventListener("change", ({ target }) => {
    if (target.closest(".quiz") && record.get() && !record.change(noteAnswers)) tell(REFUSED);
  });
  document.addEventListener("visibilitychange", () => document.hidden && leave());
  addEventListener("pagehide", leave);
}
show();
addEventListener("book:progress", show);
addEventListener("book:begin", begin); // from the help
// another tab has changed it, now or while this page was left
const renew = () => dispatchEvent(new Event("book:progress"));
addEventListener("storage", ({ key }) => (key === record.key || key === null) && renew());
addEventListener("pageshow", ({ persisted }) => persisted && renew());

// ---------------------------------------------------------------------------------------------- code and keys

function foldOrUnfold() {
  if (!hasCode()) return say("This page has no code to fold.");
  foldAll(!isFolded());
  record.change((kept) => (kept.folded = isFolded()));
  say(isFolded() ? "Code is folded. c unfolds it." : "Code is unfolded.");
}
if (hasCode()) {
  addControl(foldOrUnfold);
  if (record.get()?.folded) foldAll(true);
}

let coming; // the help, from when it is first asked for
function help() {
  if (document.getElementById("help-sheet")) return dispatchEvent(new Event("book:help"));
  if (coming) return;
  coming = make("script", { src: new URL("reader_sheet.js", script.src).href });
  coming.addEventListener("error", () => {
    coming.remove();
    coming = undefined; // so that the next press tries again
    say("The help could not be loaded. Try again when this site can be reached.");
  });
  document.head.append(coming);
}
for (const button of all(".help-open")) button.addEventListener("click", help);

function readByKey() {
  if (!chapter) return say("Only chapters are marked as read.");
  if (!record.get()) return say("Nothing is remembered yet: Keep my place, at the end of a chapter, begins.");
  if (!markRead()) return say(REFUSED);
  say(record.get().read[page] ? "Marked as read." : "No longer marked as read.");
}

/** To another page, but not from a cell that is open: what was typed there would be lost for a slip of the hand. */
function turn(selector) {
  if (document.querySelector(".highlight.editing")) return say("A cell is being edited. Leave it with Esc, then turn the page.");
  press(selector);
}

listen({
  "?": help,
  "/": () => press(".search-open"),
  n: () => turn("a.right-next"),
  p: () => turn("a.left-prev"),
  c: foldOrUnfold,
  d: () => press(".theme-button"),
  m: readByKey,
});
