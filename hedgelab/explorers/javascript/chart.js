// A chart in the page's own colours, on uPlot: lines, steps, bars and points over one horizontal axis.

import uPlot from "uplot";

const dashes = { dashed: [6, 4], dotted: [2, 3] };
const GAP = 22; // least pixels between two ticks
const SIDEWAYS = 8; // pixels after which a finger means the chart and not the page

/**
 * The colours of explorers.css as a canvas takes them: of a custom property one only gets the text that stands in the
 * style sheet, such as `light-dark(...)`, of `color` what it comes to.
 */
class Palette {
  constructor(parent) {
    this.probe = document.createElement("i");
    this.probe.hidden = true;
    parent.append(this.probe);
    this.known = {};
  }

  /** A colour by its name. */
  get(name) {
    return (this.known[name] ??= this.resolved(`var(--explorer-${name})`));
  }

  /** The same, to be seen through. */
  faint(name) {
    return (this.known[`faint ${name}`] ??= this.resolved(`color-mix(in srgb, var(--explorer-${name}) 35%, transparent)`));
  }

  resolved(value) {
    this.probe.style.color = value;
    return getComputedStyle(this.probe).color;
  }
}

/**
 * Limits that hold still: they widen at once to take in what is drawn, and narrow only when it has become small and
 * no slider did it: letting one go changes nothing.  Reset begins anew.
 */
export class Steady {
  constructor(margin = 0.06) {
    this.margin = margin;
  }

  /** Limits for numbers from low to high; `slid` where a slider was the last thing that moved, null after Reset. */
  around(low, high, slid) {
    const width = high - low || Math.abs(high) || 1;
    const [least, most] = [low - this.margin * width, high + this.margin * width];
    if (!this.limits || slid === null || (!slid && most - least < 0.45 * (this.limits[1] - this.limits[0]))) this.limits = [least, most];
    else if (low < this.limits[0] || high > this.limits[1])
      this.limits = [
        low < this.limits[0] ? Math.min(least, this.limits[0]) : this.limits[0],
        high > this.limits[1] ? Math.max(most, this.limits[1]) : this.limits[1],
      ];
    return this.limits;
  }
}

/**
 * @param parent the element that the chart fills
 * @param spec {title, share (of the parent's height), x: {label, write, steps}, y: {write, steps}, series, marks, onPoint}
 *   a series is {label, colour, kind: "line" | "steps" | "bars" | "points" | "linked" (by a
 *   line, across undefined), width, dash, fill}, its label empty to
 *   leave it out of the legend; marks(u, line) may draw upright or level lines; onPoint(x) is told where a finger or
 *   mouse points while it is down
 */
export class Chart {
  constructor(parent, spec) {
    this.spec = spec;
    this.box = document.createElement("div");
    this.box.className = "explorer-chart";
    this.box.style.setProperty("--share", spec.share ?? 1);
    this.box.innerHTML = `<p class="explorer-title"><b></b><span></span></p><div class="explorer-plot"></div>`;
    this.box.querySelector("b").textContent = spec.title;
    this.box.querySelector("span").append(...spec.series.filter((one) => one.label).map(legendEntry));
    parent.append(this.box);
    this.palette = new Palette(this.box);
    this.plot = this.box.querySelector(".explorer-plot");
    this.limits = { x: [0, 1], y: [0, 1] };
    this.u = new uPlot(this.options(), [[0], ...spec.series.map(() => [null])], this.plot);
    this.resizing = new ResizeObserver(() => {
      const { width, height } = this.size();
      if (width === this.u.width && height === this.u.height) return;
      this.u.setSize({ width, height });
      this.repaint(); // in a notebook the charts are made before they have a place, and so before they have colours
    });
    this.resizing.observe(this.plot);
    if (spec.onPoint) this.followPointer();
  }

  size() {
    return { width: Math.max(this.plot.clientWidth, 50), height: Math.max(this.plot.clientHeight, 50) };
  }

  options() {
    const ink = () => this.palette.get("ink");
    const faint = () => this.palette.get("grid");
    // in a notebook the box has no place yet, and no letters: it has those of all the page
    const font = `13px ${getComputedStyle(this.box).fontFamily || getComputedStyle(document.body).fontFamily}`;
    const axis = (more) => ({
      stroke: ink,
      grid: { stroke: faint, width: 1 },
      ticks: { show: false },
      gap: 5,
      font,
      ...more,
    });
    const { x, y, series } = this.spec;
    return {
      ...this.size(),
      pxAlign: 0,
      legend: { show: false },
      cursor: { show: false },
      select: { show: false },
      scales: { x: { time: false, range: () => this.limits.x }, y: { range: () => this.limits.y } },
      axes: [
        axis({ size: 24, space: 60, incrs: x.steps, label: x.label || undefined, labelSize: 18, labelFont: font, values: (_, ticks) => ticks.map(x.write) }),
        axis({ size: 60, space: GAP, incrs: y.steps, splits: (_, __, low, high, step) => levels(low, high, step, y.steps), values: (_, ticks) => ticks.map(y.write) }),
      ],
      series: [{}, ...series.map((one) => this.series(one))],
      hooks: { draw: [(u) => this.spec.marks?.(u, (...mark) => this.line(u, ...mark))] },
    };
  }

  series({ colour: name, kind = "line", width = 2, dash, fill, size = 8 }) {
    const stroke = () => this.palette.get(name);
    const paths = {
      line: uPlot.paths.linear(),
      steps: uPlot.paths.stepped({ align: 1 }),
      bars: uPlot.paths.bars({ size: [1, Infinity], align: 1, gap: 0 }),
      linked: uPlot.paths.linear(),
      points: () => null,
    }[kind];
    return {
      stroke,
      width: kind === "points" ? 0 : width,
      dash: dashes[dash],
      fill: fill ? () => this.palette.faint(name) : undefined,
      paths,
      points: kind === "points" || kind === "linked" ? { show: true, size, fill: stroke, width: 0 } : { show: false },
    };
  }

  /** Draw columns [x, first series, ...] within limits {x: [low, high], y: [low, high]}. */
  draw(columns, limits) {
    this.limits = limits;
    this.u.setData(columns);
  }

  title(text) {
    this.box.querySelector("b").textContent = text;
  }

  /** An upright line at x, or a level one at y. */
  line(u, { x, y, colour: name = "ink", dash }) {
    const { ctx, bbox } = u;
    ctx.save();
    ctx.beginPath();
    ctx.strokeStyle = this.palette.get(name);
    ctx.lineWidth = devicePixelRatio;
    ctx.setLineDash((dashes[dash] ?? []).map((length) => length * devicePixelRatio));
    if (x !== undefined) {
      const at = u.valToPos(x, "x", true);
      ctx.moveTo(at, bbox.top);
      ctx.lineTo(at, bbox.top + bbox.height);
    } else {
      const at = u.valToPos(y, "y", true);
      ctx.moveTo(bbox.left, at);
      ctx.lineTo(bbox.left + bbox.width, at);
    }
    ctx.stroke();
    ctx.restore();
  }

  /** Tell where a mouse points while it is down, or a finger that moves sideways: up and down it scrolls the page. */
  followPointer() {
    const over = this.u.over;
    over.classList.add("explorer-draggable");
    const tell = (event) => this.spec.onPoint(this.u.posToVal(event.clientX - over.getBoundingClientRect().left, "x"));
    const moved = (event) => [event.clientX - landed.clientX, event.clientY - landed.clientY].map(Math.abs);
    let landed; // where a finger came down that has not shown yet what it wants
    over.addEventListener("pointerdown", (event) => {
      if (!event.isPrimary) return;
      landed = event.pointerType === "touch" ? event : undefined;
      if (landed) return;
      over.setPointerCapture(event.pointerId);
      tell(event);
    });
    over.addEventListener("pointermove", (event) => {
      if (!event.buttons || !event.isPrimary) return;
      if (landed) {
        const [across, down] = moved(event);
        if (across < SIDEWAYS || across < down) return;
        landed = undefined;
      }
      tell(event);
    });
    over.addEventListener("pointerup", (event) => {
      if (landed && Math.max(...moved(event)) < SIDEWAYS) tell(event); // a tap
      landed = undefined;
      this.box.dispatchEvent(new Event("change", { bubbles: true })); // as a control when a hand lets go of it
    });
    over.addEventListener("pointercancel", () => (landed = undefined));
  }

  /** Draw again in the page's present colours. */
  repaint() {
    this.palette.known = {};
    this.u.redraw(true, true); // bars keep the colours they were built in
  }

  destroy() {
    this.resizing.disconnect();
    this.u.destroy();
    this.box.remove();
  }
}

/** Where an upright axis has its labels: as they come, but two at least, however low the chart is. */
function levels(low, high, step, steps = [step / 2, step / 2.5, step / 5, step / 10]) {
  const multiples = (of) => {
    const [first, last] = [Math.ceil(low / of - 1e-9), Math.floor(high / of + 1e-9)];
    return Array.from({ length: Math.max(last - first + 1, 0) }, (_, k) => (first + k) * of);
  };
  const usual = multiples(step);
  if (usual.length > 1) return usual;
  const ends = steps.filter((each) => each < step).sort((a, b) => b - a).map(multiples).map((ticks) => [ticks[0], ticks.at(-1)]);
  return ends.find(([first, last]) => last - first > 0.6 * (high - low)) ?? usual; // far enough apart to be read
}

function legendEntry({ label, colour: name, dash, kind }) {
  const entry = document.createElement("span");
  entry.className = "explorer-entry";
  entry.style.setProperty("--swatch", `var(--explorer-${name})`);
  entry.dataset.look = kind === "bars" || kind === "points" ? kind : (dash ?? "line");
  entry.textContent = label;
  return entry;
}
