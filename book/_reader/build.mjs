// Bundles what each page loads, and the help that it loads on need.  JSON in on stdin, JSON out on stdout.
//
// in:  {static: the built site's folder of static files}
// out: {bytes of each script}

import path from "node:path";
import { text } from "node:stream/consumers";

import { bundle } from "../_ext/bundle.mjs";

const { static: folder } = JSON.parse(await text(process.stdin));
const from = (name) => new URL(name, import.meta.url);
const bytes = {
  "reader.js": await bundle(from("page.mjs"), path.join(folder, "reader.js")),
  "reader_sheet.js": await bundle(from("sheet.mjs"), path.join(folder, "reader_sheet.js")),
};
process.stdout.write(JSON.stringify(bytes));
