// Asks the built site's search: JSON in on stdin, JSON out on stdout.
//
// in:  {site, questions: [text]}
// out: {answers: [[place, ...]], milliseconds: of each question, places: all}

import { readFile } from "node:fs/promises";
import path from "node:path";
import { text } from "node:stream/consumers";
import vm from "node:vm";

import { Engine } from "../../book/_search/engine.mjs";

const { site, questions } = JSON.parse(await text(process.stdin));
const browser = vm.createContext({});
vm.runInContext("self = globalThis", browser);
for (const name of ["places", "terms"])
  vm.runInContext(await readFile(path.join(site, "_static", "search", `${name}.js`), "utf8"), browser);
const engine = new Engine(vm.runInContext("bookSearch", browser));
const name = ({ page, id }) => `${page.path}#${id}`;
const answers = [];
const milliseconds = [];
for (const question of questions) {
  const begun = performance.now();
  answers.push(engine.ask(question, 10).map(({ place }) => name(place)));
  milliseconds.push(performance.now() - begun);
}
process.stdout.write(JSON.stringify({ answers, milliseconds, places: engine.places.map(name) }));
