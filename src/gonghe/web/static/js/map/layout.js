// Geometry of the map: projection, graticule, scale, and labels that keep out of each other's way.

const EARTH = 6371.0088; // km, mean radius (IUGG)
const RAD = Math.PI / 180;
const STEPS = [10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01];
const SCALES = [1000, 500, 200, 100, 50, 20, 10, 5, 2, 1, 0.5, 0.2, 0.1];
const LEAST_SPAN = 0.02; // degrees: a single place still gets a map around it

// Equirectangular projection with true scale at the middle latitude: at the size of a region it keeps shapes and distances.
export class Projection {
  constructor(sites, width, height, pad) {
    const lats = sites.map((site) => site.lat);
    const lons = sites.map((site) => site.lon);
    const middle = (values) => (Math.min(...values) + Math.max(...values)) / 2;
    const wide = (values) => Math.max(Math.max(...values) - Math.min(...values), LEAST_SPAN);
    [this.lat, this.lon] = [middle(lats), middle(lons)];
    this.squeeze = Math.cos(this.lat * RAD);
    this.scale = Math.min((width - 2 * pad) / (wide(lons) * this.squeeze), (height - 2 * pad) / wide(lats));
    [this.width, this.height] = [width, height];
  }

  x(lon) {
    return this.width / 2 + (lon - this.lon) * this.squeeze * this.scale;
  }

  y(lat) {
    return this.height / 2 - (lat - this.lat) * this.scale;
  }

  get pixelsPerKm() {
    return this.scale / (EARTH * RAD);
  }

  // Degrees at which lines are drawn, about `wanted` of them across.
  grid() {
    const [wide, high] = [this.width / (this.scale * this.squeeze), this.height / this.scale];
    const step = STEPS.find((one) => Math.max(wide, high) / one >= 3) ?? STEPS.at(-1);
    const lines = (middle, span) => {
      const found = [];
      for (let i = Math.ceil((middle - span / 2) / step); i * step <= middle + span / 2; i++) found.push(Number((i * step).toFixed(3)));
      return found;
    };
    return { lons: lines(this.lon, wide), lats: lines(this.lat, high) };
  }

  scaleBar() {
    const km = SCALES.find((one) => one * this.pixelsPerKm <= this.width * 0.25) ?? SCALES.at(-1);
    return { km, pixels: km * this.pixelsPerKm };
  }
}

const overlap = (a, b) => Math.max(0, Math.min(a.x + a.w, b.x + b.w) - Math.max(a.x, b.x)) * Math.max(0, Math.min(a.y + a.h, b.y + b.h) - Math.max(a.y, b.y));

// Places every label at the first free spot around its dot, nearest first; the dots themselves are in the way too.
// items: {x, y, w, h, rank}; returns spots {x, y, w, h, away} in the order given, undefined where none is free, and all boxes taken.
export function placeLabels(items, width, height, dot) {
  const taken = items.map(({ x, y }) => ({ x: x - dot, y: y - dot, w: 2 * dot, h: 2 * dot }));
  const order = items.map((_, index) => index).sort((a, b) => (items[b].rank ?? 0) - (items[a].rank ?? 0) || items[a].y - items[b].y);
  const spots = [];
  for (const index of order) {
    const item = items[index];
    const free = candidates(item, dot).find((spot) => isFree(spot, taken, width, height));
    if (!free) continue;
    taken.push(free);
    spots[index] = free;
  }
  return { spots, taken };
}

export const isFree = (box, taken, width, height) => inside(box, width, height) && taken.every((other) => overlap(box, other) === 0);

const inside = (box, width, height) => box.x >= 2 && box.y >= 2 && box.x + box.w <= width - 2 && box.y + box.h <= height - 2;

function candidates({ x, y, w, h }, dot) {
  const found = [];
  for (const away of [dot + 4, dot + 18, dot + 34, dot + 52]) {
    const diagonal = away * 0.75;
    found.push(
      { x: x + away, y: y - h / 2 }, { x: x - away - w, y: y - h / 2 }, { x: x - w / 2, y: y - away - h }, { x: x - w / 2, y: y + away },
      { x: x + diagonal, y: y - diagonal - h }, { x: x + diagonal, y: y + diagonal }, { x: x - diagonal - w, y: y - diagonal - h }, { x: x - diagonal - w, y: y + diagonal },
    );
    for (const spot of found.slice(-8)) Object.assign(spot, { w, h, away: away > dot + 4 });
  }
  return found;
}
