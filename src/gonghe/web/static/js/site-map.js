// <site-map aria-label>: places on a map that needs no tile server.
// Data: {sites: [{id, name, lat, lon, kind: own|partner|other, note, url}], legs: [{from, to, label, kind: plan|proposed}]}.
// Event: map:select {id}. Sites are links for keyboard and pointer; the page gives the same as a table.
import { readData, svg } from "./dom.js";
import { Projection, isFree, placeLabels } from "./map/layout.js";

const DOT = 6;
const LINE = 16;
const PAD = 56;
const AXIS_ROOM = 44; // px that the words of a line of the grid take
const HEIGHT_SHARE = { wide: 0.5, narrow: 1.1 };

class SiteMap extends HTMLElement {
  #stop;

  async connectedCallback() {
    const sized = new ResizeObserver(() => this.#draw());
    sized.observe(this);
    this.#stop = () => sized.disconnect();
    this.data ??= await readData(this);
    this.#draw();
  }

  disconnectedCallback() {
    this.#stop?.();
  }

  absorb(data) {
    this.data = data;
    this.drawnFor = undefined;
    this.#draw();
  }

  #draw() {
    const width = this.clientWidth;
    if (!this.data || !width || width === this.drawnFor) return;
    this.drawnFor = width;
    const height = Math.round(width * (width > 560 ? HEIGHT_SHARE.wide : HEIGHT_SHARE.narrow));
    const picture = svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "group", "aria-label": this.getAttribute("aria-label") ?? "" });
    this.querySelector(":scope > svg")?.remove();
    this.append(picture);
    if (!this.data.sites.length) return;
    const projection = new Projection(this.data.sites, width, height, Math.min(PAD, width / 6));
    this.places = new Map(this.data.sites.map((site) => [site.id, { site, x: projection.x(site.lon), y: projection.y(site.lat) }]));
    const legs = this.#legs();
    picture.append(this.#grid(projection), ...legs.map((leg) => leg.drawn));
    const taken = this.#sites(picture, width, height);
    this.#legWords(picture, legs, taken, width, height);
    picture.append(this.#scale(projection));
  }

  #grid(projection) {
    const { lats, lons } = projection.grid();
    const { width, height } = projection;
    const group = svg("g", { "aria-hidden": "true" });
    const degrees = (value, [plus, minus]) => `${Math.abs(value)}° ${value < 0 ? minus : plus}`;
    for (const lon of lons.filter((one) => projection.x(one) < width - AXIS_ROOM)) group.append(svg("path", { class: "grid", d: `M${projection.x(lon)} 0V${height}` }), text(degrees(lon, "EW"), { class: "axis", x: projection.x(lon) + 4, y: 12 }));
    for (const lat of lats) group.append(svg("path", { class: "grid", d: `M0 ${projection.y(lat)}H${width}` }), text(degrees(lat, "NS"), { class: "axis", x: 4, y: projection.y(lat) - 4 }));
    return group;
  }

  #legs() {
    const counts = new Map();
    return (this.data.legs ?? []).flatMap((leg) => {
      const [a, b] = [this.places.get(leg.from), this.places.get(leg.to)];
      if (!a || !b || a === b) return [];
      const pair = [leg.from, leg.to].sort().join();
      const nth = counts.get(pair) ?? 0;
      counts.set(pair, nth + 1);
      return [drawLeg(leg, a, b, nth)];
    });
  }

  #sites(picture, width, height) {
    const places = [...this.places.values()];
    const ranks = { own: 2, partner: 1 };
    const items = places.map(({ site, x, y }) => ({ x, y, w: measured(picture, site.name, site.kind) + 2, h: LINE, rank: ranks[site.kind] ?? 0 }));
    const { spots, taken } = placeLabels(items, width, height, DOT + 1);
    places.forEach((place, index) => picture.append(this.#site(place, spots[index])));
    return taken;
  }

  // Words of a leg lie somewhere along it where nothing else is written, or nowhere.
  #legWords(picture, legs, taken, width, height) {
    for (const { leg, at } of legs) {
      if (!leg.label) continue;
      const w = measured(picture, leg.label, "note") + 4;
      const boxes = [0.5, 0.4, 0.6, 0.3, 0.7].map(at).map(({ x, y }) => ({ x: x - w / 2, y: y - LINE / 2, w, h: LINE }));
      const free = boxes.find((box) => isFree(box, taken, width, height));
      if (!free) continue;
      taken.push(free);
      picture.append(text(leg.label, { class: "note", x: free.x + 2, y: free.y + 12 }));
    }
  }

  #site({ site, x, y }, spot) {
    const words = [site.name, site.note].filter(Boolean).join(", ");
    const group = svg("g", { class: "site", tabindex: "0", role: site.url ? "link" : "button", "aria-label": words, "data-id": site.id }, svg("title", {}));
    group.querySelector("title").textContent = words;
    group.append(svg("circle", { class: `place ${site.kind ?? "other"}`, cx: x, cy: y, r: DOT }));
    if (spot) {
      const middle = { x: spot.x + spot.w / 2, y: spot.y + spot.h / 2 };
      if (spot.away) group.append(svg("path", { class: "leader", d: `M${x} ${y}L${Math.min(Math.max(x, spot.x), spot.x + spot.w)} ${y < middle.y ? spot.y : spot.y + spot.h}` }));
      group.append(text(site.name, { class: site.kind ?? "other", x: spot.x + 1, y: spot.y + 12 }));
    }
    group.addEventListener("click", () => this.#choose(site, group));
    group.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") {
        event.preventDefault();
        this.#choose(site, group);
      }
    });
    return group;
  }

  #choose(site, group) {
    for (const other of this.querySelectorAll(".picked")) other.classList.remove("picked");
    group.classList.add("picked");
    const goes = this.dispatchEvent(new CustomEvent("map:select", { bubbles: true, cancelable: true, detail: { id: site.id } }));
    if (goes && site.url) location.assign(site.url);
  }

  #scale(projection) {
    const { km, pixels } = projection.scaleBar();
    const [right, y] = [projection.width - 12, projection.height - 12];
    return svg("g", { "aria-hidden": "true" }, svg("path", { class: "scalebar", d: `M${right - pixels} ${y - 5}V${y}H${right}V${y - 5}` }), text(km < 1 ? `${km * 1000} m` : `${km} km`, { x: right - 4, y: y - 6, "text-anchor": "end" }));
  }
}

function measured(picture, words, css) {
  const probe = text(words, { class: css });
  picture.append(probe);
  const wide = probe.getComputedTextLength();
  probe.remove();
  return wide;
}

function text(words, options) {
  const node = svg("text", options);
  node.textContent = words;
  return node;
}

// A leg bends a little to its right, so that there and back do not lie on each other.
function drawLeg(leg, a, b, nth) {
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  const bend = 0.1 + nth * 0.07;
  const control = { x: (a.x + b.x) / 2 - dy * bend, y: (a.y + b.y) / 2 + dx * bend };
  const aim = Math.atan2(b.y - control.y, b.x - control.x);
  const end = { x: b.x - Math.cos(aim) * (DOT + 2), y: b.y - Math.sin(aim) * (DOT + 2) };
  const wing = (turn) => `${(end.x - 9 * Math.cos(aim + turn)).toFixed(1)} ${(end.y - 9 * Math.sin(aim + turn)).toFixed(1)}`;
  const drawn = svg("g", { "data-leg": `${leg.from}>${leg.to}` },
    svg("path", { class: `leg ${leg.kind ?? "plan"}`, d: `M${a.x.toFixed(1)} ${a.y.toFixed(1)}Q${control.x.toFixed(1)} ${control.y.toFixed(1)} ${end.x.toFixed(1)} ${end.y.toFixed(1)}` }),
    svg("path", { class: "leghead", d: `M${end.x.toFixed(1)} ${end.y.toFixed(1)}L${wing(0.35)}L${wing(-0.35)}z` }));
  const at = (t) => ({ x: (1 - t) ** 2 * a.x + 2 * t * (1 - t) * control.x + t * t * b.x, y: (1 - t) ** 2 * a.y + 2 * t * (1 - t) * control.y + t * t * b.y });
  return { leg, drawn, at };
}

customElements.define("site-map", SiteMap);
