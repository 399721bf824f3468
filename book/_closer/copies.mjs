// Copies of what stands on a page, to be shown in another place of it.

/** What belongs to its place alone. */
const LEFT = ".headerlink, .backrefs, .fn-backref, button, form, script";

/** A copy without names, so that the page's own places keep theirs, and without what only works there. */
export function cleaned(copy) {
  for (const part of copy.querySelectorAll(LEFT)) part.remove();
  for (const part of copy.querySelectorAll("[id]")) if (!part.closest("svg")) part.removeAttribute("id");
  for (const box of copy.querySelectorAll(".more-left, .more-right")) box.classList.remove("more-left", "more-right");
  for (const entry of copy.querySelectorAll(".citation")) entry.removeAttribute("role"); // in no list of sources here
  for (const box of copy.querySelectorAll("[tabindex]")) box.removeAttribute("tabindex");
  return copy;
}

/** Copies of some elements in one fragment. */
export function copyOf(...elements) {
  const copy = new DocumentFragment();
  copy.append(...elements.map((element) => element.cloneNode(true)));
  return cleaned(copy);
}

/** Boxes that scroll do so from the keyboard too (book.js). */
export const announce = (box) => dispatchEvent(new CustomEvent("book:shown", { detail: box }));
