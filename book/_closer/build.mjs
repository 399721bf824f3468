// Makes what a reader looks at more closely: JSON in on stdin, JSON out on stdout.
//
// in:  {site, pages: names of all pages}
// out: {places: how many places of other pages can be previewed, bytes: {name: size}}

import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { text } from "node:stream/consumers";

import { DomUtils, parseDocument } from "htmlparser2";

import { bundle } from "../_ext/bundle.mjs";

const { site, pages: names } = JSON.parse(await text(process.stdin));
const folder = path.join(site, "_static", "closer");

const is = (node, name) => (node.attribs?.class ?? "").split(" ").includes(name);

/** What of a page belongs to a place that has a preview; nothing if it has none (`KINDS` of previews.mjs). */
function piecesOf(place) {
  if (place.name === "dt" && is(place.parent, "glossary")) {
    const pieces = [place];
    for (let next = place; (next = DomUtils.nextElementSibling(next)) && !(next.name === "dt" && pieces.length > 1); )
      if (next.name === "dd") pieces.push(next);
    return pieces;
  }
  if (place.name === "figure" || (place.name === "aside" && is(place, "footnote"))) return [place];
  return ["citation", "equation", "exercise"].some((kind) => is(place, kind)) ? [place] : [];
}

/** A drawing that needs no rules of its page, and whose names none of another page's has. */
function alone(html, rules) {
  return html.replace(/<svg\b.*?<\/svg>/gs, (drawing) =>
    drawing
      .replace(/class="(_\d+(?: _\d+)*)"/g, (_, of) => `style="${of.split(" ").map((name) => rules.get(name)).join(";")}"`)
      .replace(/(\bid="|\bhref="#|url\(#)_/g, "$1of_"),
  );
}

// which places other pages lead to
const wanted = new Map();
const pages = new Map();
for (const name of names) {
  const html = await readFile(path.join(site, `${name}.html`), "utf8");
  pages.set(name, html);
  for (const [, to, id] of html.matchAll(/<a [^>]*?href="([^":#]+)\.html#([^"]+)"/g)) {
    const page = path.posix.join(path.posix.dirname(name), to);
    if (!wanted.has(page)) wanted.set(page, new Set());
    wanted.get(page).add(decodeURIComponent(id));
  }
}

await rm(folder, { recursive: true, force: true });
await mkdir(folder, { recursive: true });
const bytes = {};
const known = [];
let places = 0;
for (const [name, ids] of wanted) {
  const html = pages.get(name);
  if (!html) continue;
  const rules = new Map([...html.matchAll(/<style>(\._\d+\{.*?)<\/style>/gs)].flatMap(([, sheet]) =>
    [...sheet.matchAll(/\.(_\d+)\{([^}]*)\}/g)].map(([, rule, says]) => [rule, says]),
  ));
  const document = parseDocument(html, { withStartIndices: true, withEndIndices: true });
  const found = {};
  for (const place of DomUtils.findAll((node) => ids.has(node.attribs.id), document.children)) {
    const pieces = piecesOf(place).map(({ startIndex, endIndex }) => html.slice(startIndex, endIndex + 1));
    if (pieces.length) found[place.attribs.id] = alone(pieces.join(""), rules);
  }
  if (!Object.keys(found).length) continue;
  // a script: pages opened from a folder may load scripts, and nothing else
  const script = `(self.bookPlaces??={})[${JSON.stringify(name)}]=${JSON.stringify(found)}`;
  const file = path.join(folder, `${name}.js`);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, script);
  bytes[name] = Buffer.byteLength(script);
  places += Object.keys(found).length;
  known.push(name);
}
bytes["closer.js"] = await bundle(new URL("closer.mjs", import.meta.url), path.join(site, "_static", "closer.js"), {
  define: { PAGES: JSON.stringify(known.sort()) },
});
process.stdout.write(JSON.stringify({ places, bytes }));
