// Wall-clock time of one zone: days, ticks and labels on the axis. Instants are milliseconds since the epoch.
import { language } from "../words.js";

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

const HOUR_STEPS = [1, 2, 3, 6, 12];

// Chinese dates as the rest of the page writes them: spaces around figures.
const spaced = (text) => text.replace(/(?<=\D)(?=\d)|(?<=\d)(?=\D)|(?<=日)(?=周)/g, " ");

export class ZoneClock {
  #parts;
  #formats = new Map();
  #offsets = new Map();

  constructor(zone) {
    this.zone = zone || Intl.DateTimeFormat().resolvedOptions().timeZone;
    this.#parts = new Intl.DateTimeFormat("en-GB", {
      timeZone: this.zone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric",
    });
  }

  // Milliseconds that the wall clock is ahead of UTC at an instant; zones change at whole quarters, so one look-up each.
  offset(at) {
    const quarter = Math.floor(at / (15 * MINUTE));
    if (!this.#offsets.has(quarter)) {
      const p = Object.fromEntries(this.#parts.formatToParts(quarter * 15 * MINUTE).map((part) => [part.type, Number(part.value)]));
      this.#offsets.set(quarter, Date.UTC(p.year, p.month - 1, p.day, p.hour, p.minute, p.second) - quarter * 15 * MINUTE);
    }
    return this.#offsets.get(quarter);
  }

  // Instant of a wall-clock time given as if it were UTC.
  instant(wall) {
    const first = wall - this.offset(wall);
    return wall - this.offset(first);
  }

  startOfDay(at) {
    const wall = at + this.offset(at);
    return this.instant(wall - (((wall % DAY) + DAY) % DAY));
  }

  addDays(at, days) {
    return this.instant(at + this.offset(at) + days * DAY);
  }

  // Monday 00:00 of the week.
  startOfWeek(at) {
    const wall = at + this.offset(at);
    return this.startOfDay(this.addDays(at, -((new Date(wall).getUTCDay() + 6) % 7)));
  }

  #format(key, options) {
    if (!this.#formats.has(key)) this.#formats.set(key, new Intl.DateTimeFormat(language() === "en" ? "en-GB" : language(), { timeZone: this.zone, ...options }));
    return this.#formats.get(key);
  }

  time(at) {
    return this.#format("time", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(at);
  }

  hour(at) {
    return String(new Date(at + this.offset(at)).getUTCHours()).padStart(2, "0");
  }

  day(at, style = "short") {
    const options = { short: { weekday: "short", day: "numeric" }, long: { weekday: "short", day: "numeric", month: "long" }, tiny: { day: "numeric" }, month: { month: "long", year: "numeric" } };
    const text = this.#format(style, options[style]).format(at).replace(",", "");
    return language().startsWith("zh") && style !== "tiny" ? spaced(text) : text;
  }

  span(start, end) {
    const from = `${this.day(start, "long")} ${this.time(start)}`;
    const sameDay = this.startOfDay(start) === this.startOfDay(end - 1);
    return sameDay ? `${from}–${this.time(end)}` : `${from} – ${this.day(end, "long")} ${this.time(end)}`;
  }

  // Days between two instants with the width each has on the axis.
  days(from, to) {
    const found = [];
    for (let at = this.startOfDay(from); at < to; at = this.addDays(at, 1)) found.push(at);
    return found;
  }

  // Hours to label within a day, as far apart as `pixelsPerHour` allows.
  hours(dayStart, pixelsPerHour) {
    const step = HOUR_STEPS.find((hours) => hours * pixelsPerHour >= 34);
    if (!step) return [];
    const found = [];
    for (let hour = step; hour < 24; hour += step) found.push(this.instant(dayStart + this.offset(dayStart) + hour * HOUR));
    return found;
  }
}
