// From text to the terms that the index is made of, the same while the book is built and in the reader's browser.

import { stemmer } from "stemmer";

const LETTERS =
  "α alpha β beta γ gamma δ delta ε epsilon ζ zeta η eta θ theta ι iota κ kappa λ lambda μ mu ν nu ξ xi ο omicron " +
  "π pi ρ rho σ sigma ς sigma τ tau υ upsilon φ phi χ chi ψ psi ω omega ∂ partial";
const spelt = new Map(Array.from(LETTERS.matchAll(/(\S) (\w+)/g), ([, letter, name]) => [letter, name]));

/** What people type, in the words of the book; where the book has the word itself, it is taken as it is. */
const ALIASES = {
  atm: "at the money",
  bp: "basis point",
  bs: "black scholes",
  bsm: "black scholes",
  itm: "in the money",
  iv: "implied volatility",
  otm: "out of the money",
  pde: "differential equation",
  pnl: "p&l",
  scalping: "gamma theta",
  spx: "s&p 500",
  vix: "volatility index",
  vol: "volatility",
  vols: "volatility",
};

/** Words that say little of what a page is about. */
export const SMALL = new Set(
  (
    "a about after all also am an and any are as at be been before but by can could did do does for from get had has " +
    "have he her his hl how i if in into is it its may me more most much my no nor not of on one only or other our out " +
    "she should so some such than that the their them then there these they this those to too up us very was we were " +
    "what when where which while who whose why will with would you your"
  ).split(" "),
);

// P&L, 6.1, 10,000, implied_volatility, DeltaBand, stop-loss, Itô
const PART = /(?:[\p{L}\d_]*\d(?:[.,\u202f\u2009]\d+)+|[\p{L}\d_]+)/u.source;
const WORD = new RegExp(`${PART}(?:[&\\-‐‑–’']${PART})*`, "gu");
const GROUPED = /^\d{1,3}(?:[,\u202f\u2009]\d{3})+(?:\.\d+)?$/;

/** A word as it is compared: without case and accents, Greek spelt out. */
function plain(word) {
  const bare = word.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  return bare
    .replace(/ø/g, "o")
    .replace(/ß/g, "ss")
    .replace(/[Ͱ-Ͽ∂]/g, (letter) => ` ${spelt.get(letter) ?? ""} `)
    .trim();
}

const stems = new Map();
function stem(word) {
  if (!stems.has(word)) stems.set(word, /^[a-z]{3,}$/.test(word) ? stemmer(word) : word);
  return stems.get(word);
}

const remembered = new Map();
/** The terms of one word: itself, and its parts where it has some. */
function terms(word) {
  if (!remembered.has(word)) remembered.set(word, /^[a-z]+$/.test(word) ? [stem(word)] : taken(word));
  return remembered.get(word);
}
function taken(word) {
  const found = [];
  const take = (part) => part && !found.includes(part) && found.push(part);
  const shaped = word.replace(/[’']s?$|[’']s(?=[-–])/u, "");
  if (/^\d/.test(shaped) && !/\p{L}/u.test(shaped)) {
    // 1987, 6.1; but 5–39 is two numbers
    for (const number of GROUPED.test(shaped) ? [shaped.replace(/[^\d.]/g, "")] : shaped.split(/[^\d.]+/)) take(number);
    return found;
  }
  for (const whole of plain(shaped.replace(/[&\-‐‑–’']/g, "")).split(/\s+/)) take(stem(whole));
  const parts = shaped
    .replace(/\p{Ll}(?=\p{Lu})/gu, "$& ")
    .replace(/\p{L}(?=\d{3})/gu, "$& ")
    .split(/[\s_\-‐‑–’']+/);
  if (parts.length > 1)
    for (const part of parts) for (const one of plain(part.replace("&", "")).split(/\s+/)) take(stem(one));
  return found;
}

/** Every word of a text: where it begins and ends, and its terms. */
export function* words(text) {
  for (const { 0: word, index } of text.matchAll(WORD))
    yield { start: index, end: index + word.length, terms: terms(word) };
}

/** The terms of a text, one list for each word. */
export const termsOf = (text) => Array.from(words(text), ({ terms }) => terms).filter(({ length }) => length);

/** The terms of a question to a book that knows some. */
export const asked = (text, known) =>
  termsOf(
    text.replace(/\b(?:assignment|home ?work|hw) ?(?=\d)/gi, "hw").replace(/\p{L}+/gu, (word) => {
      const alias = ALIASES[Object.hasOwn(ALIASES, word.toLowerCase()) ? word.toLowerCase() : ""];
      return alias && !known(stem(plain(word))) ? alias : word;
    }),
  );
