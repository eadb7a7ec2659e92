// A part on a sheet, drawn by three.js: faces shaded like a technical drawing, edges in ink, chosen faces in blue.
import * as THREE from "../../vendor/three/three.module.min.js";
import { OrbitControls } from "../../vendor/three/OrbitControls.js";
import { outlines } from "./outline.js";

THREE.ColorManagement.enabled = false; // the tokens are sRGB and go to the screen as they are

// Directions from which a part is looked at; y is up in glTF, so the front looks along -z.
export const VIEWS = { iso: [1, 0.9, 1], top: [0, 1, 0.0001], front: [0, 0, 1], right: [1, 0, 0] };
const AROUND = [-1, 0, 1].flatMap((x) => [-1, 0, 1].flatMap((y) => [-1, 0, 1].map((z) => [x, y || 0.0001, z]))).filter(([x, y, z]) => x || z || Math.abs(y) === 1);
const SPOTS = 6; // places of a face that are looked for
const MARGIN = 1.12;
const TURN = Math.PI / 12;

const VERTEX = `
  attribute vec3 tint; attribute float picked;
  varying vec3 vNormal; varying vec3 vTint; varying float vPicked;
  void main() { vNormal = normalize(normalMatrix * normal); vTint = tint; vPicked = picked; gl_Position = projectionMatrix * modelViewMatrix * vec4(position, 1.0); }`;
const FRAGMENT = `
  uniform vec3 sheet; uniform vec3 ink; uniform vec3 blue;
  varying vec3 vNormal; varying vec3 vTint; varying float vPicked;
  void main() {
    vec3 n = normalize(gl_FrontFacing ? vNormal : -vNormal);
    float lit = clamp(dot(n, normalize(vec3(-0.35, 0.8, 0.5))), 0.0, 1.0);
    vec3 base = mix(mix(sheet, vTint, 0.16), ink, 0.24 * (1.0 - lit));
    gl_FragColor = vec4(mix(base, blue, vPicked * 0.45), 1.0);
  }`;

export class PartScene {
  constructor(canvas, mesh, colours) {
    this.canvas = canvas;
    this.renderer = new THREE.WebGLRenderer({ canvas, antialias: true, alpha: true });
    this.scene = new THREE.Scene();
    this.camera = new THREE.OrthographicCamera(-1, 1, 1, -1, 0.1, 10);
    this.geometry = this.#geometry(mesh);
    this.faces = new THREE.ShaderMaterial({ vertexShader: VERTEX, fragmentShader: FRAGMENT, side: THREE.DoubleSide, polygonOffset: true, polygonOffsetFactor: 1, polygonOffsetUnits: 1, uniforms: { sheet: { value: new THREE.Color() }, ink: { value: new THREE.Color() }, blue: { value: new THREE.Color() } } });
    this.body = new THREE.Mesh(this.geometry, this.faces);
    this.edges = new THREE.LineBasicMaterial();
    this.scene.add(this.body, this.#lines(mesh));
    this.sphere = this.geometry.boundingSphere;
    this.controls = new OrbitControls(this.camera, canvas);
    this.controls.enableDamping = false;
    this.controls.addEventListener("change", () => this.render());
    this.colour(colours);
    this.view("iso");
  }

  #geometry(mesh) {
    const geometry = new THREE.BufferGeometry();
    const set = (name, values, width) => geometry.setAttribute(name, new THREE.BufferAttribute(values, width));
    set("position", mesh.position, 3);
    set("normal", mesh.normal, 3);
    set("tint", mesh.tint, 3);
    set("face", mesh.face, 1);
    set("picked", new Float32Array(mesh.face.length), 1);
    geometry.setIndex(new THREE.BufferAttribute(mesh.index, 1));
    if (!mesh.normal.some((value) => value !== 0)) geometry.computeVertexNormals();
    geometry.computeBoundingBox();
    geometry.computeBoundingSphere();
    return geometry;
  }

  #lines(mesh) {
    const geometry = new THREE.BufferGeometry();
    const drawn = mesh.lines ?? outlines({ ...mesh, normal: this.geometry.getAttribute("normal").array });
    geometry.setAttribute("position", new THREE.BufferAttribute(drawn, 3));
    return new THREE.LineSegments(geometry, this.edges);
  }

  colour({ sheet, ink, blue }) {
    for (const [name, value] of Object.entries({ sheet, ink, blue })) this.faces.uniforms[name].value.set(value);
    this.edges.color.set(ink);
    this.render();
  }

  resize(width, height, ratio) {
    this.renderer.setPixelRatio(ratio);
    this.renderer.setSize(width, height, false);
    const first = this.aspect === undefined;
    this.aspect = width / height;
    this.#frustum();
    if (first) this.#fill(); // the shape of the picture is known only now
  }

  #frustum() {
    const radius = this.sphere.radius * MARGIN;
    const tall = this.aspect >= 1 ? radius : radius / this.aspect;
    Object.assign(this.camera, { left: -tall * this.aspect, right: tall * this.aspect, top: tall, bottom: -tall, near: 0.01 * radius, far: 20 * radius });
    this.camera.updateProjectionMatrix();
    this.render();
  }

  view(name) {
    this.#lookFrom(new THREE.Vector3(...VIEWS[name]).normalize());
  }

  #lookFrom(direction) {
    this.camera.position.copy(direction).multiplyScalar(this.sphere.radius * 6).add(this.sphere.center);
    this.controls.target.copy(this.sphere.center);
    this.#fill();
  }

  fit() {
    const away = this.camera.position.clone().sub(this.controls.target);
    this.controls.target.copy(this.sphere.center);
    this.camera.position.copy(this.sphere.center).add(away);
    this.#fill();
  }

  // Zooms so that the box around the part, as seen from here, fills the picture.
  #fill() {
    this.controls.update();
    this.camera.updateMatrixWorld();
    const { min, max } = this.geometry.boundingBox;
    const corner = new THREE.Vector3();
    let zoom = Infinity;
    for (let i = 0; i < 8; i++) {
      corner.set(i & 1 ? max.x : min.x, i & 2 ? max.y : min.y, i & 4 ? max.z : min.z).applyMatrix4(this.camera.matrixWorldInverse);
      zoom = Math.min(zoom, this.camera.right / Math.abs(corner.x), this.camera.top / Math.abs(corner.y));
    }
    this.camera.zoom = zoom / MARGIN;
    this.camera.updateProjectionMatrix();
    this.controls.update();
    this.render();
  }

  turn(key) {
    const away = new THREE.Spherical().setFromVector3(this.camera.position.clone().sub(this.controls.target));
    away.theta += { ArrowLeft: -TURN, ArrowRight: TURN }[key] ?? 0;
    away.phi += { ArrowUp: -TURN, ArrowDown: TURN }[key] ?? 0;
    away.makeSafe();
    this.camera.position.copy(this.controls.target).add(new THREE.Vector3().setFromSpherical(away));
    this.controls.update();
    this.render();
  }

  zoom(factor) {
    this.camera.zoom *= factor;
    this.camera.updateProjectionMatrix();
    this.render();
  }

  // Number of the face at a place of the canvas (CSS pixels), or undefined.
  faceAt(x, y) {
    const box = this.canvas.getBoundingClientRect();
    const ray = new THREE.Raycaster();
    ray.setFromCamera(new THREE.Vector2((x / box.width) * 2 - 1, 1 - (y / box.height) * 2), this.camera);
    const hit = ray.intersectObject(this.body)[0];
    return hit && this.geometry.getAttribute("face").array[hit.face.a];
  }

  pick(ids) {
    const face = this.geometry.getAttribute("face").array;
    const picked = this.geometry.getAttribute("picked");
    for (let i = 0; i < face.length; i++) picked.array[i] = ids.has(face[i]) ? 1 : 0;
    picked.needsUpdate = true;
    this.render();
  }

  // Turns the part so that faces are in sight: not at all when one is, else to where the most of them is seen.
  reveal(ids) {
    const spots = this.#spots(ids);
    const here = this.camera.position.clone().sub(this.controls.target).normalize();
    if (!spots.length || this.#inSight(spots, ids, here)) return;
    const ways = AROUND.map((way) => new THREE.Vector3(...way).normalize()).sort((a, b) => b.dot(here) - a.dot(here));
    const seen = ways.map((way) => this.#inSight(spots, ids, way));
    const most = Math.max(...seen);
    if (most) this.#lookFrom(ways[seen.indexOf(most)]);
  }

  // Middles of some triangles of these faces.
  #spots(ids) {
    const index = this.geometry.index.array;
    const face = this.geometry.getAttribute("face").array;
    const starts = [];
    for (let i = 0; i < index.length; i += 3) if (ids.has(face[index[i]])) starts.push(i);
    const step = Math.max(1, Math.floor(starts.length / SPOTS));
    const corner = new THREE.Vector3();
    return starts.filter((_, at) => at % step === 0).slice(0, SPOTS).map((start) => {
      const middle = new THREE.Vector3();
      for (const at of [0, 1, 2]) middle.add(corner.fromBufferAttribute(this.geometry.getAttribute("position"), index[start + at]));
      return middle.divideScalar(3);
    });
  }

  #inSight(spots, ids, direction) {
    const face = this.geometry.getAttribute("face").array;
    const far = this.sphere.radius * 6;
    return spots.filter((spot) => {
      const ray = new THREE.Raycaster(spot.clone().addScaledVector(direction, far), direction.clone().negate());
      const hit = ray.intersectObject(this.body)[0];
      return hit && ids.has(face[hit.face.a]);
    }).length;
  }

  render() {
    if (this.aspect) this.renderer.render(this.scene, this.camera);
  }

  dispose() {
    this.controls.dispose();
    this.geometry.dispose();
    this.renderer.dispose();
  }
}
