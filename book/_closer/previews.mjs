// What a link leads to, in a box beside it: a term, a source, an equation, a figure, a footnote, an exercise.
//
// On hover, on focus from the keyboard and on long press; Escape, a tap elsewhere or moving on takes it away.  What is
// on the same page is copied from there; what is on another comes once, as a script that the build has made of that
// page's places (build.mjs), which also works where pages are opened from a folder.  Where it does not come, the link
// leads on as always.

import { announce, cleaned, copyOf } from "./copies.mjs";

const KINDS = "dl.glossary > dt, .citation, .equation, figure, aside.footnote, .exercise";
const LINKS = ':is(main, .large) a[href*="#"]:not(.headerlink, .preview a, nav a, [role="option"])';
const [SOON, GRACE, PRESS] = [300, 300, 350]; // a browser's own menu comes to a finger after 500
const GAP = 6;

/* global PAGES: those whose places have previews on others (build.mjs) */

let root; // the site's address
let wanted; // the link that the reader is at
let shown; // {link, title: what the link had, box} of the preview that is there
let dismissed; // the link whose preview the reader has closed and is still at
let leaving; // when the preview goes, unless the pointer comes back

const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

/** What belongs to a place of this page: a term is explained by what follows it. */
function pieces(place) {
  const all = [place];
  if (place.matches("dt"))
    for (let next = place; (next = next.nextElementSibling) && !(next.matches("dt") && all.length > 1); )
      if (next.matches("dd")) all.push(next);
  return all;
}

const coming = new Map();
/** The places of another page. */
function placesOf(page) {
  if (!coming.has(page))
    coming.set(
      page,
      new Promise((done) => {
        const script = document.createElement("script");
        script.src = new URL(`_static/closer/${page}.js`, root);
        script.onload = () => done(self.bookPlaces[page]);
        script.onerror = () => {
          script.remove();
          coming.delete(page); // the next look tries again
          done({});
        };
        document.head.append(script);
      }),
    );
  return coming.get(page);
}

const idOf = (link) => decodeURIComponent(link.hash.slice(1));

/** The place of this page that a link leads to, if it is of a kind that has previews. */
function placeHere(link) {
  const place = link.getAttribute("href").startsWith("#") && document.getElementById(idOf(link));
  return place && place.matches(KINDS) ? place : undefined;
}

/** The other page that a link leads to, if places of it have previews. */
function pageOf(link) {
  const address = link.href.split("#")[0];
  if (link.getAttribute("href").startsWith("#") || !address.startsWith(root)) return undefined;
  const page = decodeURIComponent(address.slice(root.length)).replace(/\.html$/, "");
  return PAGES.includes(page) ? page : undefined;
}

/** What a link's preview shows, if it has one. */
async function contentOf(link) {
  const [place, page] = [placeHere(link), pageOf(link)];
  if (place) return copyOf(...pieces(place));
  const html = page && (await placesOf(page))[idOf(link)];
  if (!html) return undefined;
  const template = document.createElement("template");
  template.innerHTML = html;
  for (const [name, parts] of [["href", "a[href]"], ["src", "img[src]"]])
    for (const part of template.content.querySelectorAll(parts))
      part.setAttribute(name, new URL(part.getAttribute(name), link.href));
  return cleaned(template.content);
}

/** Show what a link leads to, soon, unless the reader has moved on by then. */
async function want(link, after, point) {
  clearTimeout(leaving);
  if (link === wanted || link === dismissed) return;
  wanted = link;
  if (link === shown?.link) return; // back from another that was on the way
  const [content] = await Promise.all([contentOf(link), pause(after)]);
  if (link !== wanted) return;
  hide();
  if (content && link.isConnected) show(link, content, point);
  else link.classList.remove("pressed"); // the browser's own menu may come
}

function show(link, content, point) {
  const box = Object.assign(document.createElement("div"), { className: "preview", id: "preview" });
  box.setAttribute("role", "tooltip");
  const inner = document.createElement(content.querySelector("dt") ? "dl" : "div");
  inner.append(content);
  // for the pointer: who goes from link to link with the keyboard follows the one that it is of
  for (const part of inner.querySelectorAll("a")) part.tabIndex = -1;
  box.append(inner);
  const title = link.getAttribute("title");
  link.removeAttribute("title"); // which the browser would show as well
  link.setAttribute("aria-describedby", box.id);
  (link.closest("dialog") ?? document.body).append(box);
  wanted = link;
  shown = { link, title, box };
  put(box, link, point);
  announce(box);
}

function hide() {
  clearTimeout(leaving);
  if (shown) {
    shown.link.removeAttribute("aria-describedby");
    if (shown.title !== null) shown.link.title = shown.title;
    shown.box.remove();
  }
  wanted = shown = undefined;
}

/** Put the preview below the line of its link that the reader points at, or above if there is more room. */
function put(box, link, point) {
  const lines = [...link.getClientRects()];
  const line = lines.find(({ top, bottom }) => top <= point && point <= bottom) ?? lines[0];
  const edge = document.querySelector(".bd-header-article")?.getBoundingClientRect().bottom ?? 0;
  const [above, below] = [line.top - Math.max(edge, 0) - 2 * GAP, innerHeight - line.bottom - 2 * GAP];
  const under = box.offsetHeight <= below || below >= above;
  box.style.setProperty("--room", `${Math.max(under ? below : above, 120)}px`);
  const at = box.getBoundingClientRect();
  const left = Math.max(GAP, Math.min(line.left, document.documentElement.clientWidth - at.width - GAP));
  const top = under ? line.bottom + GAP : line.top - GAP - at.height;
  box.style.left = `${left - at.left}px`;
  box.style.top = `${top - at.top}px`;
  if (box.scrollHeight > box.clientHeight + 1) box.tabIndex = 0;
}

const linkAt = ({ target }) => target.closest?.(LINKS);

export function offerPreviews(script) {
  root = new URL("..", script).href;
  followPointer();
  followFocus();
  followFinger();
  document.addEventListener(
    "keydown",
    (event) => {
      const { key, ctrlKey, altKey, metaKey, target } = event;
      const step = { ArrowDown: 60, ArrowUp: -60 }[key];
      if (key === "Escape") {
        if (shown) event.preventDefault(); // a dialog around it, or a cell that is edited, stays open
        dismissed = wanted;
        hide();
      } else if (ctrlKey || altKey || metaKey || shown?.box.contains(target)) return;
      else if (key.length === 1) hide(); // a single key may move the link away (reader.js)
      else if (step && shown?.link === target && shown.box.tabIndex === 0) {
        // the keyboard is at the link: what does not fit is reached from there
        event.preventDefault();
        shown.box.scrollBy(0, step);
      }
    },
    true,
  );
  // so may what a run has drawn (_run/showing.mjs)
  addEventListener("book:shown", ({ detail }) => detail.matches("dialog, .preview") || hide());
}

function followPointer() {
  document.addEventListener("pointerover", (event) => {
    if (event.pointerType === "touch") return;
    const link = linkAt(event);
    if (link !== dismissed) dismissed = undefined;
    if (link) want(link, SOON, event.clientY);
    else if (shown?.box.contains(event.target)) {
      clearTimeout(leaving);
      wanted = shown.link;
    } else if (wanted && !wanted.matches(":focus-visible")) {
      // on its way from the link to the preview the pointer may be beside both
      wanted = undefined;
      clearTimeout(leaving);
      leaving = setTimeout(hide, GRACE);
    }
  });
}

function followFocus() {
  document.addEventListener("focusin", (event) => {
    const link = linkAt(event);
    dismissed = undefined;
    if (link?.matches(":focus-visible")) want(link, SOON);
    // a finger that has looked gives the link the focus when it is lifted
    else if (!shown?.box.contains(event.target) && !(shown && link === shown.link)) hide();
  });
}

/** A finger that rests on a link looks; one that taps follows it. */
function followFinger() {
  let start; // where a finger is down
  let looked = false; // the finger that has just been lifted has looked
  document.addEventListener("pointerdown", (event) => {
    looked = false;
    if (shown?.box.contains(event.target)) return;
    hide();
    const link = linkAt(event);
    if (!link || event.pointerType !== "touch") return;
    start = event;
    link.classList.toggle("pressed", Boolean(placeHere(link) || pageOf(link))); // without the browser's own menu
    want(link, PRESS, event.clientY);
  });
  const lift = (event) => {
    if (!start) return;
    linkAt(start).classList.remove("pressed");
    start = undefined;
    if (!shown || event.type === "pointercancel") return hide();
    looked = true;
    setTimeout(() => (looked = false), GRACE);
  };
  document.addEventListener("pointerup", lift);
  document.addEventListener("pointercancel", lift);
  document.addEventListener("pointermove", (event) => {
    if (start && !shown && Math.hypot(event.clientX - start.clientX, event.clientY - start.clientY) > 10) lift(event);
  });
  document.addEventListener("contextmenu", (event) => start && linkAt(start).matches(".pressed") && event.preventDefault());
  document.addEventListener(
    "click",
    (event) => {
      if (!linkAt(event)) return;
      if (looked) event.preventDefault();
      else hide();
    },
    true,
  );
}
