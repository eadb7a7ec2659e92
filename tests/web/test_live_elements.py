"""`<live-feed>`, `<job-progress>`, `<drop-zone>`: what arrives, what is sent, what happens when it breaks."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest
from playwright.sync_api import Page
from tests.web.harness import Answer, Asked, Site, as_json, render, source, until

pytestmark = pytest.mark.browser


# ---- live-feed


def serve_feed(site: Site, types: list[str]) -> threading.Event:
    """A page that counts how often it was asked for, and a feed that sends `types` once and then ends.

    The feed is silent until the event that this returns is set: what the test does to the page comes first.
    """
    speaks = threading.Event()
    served = iter(range(1, 1000))
    context = {"feed_url": "/feed/", "feed_position": 41}
    site.routes["/live"] = lambda _asked: render(source("feed"), count=next(served), **context)

    def feed(asked: Asked) -> Answer:
        speaks.wait(20)
        if "Last-Event-ID" in asked.headers:
            return Answer(b": nothing new\n\n", "text/event-stream")
        lines = [
            f"id: {position}\ndata: {json.dumps({'type': one, 'position': position})}\n\n"
            for position, one in enumerate(types, 42)
        ]
        return Answer(("retry: 100\n\n" + "".join(lines)).encode(), "text/event-stream")

    site.routes["/feed/"] = feed
    return speaks


def asked_for(page: Page, site: Site, path: str, times: int) -> list[Asked]:
    """What was asked of an address, as soon as it was asked for so often (at most 10 s)."""
    for _ in range(200):
        found = [one for one in site.asked if one.path == path]
        if len(found) >= times:
            return found
        page.wait_for_timeout(50)
    raise AssertionError(f"{path} was asked for {len(found)} times")


def test_an_event_refreshes_the_named_parts_only(page: Page, site: Site) -> None:
    speaks = serve_feed(site, ["order.progressed", "order.progressed"])
    page.goto(site.url + "/live")
    page.evaluate("document.querySelector('#more').open = true")
    speaks.set()
    until(page, "document.querySelector('.count').textContent === '2 pieces'")
    assert page.inner_text("#still") == "1"
    assert page.evaluate("document.querySelector('#more').open")
    assert len([one for one in site.asked if one.path == "/live"]) == 2  # two events, one refresh


def test_other_events_change_nothing(page: Page, site: Site) -> None:
    speaks = serve_feed(site, ["ordering.odd", "plan.drafted", "bid.sealed"])
    page.add_init_script(
        "window.heard = 0; document.addEventListener('feed:event', () => { window.heard += 1; });"
    )
    page.goto(site.url + "/live")
    speaks.set()
    until(page, "document.querySelector('live-feed').getAttribute('position') === '44'")
    assert page.evaluate("window.heard") == 0  # nothing that would lead to a refresh
    assert page.inner_text(".count") == "1 pieces"


def test_what_is_being_typed_stays(page: Page, site: Site) -> None:
    speaks = serve_feed(site, ["plan.published"])
    page.goto(site.url + "/live")
    page.fill("#words", "half a sent")
    speaks.set()
    until(page, "document.querySelector('.count').textContent === '2 pieces'")
    assert page.input_value("#words") == "half a sent"
    assert page.inner_text("#note p") == "1"


def test_the_feed_goes_on_from_its_position(page: Page, site: Site) -> None:
    speaks = serve_feed(site, ["order.placed"])
    page.goto(site.url + "/live")
    speaks.set()
    until(page, "document.querySelector('live-feed').getAttribute('position') === '42'")
    feeds = asked_for(page, site, "/feed/", 2)
    assert feeds[0].query == "after=41"
    assert feeds[1].headers["Last-Event-ID"] == "42"


def test_a_refused_feed_is_opened_again(page: Page, site: Site) -> None:
    speaks = serve_feed(site, ["order.placed"])
    answers = iter([Answer(status=503)])
    works = site.routes["/feed/"]
    site.routes["/feed/"] = lambda asked: next(answers, None) or works(asked)
    page.goto(site.url + "/live")
    speaks.set()
    until(page, "document.querySelector('.count').textContent === '2 pieces'")


# ---- job-progress


def serve_job(page: Page, site: Site, *states: dict[str, object], stop: str = "") -> list[dict[str, object]]:
    """A page with a job in the first of these states; the test takes it out when the page has shown it."""
    left = list(states)
    site.routes["/job/"] = lambda _asked: as_json(left[0])
    site.routes["/ready/"] = lambda _asked: Answer(b"<h1>ready</h1>")
    page.goto(site.page("/wait", source("job"), stop=stop))
    return left


def test_a_job_shows_how_far_it_is_and_goes_on_when_done(page: Page, site: Site) -> None:
    left = serve_job(
        page,
        site,
        {"state": "queued", "progress": 0, "message": ""},
        {"state": "running", "progress": 58, "message": "7 of 12 faces"},
        {"state": "done", "progress": 100, "message": ""},
    )
    until(page, "document.querySelector('job-progress .note')?.textContent === 'Waiting for a free worker'")
    assert page.locator("job-progress progress").get_attribute("value") is None
    left.pop(0)
    until(page, "document.querySelector('job-progress .note')?.textContent === '7 of 12 faces'")
    assert page.evaluate("document.querySelector('job-progress progress').value") == 58
    left.pop(0)
    page.wait_for_url("**/ready/")


def test_a_job_can_be_stopped(page: Page, site: Site) -> None:
    stopped: list[Asked] = []

    def cancel(asked: Asked) -> Answer:
        stopped.append(asked)
        site.routes["/job/"] = lambda _asked: as_json({"state": "cancelled", "progress": 5, "message": ""})
        return Answer(status=204)

    site.routes["/job/cancel/"] = cancel
    serve_job(page, site, {"state": "running", "progress": 5, "message": "Planning"})
    until(page, "document.querySelector('job-progress .note')?.textContent === 'Planning'")
    page.click("job-progress .button")
    until(
        page,
        "document.querySelector('job-progress .note')?.textContent === 'Cancelled. Nothing was changed.'",
    )
    assert [one.headers["X-CSRFToken"] for one in stopped] == ["token"]
    assert not page.locator("job-progress .button").is_visible()


def test_a_failed_job_says_why(page: Page, site: Site) -> None:
    serve_job(page, site, {"state": "failed", "progress": 40, "message": "Line 812 has no end."})
    until(page, "document.querySelector('job-progress .note')?.textContent === 'Line 812 has no end.'")
    assert page.locator("job-progress progress.failed").count() == 1


def test_a_search_shows_objective_and_bound_and_keeps_the_best_when_stopped(page: Page, site: Site) -> None:
    trace = [[0.1, 520_000, 400_000], [0.8, 450_000, 400_000], [1.4, 441_000, 400_000]]
    figures = {"objective": 441_000, "bound": 400_000, "gap": 9.3, "currency": "CNY", "trace": trace}
    state: dict[str, object] = {"state": "running", "progress": 40, "message": "Searching"}
    left = serve_job(page, site, state | {"figures": figures}, stop="/job/stop/")
    stopped: list[Asked] = []

    def stop(asked: Asked) -> Answer:
        stopped.append(asked)
        left[0] = state | {"figures": figures, "stopping": True}
        return Answer(status=204)

    site.routes["/job/stop/"] = stop
    keep = page.get_by_role("button", name="Stop and keep the best so far")
    keep.wait_for()
    assert page.locator(".solve-figures dd").all_inner_texts() == ["¥4,410", "¥4,000", "9.3 %"]
    words = "¥4,410 found after 1.4 s; no plan can cost less than ¥4,000"
    assert page.get_by_role("img", name=words).is_visible()
    assert page.locator(".solve-figures .found").get_attribute("d").count("H") == 2  # type: ignore[union-attr]
    keep.click()
    until(page, "document.querySelector('job-progress .note').textContent.startsWith('Stopping;')")
    assert len(stopped) == 1
    assert not keep.is_visible()
    left[0] = {"state": "done", "progress": 100, "message": ""}
    page.wait_for_url("**/ready/")


# ---- drop-zone


def open_drop(page: Page, site: Site, answer: Answer) -> list[Asked]:
    """A page with a drop zone whose uploads get `answer`; returns what was sent."""
    sent: list[Asked] = []

    def upload(asked: Asked) -> Answer:
        sent.append(asked)
        return answer

    site.routes["/upload/"] = upload
    site.routes["/order/"] = lambda _asked: Answer(b"<h1>order</h1>")
    page.goto(site.page("/drop", source("drop"), fields=[("order", "17")]))
    until(page, "document.querySelector('drop-zone').classList.contains('js')")
    return sent


def test_files_are_sent_with_the_form_and_the_redirect_is_followed(
    page: Page, site: Site, tmp_path: Path
) -> None:
    sent = open_drop(page, site, Answer(status=302, headers={"Location": "/order/"}))
    for name in ("a.step", "b.step"):
        (tmp_path / name).write_text(f"ISO-10303 {name}")
    page.set_input_files("drop-zone input[type=file]", [tmp_path / "a.step", tmp_path / "b.step"])
    page.wait_for_url("**/order/")
    body = sent[0].body.decode()
    assert 'name="csrfmiddlewaretoken"' in body
    assert 'name="order"\r\n\r\n17' in body
    assert body.count('name="files"; filename=') == 2


def test_errors_of_the_form_are_shown_beside_the_zone(page: Page, site: Site, tmp_path: Path) -> None:
    html = "<div class='errors'><ul><li>Line 812 has no end. Export it again.</li></ul></div>"
    open_drop(page, site, Answer(html.encode(), status=422))
    (tmp_path / "a.step").write_text("x")
    page.set_input_files("drop-zone input[type=file]", tmp_path / "a.step")
    page.wait_for_selector("drop-zone .errors")
    assert page.inner_text("drop-zone .errors") == "Line 812 has no end. Export it again."
    assert page.locator("drop-zone .drop").inner_text().startswith("Drop a STEP file here")


def test_a_file_that_is_too_large_is_not_sent(page: Page, site: Site, tmp_path: Path) -> None:
    sent = open_drop(page, site, as_json({"url": "/order/"}))
    (tmp_path / "large.step").write_bytes(b"x" * 1_200_000)
    page.set_input_files("drop-zone input[type=file]", tmp_path / "large.step")
    page.wait_for_selector("drop-zone .errors")
    assert page.inner_text("drop-zone .errors") == "large.step is 1.2 MB; at most 1.0 MB can be sent."
    assert sent == []


def test_a_dropped_file_is_sent(page: Page, site: Site) -> None:
    sent = open_drop(page, site, as_json({"url": "/order/"}))
    marked = page.evaluate(
        "() => { const data = new DataTransfer(); data.items.add(new File(['part'], 'c.step'));"
        " const area = document.querySelector('.drop');"
        " const options = { dataTransfer: data, cancelable: true };"
        " area.dispatchEvent(new DragEvent('dragover', options));"
        " const marked = area.classList.contains('over');"
        " area.dispatchEvent(new DragEvent('drop', options)); return marked }"
    )
    assert marked is True
    page.wait_for_url("**/order/")
    assert b'filename="c.step"' in sent[0].body
