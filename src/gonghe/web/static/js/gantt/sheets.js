// The whole plan on printed sheets: the same drawing, cut into spans of days and groups of rows that fit an A3 or A4
// page on its side, with the names of the rows beside it.
import { make } from "../dom.js";
import { say } from "../words.js";
import { rowWords } from "./grouping.js";
import { HEAD, Layout } from "./layout.js";
import { Painter, palette } from "./paint.js";
import { DAY } from "./time.js";

const WIDTH = 1400; // px a sheet; the paper scales it, so 13 px are about 7 pt on A4 and 10 pt on A3
const HEIGHT = 900;
const NAMES = 190; // px for the names of the rows
const SHARP = 2;
const DAYS = 14; // at most on one sheet, while the plan needs no more than MOST of them
const MOST = 60;

// Makes sheets before printing and takes them away after it; returns how to stop.
export function printSheets(gantt) {
  const before = () => {
    if (!gantt.layout || gantt.querySelector(":scope > .gantt-sheets")) return;
    const holder = make("div", { class: "gantt-sheets", "aria-hidden": "true" });
    gantt.append(holder);
    const colours = { ...palette(holder), paper: "#fff" }; // the holder is light in every theme
    holder.append(...sheets(gantt, colours));
  };
  const after = () => gantt.querySelector(":scope > .gantt-sheets")?.remove();
  addEventListener("beforeprint", before);
  addEventListener("afterprint", after);
  return () => {
    removeEventListener("beforeprint", before);
    removeEventListener("afterprint", after);
  };
}

function sheets(gantt, colours) {
  const groups = rowGroups(gantt.layout.rows);
  const cuts = spans(gantt.layout.plan, gantt.clock, groups.length);
  const all = groups.flatMap((rows) => cuts.map((span) => ({ rows, span })));
  return all.map((one, index) => sheet(gantt, colours, one, say("Sheet {n} of {total}", { n: index + 1, total: all.length })));
}

// Rows one below the other as long as they fit.
function rowGroups(rows) {
  const found = [];
  let height = HEIGHT;
  for (const placed of rows) {
    if (height + placed.height > HEIGHT - HEAD) {
      found.push([]);
      height = 0;
    }
    found.at(-1).push(placed.row);
    height += placed.height;
  }
  return found;
}

function spans(plan, clock, groups) {
  const first = clock.startOfDay(plan.bars.reduce((least, bar) => Math.min(least, bar.start), plan.start));
  const last = plan.bars.reduce((most, bar) => Math.max(most, bar.end), first + DAY);
  const days = Math.ceil((last - first) / DAY);
  const sheetsWide = Math.max(1, Math.min(Math.ceil(days / DAYS), Math.floor(MOST / Math.max(groups, 1))));
  const step = Math.ceil(days / sheetsWide);
  const found = [];
  for (let at = first; at < last; at = clock.addDays(at, step)) found.push([at, clock.addDays(at, step)]);
  return found;
}

function sheet(gantt, colours, { rows, span: [from, to] }, number) {
  const { plan } = gantt.layout;
  const held = new Set(rows.map((row) => row.id));
  const bars = plan.bars.filter((bar) => held.has(bar.row)).map((bar) => ({ ...bar, next: undefined }));
  const layout = new Layout({ ...plan, rows, bars });
  const canvas = make("canvas", { width: WIDTH * SHARP, height: layout.height * SHARP });
  const view = make("canvas", { width: (WIDTH - NAMES) * SHARP, height: layout.height * SHARP });
  const painter = new Painter(view, colours);
  painter.paint({ layout, clock: gantt.clock, from, scale: (WIDTH - NAMES) / (to - from), width: WIDTH - NAMES, height: layout.height, scroll: 0 }, SHARP);
  const g = canvas.getContext("2d");
  g.fillStyle = colours.paper;
  g.fillRect(0, 0, canvas.width, canvas.height);
  g.drawImage(view, NAMES * SHARP, 0);
  names(g, layout, colours, plan.rows);
  const title = `${gantt.getAttribute("aria-label") ?? ""} · ${gantt.clock.day(from, "long")} – ${gantt.clock.day(to - 1, "long")} · ${number}`;
  return make("figure", {}, make("figcaption", {}, title), canvas);
}

function names(g, layout, colours, all) {
  g.setTransform(SHARP, 0, 0, SHARP, 0, 0);
  g.textBaseline = "middle";
  for (const { row, top, height } of layout.rows) {
    const { name, note } = rowWords(row, all);
    g.fillStyle = colours.rule;
    g.fillRect(0, top + height - 1, NAMES, 1);
    g.fillStyle = colours.ink;
    g.font = `${row.own ? 600 : 400} 13px ${colours.font}`;
    g.fillText(name, 0, top + height / 2 - (note ? 8 : 0), NAMES - 10);
    if (!note) continue;
    g.fillStyle = colours["ink-2"];
    g.font = `400 12px ${colours.font}`;
    g.fillText(note, 0, top + height / 2 + 9, NAMES - 10);
  }
}
