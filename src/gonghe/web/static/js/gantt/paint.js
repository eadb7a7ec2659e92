// Draws the visible part of a plan onto a canvas, in the colours of the page.
import { tokens } from "../dom.js";
import { BAR, HEAD } from "./layout.js";
import { DAY, HOUR } from "./time.js";

const NAMES = ["paper", "wash", "ink", "ink-2", "rule", "rule-2", "blue", "blue-deep", "blue-wash", "on-blue", "brass", "brass-wash", "down", "down-wash"];
const DONE = "color-mix(in srgb, var(--blue) 30%, var(--paper))";
const DENSE = 400; // links in view beyond which only those of the chain and of the trail are drawn
const FADED = 0.28;
const BESIDE = 90; // px: room that a label beside a short bar may take

export function palette(element) {
  const found = tokens(element, NAMES);
  found.done = tokens(element, [DONE])[DONE];
  found.font = getComputedStyle(element).fontFamily;
  return found;
}

// How each kind of bar looks: fill, edge, text.
function looks(c) {
  return {
    own: { fill: c["blue-wash"], edge: c.blue, text: c.ink },
    proposed: { fill: c["blue-wash"], edge: c.blue, text: c.ink, bold: true, thick: true },
    done: { fill: c.done, edge: c.blue, text: c.ink },
    reserved: { fill: c["brass-wash"], edge: c.brass, text: c.ink },
    taken: { fill: c.wash, edge: c["rule-2"], text: c["ink-2"] },
    busy: { fill: c.wash, edge: c["rule-2"], text: c["ink-2"] },
    down: { fill: c["down-wash"], edge: c.down, text: c.down, bold: true },
    was: { edge: c["ink-2"], text: c["ink-2"], dashed: true },
    chain: { fill: c.blue, edge: c.blue, text: c["on-blue"], bold: true },
  };
}

export class Painter {
  constructor(canvas, colours) {
    this.g = canvas.getContext("2d", { alpha: false }); // opaque: nothing to blend with the page
    this.c = colours;
    this.looks = looks(colours);
    this.widths = new Map();
  }

  style(bar) {
    return bar.chain && bar.kind !== "was" ? this.looks.chain : this.looks[bar.kind] ?? this.looks.own;
  }

  // view: {layout, clock, from, scale (px a ms), width, height, scroll, selected, hovered, trail, ghost}
  paint(view, ratio) {
    this.v = view;
    this.to = view.from + view.width / view.scale;
    const g = this.g;
    g.setTransform(ratio, 0, 0, ratio, 0, 0);
    g.fillStyle = this.c.paper;
    g.fillRect(0, 0, view.width, view.height);
    this.bold = undefined;
    const rows = view.layout.rowsBetween(view.scroll + HEAD, view.scroll + view.height);
    this.shade(rows);
    const shown = rows.flatMap((placed) => this.row(placed));
    this.links();
    for (const [bar, top] of shown) this.words(bar, top); // above the lines, so that they can be read
    if (view.ghost) this.ghost(view.ghost);
    this.axis();
    this.now();
  }

  x(time) {
    return (time - this.v.from) * this.v.scale;
  }

  y(top) {
    return top - this.v.scroll;
  }

  // Setting a font and measuring are the dearest calls of a frame, so neither is done twice.
  font(bold) {
    if (this.bold === Boolean(bold)) return;
    this.bold = Boolean(bold);
    this.g.font = `${bold ? 600 : 400} 13px ${this.c.font}`;
  }

  wide(text) {
    const key = this.bold ? `b${text}` : text;
    if (!this.widths.has(key)) {
      if (this.widths.size > 20_000) this.widths.clear();
      this.widths.set(key, this.g.measureText(text).width);
    }
    return this.widths.get(key);
  }

  fade(bar) {
    this.g.globalAlpha = this.v.trail && !this.v.trail.has(bar) ? FADED : 1;
  }

  shade(rows) {
    const { g, v } = this;
    g.fillStyle = this.c.wash;
    const bottom = Math.min(v.height, this.y(v.layout.height));
    for (const [start, end] of v.layout.plan.breaks) this.block(start, end, HEAD, bottom - HEAD);
    for (const placed of rows) for (const [start, end] of placed.row.breaks) this.block(start, end, this.y(placed.top), placed.height);
    g.fillStyle = this.c["rule-2"];
    for (const day of v.clock.days(v.from, this.to)) g.fillRect(Math.round(this.x(day)), HEAD, 1, bottom - HEAD);
    g.fillStyle = this.c.paper;
    if (v.layout.band) for (const placed of rows) g.fillRect(0, this.y(placed.top), v.width, v.layout.band);
    g.fillStyle = this.c.rule;
    for (const placed of rows) g.fillRect(0, Math.round(this.y(placed.top + placed.height)) - 1, v.width, 1);
  }

  block(start, end, top, height) {
    if (end < this.v.from || start > this.to) return;
    const a = Math.max(0, this.x(start));
    this.g.fillRect(a, top, Math.max(1, Math.min(this.v.width, this.x(end)) - a), height);
  }

  // Draws the bars of a row; returns those that were drawn, with their tops.
  row(placed) {
    const shown = [];
    const bars = this.v.layout.visible(placed, this.v.from, this.to);
    for (const bar of bars) if (bar.kind === "break") this.breakBar(placed, bar);
    const drawnTo = [];
    for (const bar of bars) {
      if (bar.kind === "break") continue;
      const b = this.x(bar.end);
      // Several bars in one pixel column look like one: draw the first of them.
      if (bar.kind !== "planned") {
        if (bar !== this.v.selected && b - this.x(bar.start) < 1 && b < (drawnTo[bar.lane] ?? -1)) continue;
        drawnTo[bar.lane] = Math.floor(b) + 1;
      }
      if (bar.kind === "planned") this.plannedBar(placed, bar);
      else shown.push([bar, this.bar(placed, bar)]);
    }
    this.g.globalAlpha = 1;
    return shown;
  }

  breakBar(placed, bar) {
    this.g.fillStyle = this.c.wash;
    this.block(bar.start, bar.end, this.y(placed.top), placed.height - 1);
  }

  // What was planned for work that is reported, as a thin line below what really was.
  plannedBar(placed, bar) {
    const [a, b] = this.ends(bar);
    const top = Math.round(this.y(this.v.layout.barTop(placed, bar))) + BAR + 1;
    this.g.fillStyle = this.c["ink-2"];
    this.g.fillRect(a, top + 1, b - a, 1);
    this.g.fillRect(a, top - 1, 1, 4);
    this.g.fillRect(b - 1, top - 1, 1, 4);
  }

  bar(placed, bar) {
    const top = Math.round(this.y(this.v.layout.barTop(placed, bar)));
    this.fade(bar);
    this.box(...this.ends(bar), top, this.style(bar));
    return top;
  }

  words(bar, top) {
    const [a, b] = this.ends(bar);
    this.fade(bar);
    this.label(bar, this.style(bar), a, b, top);
    this.g.globalAlpha = 1;
    if (bar === this.v.selected) this.frame(a, b, top, this.c.ink, 2);
    else if (bar === this.v.hovered) this.frame(a, b, top, this.c["ink-2"], 1);
  }

  ends(bar) {
    const a = this.x(bar.start);
    return [a, Math.max(this.x(bar.end), a + 1)];
  }

  box(a, b, top, look) {
    const g = this.g;
    const left = Math.max(a, -4);
    const width = Math.min(b, this.v.width + 4) - left;
    if (look.fill) {
      g.fillStyle = look.fill;
      g.fillRect(left, top, Math.max(width, 1), BAR);
    }
    g.strokeStyle = look.edge;
    g.lineWidth = look.thick ? 2 : 1;
    if (width < 3) {
      g.fillStyle = look.edge;
      g.fillRect(left, top, Math.max(width, 1), BAR);
      return;
    }
    if (look.dashed) g.setLineDash([4, 3]);
    g.strokeRect(left + 0.5, top + 0.5, width - 1, BAR - 1);
    g.setLineDash([]);
  }

  label(bar, look, a, b, top) {
    if (!bar.label) return;
    const g = this.g;
    const text = bar.kind === "done" ? `✓ ${bar.label}` : bar.label;
    const left = Math.max(a, 0) + 4;
    const room = Math.min(b, this.v.width) - left - 3;
    if (room < 7 && !bar.chain && bar.kind !== "proposed" && bar !== this.v.selected) return;
    this.font(look.bold);
    g.textBaseline = "middle";
    const wide = this.wide(text);
    if (wide <= room) {
      g.fillStyle = look.text;
      g.fillText(text, left, top + BAR / 2 + 0.5);
      return;
    }
    const free = (bar.next ? this.x(bar.next.start) : this.v.width) - b - 8;
    if (b > 0 && wide <= free && wide <= BESIDE) {
      this.font(false);
      g.strokeStyle = this.c.paper;
      g.lineWidth = 4;
      g.strokeText(text, b + 5, top + BAR / 2 + 0.5);
      g.fillStyle = this.c.ink;
      g.fillText(text, b + 5, top + BAR / 2 + 0.5);
    } else if (room > 22) {
      g.fillStyle = look.text;
      g.fillText(this.shorten(text, room), left, top + BAR / 2 + 0.5);
    }
  }

  shorten(text, room) {
    let cut = text;
    while (cut.length > 1 && this.wide(`${cut}…`) > room) cut = cut.slice(0, -1);
    return `${cut.trimEnd()}…`;
  }

  frame(a, b, top, colour, width) {
    this.g.strokeStyle = colour;
    this.g.lineWidth = width;
    this.g.strokeRect(a - 1.5, top - 1.5, Math.max(b - a, 2) + 3, BAR + 3);
  }

  // Those of the chain last, so that they lie on top.
  links() {
    const { g, v } = this;
    const found = v.layout.links.visible(v.from, this.to, v.scroll + HEAD, v.scroll + v.height);
    const drawn = found.filter((link) => link.chain || found.length <= DENSE || this.onTrail(link));
    for (const link of [...drawn.filter((one) => !one.chain), ...drawn.filter((one) => one.chain)]) {
      const path = this.linkPath(link.from, link.to);
      g.globalAlpha = v.trail && !this.onTrail(link) ? FADED : 1;
      g.strokeStyle = this.c.paper;
      g.lineWidth = 5;
      g.stroke(path);
      g.strokeStyle = link.chain || (v.trail && this.onTrail(link)) ? this.c.blue : this.c["rule-2"];
      g.lineWidth = 1.5;
      g.stroke(path);
    }
    g.globalAlpha = 1;
  }

  onTrail(link) {
    return Boolean(this.v.trail?.has(link.from) && this.v.trail.has(link.to));
  }

  linkPath(from, to) {
    const middle = (bar) => this.y(this.v.layout.barTop(this.v.layout.rowOf.get(bar.row), bar)) + BAR / 2;
    const [ax, ay, bx, by] = [this.x(from.end), middle(from), this.x(to.start), middle(to)];
    const path = new Path2D();
    path.moveTo(ax, ay);
    if (bx - ax > 10) {
      path.lineTo(bx - 5, ay);
      path.lineTo(bx - 5, by);
    } else {
      const turn = ay < by ? by - BAR / 2 - 4 : by + BAR / 2 + 4;
      path.lineTo(ax + 5, ay);
      path.lineTo(ax + 5, turn);
      path.lineTo(bx - 5, turn);
      path.lineTo(bx - 5, by);
    }
    path.lineTo(bx, by);
    return path;
  }

  ghost({ bar, row, start }) {
    const placed = this.v.layout.rowOf.get(row);
    const { band } = this.v.layout;
    const top = Math.round(this.y(placed.top + band + (placed.height - band - BAR) / 2));
    const a = this.x(start);
    const b = this.x(start + bar.end - bar.start);
    this.g.globalAlpha = 0.85;
    this.box(a, b, top, { fill: this.c["blue-wash"], edge: this.c.blue, thick: true, dashed: true });
    this.g.globalAlpha = 1;
    this.font(true);
    this.g.textBaseline = "middle";
    this.g.fillStyle = this.c.blue;
    this.g.fillText(this.v.clock.time(start), Math.max(a, 0) + 4, top + BAR / 2 + 0.5);
  }

  axis() {
    const { g, v } = this;
    g.fillStyle = this.c.paper;
    g.fillRect(0, 0, v.width, HEAD);
    g.textBaseline = "alphabetic";
    const wide = DAY * v.scale;
    const names = this.dayNames(wide);
    let shownTo = -Infinity;
    for (const day of v.clock.days(v.from, this.to)) shownTo = this.dayHead(day, wide, names, shownTo);
    if (names === "tiny") this.monthHeads();
    g.fillStyle = this.c["rule-2"];
    g.fillRect(0, HEAD - 1, v.width, 1);
  }

  // The longest way to write days that fits every day in view, so that all are written alike.
  dayNames(wide) {
    const { v } = this;
    this.font(true);
    const days = v.clock.days(v.from, this.to);
    return ["long", "short"].find((style) => days.every((day) => this.wide(v.clock.day(day, style)) + 10 < wide)) ?? "tiny";
  }

  dayHead(day, wide, names, shownTo) {
    const { g, v } = this;
    const x = Math.round(this.x(day));
    g.fillStyle = this.c["rule-2"];
    if (wide > 20) g.fillRect(x, names === "tiny" ? 24 : 0, 1, HEAD);
    const left = Math.max(x, 0) + 6;
    this.font(names !== "tiny");
    const text = v.clock.day(day, names);
    const end = left + this.wide(text);
    const fits = end < x + wide && left > shownTo + 6;
    if (fits) {
      g.fillStyle = names === "tiny" ? this.c["ink-2"] : this.c.ink;
      g.fillText(text, left, names === "tiny" ? 38 : 17);
    }
    if (names !== "tiny") this.hourHeads(day);
    return fits ? end : shownTo;
  }

  hourHeads(day) {
    const { g, v } = this;
    this.font(false);
    for (const hour of v.clock.hours(day, HOUR * v.scale)) {
      const x = this.x(hour);
      g.fillStyle = this.c["ink-2"];
      g.textAlign = "center";
      g.fillText(v.clock.hour(hour), x, 36);
      g.textAlign = "start";
    }
  }

  monthHeads() {
    const { g, v } = this;
    this.font(true);
    g.fillStyle = this.c.ink;
    let last = "";
    let shownTo = -Infinity;
    for (const day of v.clock.days(v.from, this.to)) {
      const text = v.clock.day(day, "month");
      const left = Math.max(this.x(day), 0) + 6;
      if (text !== last && left > shownTo) {
        g.fillText(text, left, 17);
        shownTo = left + this.wide(text) + 10;
      }
      last = text;
    }
  }

  now() {
    const { g, v } = this;
    const at = v.layout.plan.now;
    if (at === undefined || at < v.from || at > this.to) return;
    const x = Math.round(this.x(at));
    g.fillStyle = this.c.ink;
    g.fillRect(x - 1, HEAD - 6, 2, Math.min(v.height, this.y(v.layout.height)) - HEAD + 6);
    g.beginPath();
    g.moveTo(x, HEAD);
    g.lineTo(x - 5, HEAD - 8);
    g.lineTo(x + 5, HEAD - 8);
    g.fill();
  }
}
