// <job-progress src cancel done label>: follows a background job, lets the person stop it, goes on when it is done.
// src answers {state: queued|running|done|failed|cancelled, progress: 0..100, message, url?}.
import { make, post } from "./dom.js";
import { say } from "./words.js";

const PAUSE = 1000;
const LONGEST_PAUSE = 15000;

class JobProgress extends HTMLElement {
  #timer;
  #pause = PAUSE;
  #parts;

  connectedCallback() {
    this.#parts ??= this.#build();
    this.#ask();
  }

  disconnectedCallback() {
    clearTimeout(this.#timer);
  }

  #build() {
    const label = make("span", { class: "label" }, this.getAttribute("label") ?? "");
    const bar = make("progress", { "aria-label": this.getAttribute("label") ?? "" });
    bar.max = 100;
    const words = make("p", { class: "note", role: "status", "aria-live": "polite" });
    const stop = make("button", { type: "button", class: "button quiet" }, say("Stop"));
    const row = make("div", { class: "row" }, stop);
    row.hidden = !this.hasAttribute("cancel");
    stop.addEventListener("click", () => this.#cancel(stop));
    this.replaceChildren(label, bar, words, row);
    return { bar, words, row };
  }

  async #ask() {
    clearTimeout(this.#timer);
    try {
      const answer = await fetch(this.getAttribute("src"), { headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(String(answer.status));
      this.#pause = PAUSE;
      if (this.#show(await answer.json())) return;
    } catch {
      this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE);
      this.#parts.words.textContent = say("The connection is lost; trying again.");
    }
    if (this.isConnected) this.#timer = setTimeout(() => this.#ask(), this.#pause);
  }

  // Shows one answer; true when there is nothing more to wait for.
  #show(job) {
    const { bar, words, row } = this.#parts;
    if (job.state === "queued" || (job.state === "running" && !job.progress)) bar.removeAttribute("value");
    else bar.value = job.progress ?? 0;
    const silent = { queued: say("Waiting for a free worker"), cancelled: say("Cancelled. Nothing was changed."), failed: say("It did not work. Try again.") };
    words.textContent = job.message || silent[job.state] || "";
    const over = ["done", "failed", "cancelled"].includes(job.state);
    row.hidden = over || !this.hasAttribute("cancel");
    bar.classList.toggle("failed", job.state === "failed");
    if (over) this.#end(job);
    return over;
  }

  #end(job) {
    if (job.state === "done") this.#parts.bar.value = 100;
    this.dispatchEvent(new CustomEvent("job:over", { bubbles: true, detail: job }));
    if (job.state !== "done") return;
    const next = job.url ?? this.getAttribute("done");
    if (next) location.assign(next);
    else location.reload();
  }

  async #cancel(button) {
    button.setAttribute("aria-busy", "true");
    await post(this.getAttribute("cancel")).catch(() => null);
    button.removeAttribute("aria-busy");
    this.#ask();
  }
}

customElements.define("job-progress", JobProgress);
