// A figure as large as the window, in a dialog: by a click on the drawing, or by the button in its caption.

import { announce, copyOf } from "./copies.mjs";

let dialog;
let back; // the button that has opened it, and its place among those of its cell

function makeDialog() {
  dialog = Object.assign(document.createElement("dialog"), { className: "large" });
  dialog.innerHTML =
    '<button type="button" class="large-close" aria-label="Close" title="Close (Esc)">×</button>' +
    '<div class="figure-box"></div><div class="large-caption"></div>';
  dialog.addEventListener("click", ({ target, defaultPrevented }) => {
    if (defaultPrevented) return; // a finger that has looked where the link leads
    if (target === dialog || target.closest("a, .large-close")) dialog.close();
  });
  // the browser gives the focus back to the button, unless a run has drawn its figure anew meanwhile
  dialog.addEventListener("close", () => {
    if (!back.button.isConnected) buttonsOf(back.cell)[back.at]?.focus({ preventScroll: true });
  });
  document.body.append(dialog);
  announce(dialog);
}

function enlarge(figure) {
  if (!dialog) makeDialog();
  const [drawing, caption] = [figure.querySelector(".figure-box"), figure.querySelector("figcaption")];
  dialog.setAttribute("aria-label", nameOf(figure));
  dialog.querySelector(".figure-box").replaceChildren(copyOf(...drawing.children));
  dialog.querySelector(".large-caption").replaceChildren(copyOf(...(caption?.children ?? [])));
  const [button, cell] = [figure.querySelector(".enlarge"), figure.closest(".cell")];
  back = { button, cell, at: buttonsOf(cell).indexOf(button) };
  button.focus({ preventScroll: true });
  dialog.showModal();
}

const buttonsOf = (cell) => [...(cell?.querySelectorAll(".enlarge") ?? [])];

const nameOf = (figure) => figure.querySelector(".caption-number")?.textContent.trim() || "Figure";

/** Give each figure within an element its button. */
function offer(within) {
  for (const figure of within.querySelectorAll("figure")) {
    if (figure.querySelector(".enlarge") || !figure.querySelector(".figure-box > :is(svg, img)")) continue;
    const button = Object.assign(document.createElement("button"), { type: "button", className: "enlarge" });
    button.title = `Enlarge ${nameOf(figure)}`;
    button.setAttribute("aria-label", button.title);
    (figure.querySelector("figcaption") ?? figure).append(button);
  }
}

export function offerLargeFigures() {
  offer(document);
  // what a reader's own run has drawn (_run/showing.mjs)
  addEventListener("book:shown", ({ detail }) => detail.matches("dialog, .preview") || offer(detail));
  document.addEventListener("click", ({ target }) => {
    const figure = target.closest("main figure .figure-box, main figure .enlarge")?.closest("figure");
    // who marks words in a figure wants to copy them
    const meant = target.closest(".enlarge") || getSelection().isCollapsed;
    if (meant && figure?.querySelector(".enlarge")) enlarge(figure);
  });
}
