// The place that the search found: opened where it is folded, in sight, its words marked.

import { marks } from "./engine.mjs";

const BLOCKS = "p, li, tr, dt, dd, figcaption, h1, h2, h3, h4, legend, summary, .equation, .quiz-option";
const UNREAD = "svg, script, style, mjx-math, .highlight, .headerlink, hedge-explorer form, nav";

let marked;
/** Take the marks away. */
export function unmark() {
  marked?.classList.remove("found-place");
  globalThis.CSS?.highlights?.delete("found");
  marked = undefined;
}

/** What belongs to a place: not the sections within it. */
function contents(place) {
  if (place.matches("dt")) {
    const parts = [place];
    for (let next = place.nextElementSibling; next?.matches("dd"); next = next.nextElementSibling) parts.push(next);
    return parts;
  }
  return place.matches("section") ? [...place.children].filter((part) => !part.matches("section")) : [place];
}

/** The words within an element that have one of some terms, as ranges. */
function rangesIn(element, terms) {
  const ranges = [];
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT, (node) =>
    node.nodeType === Node.TEXT_NODE
      ? NodeFilter.FILTER_ACCEPT
      : node.matches(UNREAD)
        ? NodeFilter.FILTER_REJECT
        : NodeFilter.FILTER_SKIP,
  );
  while (walker.nextNode())
    for (const word of marks(walker.currentNode.data, terms)) {
      const range = new Range();
      range.setStart(walker.currentNode, word.start);
      range.setEnd(walker.currentNode, word.end);
      ranges.push(Object.assign(range, { terms: word.terms }));
    }
  return ranges;
}

/** Show the place of an address and mark some terms, parted by spaces, in it. */
export function markPlace(hash, find) {
  unmark();
  const place = document.getElementById(decodeURIComponent(hash.slice(1)));
  if (!place) return;
  for (let box = place; box; box = box.parentElement?.closest("details")) if (box.matches("details")) box.open = true;
  const terms = (find ?? "").split(" ");
  const parts = contents(place);
  const ranges = parts.flatMap((part) => rangesIn(part, terms));
  // the paragraph that has most of the words, the first of equals
  const blocks = new Map();
  for (const range of ranges) {
    const block = range.startContainer.parentElement.closest(BLOCKS) ?? place;
    if (!blocks.has(block)) blocks.set(block, new Set());
    for (const term of range.terms) if (terms.includes(term)) blocks.get(block).add(term);
  }
  marked = parts[0];
  let most = 0;
  for (const [block, has] of blocks)
    if (has.size > most) {
      most = has.size;
      marked = block;
    }
  for (let box = marked.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
  if (globalThis.CSS?.highlights && ranges.length) CSS.highlights.set("found", new Highlight(...ranges));
  marked.classList.add("found-place");
  // the beginning of the place, if what was found is in sight from there
  const far = marked.getBoundingClientRect().bottom - place.getBoundingClientRect().top > innerHeight * 0.7;
  if (far) marked.scrollIntoView({ block: "center" });
  else place.scrollIntoView();
  // a keyboard and a screen reader go on from here
  if (marked.tabIndex < 0) marked.tabIndex = -1;
  marked.focus({ preventScroll: true });
}
