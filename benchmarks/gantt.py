"""Frame times of `<plan-gantt>` with many bars, in Chromium without a screen.

    python benchmarks/gantt.py --bars 50000 --rows 1000

Opens a page with the element as the product serves it, moves it by script (sideways, zooming, down the rows,
hovering along a chain), one step a frame, and prints a Markdown table: the time from frame to frame and the
part of it in which the plan was drawn, each as median, 95th percentile and longest, in milliseconds.
"""

from __future__ import annotations

import argparse
import functools
import json
import platform
import shutil
import statistics
import sys
import tempfile
import threading
from datetime import UTC, datetime, timedelta
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

import gonghe.web

STATIC = Path(gonghe.web.__file__).parent / "static"
START = datetime(2026, 3, 2, tzinfo=UTC)
KINDS = ("own", "own", "reserved", "taken", "done", "proposed")
CHAIN = 40  # operations of the chain that decides the date
FRAMES = 240
ARGUMENTS = ["--no-sandbox", "--no-first-run", "--disable-background-networking", "--disable-sync"]

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Plan</title>
<link rel="stylesheet" href="static/css/tokens.css"><link rel="stylesheet" href="static/css/base.css">
<link rel="stylesheet" href="static/css/parts.css">
<script type="module" src="static/js/gonghe.js"></script></head>
<body><main class="page">
<plan-gantt zone="Asia/Shanghai" src="plan.json" aria-label="Plan"></plan-gantt></main>
</body></html>"""

# Each step changes what is in view and waits for the next frame; `drawn` adds up the time inside the painter.
RUN = """async (frames) => {
  const g = document.querySelector("plan-gantt");
  const frame = g.querySelector(".gantt-frame");
  const paint = g.painter.paint;
  let drawn = 0;
  g.painter.paint = function (...given) {
    const began = performance.now();
    paint.apply(this, given);
    drawn += performance.now() - began;
  };
  const next = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  const chain = g.data.bars.filter((bar) => bar.chain).map((bar) => g.layout.byId.get(bar.id));
  const moves = {
    sideways: (i) => g.panBy(i % 80 < 40 ? 37 : -37),
    zooming: (i) => g.zoom(i % 60 < 30 ? 1 / 1.12 : 1.12),
    down: (i) => { frame.scrollTop += i % 120 < 60 ? 180 : -180; },
    hovering: (i) => g.hover(chain[i % chain.length]),
    "whole plan": (i) => { g.zoom(i ? 1 : 1 / 50); g.panBy(i % 2 ? 9 : -9); },
  };
  const found = {};
  for (const [name, move] of Object.entries(moves)) {
    g.showSpan("week");
    await next();
    const steps = [];
    let last = performance.now();
    for (let i = 0; i < frames; i++) {
      drawn = 0;
      move(i);
      await next();
      const now = performance.now();
      steps.push([now - last, drawn]);
      last = now;
    }
    found[name] = steps;
  }
  return found;
}"""

Steps = dict[str, list[tuple[float, float]]]


def plan(bars: int, rows: int) -> dict[str, Any]:
    """A quarter of a year of work on many machines: orders of ten operations, breaks every night."""
    per_row = -(-bars // rows)
    step = timedelta(days=90) / per_row
    made = [
        _bar(number, number % rows, START + step * (number // rows), step * 0.9, chain=number % 997 == 3)
        for number in range(bars)
    ]
    links = [{"from": f"b{n}", "to": f"b{n + 1}"} for n in range(bars - 1) if n % 10 != 9]
    nights = [
        [_iso(START + timedelta(days=day, hours=14)), _iso(START + timedelta(days=day + 1))]
        for day in range(90)
    ]
    names = [
        {
            "id": f"r{row}",
            "organization": f"Workshop {row // 4}",
            "equipment": f"M{row % 4 + 1}",
            "breaks": nights[::7],
        }
        for row in range(rows)
    ]
    return {
        "rows": names,
        "bars": made,
        "links": links,
        "breaks": nights,
        "now": _iso(START + timedelta(days=20)),
    }


def _bar(number: int, row: int, start: datetime, long: timedelta, *, chain: bool) -> dict[str, Any]:
    return {
        "id": f"b{number}",
        "row": f"r{row}",
        "start": _iso(start),
        "end": _iso(start + long),
        "label": f"{number // 10} op {number % 10 + 1}0",
        "order": f"GH-{number // 10}",
        "kind": KINDS[number % len(KINDS)],
        "chain": chain and number < CHAIN * 997,
    }


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


class Quiet(SimpleHTTPRequestHandler):
    """Serves the folder and says nothing."""

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


def measure(folder: Path, frames: int) -> tuple[float, Steps]:
    """Seconds until the plan stands after it arrived, and the steps of each movement."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            page.goto(f"http://127.0.0.1:{server.server_port}/index.html")
            _wait(page)
            ready = page.evaluate(
                "(() => { const g = document.querySelector('plan-gantt');"
                " return fetch('plan.json').then((a) => a.json()).then((d) => { const t = performance.now();"
                " g.absorb(d); return (performance.now() - t) / 1000 }) })()"
            )
            found: Steps = page.evaluate(RUN, frames)
            browser.close()
    finally:
        server.shutdown()
        server.server_close()
    return ready, found


def _wait(page: Page) -> None:
    page.wait_for_function("Boolean(document.querySelector('plan-gantt')?.painter)", timeout=60_000)


def line(name: str, steps: list[tuple[float, float]]) -> str:
    """One row of the table."""

    def three(values: list[float]) -> str:
        ordered = sorted(values)
        late = ordered[int(0.95 * (len(ordered) - 1))]
        return " / ".join(f"{value:.1f}" for value in (statistics.median(ordered), late, ordered[-1]))

    return f"| {name} | {three([frame for frame, _ in steps])} | {three([drawn for _, drawn in steps])} |"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--bars", type=int, default=50_000)
    parser.add_argument("--rows", type=int, default=1000)
    parser.add_argument("--frames", type=int, default=FRAMES, help="steps of each movement")
    asked = parser.parse_args()
    if shutil.which("chromium") is None:
        sys.exit("This benchmark needs Chromium: run `apt-get install chromium`.")
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        (folder / "static").symlink_to(STATIC)
        (folder / "index.html").write_text(PAGE)
        (folder / "plan.json").write_text(json.dumps(plan(asked.bars, asked.rows)))
        ready, found = measure(folder, asked.frames)
    print(
        f"{asked.bars:,} bars in {asked.rows:,} rows, {platform.machine()}, {datetime.now(UTC):%Y-%m-%d}; "
        f"new data stand after {ready:.2f} s"
    )
    print(
        "\n| movement | frame ms: median / p95 / longest | drawing ms: median / p95 / longest |"
        "\n| --- | --- | --- |"
    )
    for name, steps in found.items():
        print(line(name, steps))
    every = [step for steps in found.values() for step in steps]
    print(line("**all**", every))


if __name__ == "__main__":
    main()
