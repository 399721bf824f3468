// Bundles what runs a page's cells.  JSON in on stdin, JSON out on stdout.
//
// in:  {static: the built site's folder of static files}
// out: {bytes of each script}

import path from "node:path";
import { text } from "node:stream/consumers";

import { bundle } from "../_ext/bundle.mjs";

const { static: folder } = JSON.parse(await text(process.stdin));
const from = (name) => new URL(name, import.meta.url);
const bytes = {
  "run.js": await bundle(from("buttons.mjs"), path.join(folder, "run.js")),
  "run_page.js": await bundle(from("running.mjs"), path.join(folder, "run_page.js"), { format: "esm" }),
};
process.stdout.write(JSON.stringify(bytes));
