// Small helpers that the elements share. Styles are set through the CSSOM, which a strict content policy allows.
export function make(tag, options = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || value === null || value === false) continue;
    if (name in node && typeof value !== "string") node[name] = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

const SVG = "http://www.w3.org/2000/svg";

export function svg(tag, options = {}, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(options)) if (value !== undefined) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

export function icon(name) {
  return svg("svg", { class: "icon", "aria-hidden": "true" }, svg("use", { href: `#i-${name}` }));
}

// The data of an element: its JSON child, or the answer of its `src`.
export async function readData(element) {
  const held = element.querySelector(':scope > script[type="application/json"]');
  if (held) return JSON.parse(held.textContent);
  const answer = await fetch(element.getAttribute("src"), { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`${answer.status} from ${element.getAttribute("src")}`);
  return answer.json();
}

export const csrfToken = () => document.querySelector('meta[name="csrf-token"]')?.content ?? "";

export function post(url, body) {
  return fetch(url, { method: "POST", body, headers: { "X-CSRFToken": csrfToken(), Accept: "application/json" } });
}

// Colours of tokens, or of CSS expressions, as the page shows them now; a probe resolves light-dark().
export function tokens(element, names) {
  const probe = make("span", { hidden: true });
  element.append(probe);
  const found = {};
  for (const name of names) {
    probe.style.color = name.includes("(") ? name : `var(--${name})`;
    found[name] = getComputedStyle(probe).color;
  }
  probe.remove();
  return found;
}

// Calls `redraw` when the theme changes, by button or by the system; returns how to stop.
export function onTheme(redraw) {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const watch = new MutationObserver(redraw);
  watch.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  system.addEventListener("change", redraw);
  return () => {
    watch.disconnect();
    system.removeEventListener("change", redraw);
  };
}
