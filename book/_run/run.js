// Run and edit the code of a page in the reader's own browser.  Nothing is fetched before the reader asks for it.
(() => {
  const { cells: list, megabytes, colours, worker: program = "worker.js" } = document.currentScript.dataset;
  const folder = new URL("run/", document.currentScript.src);
  if (location.protocol === "file:" || !globalThis.Worker || !globalThis.WebAssembly) return;

  const codeOf = (box) => box.querySelector(".cell_input pre");
  const boxes = [...document.querySelectorAll(".cell[id]")].filter(codeOf);
  const make = (tag, given = {}, ...inside) => {
    const made = Object.assign(document.createElement(tag), given);
    made.append(...inside);
    return made;
  };
  const written = (box) => codeOf(box).textContent.trimEnd();
  const seconds = (time) => (time < 950 ? `${Math.max(0.1, time / 1000).toFixed(1)} s` : `${Math.round(time / 1000)} s`);

  // ---------------------------------------------------------------------------------------------- the page's Python

  let cells; // all cells of the page, hidden ones as well, in order
  let palette = {};
  let worker;
  let answers = new Map();
  let asked = 0;
  let progress = () => {};
  let running; // the box whose run was asked for
  let turn = Promise.resolve();
  let stops = 0;

  const enough = () => !(navigator.deviceMemory < 2);
  const TOO_SMALL = "Python needs about 600 MB of memory, more than this device gives a page. On a larger one it runs.";

  function start() {
    worker = new Worker(new URL(program, folder), { type: "module" });
    worker.onmessage = ({ data }) => {
      if (data.fetched) progress(data.fetched < 1e6 * (megabytes - 2) ? `Starting Python, ${Math.round(data.fetched / 1e6)} of ${megabytes} MB are here` : "Starting Python");
      else if (data.failed) fail(data.failed);
      else {
        answers.get(data.number)?.(data.result);
        answers.delete(data.number);
      }
    };
    worker.onerror = (event) => fail(event.message || "its files did not come");
    progress("Starting Python");
  }

  // The end of a Python, by the reader's wish or its own: whatever was asked of it is answered.
  function end(answer) {
    stops++;
    worker?.terminate();
    worker = undefined;
    for (const cell of cells ?? []) delete cell.ran;
    for (const tell of answers.values()) tell(answer);
    answers = new Map();
  }
  const fail = (why) => end({ failed: /memory|alloc/i.test(why) ? TOO_SMALL : `Python ended: ${why.split("\n")[0]}` });

  const ask = (index, source, hidden) =>
    new Promise((tell) => {
      answers.set(++asked, tell);
      worker.postMessage({ number: asked, source, hidden, cell: index });
    });

  async function read() {
    if (cells) return;
    const listed = await (await fetch(list)).json();
    palette = listed.palette;
    cells = listed.cells.map((cell) => ({ ...cell, box: document.getElementById(`cell-${cell.id}`) }));
    for (const [index, cell] of cells.entries()) {
      if (cell.box) cell.box.index = index;
      cell.editable = boxes.includes(cell.box);
      // what a hidden cell has to say is said below the last cell that shows
      cell.host = cell.box ?? cells[index - 1]?.host;
    }
  }

  // ---------------------------------------------------------------------------------------------- running

  const sourceOf = (cell) => (cell.editable ? written(cell.box) : cell.source);
  const edited = (cell) => cell.editable && written(cell.box) !== cell.source.trimEnd();

  // Once, and not where the files are here already: what it takes, before anything is fetched.
  async function agreed(box) {
    const known = () => {
      try {
        return localStorage.getItem("browser-python") === "agreed";
      } catch {
        return false;
      }
    };
    if (worker || known()) return true;
    const before = document.activeElement;
    const yes = make("button", { type: "button", className: "run-button", textContent: "Start Python" });
    const no = make("button", { type: "button", className: "run-button", textContent: "Not now" });
    const says = box.says;
    const told = `This fetches Python and its packages from this site: ${megabytes} MB, once. What you type stays on your machine.`;
    says.replaceChildren(told, " ", yes, " ", no);
    yes.focus();
    heard.textContent = told;
    const answer = await new Promise((tell) => {
      yes.onclick = () => tell(true);
      no.onclick = () => tell(false);
      says.onkeydown = ({ key, defaultPrevented }) => {
        // nothing is returned: `false` would keep Tab and Enter from the two buttons
        if (key === "Escape" && !defaultPrevented) tell(false);
      };
    });
    says.replaceChildren();
    before?.focus();
    if (answer)
      try {
        localStorage.setItem("browser-python", "agreed");
      } catch {
        // it is asked again
      }
    return answer;
  }

  function say(box, text, aloud) {
    box.says.textContent = text;
    if (aloud) heard.textContent = text;
  }

  // A clock beside what takes long; a screen reader hears that it has begun and how it ended.
  function timed(box, began) {
    let text = "";
    const tell = () => {
      const time = performance.now() - began;
      if (text) say(box, time < 1000 ? text : `${text} · ${seconds(time)}`);
    };
    const clock = setInterval(tell, 500);
    progress = (now) => {
      text = now;
      tell();
    };
    return () => {
      clearInterval(clock);
      progress = () => {};
    };
  }

  function allowed(now) {
    running = now;
    for (const box of boxes) {
      box.go.textContent = box === now ? "Stop" : "Run";
      box.go.setAttribute("aria-label", `${box.go.textContent} cell ${boxes.indexOf(box) + 1}`);
    }
    all.textContent = now ? "Stop" : "Run all";
    reset.disabled = Boolean(now);
  }

  // Run up to a box, with what follows it before the next one: the book's own checks and the numbers of the text.
  async function run(target) {
    const stopped = stops;
    if (!enough()) return say(target, TOO_SMALL, true);
    if (!(await agreed(target))) return;
    allowed(target);
    const began = performance.now();
    const quiet = timed(target, began);
    try {
      await read();
      if (!worker) {
        heard.textContent = "Starting Python";
        start();
      }
      const at = target.index;
      let last = at;
      while (last + 1 < cells.length && !cells[last + 1].editable) last++;
      let first = cells.findIndex((cell, index) => index === at || cell.ran !== sourceOf(cell));
      const before = cells.slice(first, at).filter((cell) => cell.editable).length;
      if (worker.ran) progress("Running");
      for (const cell of cells.slice(first)) delete cell.ran;
      for (; first <= last; first++) {
        const cell = cells[first];
        const source = sourceOf(cell);
        const result = await ask(first, source, !cell.shown);
        if (result.failed || stopped !== stops) return say(target, result.failed ?? "Stopped.", true);
        if (!worker.ran) {
          worker.ran = true;
          progress("Running");
        }
        const changed = cells.slice(0, first + 1).some((each) => edited(each) || each.box?.fresh);
        if (cell.box && (first === at || changed)) show(cell, result);
        if (cell.box) settled(cell.box);
        note(cell, first, result);
        write(result.numbers);
        if (!result.ok && cell.shown) {
          if (first > at) break;
          if (first === at) return say(target, "An error: see below.", true);
          const link = make("a", { href: `#${cell.box.id}`, textContent: "a cell above" });
          target.says.replaceChildren("There is an error in ", link, ".");
          heard.textContent = target.says.textContent;
          return false;
        }
        cell.ran = source;
      }
      const time = seconds(performance.now() - began);
      say(target, before ? `Ran, with ${before === 1 ? "the cell" : `${before} cells`} above, in ${time}` : `Ran in ${time}`, true);
      if (cells.slice(0, last + 1).some(edited))
        for (const later of cells.slice(last + 1)) if (later.editable) outdate(later.box);
      return true;
    } catch (error) {
      say(target, `This did not work: ${error.message}`, true);
    } finally {
      quiet();
      allowed();
    }
  }

  function stop() {
    end({ failed: "Stopped. The next run starts Python again." });
  }

  const next = (act) => (turn = turn.then(act, act));
  function goOn(box) {
    if (running === box) return stop();
    if (box.waits) return;
    const stopped = stops;
    box.waits = true;
    if (running) say(box, "Waits for the cell that runs.", true);
    next(() => {
      box.waits = false;
      if (stopped === stops) return run(box);
      say(box, ""); // what was waiting is called off with what was stopped
    });
  }

  async function runAll() {
    if (running) return stop();
    next(async () => {
      const last = boxes.at(-1);
      all.says.textContent = "";
      const lent = last.says;
      last.says = all.says; // what happens is told where the reader is
      const well = await run(last);
      last.says = lent;
      if (well) say(all, all.says.textContent.replace(/^Ran.* in/, `All ${boxes.length} cells ran in`), true);
      const wrong = document.querySelector(".run-error")?.closest(".cell");
      if (well === undefined && wrong) all.says.replaceChildren("There is an error in ", make("a", { href: `#${wrong.id}`, textContent: "a cell" }), ".");
    });
  }

  // ---------------------------------------------------------------------------------------------- what a run shows

  // All that is on the page from the beginning is kept for Reset.
  function keep(box) {
    const out = box.querySelector(":scope > .cell_output");
    box.printed ??= { out, parts: out ? [...out.childNodes] : [] };
    return box.printed;
  }

  const outdate = (box) => {
    box.classList.add("stale");
    say(box, "From before the change above.");
  };
  const settled = (box) => {
    if (box.classList.contains("stale")) say(box, "");
    box.classList.remove("stale");
  };

  function show(cell, { outputs }) {
    if (outputs.some(({ type }) => type === "explorer")) return; // it has controls of its own
    const { box } = cell;
    const { parts } = keep(box);
    let out = box.querySelector(":scope > .cell_output");
    if (!outputs.length) return out?.remove();
    if (!out) {
      out = make("div", { className: "cell_output docutils container" });
      box.querySelector(":scope > .cell_input, :scope > details")?.after(out);
      if (!out.isConnected) box.prepend(out);
    }
    const figures = parts.filter((part) => part.localName === "figure");
    out.replaceChildren(...outputs.map((output) => shown(output, figures, edited(cell))).filter(Boolean));
    box.fresh = true;
    dispatchEvent(new CustomEvent("book:shown", { detail: out }));
  }

  const pre = (text, kind) => {
    const code = make("pre", { textContent: text });
    return make("div", { className: `output ${kind} highlight-myst-ansi notranslate` }, make("div", { className: "highlight" }, code));
  };

  function shown(output, figures, changed) {
    if (output.type === "stream") return pre(output.text, output.name === "stderr" ? "stderr" : "stream");
    if (output.type === "error") return wrong(output, "run-error");
    const { "image/svg+xml": svg, "text/html": html, "text/plain": text } = output.data ?? {};
    if (html) return make("div", { className: "output text_html", innerHTML: html });
    if (!svg) return pre(text ?? "", "text_plain");
    const printed = figures.shift();
    const figure = printed?.cloneNode(true) ?? make("figure", { className: "align-default" }, make("div", { className: "figure-box" }));
    const seen = figure.querySelector("svg")?.getAttribute("aria-label");
    const drawn = dress(svg);
    const picture = drawn.querySelector("svg");
    if (!seen) picture.setAttribute("aria-label", "A figure that this cell has drawn");
    else picture.setAttribute("aria-label", changed ? `Drawn again after a change. As printed: ${seen}` : seen);
    figure.querySelector(".figure-box").replaceChildren(picture);
    return figure;
  }

  function wrong({ summary, line, text }, kind) {
    const where = line ? ` In line ${line} of this cell.` : "";
    const all = make("details", {}, make("summary", { textContent: "All that Python says" }), make("pre", { textContent: text }));
    return make("div", { className: `output ${kind}` }, make("p", {}, make("strong", { textContent: summary }), where), all);
  }

  // A figure in the colours and letters of the page; its ids are its own.
  let drawn = 0;
  function dress(svg) {
    const own = `run-${++drawn}-`;
    const dressed = svg
      .slice(svg.indexOf("<svg"))
      .replace(/<metadata>[^]*?<\/metadata>/, "")
      .replace(/<style[^]*?<\/style>/, "")
      .replace(/#[0-9a-f]{6}\b/g, (colour) => (palette[colour] ? `var(--figure-${palette[colour]}, ${colour})` : colour))
      .replace(/font-family: [^;"]*;? ?/g, "")
      .replace(/font-size: ([\d.]+)px/g, "font-size: calc($1px * var(--figure-text, 1))")
      .replace(/\bid="/g, `id="${own}`)
      .replace(/url\(#/g, `url(#${own}`)
      .replace(/href="#/g, `href="#${own}`);
    const box = make("div", { innerHTML: dressed });
    const picture = box.querySelector("svg");
    for (const size of ["width", "height"]) picture.removeAttribute(size);
    picture.setAttribute("role", "img");
    picture.setAttribute("fill", "var(--figure-ink, #5b6472)");
    return box;
  }

  // What a hidden cell finds: that a sentence of the text holds no longer.
  function note(cell, index, { outputs }) {
    if (cell.shown || !cell.host) return;
    for (const old of document.querySelectorAll(`.run-note[data-cell="${index}"]`)) old.remove();
    for (const output of outputs) {
      const html = output.data?.["text/html"];
      if (!html && output.type !== "broken") continue;
      const said = html ? make("div", { className: "run-note", innerHTML: html }) : wrong(output, "run-note");
      if (!html) said.firstChild.append(" The text below cannot be computed again.");
      said.setAttribute("role", "note");
      said.dataset.cell = index;
      cell.host.append(said);
    }
  }

  // The numbers in sentences.
  const numbers = new Map();
  function write(found) {
    for (const [name, text] of Object.entries(found))
      for (const place of document.getElementsByClassName(name)) {
        if (!numbers.has(place)) numbers.set(place, place.textContent);
        place.textContent = text;
        const changed = text !== numbers.get(place);
        place.classList.toggle("changed", changed);
        place.title = changed ? `Printed: ${numbers.get(place)}` : "";
      }
  }

  function putBack() {
    for (const box of boxes) {
      box.area?.close();
      if (box.code) codeOf(box).replaceChildren(...box.code);
      settled(box);
      say(box, "");
    }
    for (const { box } of cells ?? []) {
      if (!box?.printed) continue;
      const { out, parts } = box.printed;
      box.querySelector(":scope > .cell_output")?.remove();
      if (out) {
        out.replaceChildren(...parts);
        const input = box.querySelector(":scope > .cell_input, :scope > details");
        if (input) input.after(out);
        else box.prepend(out);
      }
      box.fresh = false;
    }
    for (const [place, text] of numbers) {
      place.textContent = text;
      place.classList.remove("changed");
      place.removeAttribute("title");
    }
    for (const old of document.querySelectorAll(".run-note")) old.remove();
    all.says.textContent = "The page is as it was printed.";
    heard.textContent = all.says.textContent;
  }

  // ---------------------------------------------------------------------------------------------- editing

  const WORDS =
    /(?<comment>#.*)|(?<string>(?<!\w)[rfbu]{0,2}("""[^]*?"""|'''[^]*?'''|"(\\.|[^"\\\n])*"|'(\\.|[^'\\\n])*'))|(?<number>\b\d[\d_.]*(e[-+]?\d+)?\b)|(?<keyword>\b(and|as|assert|break|class|continue|def|del|elif|else|except|finally|for|from|global|if|import|in|is|lambda|nonlocal|not|or|pass|raise|return|try|while|with|yield|None|True|False)\b)|(?<operator>[-+*\/%=<>!&|^~@]+)/g;
  const classes = Object.fromEntries((colours ?? "").split(" ").map((each) => each.split(":")));
  function colour(text) {
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

  function edit(box) {
    if (box.area) return box.area.focus();
    const code = codeOf(box);
    box.code ??= [...code.childNodes];
    const area = make("textarea", { value: written(box), spellcheck: false, rows: 1 });
    area.setAttribute("aria-label", `Code of cell ${boxes.indexOf(box) + 1}`);
    for (const [name, value] of Object.entries({ autocapitalize: "off", autocomplete: "off", autocorrect: "off", wrap: "off" }))
      area.setAttribute(name, value);
    const draw = () => code.replaceChildren(...colour(`${area.value}\n`));
    area.addEventListener("input", draw);
    area.addEventListener("keydown", (event) => {
      if (event.isComposing || event.defaultPrevented) return; // Escape may have been for a preview
      if (event.key === "Escape") {
        area.close();
        box.change.focus();
      } else if (event.key === "Enter" && (event.shiftKey || event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        goOn(box);
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
    say(box, "Shift+Enter runs it, Esc leaves it.");
  }

  // ---------------------------------------------------------------------------------------------- what there is to press

  const button = (text, act) => {
    const made = make("button", { type: "button", className: "run-button", textContent: text });
    made.addEventListener("click", act);
    return made;
  };
  for (const [at, box] of boxes.entries()) {
    box.go = button("Run", () => goOn(box));
    box.change = button("Edit", () => edit(box));
    for (const each of [box.go, box.change]) each.setAttribute("aria-label", `${each.textContent} cell ${at + 1}`);
    box.says = make("span", { className: "run-says" });
    codeOf(box).closest('div[class*="highlight-"]').after(make("div", { className: "run-bar" }, box.go, box.change, box.says));
  }
  const all = button("Run all", runAll);
  const reset = button("Reset page", () => next(putBack));
  all.says = make("span", { className: "run-says" });
  const heard = make("p", { className: "run-heard" });
  heard.setAttribute("role", "status");
  const page = make("section", { className: "run-page" });
  page.setAttribute("aria-label", "Run this page");
  page.append(
    make(
      "p",
      {},
      make("strong", { textContent: "This page runs." }),
      ` Change a cell and run it: Python works in your browser, and what you type stays there. The first run fetches ${megabytes} MB from this site (`,
      make("a", { href: new URL("licences.txt", folder).href, textContent: "what, and its licences" }),
      "). Cells above run first; tables, figures and the numbers in the text follow. Each page has a Python of its own, which ends when you leave it; the next one starts in seconds, from what your browser has kept.",
    ),
    make("div", { className: "run-buttons" }, all, reset, all.says),
    heard,
  );
  boxes[0]?.before(page);
})();
