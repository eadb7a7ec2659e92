// Puts parts of a freshly fetched page into this one: focus, open <details> and what is being typed stay.
import { nameCells } from "./columns.js";

const isTyping = (part) => {
  const at = document.activeElement;
  return part.contains(at) && at.matches("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");
};

function keepOpen(now, next) {
  for (const details of now.querySelectorAll("details[id][open]")) {
    const same = next.querySelector(`#${CSS.escape(details.id)}`);
    if (same) same.open = true;
  }
}

// Elements that can take new data (a timeline, a map) keep their place, zoom and selection.
function keepElements(now, next) {
  for (const fresh of next.querySelectorAll("[id]")) {
    const held = now.querySelector(`#${CSS.escape(fresh.id)}`);
    if (typeof held?.absorb !== "function") continue;
    const data = fresh.querySelector('script[type="application/json"]');
    if (data) held.absorb(JSON.parse(data.textContent));
    fresh.replaceWith(held);
  }
}

export function swapParts(selectors, page) {
  nameCells(page); // as the page shown, so that what is unchanged compares as equal
  for (const selector of selectors) {
    const now = document.querySelector(selector);
    const next = page.querySelector(selector);
    if (!now || !next || isTyping(now) || now.isEqualNode(next)) continue;
    const focused = now.contains(document.activeElement) ? document.activeElement.id : "";
    const node = document.adoptNode(next);
    keepOpen(now, node);
    keepElements(now, node);
    now.replaceWith(node);
    globalThis.htmx?.process(node);
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  }
}
