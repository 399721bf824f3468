// Runs the cells of the built pages in the browser's Python, under Node, and compares what they print, their tables and
// the numbers of the text with what the pages show: `node tools/run_cells.mjs [words in pages' names]`.
//
// The last line of its output is JSON: for each page the seconds it took, what failed and what differs.

import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const self = fileURLToPath(import.meta.url);
const built = path.resolve(path.dirname(self), "../_build");
const site = process.env.SITE ?? path.join(built, "html");
const executed = path.join(built, "jupyter_execute");
const folder = path.join(site, "_static/run/");
const ONE = "--page"; // each page has a Python of its own, as it has for a reader
const words = process.argv.slice(2);

const pages = readdirSync(executed, { recursive: true })
  .filter((name) => name.endsWith(".ipynb") && existsSync(path.join(site, name.replace(".ipynb", ".html"))))
  .map((name) => name.replace(".ipynb", ""))
  .filter((name) => !words.length || words.some((word) => name.includes(word)))
  .sort();

if (words[0] !== ONE) {
  const report = {};
  for (const page of pages) {
    const done = spawnSync(process.execPath, [self, ONE, page], { encoding: "utf8", maxBuffer: 1e9, stdio: ["ignore", "pipe", "inherit"] });
    if (done.status) process.exit(done.status ?? 1);
    const told = (report[page] = JSON.parse(done.stdout.trimEnd().split("\n").at(-1)));
    console.log(`${page}: ${told.cells} cells in ${told.seconds.toFixed(1)} s, ${told.failed.length} failed, ${told.differing.length} differ`);
  }
  console.log(JSON.stringify({ pages: report }));
  process.exit(0);
}

const { loadPyodide } = await import(pathToFileURL(path.join(folder, "pyodide.mjs")));
const env = { HOME: "/home/pyodide", TQDM_DISABLE: "1" };
const python = await loadPyodide({ indexURL: folder, packages: ["hedgelab"], env, stdout: () => {} });
python.FS.mkdir("/kernel");
for (const [name, text] of Object.entries(JSON.parse(readFileSync(path.join(folder, "kernel.json"), "utf8"))))
  python.FS.writeFile(`/kernel/${name}`, text);
python.runPython("import sys; sys.path.append('/kernel'); import cells; cells.start()");
const kernel = python.globals.get("cells");

const whole = (text) => [text].flat().join("");
const plain = (text) => whole(text ?? "").replace(/\r/g, "").trim();

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

const page = words[1];
const notebook = JSON.parse(readFileSync(path.join(executed, `${page}.ipynb`), "utf8"));
const html = readFileSync(path.join(site, `${page}.html`), "utf8");
const code = ({ cells }) => cells.filter((each) => each.cell_type === "code");
const sources = (from) => JSON.stringify(code(from).map(({ source }) => whole(source)));

// What the build's own Python said stands in its cache: a page that was built from there has a notebook without outputs.
const cache = path.join(built, "executed");
const ran = readdirSync(cache, { recursive: true })
  .filter((name) => name.endsWith("base.ipynb"))
  .map((name) => JSON.parse(readFileSync(path.join(cache, name), "utf8")))
  .find((each) => sources(each) === sources(notebook));
if (!ran) throw new Error(`${page} was not executed as it stands: run \`make html\``);

const told = { cells: 0, seconds: 0, slowest: 0, megabytes: 0, failed: [], differing: [] };
const began = performance.now();
for (const [place, cell] of code(ran).entries()) {
  const hidden = (code(notebook)[place].metadata.tags ?? []).includes("remove-cell");
  const start = performance.now();
  const result = JSON.parse(kernel.run(place, whole(cell.source), hidden, false));
  told.slowest = Math.max(told.slowest, (performance.now() - start) / 1000);
  told.cells++;
  const notes = result.outputs.filter((output) => /role="note"/.test(output.data?.["text/html"] ?? ""));
  if (!result.ok || notes.length) {
    const why = result.outputs.map((output) => output.summary ?? output.data?.["text/plain"] ?? "").filter(Boolean);
    told.failed.push({ cell: place, source: whole(cell.source).slice(0, 200), why: why.join("\n").slice(0, 600) });
    continue;
  }
  if (result.outputs.some(({ type }) => type === "explorer")) continue;
  const [got, want] = [comparable(result.outputs), comparable(cell.outputs)];
  for (const kind of hidden ? [] : Object.keys(want))
    if (got[kind] !== want[kind]) told.differing.push({ cell: place, kind, got: got[kind], want: want[kind] });
  for (const [key, got] of Object.entries(result.numbers)) {
    const shown = html.match(new RegExp(`<span class="pasted-text ${key}">([^<]*)</span>`));
    const want = shown?.[1].replace(/&(amp|lt|gt|quot|#39|#x27);/g, (_, name) => ({ amp: "&", lt: "<", gt: ">", quot: '"' })[name] ?? "'");
    if (got !== want) told.differing.push({ cell: place, kind: "number in the text", got, want: want ?? null });
  }
}
told.seconds = (performance.now() - began) / 1000;
told.megabytes = Math.round(python._module.HEAP8.length / 1e6);
console.log(JSON.stringify(told));
