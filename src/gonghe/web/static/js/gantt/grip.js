// Pointer, wheel and keys on a plan: pan, zoom, hover, choose, drag a proposal.
import { say } from "../words.js";
import { HEAD } from "./layout.js";

const DRAG = 4; // px before a press becomes a drag
const SLACK = 6; // px beside a thin bar that still hit it

export class Grip {
  #pointers = new Map();
  #press;

  constructor(gantt, surface) {
    this.gantt = gantt;
    this.surface = surface;
    const on = (type, act, options) => surface.addEventListener(type, (event) => gantt.layout && act.call(this, event), options);
    on("pointerdown", this.down);
    on("pointermove", this.move);
    on("pointerup", this.up);
    on("pointercancel", this.cancel);
    on("pointerleave", this.leave);
    on("dblclick", this.double);
    on("wheel", this.wheel, { passive: false });
    on("keydown", this.key);
    on("focus", this.focus);
  }

  // Place of an event: x on the surface, y from the top of the first row's head.
  at(event) {
    const box = this.surface.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }

  barAt({ x, y }) {
    const { gantt } = this;
    if (y < gantt.scroll + HEAD) return undefined; // under the head, which stays on top
    return gantt.layout.barAt(gantt.timeAt(x), y, SLACK / gantt.scale);
  }

  down(event) {
    if (event.button > 0) return;
    this.#pointers.set(event.pointerId, this.at(event));
    const place = this.at(event);
    const bar = this.barAt(place);
    this.#press = { place, bar, last: place, moved: false, ghost: this.gantt.movable(bar) };
    if (bar) this.gantt.select(bar);
    this.gantt.tip(undefined);
  }

  move(event) {
    const place = this.at(event);
    if (this.#pointers.size === 2 && this.#pointers.has(event.pointerId)) return this.pinch(event.pointerId, place);
    if (!this.#press || !this.#pointers.has(event.pointerId)) return this.hover(place);
    const press = this.#press;
    if (!press.moved) {
      if (Math.hypot(place.x - press.place.x, place.y - press.place.y) < DRAG) return undefined;
      press.moved = true;
      this.surface.setPointerCapture(event.pointerId);
    }
    if (press.ghost) this.drag(place);
    else this.gantt.panBy(press.last.x - place.x);
    press.last = place;
    return undefined;
  }

  drag(place) {
    const { gantt } = this;
    const { bar } = this.#press;
    const start = bar.start + (place.x - this.#press.place.x) / gantt.scale;
    const row = (gantt.byMachine && gantt.layout.rowAt(place.y)?.row.id) || bar.row;
    gantt.ghost = { bar, row, start: this.snapped(start) };
    gantt.draw();
  }

  snapped(time) {
    const { clock, snap } = this.gantt;
    const wall = time + clock.offset(time);
    return clock.instant(Math.round(wall / snap) * snap);
  }

  pinch(id, place) {
    const spread = () => {
      const [a, b] = [...this.#pointers.values()];
      return { wide: Math.abs(a.x - b.x), middle: (a.x + b.x) / 2 };
    };
    const before = spread();
    this.#pointers.set(id, place);
    const after = spread();
    if (before.wide > 10 && after.wide > 10) this.gantt.zoom(after.wide / before.wide, after.middle);
    this.gantt.panBy(before.middle - after.middle);
  }

  up(event) {
    this.#pointers.delete(event.pointerId);
    const press = this.#press;
    this.#press = undefined;
    if (press?.moved && press.ghost && this.gantt.ghost) this.gantt.propose(this.gantt.ghost);
  }

  cancel(event) {
    this.#pointers.delete(event.pointerId);
    if (this.#press?.ghost) this.gantt.settle();
    this.#press = undefined;
  }

  leave() {
    this.gantt.hover(undefined);
    this.gantt.tip(undefined);
  }

  hover(place) {
    const bar = this.barAt(place);
    const { gantt } = this;
    gantt.tip(bar, place.x, place.y);
    this.surface.style.cursor = bar ? (gantt.movable(bar) ? "grab" : "pointer") : "default";
    gantt.hover(bar);
  }

  double(event) {
    const bar = this.barAt(this.at(event));
    if (bar) this.gantt.open(bar);
  }

  // Plain turning scrolls the page; with Ctrl (or a pinch on a touch pad) it zooms, sideways or with Shift it pans.
  wheel(event) {
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      this.gantt.zoom(Math.exp(-event.deltaY * 0.0022), this.at(event).x);
      return;
    }
    const sideways = event.shiftKey ? event.deltaX || event.deltaY : event.deltaX;
    if (Math.abs(sideways) <= Math.abs(event.shiftKey ? 0 : event.deltaY)) return;
    event.preventDefault();
    this.gantt.panBy(sideways);
  }

  focus() {
    const { gantt } = this;
    if (gantt.selected || !this.surface.matches(":focus-visible")) return;
    const first = gantt.layout.first(gantt.layout.plan.now ?? gantt.from);
    if (first) gantt.select(first, { quiet: true });
  }

  key(event) {
    const { gantt } = this;
    const bar = gantt.selected;
    const zoom = { "+": 1.6, "=": 1.6, "-": 1 / 1.6 }[event.key];
    if (zoom && !event.ctrlKey && !event.metaKey) gantt.zoom(zoom);
    else if (event.key === "PageUp" || event.key === "PageDown") gantt.pan(event.key === "PageUp" ? -0.8 : 0.8);
    else if (event.key === "Escape" && gantt.ghost) gantt.settle();
    else if (event.key === "Enter" && gantt.ghost) gantt.propose(gantt.ghost);
    else if (event.key === "Enter" && bar) gantt.open(bar);
    else if (event.altKey && event.key.startsWith("Arrow") && gantt.movable(bar)) this.nudge(bar, event.key);
    else if (!event.altKey && (event.key.startsWith("Arrow") || event.key === "Home" || event.key === "End")) this.step(bar, event.key);
    else return;
    event.preventDefault();
  }

  step(bar, key) {
    const { gantt } = this;
    const next = bar ? gantt.layout.neighbour(bar, key) : gantt.layout.first(gantt.from);
    if (next) gantt.select(next);
  }

  nudge(bar, key) {
    const { gantt } = this;
    const ghost = gantt.ghost?.bar === bar ? gantt.ghost : { bar, row: bar.row, start: bar.start };
    const rows = gantt.layout.rows;
    const index = rows.findIndex((placed) => placed.row.id === ghost.row);
    const turn = (gantt.byMachine && { ArrowUp: -1, ArrowDown: 1 }[key]) || 0;
    const row = (rows[index + turn] ?? rows[index]).row;
    const start = ghost.start + ({ ArrowLeft: -1, ArrowRight: 1 }[key] ?? 0) * gantt.snap;
    gantt.ghost = { bar, row: row.id, start };
    gantt.say(say("Proposed: {row}, {start}. Enter proposes it, Escape takes it back.", {
      row: [row.organization, row.equipment ?? row.label].filter(Boolean).join(" "),
      start: `${gantt.clock.day(start, "long")} ${gantt.clock.time(start)}`,
    }));
    gantt.draw();
  }
}
