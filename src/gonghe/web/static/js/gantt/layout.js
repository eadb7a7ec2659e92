// The geometry of a plan: bars in lanes, rows one below the other, what lies at a point. No drawing, no events.
import { Links } from "./links.js";

export const HEAD = 44;
const LANE = 23;
const PAD = 10;
const LEAST_ROW = 42;
export const BAR = 19;

const LOOSE = new Set(["was", "break", "planned"]); // drawn in place, they take no lane from others
const SILENT = new Set(["break", "planned"]); // not to be chosen: the bar beside says it
const chosen = (bar) => !SILENT.has(bar.kind);

export function readPlan(data) {
  const at = (text) => (typeof text === "number" ? text : Date.parse(text));
  const spans = (list) => (list ?? []).map(([start, end]) => [at(start), at(end)]).sort((a, b) => a[0] - b[0]);
  const bars = (data.bars ?? []).map((bar) => ({ ...bar, home: bar.row, start: at(bar.start), end: at(bar.end) }));
  const rows = (data.rows ?? []).map((row) => ({ ...row, breaks: spans(row.breaks) }));
  const starts = bars.map((bar) => bar.start);
  const now = data.now ? at(data.now) : undefined;
  return {
    rows, bars, now,
    homes: new Map(rows.map((row) => [row.id, row])),
    links: data.links ?? [],
    breaks: spans(data.breaks),
    start: data.start ? at(data.start) : smallest(starts, now ?? Date.now()),
    end: data.end ? at(data.end) : bars.reduce((latest, bar) => Math.max(latest, bar.end), now ?? 0),
  };
}

const smallest = (values, fallback) => values.reduce((least, value) => Math.min(least, value), values.length ? Infinity : fallback);

// Gives every bar the first free lane of its row, in the order of their starts, and its follower in that lane.
function stack(bars) {
  const ends = [];
  const last = [];
  for (const bar of bars) {
    if (LOOSE.has(bar.kind)) {
      bar.lane = 0;
      continue;
    }
    let lane = ends.findIndex((end) => end <= bar.start);
    if (lane < 0) lane = ends.length;
    ends[lane] = bar.end;
    bar.lane = lane;
    if (last[lane]) last[lane].next = bar;
    last[lane] = bar;
  }
  return Math.max(ends.length, 1);
}

export class Layout {
  // band: px above the bars of every row, where its name stands when there is no room beside them.
  constructor(plan, { band = 0 } = {}) {
    this.plan = plan;
    this.band = band;
    this.byId = new Map(plan.bars.map((bar) => [bar.id, bar]));
    const perRow = new Map(plan.rows.map((row) => [row.id, []]));
    for (const bar of plan.bars) perRow.get(bar.row)?.push(bar);
    let top = HEAD;
    this.rows = plan.rows.map((row) => {
      const bars = perRow.get(row.id).sort((a, b) => a.start - b.start || a.end - b.end);
      const lanes = stack(bars);
      const height = band ? band + PAD + lanes * LANE : Math.max(LEAST_ROW, PAD * 2 + lanes * LANE - 4);
      const placed = { row, bars, lanes, top, height, longest: bars.reduce((most, bar) => Math.max(most, bar.end - bar.start), 0) };
      top += height;
      return placed;
    });
    this.height = top;
    this.rowOf = new Map(this.rows.map((placed) => [placed.row.id, placed]));
    for (const bar of plan.bars) if (bar.kind === "planned") bar.lane = this.byId.get(bar.of)?.lane ?? 0;
    this.links = new Links(plan.links, this.byId, this.rowOf);
  }

  // Index of the row at a height, or of the nearest one.
  rowIndex(y) {
    let low = 0;
    let high = this.rows.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.rows[middle].top <= y) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  // Rows that reach into [top, bottom].
  rowsBetween(top, bottom) {
    if (!this.rows.length) return [];
    return this.rows.slice(this.rowIndex(top), this.rowIndex(bottom) + 1).filter((placed) => placed.top + placed.height > top && placed.top < bottom);
  }

  // Bars of a row that touch [from, to]; the row is sorted by start, so the search begins at from - longest bar.
  visible(placed, from, to) {
    const bars = placed.bars;
    let low = 0;
    let high = bars.length;
    const first = from - placed.longest;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (bars[middle].start < first) low = middle + 1;
      else high = middle;
    }
    const found = [];
    for (let i = low; i < bars.length && bars[i].start <= to; i++) if (bars[i].end >= from) found.push(bars[i]);
    return found;
  }

  barTop(placed, bar) {
    const used = placed.lanes * LANE - (LANE - BAR);
    return placed.top + this.band + (placed.height - this.band - used) / 2 + bar.lane * LANE;
  }

  rowAt(y) {
    const placed = this.rows[this.rowIndex(y)];
    return placed && y >= placed.top && y < placed.top + placed.height ? placed : undefined;
  }

  // Bar at an instant and a height; thin bars are widened by `slack` so that a finger hits them.
  barAt(time, y, slack) {
    const placed = this.rowAt(y);
    if (!placed) return undefined;
    const near = this.visible(placed, time - slack, time + slack).filter((bar) => {
      const top = this.barTop(placed, bar);
      return chosen(bar) && y >= top - 2 && y <= top + BAR + 2;
    });
    const distance = (bar) => (time < bar.start ? bar.start - time : Math.max(0, time - bar.end));
    const order = (bar) => distance(bar) + (bar.kind === "was" ? 1 : 0);
    return near.sort((a, b) => order(a) - order(b))[0];
  }

  // Neighbour of a bar for the arrow keys.
  neighbour(bar, key) {
    const index = this.rows.indexOf(this.rowOf.get(bar.row));
    const bars = this.rows[index].bars.filter(chosen);
    const at = bars.indexOf(bar);
    if (key === "ArrowRight") return bars[at + 1];
    if (key === "ArrowLeft") return bars[at - 1];
    if (key === "Home") return bars[0];
    if (key === "End") return bars.at(-1);
    const step = key === "ArrowDown" ? 1 : -1;
    for (let i = index + step; i >= 0 && i < this.rows.length; i += step) {
      const closest = nearest(this.rows[i].bars, (bar.start + bar.end) / 2);
      if (closest) return closest;
    }
    return undefined;
  }

  first(from) {
    for (const placed of this.rows) {
      const bar = nearest(placed.bars, from);
      if (bar) return bar;
    }
    return undefined;
  }
}

function nearest(bars, time) {
  const away = (bar) => Math.abs((bar.start + bar.end) / 2 - time);
  return bars.filter(chosen).reduce((best, bar) => (!best || away(bar) < away(best) ? bar : best), undefined);
}
