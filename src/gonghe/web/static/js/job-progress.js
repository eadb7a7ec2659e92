// <job-progress src cancel done label>: follows a background job, lets the person stop it, goes on when it is done.
// src answers {state: queued|running|done|failed|cancelled, progress: 0..100, message, url?, stopping?, figures?}.
// `cancel` throws the work away; `stop` ends a search that shows figures and keeps the best it has found.
import { make, post } from "./dom.js";
import { showFigures } from "./solve-figures.js";
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
    const keep = this.hasAttribute("stop") ? make("button", { type: "button", class: "button", hidden: true }, say("Stop and keep the best so far")) : null;
    const stop = make("button", { type: "button", class: "button quiet" }, this.hasAttribute("stop") ? say("Cancel; change nothing") : say("Stop"));
    const row = make("div", { class: "row" }, keep, stop);
    row.hidden = !this.hasAttribute("cancel");
    stop.addEventListener("click", () => this.#send(stop, "cancel"));
    keep?.addEventListener("click", () => this.#send(keep, "stop"));
    const figures = make("div", { class: "solve-figures", hidden: true });
    this.replaceChildren(label, bar, words, figures, row);
    return { bar, words, row, keep, figures };
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
    const { bar, words, row, keep, figures } = this.#parts;
    if (job.state === "queued" || (job.state === "running" && !job.progress)) bar.removeAttribute("value");
    else bar.value = job.progress ?? 0;
    const silent = { queued: say("Waiting for a free worker"), cancelled: say("Cancelled. Nothing was changed."), failed: say("It did not work. Try again.") };
    const told = job.figures && job.state === "running" ? "" : job.message; // the figures say it better
    words.textContent = (job.stopping && job.state === "running" && say("Stopping; the best so far is kept.")) || told || silent[job.state] || "";
    if (job.figures) showFigures(figures, job.figures);
    if (keep) keep.hidden = !job.figures || Boolean(job.stopping);
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

  async #send(button, wish) {
    button.setAttribute("aria-busy", "true");
    await post(this.getAttribute(wish)).catch(() => null);
    button.removeAttribute("aria-busy");
    this.#ask();
  }
}

customElements.define("job-progress", JobProgress);
