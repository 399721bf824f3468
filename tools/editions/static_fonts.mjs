// Cuts the site's variable fonts at a few weights: a variable one cannot be embedded in a PDF but as drawings.
//
// in:  {fonts: the folder of the site's fonts, into: a folder, weights}
// out: {}

import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { text } from "node:stream/consumers";

import subsetFont from "subset-font";

const { fonts, into, weights } = JSON.parse(await text(process.stdin));
await mkdir(into, { recursive: true });
for (const file of await readdir(fonts))
  for (const wght of weights) {
    const cut = await subsetFont(await readFile(path.join(fonts, file)), undefined, {
      keepAllGlyphs: true,
      targetFormat: "woff2",
      variationAxes: { wght },
    });
    await writeFile(path.join(into, file.replace("-wght-", `-${wght}-`)), cut);
  }
process.stdout.write("{}");
