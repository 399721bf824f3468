// What a place says around the words that were found, in about two lines.

import { marks } from "./engine.mjs";

const LONG = 170;

/** The part of a text that has most of some terms, as nodes with the terms' words marked. */
export function excerpt(text, terms) {
  const found = marks(text, terms);
  let best = { from: 0, most: 0 };
  for (const [first, { start }] of found.entries()) {
    const within = found.slice(first).filter(({ end }) => end - start < LONG - 40);
    const most = new Set(within.flatMap((word) => word.terms)).size + within.length / 100;
    if (most > best.most) best = { from: Math.max(0, Math.min(start - 40, text.length - LONG)), most };
  }
  // from the beginning of a word to the end of one
  const from = best.from ? text.indexOf(" ", best.from) + 1 : 0;
  const cut = text.length > from + LONG ? text.lastIndexOf(" ", from + LONG) : text.length;
  const to = cut > from ? cut : text.length;
  const parts = from ? ["… "] : [];
  let at = from;
  for (const { start, end } of found) {
    if (start < at || end > to) continue;
    const mark = document.createElement("mark");
    mark.textContent = text.slice(start, end);
    parts.push(text.slice(at, start), mark);
    at = end;
  }
  parts.push(text.slice(at, to));
  if (to < text.length) parts.push(" …");
  return parts;
}
