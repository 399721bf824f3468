// Questions and the places that answer them.  MiniSearch finds and weighs words; what a place is to a reader, whether
// it has all of the words, and whether they are its very title, is weighed here.

import MiniSearch from "minisearch";

import { unpackPlaces, unpackTerms } from "./pack.mjs";
import { asked, isCode, SMALL, termsOf, words } from "./words.mjs";

const FIELDS = ["title", "page", "text"];
const BOOST = { title: 4, page: 1, text: 1 };

// The numbers were found by trying; tests/site/test_search.py says whether they are good.

/** How much sooner a reader wants a place of one kind than of another, and on one kind of page. */
const WORTH = {
  section: 1,
  term: 1.15,
  explorer: 0.85,
  exercise: 0.8,
  figure: 0.75,
  equation: 0.55,
  solution: 0.5,
  source: 0.5,
  function: 0.5,
  member: 0.2,
};
const PAGE_WORTH = { notation: 1.6, chapter: 1.15, glossary: 1, sources: 1, page: 0.8, coursework: 0.75, library: 0.7 };

/** What a place is called, for its kind. */
const CALLED = {
  exercise: "Exercise",
  solution: "Solution to exercise",
  figure: "Figure",
  equation: "Equation",
  source: "Source",
};

/** The name under which a place is listed. */
export function nameOf({ kind, number, title, page }) {
  const called = CALLED[kind] ? `${CALLED[kind]} ${number}` : number;
  if (kind === "section" && page.places[0].title === title && page.kind === "chapter") return `${number}. ${title}`;
  return called && title ? (kind === "section" ? `${called} ${title}` : `${called.trim()}: ${title}`) : called || title;
}

/** The words by which a place can be asked for, each with its terms. */
function titleOf(place) {
  const { kind, number, title, page } = place;
  const first = place === page.places[0];
  const called = kind === "figure" ? ["figur", "fig"] : termsOf(first ? "chapter" : kind).flat();
  const name = first && page.kind === "coursework" ? [[page.path.split("/").at(-1)]] : [];
  // nobody asks for an author's middle initial
  const said = termsOf(title).filter(([term]) => kind !== "source" || term.length > 1);
  return [...(number ? [called, [number]] : kind === "explorer" ? [called] : name), ...said];
}

/** The search of a packed book. */
export class Engine {
  constructor({ places, terms }) {
    this.places = unpackPlaces(places).flatMap((page) => page.places);
    const index = new Map();
    const lengths = this.places.map(() => [0, 0, 0]);
    const enter = (term, field, place, times) => {
      let fields = index.get(term);
      if (!fields) index.set(term, (fields = new Map()));
      let found = fields.get(field);
      if (!found) fields.set(field, (found = new Map()));
      found.set(place, (found.get(place) ?? 0) + times);
      lengths[place][field] += times;
    };
    unpackTerms(terms, (term, place, times) => enter(term, 2, place, times));
    let above = [];
    this.named = new Set();
    this.titles = this.places.map((place, at) => {
      const title = titleOf(place);
      for (const term of title.flat()) {
        enter(term, 0, at, 1);
        if (place.kind !== "source") this.named.add(term);
      }
      if (place === place.page.places[0]) above = title.flat();
      else for (const term of above) enter(term, 1, at, 1);
      return title;
    });
    this.known = index;
    const count = this.places.length;
    const each = Object.fromEntries(this.places.map((_, at) => [at, at]));
    const averages = FIELDS.map((_, field) => lengths.reduce((sum, of) => sum + of[field], 0) / count);
    this.mini = MiniSearch.loadJS(
      {
        documentCount: count,
        nextId: count,
        documentIds: each,
        fieldIds: { title: 0, page: 1, text: 2 },
        fieldLength: Object.fromEntries(lengths.entries()),
        averageFieldLength: averages,
        storedFields: {},
        dirtCount: 0,
        index: [],
        serializationVersion: 2,
      },
      { fields: FIELDS, tokenize: (text) => [text], processTerm: (term) => term },
    );
    // given as MiniSearch keeps it (its version is pinned): what loadJS takes, objects, would take five times as long
    for (const [term, fields] of index) this.mini._index.set(term, fields);
  }

  /** The terms of the book that a word means: itself, else what it begins, else what it nearly is. */
  meant(term, unfinished) {
    if (this.known.has(term)) return [term];
    if (unfinished) {
      const begun = this.begun(term);
      if (begun.length) return begun;
    }
    for (const changes of /^[^\d]{4,}$/.test(term) ? [1, 2].slice(0, term.length - 3) : []) {
      const near = unique(this.mini.search(term, { fuzzy: changes }).flatMap(({ terms }) => terms));
      // letters that changed places, and one that was left out of a pair, are the likeliest
      for (const alike of [sorted, single, (word) => word[0]]) {
        const likely = near.filter((other) => alike(other) === alike(term));
        if (likely.length) return likely;
      }
      if (near.length) return near;
    }
    return [];
  }

  /** The terms that a word begins, those in most places first. */
  begun(term) {
    const places = new Map();
    for (const { terms } of this.mini.search(term, { prefix: true }))
      for (const one of terms) places.set(one, (places.get(one) ?? 0) + 1);
    return [...places.keys()].sort((one, other) => places.get(other) - places.get(one)).slice(0, 20);
  }

  /** What each word of a question may mean; the last may be unfinished. */
  slots(question) {
    const said = asked(question, (term) => this.named.has(term));
    const whole = said.filter(([first], at) => said.findIndex(([other]) => other === first) === at);
    return whole.map(([first, ...parts], at) => {
      const unfinished = at === whole.length - 1 && !/\s$/.test(question);
      let meant = this.meant(first, unfinished);
      // a name that the book does not have, by its parts
      if (!this.known.has(first) && parts.length)
        meant = unique([...meant, ...parts.flatMap((part) => this.meant(part, false))]);
      const more =
        unfinished && this.known.has(first) && /^[a-z]{3,}$/.test(first)
          ? this.begun(first).filter((term) => term !== first)
          : [];
      // delta-hedged is also where delta and hedged are
      const large = parts.every((part) => this.known.has(part) && !SMALL.has(part));
      const apart = this.known.has(first) && large ? parts : [];
      return { first, meant, apart, more, weight: SMALL.has(first) ? 0.1 : 1 };
    });
  }

  /** The places for a question, best first, each with the terms that were found there. */
  ask(question, limit = 20) {
    const slots = this.slots(question);
    const queries = slots.flatMap(({ meant, apart, more, weight }) => [
      ...meant.map((term) => ({ queries: [term], boostTerm: () => weight * (meant.length === 1 ? 1 : 0.7) })),
      ...apart.map((term) => ({ queries: [term], boostTerm: () => weight * 0.3 })),
      ...more.map((term) => ({ queries: [term], boostTerm: () => weight * 0.02 })),
    ]);
    if (!queries.length) return [];
    const code = isCode(question);
    const found = this.mini.search(
      { combineWith: "OR", queries },
      { boost: BOOST, boostDocument: (at) => worth(this.places[at], code) },
    );
    const all = slots.reduce((sum, { weight }) => sum + weight, 0);
    const ranked = found.slice(0, 300).map(({ id, score, match }) => {
      const has = slots.reduce(
        (sum, { meant, apart, more, weight }) =>
          sum +
          (meant.some(inside(match)) || (apart.length && apart.every(inside(match)))
            ? weight
            : more.some(inside(match))
              ? weight / 2
              : 0),
        0,
      );
      return {
        place: this.places[id],
        score: score * (has / all) ** 2 * this.fits(slots, id),
        terms: Object.keys(match),
      };
    });
    ranked.sort((one, other) => other.score - one.score);
    const worthwhile = ranked.filter(({ score }) => score > ranked[0].score / 50);
    return spread(worthwhile).slice(0, limit);
  }

  /** How well a title says what was asked. */
  fits(slots, id) {
    const title = this.titles[id];
    const { number } = this.places[id];
    const large = slots.filter(({ weight }) => weight === 1);
    const question = large.length ? large : slots;
    const said = title.filter(([term]) => !SMALL.has(term));
    for (let start = 0; start + question.length <= said.length; start++) {
      const part = said.slice(start, start + question.length);
      if (!part.every((terms, at) => terms.some((term) => question[at].meant.includes(term)))) continue;
      // exercise 6.1
      if (number && start === 0 && question.length === 2) return 5;
      // all of the title but its number, and no word of it only in part, as gamma is of gamma-neutral
      const whole = question.length === said.length - (number && start === 2 ? 2 : 0);
      if (whole && part.every(([term], at) => question[at].meant.includes(term))) return 4;
      return question.length > 1 ? 1.5 : start ? 1 : 1.3;
    }
    return 1;
  }
}

const inside = (match) => (term) => Object.hasOwn(match, term);
const sorted = (word) => [...word].sort().join("");
const single = (word) => word.replace(/(.)\1+/g, "$1");
function worth(place, code) {
  const page = place.page.kind;
  if (code && page === "library") return place.kind === "member" ? 2 : 5;
  return WORTH[place.kind] * PAGE_WORTH[page] * (place === place.page.places[0] && page === "chapter" ? 1.3 : 1);
}
const unique = (list) => [...new Set(list)];

/** Ranked places, those of one page a little apart. */
function spread(ranked) {
  const seen = new Map();
  for (const result of ranked) {
    const times = seen.get(result.place.page) ?? 0;
    result.score *= 0.93 ** times;
    seen.set(result.place.page, times + 1);
  }
  return ranked.sort((one, other) => other.score - one.score);
}

/** The ranges of a text whose words have one of some terms. */
export function marks(text, terms) {
  const wanted = new Set(terms);
  return [...words(text)].filter((word) => word.terms.some((term) => wanted.has(term)));
}
