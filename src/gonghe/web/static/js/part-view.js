// <part-view src png label faces>: a part in 3D; its picture stays where 3D is not possible.
// Events: part:select {face, faces}. Methods: select(faces), fit(), view("iso"|"top"|"front"|"right").
import { make, onTheme, tokens } from "./dom.js";
import { say } from "./words.js";

const CLICK = 4; // px that a pointer may move and still choose a face

const canDraw = () => {
  const context = document.createElement("canvas").getContext("webgl2");
  context?.getExtension("WEBGL_lose_context")?.loseContext();
  return Boolean(context);
};

class PartView extends HTMLElement {
  #stop = [];
  #chosen = new Set();

  connectedCallback() {
    this.#chosen = new Set((this.getAttribute("faces") ?? "").split(/\s+/).filter(Boolean).map(Number));
    if (!this.querySelector("img") && this.hasAttribute("png")) this.prepend(make("img", { src: this.getAttribute("png"), alt: this.getAttribute("label") ?? "" }));
    this.#start();
  }

  disconnectedCallback() {
    for (const stop of this.#stop) stop();
    this.#stop = [];
    this.scene?.dispose();
    this.scene = undefined;
  }

  async #start() {
    if (!canDraw()) return this.#fail(say("No 3D on this device: this is a picture of the part."));
    this.#tell(say("Reading the part"));
    try {
      const [{ readGlb }, { PartScene }, answer] = await Promise.all([import("./part/glb.js"), import("./part/scene.js"), fetch(this.getAttribute("src"))]);
      if (!answer.ok) throw new Error(String(answer.status));
      const mesh = readGlb(await answer.arrayBuffer());
      if (this.isConnected) this.#show(PartScene, mesh);
    } catch {
      this.#fail(say("The part could not be shown; its picture is shown instead."));
    }
    return undefined;
  }

  #show(PartScene, mesh) {
    const canvas = make("canvas", { tabindex: "0", role: "img", "aria-label": this.getAttribute("label") ?? "" });
    this.querySelector(".said")?.remove();
    this.append(canvas, this.#buttons());
    this.scene = new PartScene(canvas, mesh, this.#colours());
    const sized = new ResizeObserver(() => this.scene?.resize(canvas.clientWidth, canvas.clientHeight, devicePixelRatio || 1));
    sized.observe(this);
    this.#stop = [() => sized.disconnect(), onTheme(() => this.scene?.colour(this.#colours()))];
    this.#listen(canvas);
    this.scene.resize(canvas.clientWidth, canvas.clientHeight, devicePixelRatio || 1);
    this.scene.pick(this.#chosen);
    this.dataset.state = "live";
    this.dispatchEvent(new CustomEvent("part:ready", { bubbles: true }));
  }

  #colours() {
    return tokens(this, ["sheet", "ink", "blue"]);
  }

  #buttons() {
    const button = (words, act) => {
      const made = make("button", { type: "button" }, words);
      made.addEventListener("click", act);
      return made;
    };
    return make("div", { class: "views" },
      button(say("Slant"), () => this.view("iso")), button(say("Front"), () => this.view("front")),
      button(say("Top"), () => this.view("top")), button(say("Right"), () => this.view("right")), button(say("Fit"), () => this.fit()));
  }

  #listen(canvas) {
    let down;
    canvas.addEventListener("pointerdown", (event) => (down = [event.clientX, event.clientY]));
    canvas.addEventListener("pointerup", (event) => {
      if (!down || Math.hypot(event.clientX - down[0], event.clientY - down[1]) > CLICK) return;
      const box = canvas.getBoundingClientRect();
      this.#choose(this.scene.faceAt(event.clientX - box.left, event.clientY - box.top), event.shiftKey);
    });
    canvas.addEventListener("keydown", (event) => {
      if (event.key.startsWith("Arrow")) this.scene.turn(event.key);
      else if (event.key === "+" || event.key === "=") this.scene.zoom(1.2);
      else if (event.key === "-") this.scene.zoom(1 / 1.2);
      else if (event.key === "Escape") this.#choose(undefined, false);
      else return;
      event.preventDefault();
    });
  }

  #choose(face, more) {
    const kept = more ? new Set(this.#chosen) : new Set();
    if (face !== undefined && !kept.delete(face)) kept.add(face);
    this.#mark([...kept]);
    this.dispatchEvent(new CustomEvent("part:select", { bubbles: true, detail: { face, faces: [...kept] } }));
  }

  // Marks faces; where none of them is in sight, the part turns until one is.
  select(faces) {
    this.#mark(faces);
    this.scene?.reveal(this.#chosen);
  }

  #mark(faces) {
    this.#chosen = new Set(faces.map(Number));
    this.scene?.pick(this.#chosen);
  }

  fit() {
    this.scene?.fit();
  }

  view(name) {
    this.scene?.view(name);
  }

  #tell(words) {
    this.querySelector(".said")?.remove();
    this.append(make("p", { class: "said", role: "status" }, words));
  }

  #fail(words) {
    this.dataset.state = "picture";
    this.#tell(words);
  }
}

customElements.define("part-view", PartView);
