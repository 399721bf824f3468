// What there is to press: Run and Edit at each cell; above the first, what is done to the whole page.
// What it takes to do it (running.mjs) comes when a reader's pointer or keyboard is there: few who read run.

import { codeOf, make } from "./elements.mjs";

const { src, dataset } = document.currentScript;
const { megabytes, version } = dataset;
const folder = new URL("run/", src);
const boxes = [...document.querySelectorAll(".cell[id]")].filter(codeOf);
const highlighted = (box) => codeOf(box).closest('div[class*="highlight-"]');
const says = () => make("span", { className: "run-says" });
const heard = make("p", { className: "run-heard" });
heard.setAttribute("role", "status");

let coming;
let failures = 0;
function bring() {
  // a browser does not ask again for a module that did not come, unless by another address
  const address = new URL(`run_page.js?${version}${failures ? `-${failures}` : ""}`, src);
  coming ??= import(address).then(
    ({ open }) => open({ ...dataset, folder, boxes, all, reset, heard }),
    () => {
      coming = undefined;
      failures++;
      throw new Error("What runs the cells did not come from this site. Try again.");
    },
  );
  return coming;
}

/** A button for one of what running.mjs offers to do, with a cell or with the page. */
function button(text, act, box) {
  const made = make("button", { type: "button", className: "run-button", textContent: text });
  made.addEventListener("click", async () => {
    try {
      (await bring())[act](box);
    } catch (error) {
      (box ?? all).says.textContent = heard.textContent = error.message;
    }
  });
  for (const near of ["pointerenter", "focus"]) made.addEventListener(near, () => bring().catch(() => {}), { once: true });
  return made;
}

const all = button("Run all", "runAll");
const reset = button("Reset page", "reset");
// as high as it will be, as is each cell (run.css), so that nothing moves when they are filled
const place = document.querySelector(".run-page");
if (location.protocol !== "file:" && globalThis.Worker && globalThis.WebAssembly && boxes.length) {
  for (const [at, box] of boxes.entries()) {
    box.go = button("Run", "run", box);
    box.change = button("Edit", "edit", box);
    for (const each of [box.go, box.change]) each.setAttribute("aria-label", `${each.textContent} cell ${at + 1}`);
    box.says = says();
    highlighted(box).classList.add("above-bar");
    highlighted(box).after(make("div", { className: "run-bar d-print-none" }, box.go, box.change, box.says));
  }
  all.says = says();
  place.setAttribute("role", "region");
  place.setAttribute("aria-label", "Run this page");
  place.append(
    make(
      "p",
      {},
      make("strong", { textContent: "This page runs." }),
      ` Change a cell and run it: Python works in your browser, and what you type stays there. The first run fetches ${megabytes} MB from this site (`,
      make("a", { href: new URL("licences.txt", folder).href, textContent: "what, and its licences" }),
      "). Cells above run first; tables, figures and the numbers in the text follow. Each page has a Python of its own, which ends when you leave it; the next one starts in seconds, from what your browser has kept.",
    ),
    make("div", { className: "run-buttons" }, all, reset, all.says),
    heard,
  );
} else {
  place?.remove();
  for (const box of boxes) highlighted(box).style.padding = 0;
}
