// Bundles what each page loads, and the help that it loads on need.  JSON in on stdin, JSON out on stdout.
//
// in:  {static: the built site's folder of static files}
// out: {bytes of each script}

import { readFile } from "node:fs/promises";
import path from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

import * as esbuild from "esbuild";

const { static: folder } = JSON.parse(await text(process.stdin));
const bytes = {};
for (const [source, name] of [
  ["page.mjs", "reader.js"],
  ["sheet.mjs", "reader_sheet.js"],
]) {
  const outfile = path.join(folder, name);
  await esbuild.build({
    entryPoints: [fileURLToPath(new URL(source, import.meta.url))],
    outfile,
    bundle: true,
    minify: true,
    format: "iife",
    target: ["chrome110", "firefox115", "safari16"],
    legalComments: "none",
  });
  bytes[name] = (await readFile(outfile)).length;
}
process.stdout.write(JSON.stringify(bytes));
