// The explorers as an anywidget: a notebook's half.

import { render as draw } from "./explorer.js";

/** Names of this view only: a page of JupyterLab has other notebooks on it, and other views of the same explorer. */
function rename(el) {
  const view = `-view-${(globalThis.hedgelabViews = (globalThis.hedgelabViews ?? 0) + 1)}`;
  for (const name of ["id", "for"])
    for (const part of el.querySelectorAll(`[${name}]`)) part.setAttribute(name, part.getAttribute(name) + view);
}

function render({ model, el }) {
  el.innerHTML = model.get("_frame");
  rename(el);
  const down = draw({ model, el });
  el.querySelector('[data-do="share"]').remove(); // a notebook has no address to share
  return down;
}

export default { render };
