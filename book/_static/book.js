// What a page of the book needs beyond HTML and CSS.  Everything here is a convenience: without it the page reads the same.

const root = document.documentElement;
const all = (selector) => document.querySelectorAll(selector);

// Colours: automatic (the system's), light or dark, remembered.
const dark = matchMedia("(prefers-color-scheme: dark)");
const modes = { auto: "automatic", light: "light", dark: "dark" };
const known = (mode) => (Object.hasOwn(modes, mode) ? mode : "auto");
function paint(mode) {
  root.dataset.mode = mode;
  root.dataset.theme = mode === "auto" ? (dark.matches ? "dark" : "light") : mode;
  for (const button of all(".theme-button")) {
    button.title = `Colours: ${modes[mode]}`;
    button.setAttribute("aria-label", button.title);
  }
}
paint(root.dataset.mode);
dark.addEventListener("change", () => paint(root.dataset.mode));
// another tab has chosen, now or while this page was left
addEventListener("storage", ({ key, newValue }) => (key === "mode" || key === null) && paint(known(newValue)));
addEventListener("pageshow", ({ persisted }) => {
  if (!persisted) return;
  try {
    paint(known(localStorage.getItem("mode")));
  } catch {
    // nothing is remembered, so nothing has changed
  }
});

// Of a long page the browser lays out what is in sight (book.css), and the rest, piece by piece whenever it has nothing
// else to do, from when the reader begins to move: from then on each place is where it will stay.
let pieces;
const show = (piece) => (piece.style.contentVisibility = "visible");
const soon = globalThis.requestIdleCallback ?? ((work) => setTimeout(work, 16));
function begin() {
  if (pieces) return;
  pieces = [...all("main section > *")].reverse();
  // what the reader has jumped over, at once: a browser that has kept their place ten times will not do so again
  for (const passed of pieces.filter((piece) => piece.getBoundingClientRect().bottom < 0)) show(passed);
  soon(() => layOut(400));
}
function layOut(elements) {
  while (pieces.length && elements > 0) {
    const piece = pieces.pop();
    show(piece);
    elements -= 1 + piece.getElementsByTagName("*").length;
  }
  if (pieces.length) soon(() => layOut(400));
  else if ("layout" in root.dataset) {
    delete root.dataset.layout;
    for (const piece of all("main section > *")) piece.style.contentVisibility = "";
  }
}
function layOutAll() {
  if (!("layout" in root.dataset)) return;
  begin();
  layOut(Infinity);
}
if ("layout" in root.dataset) {
  for (const move of ["scroll", "keydown", "pointerdown"]) addEventListener(move, begin, { once: true, passive: true });
  addEventListener("click", (event) => event.target.closest('a:is([href^="#"], [role=option])') && layOutAll(), { capture: true });
  addEventListener("beforeprint", layOutAll);
}

// On paper the page is light, and what is folded away is open: not every browser can unfold it by style alone.
let folded = [];
addEventListener("beforeprint", () => {
  root.dataset.theme = "light";
  folded = [...all("details:not([open])")];
  for (const box of folded) box.open = true;
});
addEventListener("afterprint", () => {
  paint(root.dataset.mode);
  for (const box of folded) box.open = false;
});

for (const button of all(".theme-button"))
  button.addEventListener("click", () => {
    // the first click always changes what one sees
    const order = dark.matches ? ["auto", "light", "dark"] : ["auto", "dark", "light"];
    const mode = order[(order.indexOf(root.dataset.mode) + 1) % 3];
    try {
      localStorage.setItem("mode", mode);
    } catch {
      // a page opened from a file may not be allowed to remember
    }
    paint(mode);
  });

// Search: a field in a dialog.  What finds comes when it is opened, on the search page, and with its results.
const search = document.getElementById("pst-search-dialog");
const finder = document.createElement("script");
finder.src = new URL("search.js", document.currentScript.src);
const fetchFinder = () => finder.isConnected || document.head.append(finder);
if (document.body.matches(".page-search") || new URLSearchParams(location.search).has("find")) fetchFinder();
function openSearch() {
  fetchFinder();
  search.open || (search.showModal(), search.querySelector("input").select());
}
for (const button of all(".search-open")) button.addEventListener("click", openSearch);
addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    openSearch();
  }
});

// The two side columns: dialogs on a narrow screen, columns that fold on a wide one.
function drawer(name, button, wide) {
  const column = document.getElementById(`pst-${name}-sidebar`);
  const dialog = document.getElementById(`pst-${name}-sidebar-modal`);
  for (const opener of all(button)) {
    if (!column) {
      opener.remove();
      continue;
    }
    opener.addEventListener("click", () => {
      if (matchMedia(`(min-width: ${wide}px)`).matches) root.classList.toggle(`no-${name}`);
      else {
        dialog.append(...column.childNodes);
        dialog.showModal();
      }
    });
  }
  dialog?.addEventListener("close", () => column.append(...dialog.childNodes));
  dialog?.addEventListener("click", (event) => event.target.closest("a") && dialog.close());
}
drawer("primary", ".chapters-open", 992);
drawer("secondary", ".contents-open", 1200);
for (const dialog of all("dialog"))
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());

// The explorers' code comes when one of them does, or with a link that has settings for one.
const code = document.createElement("script");
code.src = document.currentScript.dataset.explorersSrc ?? "";
const coming = new IntersectionObserver(
  (entries) => entries.some(({ isIntersecting }) => isIntersecting) && !code.isConnected && document.head.append(code),
  { rootMargin: location.hash ? "1000000px 0px" : "200% 0px" },
);
for (const explorer of all("hedge-explorer")) coming.observe(explorer);

// "On this page" follows the reader.
const links = new Map([...all("#pst-page-toc-nav a, .page-toc a")].map((link) => [link.hash.slice(1), link]));
const headings = [...links.keys()].map((id) => document.getElementById(decodeURIComponent(id))).filter(Boolean);
// the browser says which headings have passed the upper third; to ask it would have it lay out the whole page at once
const passed = new Set();
const following = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries)
      if (isIntersecting) passed.add(target);
      else passed.delete(target);
    const last = headings.findLast((heading) => passed.has(heading));
    for (const [id, link] of links)
      if (id === last?.id) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
  },
  { rootMargin: "1000000px 0px -66.6%" },
);
for (const heading of headings) following.observe(heading);

// What is wider than its box scrolls, also from the keyboard, and shows on which side there is more.
function shade(looked) {
  // all were looked at before any is touched: a look after a touch would lay out the page again
  for (const { box, beyond, left } of looked) {
    box.classList.toggle("more-left", beyond > 1 && left > 1);
    box.classList.toggle("more-right", beyond > 1 && left < beyond - 1);
    if (beyond > 1) box.tabIndex = 0;
    else if (box.hasAttribute("tabindex")) box.removeAttribute("tabindex");
  }
}
const look = (box) => ({ box, beyond: box.scrollWidth - box.clientWidth, left: box.scrollLeft });
const boxes = new ResizeObserver((entries) => shade(entries.map(({ target }) => look(target))));
const wide = "div.math, .output, .figure-box, div.highlight pre, .pst-scrollable-table-container";
function watch(box) {
  boxes.observe(box);
  box.addEventListener("scroll", () => shade([look(box)]), { passive: true });
}
all(wide).forEach(watch);
// what a reader's own run has put there (_run/showing.mjs)
addEventListener("book:shown", ({ detail }) => detail.querySelectorAll(wide).forEach(watch));

// Copy a cell's code.
if (navigator.clipboard)
  for (const code of all(".cell_input div.highlight")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy-button";
    button.textContent = "Copy";
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(code.querySelector("pre").textContent.trimEnd());
      button.textContent = "Copied";
      setTimeout(() => (button.textContent = "Copy"), 1500);
    });
    code.append(button);
  }
