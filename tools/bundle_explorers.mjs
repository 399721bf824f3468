// Bundles the browser's half of the explorers into hedgelab/explorers/static: `make explorers`.

import { mkdir, readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

import { build } from "esbuild";

const source = fileURLToPath(new URL("../hedgelab/explorers/javascript/", import.meta.url));
const target = fileURLToPath(new URL("../hedgelab/explorers/static/", import.meta.url));

/**
 * The module "./drawings": DRAWINGS has by an explorer's name what draws it, of each file in that folder its default;
 * one_path.js draws "one-path".
 */
const drawings = {
  name: "drawings",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^\.\/drawings$/ }, () => ({ path: "drawings", namespace: "drawings" }));
    onLoad({ filter: /^drawings$/, namespace: "drawings" }, async () => {
      const files = (await readdir(`${source}drawings`)).filter((file) => file.endsWith(".js")).sort();
      const imports = files.map((file, k) => `import drawing${k} from "./drawings/${file}";`);
      const entries = files.map((file, k) => `"${file.slice(0, -3).replaceAll("_", "-")}": drawing${k},`);
      return { contents: [...imports, "export const DRAWINGS = {", ...entries, "};"].join("\n"), resolveDir: source };
    });
  },
};

const options = { bundle: true, minify: true, target: "es2022", legalComments: "eof", logLevel: "warning" };

await mkdir(target, { recursive: true });
const worker = await build({ ...options, entryPoints: [`${source}worker.js`], write: false, format: "iife" });
options.plugins = [drawings];
options.define = { WORKER_CODE: JSON.stringify(worker.outputFiles[0].text) };
await Promise.all([
  build({ ...options, entryPoints: [`${source}widget.js`], outfile: `${target}widget.js`, format: "esm" }),
  build({ ...options, entryPoints: [`${source}element.js`], outfile: `${target}element.js`, format: "iife" }),
  build({ ...options, entryPoints: [`${source}explorers.css`], outfile: `${target}explorers.css` }),
]);
for (const name of ["element.js", "widget.js", "explorers.css"]) {
  const code = await readFile(target + name);
  console.log(`${name}: ${code.length} bytes, ${gzipSync(code).length} compressed`);
}
