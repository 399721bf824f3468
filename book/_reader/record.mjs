// What the book remembers of a reader who has asked it to: one record, in this browser.  Without one nothing is stored.

const FORMAT = "book-progress-1";
const PAGE = /^[\w-]+(\/[\w-]+)*$/;
const DAY = /^\d{4}-\d\d-\d\d$/;
const MOST = 300;

const isText = (value) => typeof value === "string" && value.length <= MOST;
const isPage = (value) => isText(value) && PAGE.test(value);
const isDay = (value) => isText(value) && DAY.test(value);
const entries = (value, fits) =>
  Object.fromEntries(Object.entries(value && typeof value === "object" ? value : {}).filter(([key, each]) => fits(key, each)));

/** A record that says nothing yet. */
export const empty = () => ({ format: FORMAT, last: null, read: {}, answers: {}, folded: false });

/** A record from anywhere, without anything that is none of it; null if it is no record. */
export function cleaned(value) {
  if (value?.format !== FORMAT) return null;
  const { page, title, place, section, at } = value.last ?? {};
  const last = isPage(page) && [title, place, section].every(isText) && Number.isFinite(at);
  const answered = entries(value.answers, (key, each) => isPage(key) && Number.isInteger(each?.of));
  return {
    format: FORMAT,
    last: last ? { page, title, place, section, at: Math.min(at, Date.now()) } : null,
    read: entries(value.read, (key, day) => isPage(key) && isDay(day)),
    answers: Object.fromEntries(
      Object.entries(answered).map(([key, { of, given }]) => [key, { of, given: entries(given, (name, label) => isText(name) && isText(label)) }]),
    ),
    folded: value.folded === true,
  };
}

/** Two records as one: all that either has; where they differ, the first day, the later place and the first one's answer. */
export function merged(one, other) {
  const answers = { ...other.answers };
  for (const [page, { of, given }] of Object.entries(one.answers))
    answers[page] = { of, given: { ...answers[page]?.given, ...given } };
  const read = { ...other.read };
  for (const [page, day] of Object.entries(one.read)) read[page] = day < (read[page] ?? "9") ? day : read[page];
  return { ...one, answers, read, last: (one.last?.at ?? 0) >= (other.last?.at ?? 0) ? one.last : other.last };
}

/** How much it says. */
export const sums = ({ read, answers }) => ({
  chapters: Object.keys(read).length,
  questions: Object.values(answers).reduce((sum, { given }) => sum + Object.keys(given).length, 0),
});

/** The record of the site at an address; each book of a host has its own. */
export function recordOf(root) {
  const key = `progress:${root.pathname}`;
  const tell = () => dispatchEvent(new Event("book:progress"));
  const write = (record) => {
    try {
      localStorage.setItem(key, JSON.stringify(record));
    } catch {
      return false; // a private window, settings, or no room
    }
    tell();
    return true;
  };
  const get = () => {
    try {
      return cleaned(JSON.parse(localStorage.getItem(key)));
    } catch {
      return null;
    }
  };
  return {
    key,
    get,
    write,
    /** Change what there is; where nothing is kept, nothing happens. */
    change(act) {
      const record = get();
      if (!record) return false;
      act(record);
      return write(record);
    },
    erase() {
      try {
        localStorage.removeItem(key);
      } catch {
        // then there is nothing
      }
      tell();
    },
  };
}

/** What to say where a browser stores nothing. */
export const REFUSED = "This browser lets the page store nothing: it may be a private window, or its settings. Nothing was kept.";
