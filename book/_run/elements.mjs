// What each part of a page's script asks of its cells.

export function make(tag, given = {}, ...inside) {
  const made = Object.assign(document.createElement(tag), given);
  made.append(...inside);
  return made;
}

/** The code of a cell, in its colours; and as text, with what its reader has changed. */
export const codeOf = (box) => box.querySelector(".cell_input pre");
export const written = (box) => codeOf(box).textContent.trimEnd();
