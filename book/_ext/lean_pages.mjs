// Makes the site's one style sheet and its fonts.  JSON in on stdin, JSON out on stdout.
//
// in:  {site, styles: files in the order of the cascade}
// out: {bytes}

import { copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { text } from "node:stream/consumers";

import { transform } from "lightningcss";
import { PurgeCSS } from "purgecss";

const { site, styles } = JSON.parse(await text(process.stdin));
const fonts = path.join(site, "_static/fonts");
const require = createRequire(import.meta.url);

// The typefaces, for the scripts that the book is written in.
let css = "";
const files = new Map();
for (const [family, cuts] of [
  ["source-serif-4", ["wght", "wght-italic"]],
  ["source-sans-3", ["wght", "wght-italic"]],
  ["source-code-pro", ["wght"]],
])
  for (const cut of cuts) {
    const sheet = require.resolve(`@fontsource-variable/${family}/${cut}.css`);
    for (const [face, file] of (await readFile(sheet, "utf8")).matchAll(/@font-face\s*\{[^}]*url\(\.?\/?([^)]+)\)[^}]*\}/g))
      if (/-(latin|latin-ext|greek)-/.test(file)) {
        css += face.replace(/url\([^)]+\)/, `url(fonts/${path.basename(file)})`);
        files.set(path.basename(file), path.join(path.dirname(sheet), file));
      }
  }

for (const style of styles) css += "\n" + (await readFile(style, "utf8"));
css = css.replace(/@charset[^;]*;|\/\*#[^*]*\*\//g, "");

process.chdir(site); // so that nothing in its name is taken for a pattern
const [{ css: purged }] = await new PurgeCSS().purge({
  content: ["**/*.html", "_static/*.js"],
  css: [{ raw: css }],
  safelist: [/^mjx/, "no-primary", "no-secondary"],
  dynamicAttributes: ["data-theme", "data-mode", "data-look", "open", "aria-current"],
  keyframes: true,
});

await rm(fonts, { recursive: true, force: true });
await mkdir(fonts, { recursive: true });
for (const [name, source] of files) await copyFile(source, path.join(fonts, name));

const { code } = transform({ filename: "site.css", code: Buffer.from(purged), minify: true, errorRecovery: true });
await writeFile(path.join(site, "_static/site.css"), code);
process.stdout.write(JSON.stringify({ bytes: code.length }));
