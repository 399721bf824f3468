// Makes the site's search from its pages: JSON in on stdin, JSON out on stdout.
//
// in:  {site, pages: names of the pages in the order of the book}
// out: {places, terms, bytes: {name: size}}

import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { text } from "node:stream/consumers";

import { bundle } from "../_ext/bundle.mjs";
import { pack } from "./pack.mjs";
import { readPage } from "./read_page.mjs";
import { SMALL, termsOf } from "./words.mjs";

const { site, pages: names } = JSON.parse(await text(process.stdin));
const folder = path.join(site, "_static", "search");

/** What a page is to its readers. */
function kindOf(name, [first, ...places]) {
  if (/(^|\/)reference\//.test(name)) return "library";
  if (/(^|\/)coursework\//.test(name)) return "coursework";
  if (places.some(({ kind }) => kind === "term")) return "glossary";
  if (places.some(({ kind }) => kind === "source")) return "sources";
  if (/(^|\/)notation$/.test(name)) return "notation";
  return /^\d/.test(first.number) ? "chapter" : "page";
}

const pages = [];
const texts = [];
const postings = new Map();
for (const name of names) {
  const places = readPage(await readFile(path.join(site, `${name}.html`), "utf8"));
  if (!places.length || /(^|\/)index_of_terms$/.test(name)) continue; // an index is for who does not search
  pages.push({ path: name, kind: kindOf(name, places), places });
  for (const place of places) {
    // an equation's name is in its id
    if (place.kind === "equation") place.title = place.id.replace(/^equation-/, "").replaceAll("-", " ");
    const found = new Map();
    for (const terms of termsOf(place.text))
      for (const term of terms) if (term.length > 1 && !SMALL.has(term)) found.set(term, (found.get(term) ?? 0) + 1);
    for (const [term, times] of found) {
      if (!postings.has(term)) postings.set(term, []);
      postings.get(term).push([texts.length, times]);
    }
    texts.push(place.text);
  }
}

const require = createRequire(import.meta.url);
const bytes = {};
async function write(name, content) {
  bytes[name] = Buffer.byteLength(content);
  await writeFile(path.join(folder, name), content);
}
await rm(folder, { recursive: true, force: true });
await mkdir(folder, { recursive: true });
/** A script that hands something over: pages opened from a folder may load scripts, and nothing else. */
const handOver = (name, content) =>
  write(`${name}.js`, `(self.bookSearch??={})[${JSON.stringify(name)}]=${JSON.stringify(content)}`);
const { places, terms } = pack({ pages, postings });
await handOver("places", places);
await handOver("terms", terms);
let at = 0;
for (const [number, page] of pages.entries()) {
  await handOver(`text-${number}`, texts.slice(at, at + page.places.length).join("\n"));
  at += page.places.length;
}
// the libraries' licences go where their code goes
let licences = "";
for (const [name, file] of [
  ["minisearch", "LICENSE.txt"],
  ["stemmer", "license"],
]) {
  const folder = require.resolve(name).replace(new RegExp(`(node_modules[\\\\/]${name}).*`), "$1");
  licences += `${name}\n\n${await readFile(path.join(folder, file), "utf8")}\n`;
}
await write("licences.txt", licences);
bytes["search.js"] = await bundle(new URL("panel.mjs", import.meta.url), path.join(site, "_static", "search.js"));
process.stdout.write(JSON.stringify({ places: texts.length, terms: postings.size, bytes }));
