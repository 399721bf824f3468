// The search as a reader has it: a list that grows under every search field, and the place that was chosen, marked.
// The page loads this when somebody opens the search or comes from it (book.js); this loads the names of the places at
// once and the index of words with the first letter.

import { Engine, nameOf } from "./engine.mjs";
import { excerpt } from "./excerpt.mjs";
import { markPlace, unmark } from "./mark.mjs";

const here = document.currentScript.src;
const root = new URL("../", here);

const loading = new Map();
/** What the file of that name hands over. */
function load(name) {
  if (!loading.has(name))
    loading.set(
      name,
      new Promise((resolve, reject) => {
        const script = document.createElement("script");
        script.src = new URL(`search/${name}.js`, here);
        script.addEventListener("load", () => resolve(self.bookSearch[name]));
        script.addEventListener("error", () => {
          loading.delete(name);
          script.remove();
          reject(new Error(`${name} could not be loaded`));
        });
        document.head.append(script);
      }),
    );
  return loading.get(name);
}

let engine;
/** The search, once its index is here. */
async function ready() {
  const [places, terms] = await Promise.all([load("places"), load("terms")]);
  return (engine ??= new Engine({ places, terms }));
}

function element(tag, className, text = "") {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

/** Where a place is, in words. */
function whereabouts(place) {
  const { kind, page } = place;
  const [first] = page.places;
  if (place === first) return page.kind === "chapter" ? "Chapter" : page.kind === "library" ? "Library" : "Page";
  const within = first.number ? `Chapter ${first.number} · ${first.title}` : first.title;
  return (
    {
      term: "Glossary",
      source: "Bibliography",
      explorer: `Explorer · ${within}`,
      function: "Library",
      member: "Library",
    }[kind] ?? within
  );
}

/** The address of a place, which says what to mark there. */
function addressOf({ id, page }, terms) {
  const address = new URL(`${page.path}.html`, root);
  if (terms.length) address.searchParams.set("find", terms.slice(0, 8).join(" "));
  address.hash = id;
  return address;
}

/** Add to an option what its place says, when that is here. */
async function quote(option, { place, terms }) {
  try {
    const texts = (await load(`text-${place.page.at}`)).split("\n");
    option.querySelector(".found-text").replaceChildren(...excerpt(texts[place.page.places.indexOf(place)], terms));
  } catch {
    // the place is found without its words
  }
}

/** A place as an option of the list. */
function option({ place, terms }, id) {
  const link = element("a", "found-option");
  link.href = addressOf(place, terms);
  link.setAttribute("role", "option");
  link.id = id;
  link.tabIndex = -1;
  link.setAttribute("aria-selected", "false");
  link.append(
    element("span", "found-name", nameOf(place)),
    element("span", "found-where", whereabouts(place)),
    element("span", "found-text"),
  );
  return link;
}

const MOST = 60;
let lists = 0;
/** Give a search field its list. */
function equip(form, { limit }) {
  const input = form.querySelector("input");
  const list = element("div", "found-list");
  const status = element("p", "found-status");
  const name = `found-${++lists}`;
  list.id = name;
  for (const [part, attributes] of [
    [list, { role: "listbox", "aria-label": "Places in the book" }],
    [status, { role: "status" }],
    [input, { role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": name }],
  ])
    for (const [attribute, value] of Object.entries(attributes)) part.setAttribute(attribute, value);
  const dialog = form.closest("dialog");
  (dialog ?? document.getElementById("search-results")).append(status, list);

  let quoting;
  let answered;
  let active;
  function choose(option) {
    active?.setAttribute("aria-selected", "false");
    active = option;
    if (!option) return input.removeAttribute("aria-activedescendant");
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", option.id);
  }

  function show(found, question) {
    const shown = found.slice(0, limit);
    list.replaceChildren(...shown.map((result, at) => option(result, `${name}-${at}`)));
    clearTimeout(quoting);
    // not for each letter of a word
    quoting = setTimeout(() => shown.forEach((result, at) => quote(list.children[at], result)), 150);
    input.setAttribute("aria-expanded", shown.length > 0);
    choose(list.firstElementChild);
    list.scrollTop = 0;
    const count = found.length === 1 ? "1 place" : `${found.length}${found.length === MOST ? " and more" : ""} places`;
    status.textContent = !question ? "" : found.length ? count : "Nothing found. Try another word, or fewer.";
    if (dialog && found.length > limit) {
      const all = element("a", "", "See more");
      all.href = new URL(`search.html?${new URLSearchParams({ q: question })}`, root);
      status.append(`, the first ${limit} here · `, all);
    }
  }

  async function answer() {
    const question = input.value;
    if (!question.trim()) return show([], "");
    if (!engine) status.textContent = "Fetching the index …";
    try {
      await ready();
    } catch {
      status.textContent = "The index could not be loaded. Type again to try again.";
      return;
    }
    // there may have been more letters meanwhile
    if (input.value !== question) return;
    answered = question;
    show(engine.ask(question, MOST), question.trim());
  }

  let asking;
  input.addEventListener("input", () => {
    clearTimeout(asking);
    asking = setTimeout(answer, 40);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    event.preventDefault();
    const down = event.key === "ArrowDown";
    choose(
      (down ? active?.nextElementSibling : active?.previousElementSibling) ??
        (down ? list.firstElementChild : list.lastElementChild),
    );
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    clearTimeout(asking);
    if (input.value !== answered) await answer();
    active?.click();
  });
  list.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (!link) return;
    const { pathname, hash, searchParams } = new URL(link.href);
    const elsewhere = event.ctrlKey || event.metaKey || event.shiftKey || event.button;
    if (elsewhere) return;
    dialog?.close();
    if (pathname !== location.pathname) return;
    // on this page: without loading it again, which would forget what the reader did on it
    event.preventDefault();
    if (hash !== location.hash) history.pushState(null, "", hash);
    markPlace(hash, searchParams.get("find"));
  });
  if (!dialog) {
    input.value ||= new URLSearchParams(location.search).get("q") ?? "";
    input.focus();
    input.addEventListener("input", () => {
      try {
        history.replaceState(null, "", `?${new URLSearchParams({ q: input.value })}`);
      } catch {
        // a page opened from a file may not change its address
      }
    });
  }
  if (input.value) answer();
}

const dialog = document.getElementById("pst-search-dialog");
for (const form of document.querySelectorAll("form.bd-search"))
  equip(form, { limit: dialog.contains(form) ? 12 : MOST });

const find = new URLSearchParams(location.search).get("find");
if (!find)
  load("places").catch(() => {}); // who types will be told
else {
  markPlace(location.hash, find);
  try {
    history.replaceState(null, "", location.pathname + location.hash); // what somebody copies from the address bar marks nothing
  } catch {
    // a page opened from a file may not change its address
  }
}
addEventListener("keydown", ({ key }) => key === "Escape" && !dialog.open && unmark());
