// The index as it travels: text that a script can hold, a third of the same thing in JSON.
//
// A book is {pages, postings}: of each page {path, kind, places}, of each of its places {id, kind, number, title}, and a
// Map of each term to [[place, times]], places counted through all pages.  What can be told from the rest is left out:
// most ids, the repeated parts of titles, and the terms of titles.

/** Digits of numbers: the first 68 end a number, the others are followed by more. */
const DIGITS = Array.from({ length: 94 }, (_, at) => String.fromCharCode(33 + at)).filter(
  (it) => !/["\\`]/.test(it) && it !== "$",
);
const VALUE = new Map(DIGITS.map((digit, value) => [digit, value]));
const LAST = 68;
const MORE = DIGITS.length - LAST;

function number(value) {
  let written = DIGITS[value % LAST];
  for (let rest = Math.floor(value / LAST); rest > 0; rest = Math.floor(rest / MORE))
    written = DIGITS[LAST + (rest % MORE)] + written;
  return written;
}

/** The kinds of place, each with the letter that stands for it. */
const KINDS = {
  section: "s",
  term: "t",
  exercise: "e",
  solution: "l",
  figure: "f",
  equation: "q",
  explorer: "x",
  source: "b",
  function: "n",
  member: "m",
};
const KIND = new Map(Object.entries(KINDS).map(([kind, letter]) => [letter, kind]));

const slug = (title) =>
  title
    .toLowerCase()
    .normalize("NFKD")
    .replace(/[\u0300-\u036f’'.,?!:()–]/g, "")
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");

/** What the id of a place most often is, given the rest of it. */
function usual({ kind, title, number }, path) {
  if (kind === "term") return `term-${title.replace(/[^\w ]/g, "").replaceAll(" ", "-")}`;
  if (kind === "function" || kind === "member") return `hedgelab.${title}`;
  if (kind === "equation") return `equation-${slug(title)}`;
  if (kind === "solution") return `${path}-solution-${2 * Number(number.split(".").at(-1)) - 1}`;
  return slug(title);
}

/** Pack a book. */
export function pack({ pages, postings }) {
  const lines = [];
  for (const { path, kind, places } of pages) {
    lines.push(`${kind}\t${path}`);
    let above = "";
    for (const place of places) {
      const id = place.id === usual(place, path) ? "" : place.id;
      // the members of a class repeat its name, a solution its exercise's
      const { kind, title } = place;
      const named =
        kind === "member" && title.startsWith(`${above}.`)
          ? title.slice(above.length)
          : kind === "solution" && title === above
            ? ""
            : title;
      if (kind === "function" || kind === "exercise") above = title;
      lines.push([KINDS[place.kind], named, id, place.number].join("\t").trimEnd());
    }
    lines.push("");
  }
  let last = "";
  let terms = "";
  for (const [term, found] of [...postings].sort(([one], [other]) => (one < other ? -1 : 1))) {
    let same = 0;
    while (same < Math.min(term.length, LAST - 1) && term[same] === last[same]) same++;
    last = term;
    let before = -1;
    let written = "";
    for (const [place, times] of found) {
      written += number((place - before - 1) * 2 + (times > 1 ? 1 : 0)) + (times > 1 ? number(times - 2) : "");
      before = place;
    }
    terms += `${number(same)}${term.slice(same)} ${written}\n`;
  }
  return { places: lines.join("\n"), terms };
}

/** The pages and places of a packed book. */
export function unpackPlaces(places) {
  const pages = [];
  for (const block of places.trimEnd().split("\n\n")) {
    const [head, ...lines] = block.split("\n");
    const [kind, path] = head.split("\t");
    let above = "";
    const page = { at: pages.length, kind, path, places: [] };
    for (const line of lines) {
      const [letter, named, id = "", number = ""] = line.split("\t");
      const place = { kind: KIND.get(letter), title: named, id, number, page };
      if (place.kind === "member" && named.startsWith(".")) place.title = above + named;
      if (place.kind === "solution" && !named) place.title = above;
      if (place.kind === "function" || place.kind === "exercise") above = place.title;
      place.id ||= usual(place, path);
      page.places.push(place);
    }
    pages.push(page);
  }
  return pages;
}

/** Give out what is in the terms of a packed book: a term, a place, and how many times it is there. */
export function unpackTerms(terms, take) {
  let term = "";
  for (const line of terms.trimEnd().split("\n")) {
    const gap = line.indexOf(" ");
    term = term.slice(0, VALUE.get(line[0])) + line.slice(1, gap);
    let place = -1;
    let rest = 0;
    let often = false;
    for (let at = gap + 1; at < line.length; at++) {
      const digit = VALUE.get(line[at]);
      if (digit >= LAST) {
        rest = rest * MORE + digit - LAST;
        continue;
      }
      const value = rest * LAST + digit;
      rest = 0;
      if (often) take(term, place, value + 2);
      else {
        place += 1 + (value >> 1);
        if (value % 2 === 0) take(term, place, 1);
      }
      often = !often && value % 2 === 1;
    }
  }
}
