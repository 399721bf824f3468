// The help: the keys, and a reader's progress with all that can be done with it.  It comes when it is first opened.

import { allowSingleKeys, singleKeys } from "./keys.mjs";
import { make } from "./making.mjs";
import { REFUSED, cleaned, empty, merged, recordOf, sums } from "./record.mjs";

const KEYS = [
  ["?", "This help"],
  ["/", "Search"],
  ["n", "Next page"],
  ["p", "Previous page"],
  ["c", "Fold or unfold the code"],
  ["d", "Dark or light"],
  ["m", "Mark a chapter as read"],
];
const OTHERS = [
  ["Ctrl K", "Search"],
  ["Esc", "Close, or leave a cell"],
  ["Shift Enter", "Run the cell that is edited"],
];
const TOO_LARGE = 200_000;

const record = recordOf(new URL("..", document.currentScript.src));
const button = (textContent, act) => {
  const made = make("button", { type: "button", className: "reader-button", textContent });
  made.addEventListener("click", act);
  return made;
};
const listed = (keys) =>
  keys.flatMap(([key, does]) => [
    make("dt", {}, ...key.split(" ").flatMap((each, at) => [...(at ? ["+"] : []), make("kbd", { textContent: each })])),
    make("dd", { textContent: does }),
  ]);

// ---------------------------------------------------------------------------------------------- keys

const single = make("input", { type: "checkbox", id: "single-keys" });
single.addEventListener("change", () => allowSingleKeys(single.checked));
const keys = [
  make("h3", { textContent: "Keys" }),
  make("dl", { className: "key-list" }, ...listed(KEYS)),
  make("label", { className: "key-switch" }, single, " Single keys work. Turn them off if you dictate, or press them by accident."),
  make("dl", { className: "key-list wide" }, ...listed(OTHERS)),
];

// ---------------------------------------------------------------------------------------------- progress

const says = make("p", { className: "sheet-says" });
says.setAttribute("role", "status");
const plural = (number, name) => `${number} ${name}${number === 1 ? "" : "s"}`;

/** By the page, which knows where the reader is (page.mjs). */
function begin() {
  dispatchEvent(new Event("book:begin"));
  says.textContent = record.get() ? "From now on this browser remembers." : REFUSED;
}

function save() {
  const file = new Blob([JSON.stringify(record.get(), null, 1)], { type: "application/json" });
  const link = make("a", { href: URL.createObjectURL(file), download: "book-progress.json" });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  says.textContent = "Saved as book-progress.json, where your browser puts downloads.";
}

const chosen = make("input", { type: "file", accept: ".json,application/json", hidden: true });
chosen.addEventListener("change", async () => {
  const [file] = chosen.files;
  chosen.value = "";
  if (!file) return;
  let found = null;
  try {
    if (file.size <= TOO_LARGE) found = cleaned(JSON.parse(await file.text()));
  } catch {
    // no JSON at all
  }
  if (!found) return (says.textContent = `${file.name} is not a file of progress: choose one that Save as a file has written.`);
  if (!record.write(merged(record.get() ?? empty(), found))) return (says.textContent = REFUSED);
  const { chapters, questions } = sums(found);
  says.textContent = `Added ${file.name}: ${plural(chapters, "chapter")} read, ${plural(questions, "question")} answered.`;
});

let sure = false;
function erase({ target }) {
  if (!sure) {
    sure = true;
    target.textContent = "Erase for good";
    says.textContent = "This cannot be undone. Press again to erase.";
    return;
  }
  record.erase();
  says.textContent = "Erased. Nothing is remembered any more.";
}

function progress() {
  const kept = record.get();
  const add = button("Add from a file", () => chosen.click());
  if (!kept)
    return [
      make("p", { textContent: "Nothing is remembered. If you wish, this browser keeps, on this device only, where you were, the chapters you have read, what you answered and whether code is folded." }),
      make("div", { className: "sheet-buttons" }, button("Keep my place", begin), add),
    ];
  const { chapters, questions } = sums(kept);
  const { title, section } = kept.last ?? {};
  const last = title ? ` Last at ${title}${section && `, ${section}`}.` : "";
  return [
    make("p", { textContent: `On this device only: ${plural(chapters, "chapter")} read, ${plural(questions, "question")} answered.${last}` }),
    make("div", { className: "sheet-buttons" }, button("Save as a file", save), add, button("Erase", erase)),
  ];
}

const panel = make("div");
function draw() {
  const focused = panel.contains(document.activeElement);
  sure = false;
  panel.replaceChildren(...progress());
  if (focused) panel.querySelector("button").focus();
}

// ---------------------------------------------------------------------------------------------- the sheet

const title = make("h2", { id: "help-title", textContent: "Keys and progress" });
const close = button("Close", () => sheet.close());
const sheet = make("dialog", { id: "help-sheet" });
sheet.setAttribute("aria-labelledby", title.id);
const parts = [keys, [make("h3", { textContent: "Your progress" }), panel, chosen, says]];
if (matchMedia("(pointer: coarse)").matches) parts.reverse(); // a phone has no keys
sheet.append(make("div", { className: "sheet-head" }, title, close), ...parts.flat());
// beside it, not on its own margin
sheet.addEventListener("click", ({ target, clientX, clientY }) => {
  const { left, right, top, bottom } = sheet.getBoundingClientRect();
  if (target === sheet && (clientX < left || clientX > right || clientY < top || clientY > bottom)) sheet.close();
});
document.body.append(sheet);

function open() {
  single.checked = singleKeys();
  says.textContent = "";
  draw();
  if (!sheet.open) sheet.showModal();
}
addEventListener("book:help", open);
addEventListener("book:progress", draw);
open();
