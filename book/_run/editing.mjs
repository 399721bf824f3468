// Code that is edited where it stands, and keeps its colours.

import { codeOf, make, written } from "./elements.mjs";

const WORDS =
  /(?<comment>#.*)|(?<string>(\b[rfbu]{1,2})?("""[^]*?"""|'''[^]*?'''|"(\\.|[^"\\\n])*"|'(\\.|[^'\\\n])*'))|(?<number>\b\d[\d_.]*(e[-+]?\d+)?\b)|(?<keyword>\b(and|as|assert|break|class|continue|def|del|elif|else|except|finally|for|from|global|if|import|in|is|lambda|nonlocal|not|or|pass|raise|return|try|while|with|yield|None|True|False)\b)|(?<operator>[-+*\/%=<>!&|^~@]+)/g;

/** The text in the colours of the page's code: `classes` are theirs, by kind. */
function coloured(text, classes) {
  const parts = [];
  let from = 0;
  for (const found of text.matchAll(WORDS)) {
    const kind = Object.keys(classes).find((each) => found.groups[each] !== undefined);
    if (!kind) continue;
    parts.push(text.slice(from, found.index), make("span", { className: classes[kind], textContent: found[0] }));
    from = found.index + found[0].length;
  }
  return [...parts, text.slice(from)];
}

/** Let a cell's code be written, and run with `run`. */
export function edit(box, name, classes, run) {
  if (box.area) return box.area.focus();
  const code = codeOf(box);
  box.code ??= [...code.childNodes];
  const area = make("textarea", { value: written(box), spellcheck: false, rows: 1 });
  area.setAttribute("aria-label", `Code of ${name}`);
  for (const [name, value] of Object.entries({ autocapitalize: "off", autocomplete: "off", autocorrect: "off", wrap: "off" }))
    area.setAttribute(name, value);
  const draw = () => code.replaceChildren(...coloured(`${area.value}\n`, classes));
  area.addEventListener("input", draw);
  area.addEventListener("keydown", (event) => {
    if (event.isComposing || event.defaultPrevented) return; // Escape may have been for a preview
    if (event.key === "Escape") {
      area.close();
      box.change.focus();
    } else if (event.key === "Enter" && (event.shiftKey || event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      if (!event.repeat) run();
    } else if (event.key === "Enter") {
      // a new line begins where the last one did, and further in after a colon
      const line = area.value.slice(0, area.selectionStart).split("\n").at(-1);
      const indent = line.match(/^ */)[0] + (/:\s*(#.*)?$/.test(line) ? "    " : "");
      event.preventDefault();
      // keeps the way back with Ctrl+Z
      if (!document.execCommand("insertText", false, `\n${indent}`)) area.setRangeText(`\n${indent}`, area.selectionStart, area.selectionEnd, "end");
      draw();
    }
  });
  area.close = () => {
    area.remove();
    code.parentElement.classList.remove("editing");
    delete box.area;
  };
  code.parentElement.classList.add("editing");
  code.after(area);
  box.area = area;
  draw();
  area.setSelectionRange(0, 0);
  area.focus({ preventScroll: true }); // the reader is there; the browser would scroll sideways too
  box.says.textContent = "Shift+Enter runs it, Esc leaves it.";
}
