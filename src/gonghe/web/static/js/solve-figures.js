// Where a search stands: the best plan found so far, what no plan can be better than, and the gap between them,
// as a small chart over time and as numbers. Figures are {objective, bound, gap, currency, trace}; money in minor units.
import { make, svg } from "./dom.js";
import { language, say } from "./words.js";

const WIDE = 400;
const HIGH = 100;

export function showFigures(holder, figures) {
  const money = new Intl.NumberFormat(language(), { style: "currency", currency: figures.currency, currencyDisplay: "narrowSymbol", maximumFractionDigits: 0 });
  const text = (minor) => money.format(minor / 100);
  const last = figures.trace.at(-1);
  const words = say("{objective} found after {seconds} s; no plan can cost less than {bound}", { objective: text(figures.objective), seconds: last[0], bound: text(figures.bound) });
  const percent = new Intl.NumberFormat(language(), { minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(figures.gap);
  holder.replaceChildren(
    chart(figures.trace, words),
    make("dl", {},
      make("dt", {}, make("span", { class: "found-key" }, say("Best so far"))), make("dd", {}, text(figures.objective)),
      make("dt", {}, make("span", { class: "floor-key" }, say("No plan can cost less"))), make("dd", {}, text(figures.bound)),
      make("dt", {}, say("Gap")), make("dd", {}, `${percent} %`)));
  holder.hidden = false;
}

function chart(trace, words) {
  const end = Math.max(trace.at(-1)[0], 0.1);
  const most = Math.max(...trace.map(([, objective]) => objective));
  const least = Math.min(...trace.map(([, , bound]) => bound));
  const x = (seconds) => (seconds / end) * WIDE;
  const y = (value) => HIGH - 4 - ((value - least) / Math.max(most - least, 1)) * (HIGH - 12);
  const steps = trace.map(([seconds, objective], index) => (index ? `H${x(seconds)}V${y(objective)}` : `M0 ${y(objective)}`)).join("");
  const floor = `M0 ${y(trace.at(-1)[2])}H${WIDE}`;
  return svg("svg", { viewBox: `0 0 ${WIDE} ${HIGH}`, preserveAspectRatio: "none", role: "img", "aria-label": words },
    svg("path", { class: "room", d: `${steps}V${y(trace.at(-1)[2])}H0Z` }), svg("path", { class: "floor", d: floor }), svg("path", { class: "found", d: steps }));
}
