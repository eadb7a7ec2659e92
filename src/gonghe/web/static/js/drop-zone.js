// <drop-zone max-bytes> around a plain form with a file field: drop, progress, errors. Without it the form still works.
// The view may redirect, answer HTML that holds .errors, or JSON {url} or {errors: [{where, message}]}.
import { icon, make } from "./dom.js";
import { say } from "./words.js";

const MEGA = 1e6;

class DropZone extends HTMLElement {
  #form;
  #area;
  #idle;
  #errors;

  connectedCallback() {
    if (this.#form) return;
    this.#form = this.querySelector("form");
    this.#area = this.querySelector(".drop");
    this.#idle = [...this.#area.childNodes];
    this.classList.add("js");
    this.#input.addEventListener("change", () => this.#send([...this.#input.files]));
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send([...this.#input.files]);
    });
    for (const type of ["dragenter", "dragover"]) this.#area.addEventListener(type, (event) => this.#over(event));
    this.#area.addEventListener("dragleave", () => this.#area.classList.remove("over"));
    this.#area.addEventListener("drop", (event) => this.#drop(event));
  }

  get #input() {
    return this.#form.querySelector('input[type="file"]');
  }

  #over(event) {
    event.preventDefault();
    event.dataTransfer.dropEffect = "copy";
    this.#area.classList.add("over");
  }

  #drop(event) {
    event.preventDefault();
    this.#area.classList.remove("over");
    const files = [...event.dataTransfer.files];
    this.#send(this.#input.multiple ? files : files.slice(0, 1));
  }

  #send(files) {
    if (!files.length) return;
    this.#errors?.remove();
    const tooLarge = this.#tooLarge(files);
    if (tooLarge.length) return this.#refuse(tooLarge);
    const body = new FormData(this.#form);
    body.delete(this.#input.name);
    for (const file of files) body.append(this.#input.name, file);
    this.#upload(body, files.map((file) => file.name).join(", "));
  }

  #tooLarge(files) {
    const limit = Number(this.getAttribute("max-bytes")) || Infinity;
    const mega = (bytes) => (bytes / MEGA).toFixed(1);
    return files
      .filter((file) => file.size > limit)
      .map((file) => ({ message: say("{file} is {size} MB; at most {limit} MB can be sent.", { file: file.name, size: mega(file.size), limit: mega(limit) }) }));
  }

  #upload(body, names) {
    const request = new XMLHttpRequest();
    const bar = make("progress", { max: "1", value: "0", "aria-label": say("Sending {files}", { files: names }) });
    const stop = make("button", { type: "button", class: "button quiet" }, say("Stop"));
    stop.addEventListener("click", (event) => {
      event.preventDefault();
      request.abort();
    });
    this.#area.replaceChildren(make("div", { class: "sending", role: "status" }, say("Sending {files}", { files: names }), bar), stop);
    request.upload.addEventListener("progress", (event) => {
      if (event.loaded < event.total) bar.value = event.loaded / event.total;
      else bar.removeAttribute("value");
    });
    request.addEventListener("load", () => this.#answered(request));
    request.addEventListener("error", () => this.#refuse([{ message: say("The connection broke; nothing was stored. Send it again.") }]));
    request.addEventListener("abort", () => this.#reset());
    request.open("POST", this.#form.action);
    request.setRequestHeader("Accept", "text/html, application/json");
    request.send(body);
  }

  #answered(request) {
    const isJson = (request.getResponseHeader("Content-Type") ?? "").includes("json");
    if (isJson) return this.#answeredJson(JSON.parse(request.responseText));
    const moved = new URL(request.responseURL).href !== new URL(this.#form.action, location).href;
    if (request.status < 300 && moved) return location.assign(request.responseURL);
    const page = new DOMParser().parseFromString(request.responseText, "text/html");
    const messages = [...page.querySelectorAll(".errors li, ul.error li, .notice.down p")].map((item) => ({ message: item.textContent.trim() }));
    const words = messages.length ? messages : [{ message: page.querySelector("h1.answer")?.textContent ?? say("The file could not be sent. Try again.") }];
    if (request.status < 300 && !messages.length) return location.reload();
    return this.#refuse(words);
  }

  #answeredJson(data) {
    if (data.url) return location.assign(data.url);
    if (data.errors?.length) return this.#refuse(data.errors);
    return location.reload();
  }

  #refuse(errors) {
    this.#reset();
    const list = make("ul", {}, ...errors.map((error) => make("li", {}, error.where ? make("b", {}, error.where) : null, error.message ?? String(error))));
    this.#errors = make("div", { class: "errors", role: "alert" }, icon("warn"), list);
    this.append(this.#errors);
  }

  #reset() {
    this.#area.replaceChildren(...this.#idle);
    this.#input.value = "";
  }
}

customElements.define("drop-zone", DropZone);
