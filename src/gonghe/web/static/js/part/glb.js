// Reads a binary glTF 2.0 file into one mesh: corner positions, normals, face numbers, tints, and drawn lines.
// Face numbers are the vertex attribute _FACE_ID (any case). Textures, skins and animations are not read.

const TYPES = { 5120: Int8Array, 5121: Uint8Array, 5122: Int16Array, 5123: Uint16Array, 5125: Uint32Array, 5126: Float32Array };
const WIDTHS = { SCALAR: 1, VEC2: 2, VEC3: 3, VEC4: 4, MAT4: 16 };
const SCALES = { 5120: 127, 5121: 255, 5122: 32767, 5123: 65535 };
const TRIANGLES = 4;
const LINES = 1;

export function readGlb(buffer) {
  const { json, bin } = chunks(buffer);
  const triangles = [];
  const lines = [];
  const visit = (index, parent) => {
    const node = json.nodes[index];
    const matrix = multiply(parent, localMatrix(node));
    for (const primitive of node.mesh === undefined ? [] : json.meshes[node.mesh].primitives) {
      const read = (number) => accessor(json, bin, number);
      const mode = primitive.mode ?? TRIANGLES;
      if (mode === TRIANGLES) triangles.push(piece(primitive, read, matrix));
      if (mode === LINES) lines.push(piece(primitive, read, matrix));
    }
    for (const child of node.children ?? []) visit(child, matrix);
  };
  for (const root of json.scenes[json.scene ?? 0].nodes) visit(root, IDENTITY);
  if (!triangles.length) throw new Error("the file holds no triangles");
  return { ...joined(triangles), lines: lines.length ? expanded(joined(lines)) : undefined };
}

const IDENTITY = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];

function chunks(buffer) {
  const view = new DataView(buffer);
  if (buffer.byteLength < 20 || view.getUint32(0, true) !== 0x46546c67) throw new Error("not a binary glTF file");
  let json;
  let bin;
  for (let at = 12; at + 8 <= buffer.byteLength; ) {
    const length = view.getUint32(at, true);
    const kind = view.getUint32(at + 4, true);
    if (kind === 0x4e4f534a) json = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, at + 8, length)));
    if (kind === 0x004e4942) bin = buffer.slice(at + 8, at + 8 + length);
    at += 8 + length;
  }
  return { json, bin };
}

// Values of an accessor as numbers, normalised integers as 0..1.
function accessor(json, bin, number) {
  if (number === undefined) return undefined;
  const { bufferView, byteOffset = 0, componentType, count, type, normalized } = json.accessors[number];
  const Type = TYPES[componentType];
  const width = WIDTHS[type];
  const view = json.bufferViews[bufferView];
  const stride = view.byteStride ?? width * Type.BYTES_PER_ELEMENT;
  const start = (view.byteOffset ?? 0) + byteOffset;
  const values = new (componentType === 5125 ? Uint32Array : Float32Array)(count * width);
  const scale = normalized ? SCALES[componentType] : 1;
  const step = stride / Type.BYTES_PER_ELEMENT; // the format aligns items to their component
  const items = new Type(bin, start, (count - 1) * step + width);
  for (let i = 0; i < count; i++) for (let k = 0; k < width; k++) values[i * width + k] = items[i * step + k] / scale;
  return { values, width, count };
}

function piece(primitive, read, matrix) {
  const named = (name) => Object.entries(primitive.attributes).find(([key]) => key.toUpperCase() === name)?.[1];
  const points = read(named("POSITION"));
  const colour = read(named("COLOR_0"));
  return {
    count: points.count,
    position: moved(points.values, matrix, 1),
    normal: moved(read(named("NORMAL"))?.values, matrix, 0),
    face: read(named("_FACE_ID"))?.values,
    tint: colour && toScreen(colour),
    index: read(primitive.indices)?.values ?? Uint32Array.from({ length: points.count }, (_, i) => i),
  };
}

function moved(values, m, w) {
  if (!values) return undefined;
  const out = new Float32Array(values.length);
  for (let i = 0; i < values.length; i += 3) {
    const [x, y, z] = [values[i], values[i + 1], values[i + 2]];
    for (let k = 0; k < 3; k++) out[i + k] = m[k] * x + m[4 + k] * y + m[8 + k] * z + m[12 + k] * w;
  }
  return out;
}

// glTF vertex colours are linear; pages show sRGB.
function toScreen({ values, width, count }) {
  const out = new Float32Array(count * 3);
  for (let i = 0; i < count; i++)
    for (let k = 0; k < 3; k++) {
      const c = values[i * width + k];
      out[i * 3 + k] = c <= 0.0031308 ? c * 12.92 : 1.055 * c ** (1 / 2.4) - 0.055;
    }
  return out;
}

function joined(pieces) {
  const total = pieces.reduce((sum, one) => sum + one.count, 0);
  const out = { position: new Float32Array(total * 3), normal: new Float32Array(total * 3), tint: new Float32Array(total * 3).fill(0.74), face: new Float32Array(total).fill(-1) };
  const index = [];
  let at = 0;
  for (const one of pieces) {
    for (const name of ["position", "normal", "tint"]) if (one[name]) out[name].set(one[name], at * 3);
    if (one.face) out.face.set(one.face, at);
    for (const i of one.index) index.push(i + at);
    at += one.count;
  }
  return { ...out, index: Uint32Array.from(index) };
}

function expanded({ position, index }) {
  const out = new Float32Array(index.length * 3);
  index.forEach((from, to) => out.set(position.subarray(from * 3, from * 3 + 3), to * 3));
  return out;
}

function localMatrix(node) {
  if (node.matrix) return node.matrix;
  const [x, y, z, w] = node.rotation ?? [0, 0, 0, 1];
  const [a, b, c] = node.scale ?? [1, 1, 1];
  const [tx, ty, tz] = node.translation ?? [0, 0, 0];
  return [
    (1 - 2 * (y * y + z * z)) * a, 2 * (x * y + z * w) * a, 2 * (x * z - y * w) * a, 0,
    2 * (x * y - z * w) * b, (1 - 2 * (x * x + z * z)) * b, 2 * (y * z + x * w) * b, 0,
    2 * (x * z + y * w) * c, 2 * (y * z - x * w) * c, (1 - 2 * (x * x + y * y)) * c, 0,
    tx, ty, tz, 1,
  ];
}

function multiply(a, b) {
  const out = new Array(16).fill(0);
  for (let col = 0; col < 4; col++) for (let row = 0; row < 4; row++) for (let k = 0; k < 4; k++) out[col * 4 + row] += a[k * 4 + row] * b[col * 4 + k];
  return out;
}
