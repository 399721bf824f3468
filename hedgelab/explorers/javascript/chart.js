// A chart in the page's own colours, on uPlot: lines, steps, bars and points over one horizontal axis.

import uPlot from "uplot";

const dashes = { dashed: [6, 4], dotted: [2, 3] };
const GAP = 34; // least pixels between two ticks

/** A colour of the page by its name in book.css, or as JupyterLab would have it. */
const colour = (element, name) => getComputedStyle(element).getPropertyValue(`--explorer-${name}`).trim();

/**
 * Limits that hold still: they widen at once to take in what is drawn, and narrow only when it has become small
 * and the reader's hand is off the control.
 */
export class Steady {
  constructor(margin = 0.06) {
    this.margin = margin;
  }

  /** Limits for numbers from low to high; `held` while a control is being moved. */
  around(low, high, held) {
    const width = high - low || Math.abs(high) || 1;
    const [least, most] = [low - this.margin * width, high + this.margin * width];
    if (!this.limits || (!held && most - least < 0.45 * (this.limits[1] - this.limits[0]))) this.limits = [least, most];
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
    this.plot = this.box.querySelector(".explorer-plot");
    this.limits = { x: [0, 1], y: [0, 1] };
    this.u = new uPlot(this.options(), [[0], ...spec.series.map(() => [null])], this.plot);
    this.resizing = new ResizeObserver(() => this.u.setSize(this.size()));
    this.resizing.observe(this.plot);
    if (spec.onPoint) this.followPointer();
  }

  size() {
    return { width: Math.max(this.plot.clientWidth, 50), height: Math.max(this.plot.clientHeight, 50) };
  }

  options() {
    const ink = () => colour(this.box, "ink");
    const faint = () => colour(this.box, "grid");
    const font = "13px " + getComputedStyle(this.box).fontFamily;
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
        axis({ size: 60, space: GAP, incrs: y.steps, values: (_, ticks) => ticks.map(y.write) }),
      ],
      series: [{}, ...series.map((one) => this.series(one))],
      hooks: { draw: [(u) => this.spec.marks?.(u, (...mark) => this.line(u, ...mark))] },
    };
  }

  series({ colour: name, kind = "line", width = 2, dash, fill, size = 8 }) {
    const stroke = () => colour(this.box, name);
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
      fill: fill ? () => `color-mix(in srgb, ${stroke()} 35%, transparent)` : undefined,
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
    ctx.strokeStyle = colour(this.box, name);
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

  followPointer() {
    const over = this.u.over;
    over.classList.add("explorer-draggable");
    const tell = (event) => this.spec.onPoint(this.u.posToVal(event.clientX - over.getBoundingClientRect().left, "x"));
    over.addEventListener("pointerdown", (event) => {
      over.setPointerCapture(event.pointerId);
      tell(event);
    });
    over.addEventListener("pointermove", (event) => event.buttons && tell(event));
  }

  /** Draw again in the page's present colours. */
  repaint() {
    this.u.redraw(false, true);
  }

  destroy() {
    this.resizing.disconnect();
    this.u.destroy();
    this.box.remove();
  }
}

function legendEntry({ label, colour: name, dash, kind }) {
  const entry = document.createElement("span");
  entry.className = "explorer-entry";
  entry.style.setProperty("--swatch", `var(--explorer-${name})`);
  entry.dataset.look = kind === "bars" || kind === "points" ? kind : (dash ?? "line");
  entry.textContent = label;
  return entry;
}
