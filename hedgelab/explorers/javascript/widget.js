// The explorers as an anywidget: a notebook's half.

import { render as draw } from "./explorer.js";

function render({ model, el }) {
  const down = draw({ model, el });
  el.querySelector('[data-do="share"]').remove(); // a notebook has no address to share
  return down;
}

export default { render };
