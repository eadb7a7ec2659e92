// The edges of a part: where two faces meet at an angle. Seams of one face and tangent joints are not drawn.

const SMOOTH = 0.985; // cosine of about 10 degrees between the normals on both sides

export function outlines({ position, normal, face, index }) {
  const same = weld(position);
  const count = position.length / 3;
  const edges = new Map();
  for (let t = 0; t < index.length; t += 3)
    for (let k = 0; k < 3; k++) {
      const [a, b] = [index[t + k], index[t + ((k + 1) % 3)]];
      const key = Math.min(same[a], same[b]) * count + Math.max(same[a], same[b]);
      const sides = edges.get(key);
      if (sides) sides.push(a, b);
      else edges.set(key, [a, b]);
    }
  const drawn = [];
  for (const sides of edges.values()) if (isEdge(sides, normal, face)) drawn.push(sides[0], sides[1]);
  const out = new Float32Array(drawn.length * 3);
  drawn.forEach((from, to) => out.set(position.subarray(from * 3, from * 3 + 3), to * 3));
  return out;
}

function isEdge(sides, normal, face) {
  if (sides.length !== 4) return true; // an open border, or more than two faces at one edge
  const [a, b, c] = sides;
  if (face[a] === face[c]) return false;
  const at = (i) => normal.subarray(i * 3, i * 3 + 3);
  const [p, r, q] = [at(a), at(b), at(c)];
  const mean = (u, v) => u[0] * v[0] + u[1] * v[1] + u[2] * v[2];
  const closest = Math.max(mean(p, q), mean(r, q));
  return closest < SMOOTH;
}

// For every vertex the first vertex at the same place (to a millionth of the size of the part).
function weld(position) {
  let size = 0;
  for (const value of position) size = Math.max(size, Math.abs(value));
  const scale = 1e6 / (size || 1);
  const seen = new Map();
  const same = new Uint32Array(position.length / 3);
  for (let i = 0; i < same.length; i++) {
    const key = `${Math.round(position[i * 3] * scale)},${Math.round(position[i * 3 + 1] * scale)},${Math.round(position[i * 3 + 2] * scale)}`;
    if (!seen.has(key)) seen.set(key, i);
    same[i] = seen.get(key);
  }
  return same;
}
