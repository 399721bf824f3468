// Elements, and a line that is seen for a moment and heard.

export function make(tag, given = {}, ...inside) {
  const made = Object.assign(document.createElement(tag), given);
  made.append(...inside);
  return made;
}

let line;
let fading;
/** Say what a key has done, where there is no button to show it. */
export function say(text) {
  if (!line) {
    line = make("p", { className: "reader-says d-print-none" });
    line.setAttribute("role", "status");
    document.body.append(line);
  }
  clearTimeout(fading);
  // a screen reader hears what changes in a line that is there already
  requestAnimationFrame(() => (line.textContent = text));
  fading = setTimeout(() => (line.textContent = ""), 3500 + 30 * text.length);
}
