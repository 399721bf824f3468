// Runs the cells of the built pages in the browser's Python, under Node, and compares what they print, their tables and
// the numbers of the text with what the pages show: `node tools/run_cells.mjs [options] [words in pages' names]`.
//
// Printed text, tables and numbers have to be the same letter by letter, but for the name of the machine's own integer,
// which pandas prints below a column: it has 32 bits there.  Of a figure, only that it is there is compared: versions of
// Matplotlib write it differently.  Explorers stay as they are, since they compute in JavaScript.
//
// Each page has a Python of its own, as it has for a reader; `--together` starts one for all, which is quicker, and clears
// it between pages.  `--times` also runs each cell in the Python that the book was built with (`PYTHON`, or that of .venv), by
// the same kernel, and names each but the first that takes more than five times as long here and a second; what a reader's
// Python imports while it rests is imported after the first.
//
// The last line of its output is JSON: for each page its seconds, its memory, what failed, what differs and what is slow.

import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";

const self = fileURLToPath(import.meta.url);
const root = path.resolve(path.dirname(self), "..");
const built = path.join(root, "_build");
const site = process.env.SITE ?? path.join(built, "html");
const executed = path.join(built, "jupyter_execute");
const folder = path.join(site, "_static/run/");
const options = { together: { type: "boolean" }, times: { type: "boolean" }, page: { type: "string" } };
const { values: asked, positionals: words } = parseArgs({ options, allowPositionals: true });
const read = (...place) => readFileSync(path.join(...place), "utf8");

const TIMES = 5; // a cell may take so many times what it takes natively,
const MORE = 1; // and so many seconds

// ------------------------------------------------------------------------------------------------ what is compared

const whole = (text) => [text].flat().join("");
const plain = (text) => whole(text ?? "").replace(/\r/g, "").replace(/(?<known>\bdtype: int)32$/gm, "$<known>64").trim();
const code = ({ cells }) => cells.filter((each) => each.cell_type === "code");
const sources = (from) => JSON.stringify(code(from).map(({ source }) => whole(source)));
const hidden = ({ metadata }) => (metadata.tags ?? []).includes("remove-cell");

// What of a cell's outputs can be compared: what it prints, and how its values look; a figure only as being there.
function comparable(outputs) {
  const seen = { printed: "", html: "", text: "", figures: 0 };
  for (const output of outputs) {
    if (output.name) seen.printed += whole(output.text);
    const data = output.data ?? {};
    const html = whole(data["text/html"] ?? "");
    if (data["image/svg+xml"]) seen.figures++;
    else if (html) seen.html += html;
    else if (data["text/plain"]) seen.text += whole(data["text/plain"]);
  }
  return Object.fromEntries(Object.entries(seen).map(([kind, value]) => [kind, typeof value === "string" ? plain(value) : value]));
}

const LETTERS = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'", "#x27": "'" };
function shown(html, key) {
  const found = html.match(new RegExp(`<span class="pasted-text ${key}">([^<]*)</span>`));
  return found?.[1].replace(/&(amp|lt|gt|quot|#39|#x27);/g, (_, name) => LETTERS[name]) ?? null;
}

// What the build's own Python said stands in its cache: a page that was built from there has a notebook without outputs.
const kept = () => {
  const cache = path.join(built, "executed");
  const files = readdirSync(cache, { recursive: true }).filter((name) => name.endsWith("base.ipynb"));
  return new Map(files.map((name) => JSON.parse(read(cache, name))).map((each) => [sources(each), each]));
};

// ------------------------------------------------------------------------------------------------ how cells are run

const { LATER, start } = await import(pathToFileURL(path.join(folder, "python.mjs")));
function python() {
  const bytes = (file) => new Uint8Array(readFileSync(path.join(folder, file)));
  const files = Object.keys(JSON.parse(read(folder, "files.json")).files);
  return start(folder, files, bytes, JSON.parse(read(folder, "kernel.json")));
}

// The seconds that each cell takes in the Python of this machine.
const NATIVE = `
import json, sys, time
sys.path[:0] = [f"{sys.argv[1]}/{each}" for each in ("book/_run", "book/_ext", "jupyter_config/ipython/profile_default")]
import cells
cells.start()
seconds = []
for place, (source, hidden) in enumerate(json.load(sys.stdin)):
    began = time.perf_counter()
    cells.run(place, source, hidden, False)
    seconds.append(time.perf_counter() - began)
print(json.dumps(seconds))
`;
function native(cells) {
  const program = process.env.PYTHON ?? path.join(root, ".venv/bin/python");
  const input = JSON.stringify(cells.map((cell) => [whole(cell.source), hidden(cell)]));
  const env = { ...process.env, PYTHONPATH: root, MPLBACKEND: "agg", TQDM_DISABLE: "1" };
  const done = spawnSync(program, ["-c", NATIVE, root], { input, env, encoding: "utf8", maxBuffer: 1e9 });
  if (done.status) throw new Error(`${program} does not run the page: ${done.error ?? done.stderr}`);
  return JSON.parse(done.stdout.trimEnd().split("\n").at(-1));
}

function runPage(page, one, notebooks) {
  const notebook = JSON.parse(read(executed, `${page}.ipynb`));
  const html = read(site, `${page}.html`);
  const ran = notebooks.get(sources(notebook));
  if (!ran) throw new Error(`${page} was not executed as it stands: run \`make html\``);
  const tagged = code(notebook);
  const usual = asked.times ? native(tagged) : [];
  const told = { cells: 0, seconds: 0, slowest: 0, native: 0, megabytes: 0, failed: [], differing: [], slow: [] };
  const kernel = one.globals.get("cells");
  kernel.page.clear();
  for (const [place, cell] of code(ran).entries()) {
    const unseen = hidden(tagged[place]);
    const began = performance.now();
    const result = JSON.parse(kernel.run(place, whole(cell.source), unseen, false));
    const took = (performance.now() - began) / 1000;
    told.cells++;
    told.seconds += took;
    told.slowest = Math.max(told.slowest, took);
    told.native += usual[place] ?? 0;
    if (!place && asked.times) one.runPython(`import ${LATER.join(", ")}`);
    if (place && took > TIMES * usual[place] + MORE) told.slow.push({ cell: place, seconds: took, native: usual[place] });
    const notes = result.outputs.filter((output) => /role="note"/.test(output.data?.["text/html"] ?? ""));
    if (!result.ok || notes.length) {
      const why = result.outputs.map((output) => output.summary ?? output.data?.["text/plain"] ?? "").filter(Boolean);
      told.failed.push({ cell: place, source: whole(cell.source).slice(0, 200), why: why.join("\n").slice(0, 600) });
      continue;
    }
    if (result.outputs.some(({ type }) => type === "explorer")) continue;
    const [got, want] = [comparable(result.outputs), comparable(cell.outputs)];
    for (const kind of unseen ? [] : Object.keys(want))
      if (got[kind] !== want[kind]) told.differing.push({ cell: place, kind, got: got[kind], want: want[kind] });
    for (const [key, text] of Object.entries(result.numbers)) {
      const want = shown(html, key);
      if (text !== want) told.differing.push({ cell: place, kind: "number in the text", got: text, want });
    }
  }
  told.megabytes = Math.round(one._module.HEAP8.length / 1e6);
  return told;
}

// ------------------------------------------------------------------------------------------------ page after page

const known = () =>
  readdirSync(executed, { recursive: true })
    .filter((name) => name.endsWith(".ipynb") && existsSync(path.join(site, name.replace(".ipynb", ".html"))))
    .map((name) => name.replace(".ipynb", ""))
    .sort();
const all = asked.page ? [asked.page] : known();
const unknown = words.filter((word) => !all.some((name) => name.includes(word)));
const pages = all.filter((name) => !words.length || words.some((word) => name.includes(word)));
if (unknown.length || !pages.length) {
  const named = `No page of ${site} has ${unknown.join(" or ")} in its name: give words as greeks, or none.`;
  console.error(unknown.length ? named : `No page of ${site} has code: build the book.`);
  process.exit(1);
}

const report = {};
function tell(page, told) {
  report[page] = told;
  const times = asked.times ? `, natively ${told.native.toFixed(1)} s, ${told.slow.length} slow` : "";
  const compared = `${told.failed.length} failed, ${told.differing.length} differ`;
  console.log(`${page}: ${told.cells} cells in ${told.seconds.toFixed(1)} s${times}, ${told.megabytes} MB, ${compared}`);
  for (const each of [...told.failed, ...told.differing, ...told.slow]) console.log(`  ${JSON.stringify(each).slice(0, 500)}`);
}

if (asked.page || asked.together) {
  const began = performance.now();
  const one = await python();
  if (asked.together) console.log(`Python started in ${((performance.now() - began) / 1000).toFixed(1)} s`);
  const notebooks = kept();
  for (const page of pages) tell(page, runPage(page, one, notebooks));
} else {
  const given = asked.times ? ["--times"] : [];
  for (const page of pages) {
    const done = spawnSync(process.execPath, [self, "--page", page, ...given], { encoding: "utf8", maxBuffer: 1e9, stdio: ["ignore", "pipe", "inherit"] });
    if (done.status !== 0) process.exit(done.status ?? 1);
    tell(page, JSON.parse(done.stdout.trimEnd().split("\n").at(-1)).pages[page]);
  }
}
console.log(JSON.stringify({ pages: report }));
const well = Object.values(report).every(({ failed, differing }) => !failed.length && !differing.length);
if (!well && !asked.page) process.exitCode = 1;
