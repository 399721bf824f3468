// What a run shows: outputs, figures, notes and the numbers in sentences, in place of those that were printed.

import { make } from "./elements.mjs";

// All that is on the page from the beginning is kept for Reset.
function keep(box) {
  const out = box.querySelector(":scope > .cell_output");
  box.printed ??= { out, parts: out ? [...out.childNodes] : [] };
  return box.printed;
}

/** Show what a cell has said, whose code is the printed one or `changed`; its figures in the page's colours, by `palette`. */
export function show(box, { outputs }, changed, palette) {
  if (outputs.some(({ type }) => type === "explorer")) return; // it has controls of its own
  const { parts } = keep(box);
  box.fresh = true;
  let out = box.querySelector(":scope > .cell_output");
  if (!outputs.length) return out?.remove();
  if (!out) {
    out = make("div", { className: "cell_output docutils container" });
    box.querySelector(":scope > .cell_input, :scope > details")?.after(out);
    if (!out.isConnected) box.prepend(out);
  }
  const figures = parts.filter((part) => part.localName === "figure");
  out.replaceChildren(...outputs.map((output) => shown(output, figures, changed, palette)).filter(Boolean));
  dispatchEvent(new CustomEvent("book:shown", { detail: out }));
}

const pre = (text, kind) => {
  const code = make("pre", { textContent: text });
  return make("div", { className: `output ${kind} highlight-myst-ansi notranslate` }, make("div", { className: "highlight" }, code));
};

function shown(output, figures, changed, palette) {
  if (output.type === "stream") return pre(output.text, output.name === "stderr" ? "stderr" : "stream");
  if (output.type === "error") return wrong(output, "run-error");
  const { "image/svg+xml": svg, "text/html": html, "text/plain": text } = output.data ?? {};
  if (html) return make("div", { className: "output text_html", innerHTML: html });
  if (!svg) return pre(text ?? "", "text_plain");
  const printed = figures.shift();
  const figure = printed?.cloneNode(true) ?? make("figure", { className: "align-default" }, make("div", { className: "figure-box" }));
  const seen = figure.querySelector("svg")?.getAttribute("aria-label");
  const picture = dress(svg, palette);
  if (!seen) picture.setAttribute("aria-label", "A figure that this cell has drawn");
  else picture.setAttribute("aria-label", changed ? `Drawn again after a change. As printed: ${seen}` : seen);
  figure.querySelector(".figure-box").replaceChildren(picture);
  return figure;
}

function wrong({ summary, line, text }, kind) {
  const where = line ? ` In line ${line} of this cell.` : "";
  const all = make("details", {}, make("summary", { textContent: "All that Python says" }), make("pre", { textContent: text }));
  return make("div", { className: `output ${kind}` }, make("p", {}, make("strong", { textContent: summary }), where), all);
}

// A figure in the colours and letters of the page; its ids are its own.
let drawn = 0;
function dress(svg, palette) {
  const own = `run-${++drawn}-`;
  const dressed = svg
    .slice(svg.indexOf("<svg"))
    .replace(/<metadata>[^]*?<\/metadata>/, "")
    .replace(/<style[^]*?<\/style>/, "")
    .replace(/#[0-9a-f]{6}\b/g, (colour) => (palette[colour] ? `var(--figure-${palette[colour]}, ${colour})` : colour))
    .replace(/font-family: [^;"]*;? ?/g, "")
    .replace(/font-size: ([\d.]+)px/g, "font-size: calc($1px * var(--figure-text, 1))")
    .replace(/\bid="/g, `id="${own}`)
    .replace(/url\(#/g, `url(#${own}`)
    .replace(/href="#/g, `href="#${own}`);
  const picture = make("div", { innerHTML: dressed }).firstElementChild;
  for (const size of ["width", "height"]) picture.removeAttribute(size);
  picture.setAttribute("role", "img");
  picture.setAttribute("fill", "var(--figure-ink, #5b6472)");
  return picture;
}

/** Tell, below the box that is its `host`, what a hidden cell finds: that a sentence of the text holds no longer. */
export function note(host, index, { outputs }) {
  for (const old of document.querySelectorAll(`.run-note[data-cell="${index}"]`)) old.remove();
  for (const output of outputs) {
    const html = output.data?.["text/html"];
    if (!html && output.type !== "broken") continue;
    const said = html ? make("div", { className: "run-note", innerHTML: html }) : wrong(output, "run-note");
    if (!html) said.firstChild.append(" The text below cannot be computed again.");
    said.setAttribute("role", "note");
    said.dataset.cell = index;
    host.append(said);
  }
}

const numbers = new Map();

/** Write numbers into the sentences that have them. */
export function write(found) {
  for (const [name, text] of Object.entries(found))
    for (const place of document.getElementsByClassName(name)) {
      if (!numbers.has(place)) numbers.set(place, place.textContent);
      place.textContent = text;
      const changed = text !== numbers.get(place);
      place.classList.toggle("changed", changed);
      place.title = changed ? `Printed: ${numbers.get(place)}` : "";
    }
}

/** Put back what was printed: of these boxes, and all over the page. */
export function putBack(boxes) {
  for (const box of boxes) {
    if (!box.printed) continue;
    const { out, parts } = box.printed;
    box.querySelector(":scope > .cell_output")?.remove();
    if (out) {
      out.replaceChildren(...parts);
      const input = box.querySelector(":scope > .cell_input, :scope > details");
      if (input) input.after(out);
      else box.prepend(out);
    }
    box.fresh = false;
  }
  for (const [place, text] of numbers) {
    place.textContent = text;
    place.classList.remove("changed");
    place.removeAttribute("title");
  }
  for (const old of document.querySelectorAll(".run-note")) old.remove();
}
