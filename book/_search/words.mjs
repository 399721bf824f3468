// From text to the terms that the index is made of, the same while the book is built and in the reader's browser.

import { stemmer } from "stemmer";

const LETTERS =
  "α alpha β beta γ gamma δ delta ε epsilon ζ zeta η eta θ theta ι iota κ kappa λ lambda μ mu ν nu ξ xi ο omicron " +
  "π pi ρ rho σ sigma ς sigma τ tau υ upsilon φ phi χ chi ψ psi ω omega ∂ partial";
const spelt = new Map(Array.from(LETTERS.matchAll(/(\S) (\w+)/g), ([, letter, name]) => [letter, name]));

/** What people type, in the words of the book; where the book names something so itself, it is taken as it is. */
const ALIASES = {
  atm: "at the money",
  "black monday": "october 1987",
  bp: "basis point",
  bps: "basis point",
  bs: "black scholes",
  bsm: "black scholes",
  covid: "march 2020",
  crr: "binomial tree",
  cvar: "expected shortfall",
  "deep hedging": "deep learning the hedge",
  hft: "high frequency trading",
  homework: "assignment",
  itm: "in the money",
  iv: "implied volatility",
  "market impact": "permanent impact",
  mtm: "mark to market",
  obpi: "option based",
  otm: "out of the money",
  pde: "differential equation",
  pnl: "p&l",
  rv: "realised volatility",
  scalping: "gamma theta",
  sor: "smart order router",
  spx: "s&p 500",
  ssr: "skew stickiness ratio",
  twap: "equal slices",
  "value at risk": "expected shortfall",
  var: "expected shortfall",
  vix: "volatility index",
  vol: "volatility",
  "vol of vol": "vol_of_variance",
  "volatility of volatility": "vol_of_variance",
  vols: "volatility",
  vrp: "variance premium",
};
const longest = Object.keys(ALIASES).sort((one, other) => other.length - one.length);
const ALIAS = new RegExp(`(^|[^\\p{L}\\d_])(${longest.join("|")})(?![\\p{L}\\d_])`, "giu");

/** Words that say little of what a page is about. */
export const SMALL = new Set(
  (
    "a about after all also am an and any are as at be been before but by can could did do does for from get had has " +
    "have he her his hl how i if in into is it its may me more most much must my no nor not of on one only or other our " +
    "out she should so some such than that the their them then there these they this those to too up us very was we were " +
    "what when where which while who whose why will with would you your"
  ).split(" "),
);

// P&L, 6.1, 10,000, implied_volatility, DeltaBand, stop-loss, Itô; at the money is one word, with or without hyphens
const PART = /(?:[\p{L}\d_]*\d(?:[.,\u202f\u2009]\d+)+|[\p{L}\d_]+)/u.source;
const WORD = new RegExp(`\\b(?:at|in|out\\s+of)\\s+the\\s+money\\b|${PART}(?:[&\\-‐‑–’']${PART})*`, "giu");
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

/** A word in American spelling, where both are in use; what only differs by a letter is found anyway. */
const american = (word) =>
  word.replace(/^((?:behavi|col|fav|harb|lab|neighb)o)u(?=r)/, "$1").replace(/^programme(?=s?$)/, "program");

const stems = new Map();
function stem(word) {
  if (!stems.has(word)) stems.set(word, /^[a-z]{3,}$/.test(word) ? stemmer(american(word)) : word);
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
  for (const whole of plain(shaped.replace(/[&\-‐‑–’'\s]/g, "")).split(/\s+/)) take(stem(whole));
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

/** Whether a question is written as code is, or as Python writes errors. */
export const isCode = (text) => /\w\(|\w\.[a-z]|\w_\w|\w(?:Error|Warning)\b|^\s*\w+ must be /i.test(text);

/** What has a number, by the first two letters of the names that people give it. */
const NAMES = {
  an: "solution",
  ch: "chapter",
  eq: "equation",
  ex: "exercise",
  fi: "figure",
  pr: "exercise",
  se: "section",
  so: "solution",
};
const NUMBERED = new RegExp(
  "(^|[^\\p{L}\\d])(ex(?:er[cs]i[sz]e)?|problem|fig(?:ure)?|eq(?:n|uation)?|sec(?:tion)?|ch(?:apter)?|solution|answer)" +
    "[.\\s]*\\(?(\\d+)(?:[-–.,:](\\d+))?",
  "giu",
);

/** The terms of a question to a book that names some things itself. */
export const asked = (text, named) =>
  termsOf(
    text
      .replace(/<\/?[a-z][^<>]*>/gi, " ")
      .replace(/^\w*(?:Error|Warning): |, got .*$/g, "")
      .replace(NUMBERED, (_, before, name, ...at) => {
        const number = at.slice(0, at[1] ? 2 : 1).join(".");
        return `${before}${NAMES[name.slice(0, 2).toLowerCase()]} ${number}`;
      })
      .replace(/(?:solution|answer)s? (?:to |of |for )?(?:the )?exercise (?=\d)/i, "solution ")
      .replace(/exercise (\d\S*) (?:solution|answer)s?/i, "solution $1")
      .replace(/\b(?:assignment|home ?work|hw) ?(?=\d)/gi, "hw")
      .replace(ALIAS, (found, before, word) =>
        named(stem(plain(word))) ? found : before + ALIASES[word.toLowerCase()],
      ),
  );
