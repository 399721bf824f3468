// A closer look: what a link leads to, before one follows it; a figure as large as the window; how to cite the page.
// Each is a convenience: without it, links lead where they lead, and what there is to copy can be marked and copied.

import { offerCopies } from "./citation.mjs";
import { offerLargeFigures } from "./figures.mjs";
import { offerPreviews } from "./previews.mjs";

offerPreviews(document.currentScript.src);
offerLargeFigures();
offerCopies();
