// <plan-gantt id zone span editable propose-form src aria-label>: a plan with many bars per row, on one canvas.
// Data (JSON child or src): {rows, bars, links, breaks, now, start, end}; see gantt/layout.js for what is read.
// Events: gantt:select {id}, gantt:open {id}, gantt:propose {id, row, start, end, from}. The page decides on a proposal:
// new data by absorb(), or settle() to take the ghost away. propose-form names a form whose fields bar, row, start, end
// are filled and which is sent. Printing draws the whole plan on sheets of their own. In a narrow place the name of a row
// stands above its bars, so that the machine can be read and the bars have the whole width.
import { make, onTheme, readData } from "./dom.js";
import { groupings, regroup, rowWords } from "./gantt/grouping.js";
import { Grip } from "./gantt/grip.js";
import { HEAD, Layout, readPlan } from "./gantt/layout.js";
import { Painter, palette } from "./gantt/paint.js";
import { printSheets } from "./gantt/sheets.js";
import { DAY, HOUR, MINUTE, ZoneClock } from "./gantt/time.js";
import { say } from "./words.js";

const SPANS = { day: DAY, week: 7 * DAY, month: 31 * DAY };
const AROUND = new Set(["reserved", "taken", "down", "break"]); // beside the work, not part of it
const LONGEST = 400 * DAY;
const SHORTEST = 2 * HOUR;
const MARGIN = 0.06; // share of the width that stays free beside what is shown
const NARROW = 560; // px of the whole picture below which names stand above the bars
const BAND = 24; // px for such a name

class PlanGantt extends HTMLElement {
  #parts;
  #stop = [];
  #queued = false;

  async connectedCallback() {
    this.#parts ??= this.#build();
    this.clock ??= new ZoneClock(this.getAttribute("zone"));
    const sized = new ResizeObserver(() => this.#measure());
    sized.observe(this.#parts.surface);
    sized.observe(this.#parts.frame);
    this.#stop = [() => sized.disconnect(), onTheme(() => this.#recolour()), printSheets(this)];
    if (!this.layout) this.absorb(await readData(this));
    else this.draw();
  }

  disconnectedCallback() {
    for (const stop of this.#stop) stop();
  }

  // ---- parts

  #build() {
    const rows = make("ol", { "aria-hidden": "true" });
    const canvas = make("canvas");
    const surface = make("div", { class: "surface", tabindex: "0", role: "application", "aria-label": this.getAttribute("aria-label") ?? "" }, canvas);
    const frame = make("div", { class: "gantt-frame" }, rows, surface);
    const tip = make("div", { class: "gantt-tip", hidden: true, role: "tooltip" });
    const voice = make("div", { class: "hidden", "aria-live": "assertive" });
    const hint = make("p", { class: "hidden", id: `${this.id || "plan"}-hint` });
    surface.setAttribute("aria-describedby", hint.id);
    const tools = this.#tools();
    this.append(tools.bar, frame, tip, hint, voice);
    frame.addEventListener("scroll", () => this.draw(), { passive: true });
    this.grip = new Grip(this, surface);
    return { rows, canvas, surface, frame, tip, voice, hint, ...tools };
  }

  #tools() {
    const names = { day: say("Day"), week: say("Week"), month: say("Month"), whole: say("All") };
    const press = (words, act, text) => {
      const button = make("button", { type: "button", "aria-label": words, title: words }, text ?? words);
      button.addEventListener("click", act);
      return button;
    };
    const spans = Object.entries(names).map(([span, words]) => {
      const button = press(words, () => this.showSpan(span));
      button.dataset.span = span;
      return button;
    });
    const seen = make("span", { class: "seen" });
    const groups = make("div", { class: "spans", role: "group", "aria-label": say("Rows"), hidden: true });
    const bar = make("div", { class: "gantt-tools" },
      make("div", { class: "spans", role: "group", "aria-label": say("Span") }, ...spans),
      make("div", { class: "steps" }, press(say("Earlier"), () => this.pan(-0.5), "←"), press(say("Now"), () => this.centre(this.#nowOrStart())), press(say("Later"), () => this.pan(0.5), "→")),
      make("div", { class: "steps" }, press(say("Zoom out"), () => this.zoom(1 / 1.6), "−"), press(say("Zoom in"), () => this.zoom(1.6), "+")),
      groups,
      make("div", { class: "steps" }, press(say("Print"), () => window.print())),
      seen);
    return { bar, spans, seen, groups };
  }

  // ---- data

  // Takes new data; zoom, place and selection stay.
  absorb(data) {
    this.data = readPlan(data);
    const offered = groupings(this.data);
    if (!offered.includes(this.grouping)) this.grouping = "equipment";
    this.#offerGroups(offered);
    this.#arrange();
  }

  #offerGroups(offered) {
    const names = { equipment: say("Machines"), organization: say("Firms"), order: say("Orders") };
    const buttons = offered.map((by) => {
      const button = make("button", { type: "button" }, names[by]);
      button.dataset.group = by;
      button.addEventListener("click", () => this.group(by));
      return button;
    });
    this.#parts.groups.hidden = !offered.length;
    this.#parts.groups.replaceChildren(...buttons);
  }

  // Rows by "equipment", "organization" or "order"; zoom, place and selection stay.
  group(by) {
    this.grouping = by;
    this.#arrange();
    if (this.selected) this.reveal(this.selected);
    this.draw();
  }

  get byMachine() {
    return this.grouping === "equipment";
  }

  #arrange() {
    const chosen = this.selected?.id;
    this.narrow = this.#parts.frame.clientWidth < NARROW;
    this.#parts.frame.classList.toggle("above", this.narrow);
    this.layout = new Layout(regroup(this.data, this.grouping), { band: this.narrow ? BAND : 0 });
    this.selected = this.layout.byId.get(chosen);
    this.hovered = this.trail = this.ghost = undefined;
    this.#labels();
    for (const button of this.#parts.groups.children) button.setAttribute("aria-pressed", String(button.dataset.group === this.grouping));
    this.#parts.hint.textContent = say("{rows} rows, {bars} bars. Arrow keys go from bar to bar, plus and minus zoom.", { rows: this.layout.rows.length, bars: this.layout.plan.bars.length })
      + (this.editable ? ` ${say("Alt and arrow keys move this bar.")}` : "");
    this.#measure();
  }

  #labels() {
    const corner = make("li", { class: "corner" });
    const items = this.layout.rows.map(({ row, height }) => {
      const { name, note } = rowWords(row, this.layout.plan.rows);
      const item = make("li", { title: [name, note].filter(Boolean).join(": ") }, make(row.own ? "b" : "span", {}, name), note ? make("small", {}, note) : null);
      item.style.height = `${height}px`;
      return item;
    });
    this.#parts.rows.replaceChildren(corner, ...items);
    this.#parts.surface.style.height = `${this.layout.height}px`;
  }

  get editable() {
    return this.hasAttribute("editable");
  }

  #nowOrStart() {
    return this.layout.plan.now ?? this.layout.plan.start;
  }

  // ---- what is in view

  #measure() {
    if (!this.layout) return undefined;
    if (this.#parts.frame.clientWidth < NARROW !== this.narrow && this.#parts.frame.clientWidth) return this.#arrange();
    const width = this.#parts.surface.clientWidth;
    if (!width) return undefined;
    const before = this.width;
    this.width = width;
    this.height = Math.min(this.layout.height, this.#parts.frame.clientHeight);
    const ratio = devicePixelRatio || 1;
    const { canvas } = this.#parts;
    const [wide, high] = [Math.round(width * ratio), Math.round(this.height * ratio)];
    if (canvas.width !== wide) canvas.width = wide;
    if (canvas.height !== high) canvas.height = high;
    canvas.style.height = `${this.height}px`;
    if (this.scale === undefined) this.showSpan(this.getAttribute("span") ?? "week");
    else this.scale *= width / before; // the same span stays in view
    return this.#paint(); // at once: a new size empties the canvas, and the next frame must not show that
  }

  showSpan(span) {
    if (span === "whole") return this.#showWhole();
    const wanted = SPANS[span] ?? SPANS.week;
    this.span = span;
    const at = this.from === undefined ? this.#nowOrStart() : this.from + this.width / this.scale / 2;
    this.scale = this.width / wanted;
    const start = { day: () => this.clock.startOfDay(at), week: () => this.clock.startOfWeek(at), month: () => this.clock.startOfDay(at) - 3 * DAY }[span];
    this.from = start ? start() : at;
    return this.draw();
  }

  // From the day on which the first bar begins to the day on which the last ends.
  #showWhole() {
    const { bars, start, end } = this.layout.plan;
    const drawn = bars.filter((bar) => !AROUND.has(bar.kind));
    const first = this.clock.startOfDay(drawn.reduce((least, bar) => Math.min(least, bar.start), drawn.length ? Infinity : start));
    const last = drawn.reduce((most, bar) => Math.max(most, bar.end), drawn.length ? 0 : end);
    const to = this.clock.addDays(this.clock.startOfDay(last - MINUTE), 1);
    this.scale = this.width / Math.min(Math.max(to - first, DAY), LONGEST);
    this.from = first;
    this.span = "whole";
    this.draw();
  }

  zoom(factor, around = this.width / 2) {
    const at = this.timeAt(around);
    this.scale = Math.min(Math.max(this.scale * factor, this.width / LONGEST), this.width / SHORTEST);
    this.from = at - around / this.scale;
    this.span = undefined;
    this.draw();
  }

  pan(share) {
    this.panBy(share * this.width);
  }

  panBy(pixels) {
    this.from += pixels / this.scale;
    this.draw();
  }

  centre(time) {
    this.from = time - this.width / this.scale / 2;
    this.draw();
  }

  timeAt(x) {
    return this.from + x / this.scale;
  }

  // Brings a bar into view and selects it.
  show(id) {
    const bar = this.layout.byId.get(id);
    if (bar) this.select(bar);
  }

  reveal(bar) {
    const seen = this.width / this.scale;
    const margin = seen * MARGIN;
    if (bar.start < this.from + margin) this.from = bar.start - margin;
    else if (Math.min(bar.end, bar.start + seen - 2 * margin) > this.from + seen - margin) this.from = bar.end - seen + margin;
    if (bar.end - bar.start > seen) this.from = bar.start - margin;
    const placed = this.layout.rowOf.get(bar.row);
    const frame = this.#parts.frame;
    if (placed.top - HEAD < frame.scrollTop) frame.scrollTop = placed.top - HEAD;
    if (placed.top + placed.height > frame.scrollTop + frame.clientHeight) frame.scrollTop = placed.top + placed.height - frame.clientHeight;
  }

  get scroll() {
    return this.#parts.frame.scrollTop;
  }

  // ---- drawing

  #recolour() {
    this.painter = undefined;
    this.draw();
  }

  // At most once a frame, however many events ask for it.
  draw() {
    if (this.#queued || !this.layout || !this.width) return;
    this.#queued = true;
    requestAnimationFrame(() => {
      this.#queued = false;
      this.#paint();
    });
  }

  #paint() {
    this.painter ??= new Painter(this.#parts.canvas, palette(this));
    const { layout, clock, from, scale, width, height, scroll, selected, hovered, trail, ghost } = this;
    this.painter.paint({ layout, clock, from, scale, width, height, scroll, selected, hovered, trail, ghost }, devicePixelRatio || 1);
    const to = this.timeAt(width);
    this.#parts.seen.textContent = `${clock.day(from, "long")} – ${clock.day(to - MINUTE, "long")}`;
    for (const button of this.#parts.spans) button.setAttribute("aria-pressed", String(button.dataset.span === this.span));
  }

  // ---- choosing and telling

  // Shows what a bar hangs together with, as long as the pointer is on it.
  hover(bar) {
    if (bar === this.hovered) return;
    this.hovered = bar;
    this.trail = bar && this.layout.links.trail(bar);
    this.draw();
  }

  select(bar, { quiet = false } = {}) {
    this.selected = bar;
    if (bar) {
      this.reveal(bar);
      this.#parts.voice.textContent = this.describe(bar);
      if (!quiet) this.#tell("gantt:select", { id: bar.id });
    }
    this.draw();
  }

  open(bar) {
    if (this.#tell("gantt:open", { id: bar.id }) && bar.url) location.assign(bar.url);
  }

  kindWords(bar) {
    return [say(bar.kind), bar.chain ? say("chain that decides the date") : ""].filter(Boolean).join(", ");
  }

  // Firm and machine of a bar, whatever the rows are.
  whereabouts(bar) {
    const row = this.data.homes.get(bar.home) ?? {};
    return [row.organization, row.equipment ?? row.label].filter(Boolean).join(" ");
  }

  describe(bar) {
    return [this.whereabouts(bar), bar.label, this.clock.span(bar.start, bar.end), this.kindWords(bar), bar.note, ...(bar.why ?? [])].filter(Boolean).join("; ");
  }

  say(text) {
    this.#parts.voice.textContent = text;
  }

  tip(bar, x, y) {
    const { tip, frame, surface } = this.#parts;
    tip.hidden = !bar;
    if (!bar) return;
    const lines = [this.byMachine ? "" : this.whereabouts(bar), this.clock.span(bar.start, bar.end), this.kindWords(bar), bar.note, ...(bar.why ?? [])].filter(Boolean);
    tip.replaceChildren(make("b", {}, bar.label || say(bar.kind)), ...lines.flatMap((line, index) => (index ? [make("br"), line] : [line])));
    const left = frame.offsetLeft + surface.offsetLeft + x + 14;
    tip.style.left = `${Math.max(0, Math.min(left, this.clientWidth - tip.offsetWidth))}px`;
    tip.style.top = `${frame.offsetTop + y - this.scroll + 16}px`;
  }

  // ---- proposing

  movable(bar) {
    return this.editable && bar && (bar.movable ?? ["own", "proposed"].includes(bar.kind));
  }

  get snap() {
    return Number(this.getAttribute("snap") ?? 900) * 1000;
  }

  propose({ bar, row: shown, start }) {
    const row = this.byMachine ? shown : bar.home;
    const detail = { id: bar.id, row, start: new Date(start).toISOString(), end: new Date(start + bar.end - bar.start).toISOString(), from: { row: bar.home, start: new Date(bar.start).toISOString() } };
    if (!this.#tell("gantt:propose", detail)) return this.settle();
    const form = document.getElementById(this.getAttribute("propose-form") ?? "");
    if (!form) return undefined;
    for (const [name, value] of [["bar", detail.id], ["row", row], ["start", detail.start], ["end", detail.end]]) {
      const field = form.elements.namedItem(name);
      if (field) field.value = value;
    }
    return form.requestSubmit();
  }

  // Takes a proposal's ghost away.
  settle() {
    this.ghost = undefined;
    this.draw();
  }

  #tell(type, detail) {
    return this.dispatchEvent(new CustomEvent(type, { bubbles: true, cancelable: true, detail }));
  }
}

customElements.define("plan-gantt", PlanGantt);
