// <live-feed src types refresh position>: follows the event feed by position and refreshes parts of this page.
// The feed sends unnamed messages: id = position, data = {"type", "position", ...}.
import { swapParts } from "./refresh.js";

const QUIET = 300; // events within this time make one refresh
const PAUSE = 2000;
const LONGEST_PAUSE = 60000;

export function matches(type, patterns) {
  return patterns.some((pattern) => pattern === "*" || pattern === type || (pattern.endsWith(".*") && type.startsWith(pattern.slice(0, -1))));
}

class LiveFeed extends HTMLElement {
  #source;
  #timer;
  #again;
  #pause = PAUSE;

  connectedCallback() {
    this.#open();
  }

  disconnectedCallback() {
    this.#source?.close();
    clearTimeout(this.#timer);
    clearTimeout(this.#again);
  }

  #words(name) {
    return (this.getAttribute(name) ?? "").split(/\s+/).filter(Boolean);
  }

  #open() {
    const url = new URL(this.getAttribute("src"), location);
    if (this.hasAttribute("position")) url.searchParams.set("after", this.getAttribute("position"));
    this.#source = new EventSource(url);
    this.#source.addEventListener("open", () => {
      this.#pause = PAUSE;
      this.dataset.state = "open";
    });
    this.#source.addEventListener("message", (event) => this.#heard(event));
    this.#source.addEventListener("error", () => this.#lost());
  }

  // The browser reconnects by itself, with Last-Event-ID, unless the server refused: then start anew from our position.
  #lost() {
    this.dataset.state = "lost";
    if (this.#source.readyState !== EventSource.CLOSED || !this.isConnected) return;
    this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE);
    clearTimeout(this.#again);
    this.#again = setTimeout(() => this.#open(), this.#pause);
  }

  #heard(message) {
    const event = JSON.parse(message.data);
    this.setAttribute("position", message.lastEventId || event.position);
    if (!matches(event.type, this.#words("types"))) return;
    this.dispatchEvent(new CustomEvent("feed:event", { bubbles: true, detail: event }));
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#refresh(), QUIET);
  }

  async #refresh() {
    const answer = await fetch(location.href, { headers: { Accept: "text/html", "X-Gonghe-Refresh": "1" } }).catch(() => null);
    if (!answer?.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    swapParts(this.#words("refresh"), page);
    document.dispatchEvent(new CustomEvent("gonghe:refreshed"));
  }
}

customElements.define("live-feed", LiveFeed);
