// What the tests of the explorers ask a page.

const frame = () => new Promise((done) => requestAnimationFrame(done));

/** When the page has drawn what it was told, and nothing is being computed any more. */
async function drawn() {
  await frame();
  await frame();
  while (document.querySelector('.explorer[aria-busy="true"]')) await frame();
}

const valueOf = (input) => {
  if (input.type === "checkbox") return input.checked;
  if (input.tagName === "SELECT" || input.dataset.pattern !== undefined) return input.value;
  return Number(input.dataset.values ? input.dataset.values.split(" ")[input.value] : input.value);
};

/** Settings, numbers and words of an explorer. */
function state(explorer) {
  const named = (selector, name, what) =>
    Object.fromEntries([...explorer.querySelectorAll(selector)].map((it) => [name(it), what(it)]));
  return {
    settings: named("form [name]", (it) => it.name, valueOf),
    said: named("form output", (it) => document.getElementById(it.htmlFor).name, (it) => it.textContent),
    numbers: named("[data-number]", (it) => it.dataset.number, (it) => Number(it.dataset.value)),
    written: named("[data-number]", (it) => it.dataset.number, (it) => it.textContent),
    sentence: explorer.querySelector(".explorer-says").textContent,
  };
}

/** A copy that may be read, of a canvas that had better not be: Chromium warns of it. */
function copied(canvas) {
  const { width, height } = canvas;
  const context = Object.assign(document.createElement("canvas"), { width, height }).getContext("2d", { willReadFrequently: true });
  context.drawImage(canvas, 0, 0);
  return context;
}

/** A number that stands for the pixels of a part of a picture. */
const digest = (context, ...part) =>
  context.getImageData(...part).data.reduce((hash, byte) => Math.imul(hash ^ byte, 16777619), 1);

/** What stands to the left of the axes of an explorer and below them. */
const labels = (explorer) =>
  [...explorer.querySelectorAll(".explorer-plot")].map((plot) => {
    const [canvas, over] = [plot.querySelector("canvas"), plot.querySelector(".u-over")];
    const scale = canvas.width / canvas.clientWidth;
    const left = Math.floor((over.offsetLeft - 8) * scale); // a point on the axis is that wide
    const bottom = Math.floor((over.offsetTop + over.offsetHeight + 8) * scale);
    const context = copied(canvas);
    return [
      digest(context, 0, 0, left, canvas.height),
      digest(context, 0, bottom, canvas.width, canvas.height - bottom),
    ];
  });

/** How many labels stand one above the other to the left of each chart of an explorer. */
const levels = (explorer) =>
  [...explorer.querySelectorAll(".explorer-plot")].map((plot) => {
    const [canvas, over] = [plot.querySelector("canvas"), plot.querySelector(".u-over")];
    const width = Math.floor(((over.offsetLeft - 8) * canvas.width) / canvas.clientWidth);
    const { data } = copied(canvas).getImageData(0, 0, width, canvas.height);
    const inked = Array.from({ length: canvas.height }, (_, row) => {
      for (let at = row * width; at < (row + 1) * width; at++) if (data[4 * at + 3] > 60) return true;
      return false;
    });
    return inked.filter((ink, row) => ink && !inked[row - 1]).length;
  });

/** The labels on each upright axis as an explorer comes, and at each of some turns: at a month's end, with new paths. */
async function turned(explorer, turns) {
  const counts = [];
  const count = async () => {
    await drawn();
    counts.push(levels(explorer));
  };
  await count();
  for (let turn = 0; turn < turns; turn++)
    for (const next of [explorer.querySelectorAll("[data-append]")[1], explorer.querySelector("[data-draw]")])
      if (next) {
        next.click();
        await count();
      }
  return counts;
}

/** Move a slider as a hand does that holds it: at each place, the axes' labels, and how far down the slider is. */
async function held(slider, places) {
  const explorer = slider.closest("hedge-explorer");
  const [low, high, step] = [slider.min, slider.max, slider.step || 1].map(Number);
  const seen = [];
  for (const place of places) {
    slider.value = low + Math.round((place * (high - low)) / step) * step;
    slider.dispatchEvent(new Event("input", { bubbles: true }));
    await drawn();
    const down = slider.getBoundingClientRect().top - explorer.getBoundingClientRect().top;
    seen.push([String(labels(explorer)), Math.round(down)]);
  }
  slider.dispatchEvent(new Event("change", { bubbles: true }));
  return seen;
}

/** How many pixels of an explorer's charts are of each of these colours, as good as opaque or at least a third of it. */
function painted(explorer, wanted) {
  const patch = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgb = wanted.map((colour) => {
    patch.fillStyle = colour;
    patch.fillRect(0, 0, 1, 1);
    return patch.getImageData(0, 0, 1, 1).data;
  });
  const counts = wanted.map(() => 0);
  for (const canvas of explorer.querySelectorAll(".explorer-plot canvas")) {
    const { data } = copied(canvas).getImageData(0, 0, canvas.width, canvas.height);
    for (let at = 0; at < data.length; at += 4)
      if (data[at + 3] > 80)
        rgb.forEach((colour, k) => {
          if ([0, 1, 2].every((part) => Math.abs(data[at + part] - colour[part]) < 4)) counts[k] += 1;
        });
  }
  return counts;
}

/** Of an element's box, how much is seen: in the window, and not covered by what does not belong to it. */
function seen(box) {
  const { left, top, width, height } = box.getBoundingClientRect();
  const places = [0.05, 0.25, 0.5, 0.75, 0.95];
  const hits = places.flatMap((x) => places.map((y) => document.elementFromPoint(left + x * width, top + y * height)));
  return hits.filter((hit) => hit && (box.contains(hit) || hit.contains(box)) && !hit.matches("html, body")).length / hits.length;
}

/** Controls out of sight, or whose figure is, once one has come to them: with the keyboard, from below, from above. */
function apart(explorer) {
  const ways = {
    focus: (it) => it.focus(),
    below: (it) => it.scrollIntoView({ block: "end" }),
    above: (it) => it.scrollIntoView({ block: "start" }),
  };
  const stage = explorer.querySelector(".explorer-stage");
  const controls = [...explorer.querySelectorAll(":is(input, select, button):enabled")].filter((it) => it.checkVisibility());
  return controls.flatMap((it) =>
    Object.entries(ways).flatMap(([way, come]) => {
      document.activeElement.blur();
      come(it);
      const [figure, itself] = [seen(stage), seen(it)];
      return figure < 0.7 || itself < 1 ? [[it.name || it.textContent, way, figure, itself]] : [];
    }),
  );
}

/** Controls that a thumb would miss: a slider counts with its label, all others by themselves. */
const small = (explorer) =>
  [...explorer.querySelectorAll("input[type=range], .explorer-switch, select, button")]
    .filter((it) => {
      if (it.type === "range") return it.offsetHeight < 24 || it.closest(".explorer-control").offsetHeight < 44;
      const targets = it.matches(".explorer-switch") ? [...it.children] : [it];
      return Math.max(...targets.map((each) => each.offsetHeight)) < 40;
    })
    .map((it) => it.outerHTML.slice(0, 100));

/** What does not fit: words in their boxes and menus, labels on a chart, anything in the frame. */
function cut(explorer) {
  const right = explorer.getBoundingClientRect().right + 1;
  const boxes = [...explorer.querySelectorAll("*")].filter((it) => it.checkVisibility());
  const wrong = boxes.filter(
    (it) => it.getBoundingClientRect().right > right || (it.matches("dd, dt, p, label, button") && it.scrollWidth > it.offsetWidth + 1),
  );
  for (const menu of explorer.querySelectorAll("select")) {
    const free = menu.cloneNode(true);
    free.removeAttribute("id");
    free.style.cssText = "position: absolute; width: max-content; max-width: none";
    menu.after(free);
    if (free.offsetWidth > menu.offsetWidth + 1) wrong.push(menu);
    free.remove();
  }
  const touched = [...explorer.querySelectorAll("canvas")].filter((canvas) => {
    const [{ width, height }, context] = [canvas, copied(canvas)];
    const edges = [[0, 0, 1, height], [width - 1, 0, 1, height], [0, 0, width, 1], [0, height - 1, width, 1]];
    return edges.some((edge) => context.getImageData(...edge).data.some((byte) => byte));
  });
  return [...wrong.map((it) => it.outerHTML.slice(0, 100)), ...touched.map((it) => `a chart's edge: ${it.closest(".explorer-chart").innerText}`)];
}

/** What has moved on the screen since the explorers' code came, and how far down or up. */
async function moved() {
  await customElements.whenDefined("hedge-explorer");
  await drawn();
  const [shifts, since] = [[], window.explorersCame];
  if (!since) throw new Error("nobody kept the moment at which the explorers came alive");
  new PerformanceObserver((list) => shifts.push(...list.getEntries())).observe({ type: "layout-shift", buffered: true });
  await new Promise((done) => setTimeout(done, 100));
  const move = ({ node, previousRect, currentRect }) => [
    (node?.outerHTML ?? node?.textContent ?? "").slice(0, 80),
    currentRect.y - previousRect.y,
  ];
  return shifts.filter(({ startTime }) => startTime >= since).flatMap((shift) => shift.sources.map(move));
}

window.probes = { drawn, state, turned, axes: (explorer) => String(labels(explorer)), held, painted, apart, small, cut, moved };
