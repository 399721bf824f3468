// Makes the site's one style sheet, which it puts into each page, its fonts, and small scripts.  JSON in on stdin and out on stdout.
//
// in:  {site, styles: files in the order of the cascade, scripts: files}
// out: {bytes}

import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { text } from "node:stream/consumers";

import { transform as transformScript } from "esbuild";
import { transform } from "lightningcss";
import { PurgeCSS } from "purgecss";
import subsetFont from "subset-font";

const { site, styles, scripts } = JSON.parse(await text(process.stdin));
const fonts = path.join(site, "_static/fonts");
const require = createRequire(import.meta.url);

// The typefaces, for the scripts that the book is written in; of each, further down, what it writes and a keyboard's letters.
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

// A page as Sphinx wrote it has a link to the style sheet; one that an earlier build left has the style sheet itself.
const link = /<link rel="stylesheet" href="([^"]*)site\.css">/;
const inlined = /<style data-href="([^"]*)">.*?<\/style>/s;
const pages = new Map();
for (const page of await readdir(site, { recursive: true }))
  if (page.endsWith(".html")) {
    const html = await readFile(path.join(site, page), "utf8");
    pages.set(page, html.replace(inlined, '<link rel="stylesheet" href="$1">'));
  }
const content = [...pages.values()].map((raw) => ({ raw, extension: "html" }));
for (const script of await readdir(path.join(site, "_static")))
  if (script.endsWith(".js")) content.push({ raw: await readFile(path.join(site, "_static", script), "utf8"), extension: "js" });
const [{ css: purged }] = await new PurgeCSS().purge({
  content,
  css: [{ raw: css }],
  safelist: [/^mjx/, "no-primary", "no-secondary"],
  dynamicAttributes: ["data-theme", "data-mode", "data-layout", "data-look", "open", "aria-current"],
  keyframes: true,
});

await rm(fonts, { recursive: true, force: true });
await mkdir(fonts, { recursive: true });
const shown = new Set(content.flatMap(({ raw }) => [...raw]));
for (let code = 0x20; code < 0x7f; code++) shown.add(String.fromCharCode(code));
for (const [name, source] of files)
  await writeFile(path.join(fonts, name), await subsetFont(await readFile(source), [...shown].join(""), { targetFormat: "woff2" }));

const { code } = transform({ filename: "site.css", code: Buffer.from(purged), minify: true, errorRecovery: true });
// In each page rather than beside it: whoever opens one waits for one file, not for two.
const sheet = code.toString();
for (const [page, html] of pages) {
  const whole = html.replace(link, (_, folder) => {
    const rules = sheet.replace(/url\("?((?:fonts|math)\/[^)"]+)"?\)/g, `url(${folder}$1)`);
    return `<style data-href="${folder}site.css">${rules}</style>`;
  });
  await writeFile(path.join(site, page), whole);
}
// What not every browser knows that the book is for (`bundle.mjs`), and the bundler lets pass: regular expressions that look
// behind (Safari before 16.4), `:has()` in a selector of a script, which throws where it is only ignored in a style sheet, and
// roles set as properties (both Firefox before 121).
const TOO_NEW = /\(\?<[=!]|:has\(|\.role\s*=[^=]|\.aria[A-Z]\w+\s*=[^=]/;

// What a page's scripts say to those who read them is in the repository; readers of the book wait for each letter.
for (const file of scripts) {
  const script = await readFile(file, "utf8");
  const found = script.match(TOO_NEW);
  if (found) throw new Error(`${path.basename(file)} has ${found[0]}, which some readers' browsers do not know.`);
  const { code: small } = await transformScript(script, { minify: true, target: "es2022", legalComments: "eof" });
  await writeFile(file, small);
}
process.stdout.write(JSON.stringify({ bytes: code.length }));
