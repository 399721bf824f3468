// Runs the cells of the built pages in the browser's Python, under Node, and compares what they print, their tables and
// the numbers of the text with what the pages show: `node tools/run_cells.mjs [words in pages' names]`.
//
// The last line of its output is JSON: for each page the seconds it took, what failed and what differs.

import { readdirSync, readFileSync, existsSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

const built = path.resolve(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), "../_build");
const site = process.env.SITE ?? path.join(built, "html");
const executed = process.env.EXECUTED ?? path.join(built, "jupyter_execute");
const folder = path.join(site, "_static/run/");
const words = process.argv.slice(2);

const pages = readdirSync(executed, { recursive: true })
  .filter((name) => name.endsWith(".ipynb") && existsSync(path.join(site, name.replace(".ipynb", ".html"))))
  .map((name) => name.replace(".ipynb", ""))
  .filter((name) => !words.length || words.some((word) => name.includes(word)))
  .sort();

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
  // what was printed in several goes stands whole in the first and again in the others: MyST-NB has merged it
  const [first = "", ...rest] = outputs.filter(({ name }) => name).map(({ text }) => whole(text));
  seen.printed = rest.length && first.endsWith(rest.join("")) ? first : [first, ...rest].join("");
  for (const output of outputs) {
    const data = output.data ?? {};
    const html = whole(data["text/html"] ?? "");
    if (data["image/svg+xml"]) seen.figures++;
    else if (html) seen.html += html;
    else if (data["text/plain"]) seen.text += whole(data["text/plain"]);
  }
  return Object.fromEntries(Object.entries(seen).map(([kind, value]) => [kind, typeof value === "string" ? plain(value) : value]));
}

const report = {};
for (const page of pages) {
  const notebook = JSON.parse(readFileSync(path.join(executed, `${page}.ipynb`), "utf8"));
  const html = readFileSync(path.join(site, `${page}.html`), "utf8");
  const told = (report[page] = { cells: 0, seconds: 0, slowest: 0, failed: [], differing: [] });
  kernel.page.clear();
  const began = performance.now();
  for (const [place, cell] of notebook.cells.filter((each) => each.cell_type === "code").entries()) {
    const hidden = (cell.metadata.tags ?? []).includes("remove-cell");
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
  console.log(`${page}: ${told.cells} cells in ${told.seconds.toFixed(1)} s, ${told.failed.length} failed, ${told.differing.length} differ`);
}
const megabytes = Math.round(process.memoryUsage().rss / 1e6);
console.log(JSON.stringify({ pages: report, megabytes }));
