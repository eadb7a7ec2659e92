// Loads the custom elements that a page uses, when it uses them; pages only write the tags.
import "./behaviour.js";
import { nameCells } from "./columns.js";

const elements = {
  "plan-gantt": () => import("./plan-gantt.js"),
  "part-view": () => import("./part-view.js"),
  "site-map": () => import("./site-map.js"),
  "live-feed": () => import("./live-feed.js"),
  "job-progress": () => import("./job-progress.js"),
  "drop-zone": () => import("./drop-zone.js"),
};
const loaded = new Set();

function load(within) {
  nameCells(within);
  for (const [tag, module] of Object.entries(elements)) {
    if (loaded.has(tag) || !within.querySelector(tag)) continue;
    loaded.add(tag);
    module();
  }
}

load(document);
document.addEventListener("htmx:afterSwap", () => load(document));
document.addEventListener("gonghe:refreshed", () => load(document));
