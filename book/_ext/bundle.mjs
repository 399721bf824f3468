// Bundles scripts for readers' browsers, from the oldest that the book is for.

import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

/** Write the script that a module makes with all that it imports, and return its bytes. `more` are esbuild's options. */
export async function bundle(source, outfile, more = {}) {
  await build({
    entryPoints: [fileURLToPath(source)],
    outfile,
    bundle: true,
    minify: true,
    format: "iife",
    target: ["chrome110", "firefox115", "safari16"],
    legalComments: "none",
    ...more,
  });
  return (await readFile(outfile)).length;
}
