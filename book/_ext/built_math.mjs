// Typesets a batch of TeX with MathJax: JSON in on stdin, JSON out on stdout.
//
// in:  {formulas: [{tex, display}], fonts: folder that receives the fonts}
// out: {results: [{html} or {error}], css}
//
// The fonts hold only the glyphs that these formulas use: a few kilobytes each instead of a megabyte together.

import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { text } from "node:stream/consumers";
import { pathToFileURL } from "node:url";

import MathJax from "mathjax";
import subsetFont from "subset-font";

const { formulas, fonts } = JSON.parse(await text(process.stdin));
const fontSource = path.join(
  path.dirname(createRequire(import.meta.url).resolve("@mathjax/mathjax-newcm-font/package.json")),
  "chtml/woff2",
);

await MathJax.init({
  loader: {
    load: ["input/tex", "output/chtml", "adaptors/liteDOM", "a11y/assistive-mml"],
    require: (file) => import(path.isAbsolute(file) ? pathToFileURL(file) : file), // "#" and "%" are letters in a path
  },
  options: { enableAssistiveMml: true },
  output: { font: "mathjax-newcm" },
  chtml: { fontURL: "math", adaptiveCSS: true, matchFontHeight: false },
  tex: {
    packages: { "[-]": ["noundefined", "noerrors", "require", "autoload"] },
    formatError: (_, error) => {
      throw error;
    },
    tags: "none",
  },
});
const adaptor = MathJax.startup.adaptor;

const results = [];
for (const { tex, display } of formulas) {
  try {
    const node = await MathJax.tex2chtmlPromise(tex, { display });
    const html = adaptor
      .outerHTML(node)
      .replace(/ (data-latex(-item)?|data-mjx-texclass|unselectable)="[^"]*"/g, "");
    results.push({ html });
  } catch (error) {
    results.push({ error: error.message });
  }
}
let css = adaptor.cssText(MathJax.chtmlStylesheet());

// Every character a formula shows: in its text, and in rules such as `content: "\23A7"` for tall brackets.
const typeset = results.map((result) => result.html ?? "").join("");
const shown = new Set(typeset.replace(/<[^>]*>/g, "").replace(/&(amp|lt|gt|quot);/g, "&<>\""));
for (const [, code] of css.matchAll(/\\([0-9A-F]{2,6})/gi)) shown.add(String.fromCodePoint(parseInt(code, 16)));

// Every font a formula names: by a class in its elements, or in a rule of its own.
const classes = new Set([...typeset.matchAll(/class="([^"]*)"/g)].flatMap(([, names]) => names.split(" ")));
const wanted = new Set();
css = css.replace(/\.(NCM-[\w-]+) \{[^}]*\}\s*/g, (rule, name) => (classes.has(name) ? rule : ""));
for (const [, family] of css.replace(/@font-face[^}]*\}/g, "").matchAll(/font-family: ([^;]*);/g))
  for (const name of family.split(/,\s*/)) wanted.add(name);

await rm(fonts, { recursive: true, force: true });
await mkdir(fonts, { recursive: true });
const faces = [...css.matchAll(/@font-face[^{]*\{\s*font-family: ([\w-]+);\s*src: url\("math\/([^"]+)"\)[^}]*\}\s*/g)];
for (const [face, family, file] of faces) {
  if (!wanted.has(family)) {
    css = css.replace(face, "");
    continue;
  }
  const whole = await readFile(path.join(fontSource, file));
  await writeFile(path.join(fonts, file), await subsetFont(whole, [...shown].join(""), { targetFormat: "woff2" }));
  css = css.replace(face, face.replace("font-family", "font-display: swap;\n  font-family"));
}

MathJax.done?.();
process.stdout.write(JSON.stringify({ results, css }));
