// What a built page says, place by place: its sections, terms, exercises, figures, equations, explorers, sources and the
// library's names, each with the address that leads to it.

import { Parser } from "htmlparser2";

const VOID = new Set(["br", "img", "input", "hr", "meta", "link", "wbr", "source", "col"]);
/** What nobody looks for, or what is there twice. */
const UNREAD = new Set(["script", "style", "svg", "form", "button", "nav", "template", "noscript", "canvas", "output"]);
const UNREAD_CLASS = new RegExp(
  "(^| )(headerlink|highlight|dataframe|explorer-numbers|explorer-says|sig-paren|sig-param|fn-bracket|toctree-wrapper|" +
    "chapter-list)( |$)",
);
/** What stands within a line; other elements part words. */
const INLINE = new Set(
  (
    "a abbr b cite code em i kbd small span strong sub sup label u mjx-container mjx-assistive-mml math mi mo mn mrow " +
    "mtext msub msup mfrac mstyle msqrt"
  ).split(" "),
);
const HEADING = /^h[1-6]$/;

/** The kind of place that an element begins, if it begins one. */
function kindOf(tag, { id, class: names = "" }, within) {
  const is = (name) => names.split(" ").includes(name);
  if (!id) return undefined;
  if (tag === "section") return "section";
  if (tag === "figure") return "figure";
  if (tag === "hedge-explorer") return "explorer";
  if (tag === "div" && is("exercise")) return "exercise";
  if (tag === "details" && is("solution")) return "solution";
  if (tag === "div" && is("citation")) return "source";
  if (tag === "div" && is("equation")) return "equation";
  if (tag === "dt" && is("sig")) return /class|function|exception/.test(within) ? "function" : "member";
  if (tag === "dt" && within.includes("glossary")) return "term";
  return undefined;
}

/** The places of a page, in their order; the first is the page itself. */
export function readPage(html) {
  const places = [];
  const stack = [];
  const top = () => stack.at(-1);
  let unread = 0;
  const add = (text) => {
    const { place, into } = top() ?? {};
    if (place && into) place[into] += text;
  };
  const parser = new Parser(
    {
      onopentag(tag, attributes) {
        if (VOID.has(tag)) {
          if (!unread && tag === "img" && attributes.alt) add(` ${attributes.alt} `);
          return;
        }
        const names = attributes.class ?? "";
        const above = top();
        const frame = { tag, names, place: above?.place, into: above?.into ?? "text", unread: false };
        stack.push(frame);
        if (unread || (UNREAD.has(tag) && stack.some(({ place }) => place)) || UNREAD_CLASS.test(names)) {
          const label = !unread && tag === "svg" && attributes["aria-label"];
          if (label) add(` ${label} `);
          frame.unread = true;
          unread++;
          return;
        }
        if (!frame.place && tag !== "section") return;
        const kind = kindOf(tag, attributes, above?.names ?? "");
        if (kind) {
          const place = { id: attributes.id, kind, number: "", title: "", text: "" };
          if (kind === "function" || kind === "member") place.title = attributes.id.replace(/^hedgelab\./, "");
          places.push(place);
          frame.place = place;
          frame.into = kind === "term" ? "title" : kind === "function" || kind === "member" ? "" : "text";
          // what a term means stands beside it, not in it
          if (tag === "dt") above.place = place;
          return;
        }
        if (HEADING.test(tag) && !frame.place.title) frame.into = "title";
        else if (names.includes("section-number") || names.includes("caption-number")) frame.into = "number";
        else if (names === "eqno" && frame.place.kind === "equation") frame.into = "number";
        else if (names.includes("caption-text") && frame.place.kind === "figure") frame.into = "title";
        else if (names.includes("admonition-title") && frame.place.kind === "exercise") frame.into = "title";
        else if (tag === "summary" && frame.place.kind === "solution") frame.into = "title";
        else if (names.includes("explorer-question")) frame.into = "title";
        else if (names.includes("explorer-stage") && attributes["aria-label"]) add(` ${attributes["aria-label"]} `);
        else if (tag === "dd") frame.into = "text";
        if (!INLINE.has(tag)) add(" ");
      },
      ontext(text) {
        if (!unread) add(text);
      },
      onclosetag(tag) {
        if (VOID.has(tag)) return;
        const frame = stack.pop();
        if (frame?.unread) unread--;
        else if (!unread && !INLINE.has(tag)) add(" ");
        else if (top()?.tag === "mfrac" && !top().halved) {
          top().halved = true;
          add("/");
        }
      },
    },
    { decodeEntities: true },
  );
  // of each formula there are two copies: one to look at, and one in words
  parser.write(html.slice(html.indexOf("<article")).replace(/<mjx-math\b.*?<\/mjx-math>/gs, ""));
  parser.end();
  for (const place of places) {
    for (const part of ["number", "title", "text"]) place[part] = place[part].replace(/\s+/g, " ").trim();
    place.number = place.number.replace(/^\D*|\D*$/g, "");
    if (place.kind === "exercise") place.title = place.title.replace(/^\(|\)$/g, "");
    if (place.kind === "solution")
      [, place.number = "", place.title = ""] = /([\d.]+) *\(?(.*?)\)?$/.exec(place.title) ?? [];
    if (place.kind === "source") {
      const [, number, said] = /^(\d*) *(.*)$/.exec(place.text);
      Object.assign(place, {
        number,
        title: said.length < 70 ? said : `${said.slice(0, said.lastIndexOf(" ", 70))} …`,
        text: said,
      });
    }
  }
  // an explorer under a heading of its own is the same place
  return places.filter((place, at) => !(place.kind === "explorer" && places[at - 1]?.title === place.title));
}
