"""`<plan-gantt>`: what it draws, how it is used by keyboard and pointer, what it tells the page."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page
from tests.web import samples
from tests.web.harness import Site, source, until

pytestmark = pytest.mark.browser

TOLERANCE = 3  # of 255, a channel


@pytest.fixture
def gantt(page: Page, site: Site) -> Page:
    """Page with the sample plan, drawn."""
    return open_plan(page, site)


def open_plan(
    page: Page, site: Site, plan: dict[str, Any] | None = None, form: str = "", theme: str = ""
) -> Page:
    """Open a page with a plan and note the events it sends."""
    page.goto(site.page("/plan", source("gantt"), plan=plan or samples.plan(), form=form, theme=theme))
    until(page, "Boolean(document.querySelector('plan-gantt')?.painter)")
    page.evaluate(
        "window.heard = [];"
        "for (const type of ['gantt:select', 'gantt:open', 'gantt:propose'])"
        "  document.addEventListener(type, (event) => heard.push([type, event.detail]))"
    )
    return page


def drawn(page: Page) -> None:
    """Wait for the next picture."""
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def middle_of(page: Page, bar: str, share: float = 0.5) -> tuple[float, float]:
    """Point of a bar on the surface, at a share of its length and half of its height, CSS pixels."""
    found = page.evaluate(
        "([id, share]) => { const g = document.querySelector('plan-gantt');"
        "  const bar = g.layout.byId.get(id); const row = g.layout.rowOf.get(bar.row);"
        "  return [(bar.start + (bar.end - bar.start) * share - g.from) * g.scale,"
        "    g.layout.barTop(row, bar) + 9.5 - g.scroll] }",
        [bar, share],
    )
    return found[0], found[1]


def on_page(page: Page, bar: str) -> tuple[float, float]:
    """Middle of a bar in the window."""
    x, y = middle_of(page, bar)
    box = page.locator("plan-gantt canvas").bounding_box()
    assert box is not None
    return box["x"] + x, box["y"] + y


def colour_at(page: Page, x: float, y: float) -> list[int]:
    """Colour of the canvas at CSS pixels."""
    colour: list[int] = page.evaluate(
        "([x, y]) => [...document.querySelector('plan-gantt canvas').getContext('2d')"
        ".getImageData(x * devicePixelRatio, y * devicePixelRatio, 1, 1).data].slice(0, 3)",
        [x, y],
    )
    return colour


def token(page: Page, name: str) -> list[int]:
    """Colour of a token as the page shows it."""
    text = page.evaluate(
        "(name) => { const s = document.createElement('span'); document.body.append(s);"
        " s.style.color = `var(--${name})`; const c = getComputedStyle(s).color; s.remove(); return c }",
        name,
    )
    return [int(part) for part in text.removeprefix("rgb(").removesuffix(")").split(",")]


def close_to(a: list[int], b: list[int]) -> bool:
    """Same colour but for rounding."""
    return all(abs(x - y) <= TOLERANCE for x, y in zip(a, b, strict=True))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_bars_are_drawn_in_the_colours_of_their_kind(page: Page, site: Site, theme: str) -> None:
    open_plan(page, site, theme=theme)
    page.evaluate("document.querySelector('plan-gantt').showSpan('day')")
    for bar, fill in {"r1": "brass-wash", "t1": "wash", "c1": "blue", "p0": "blue-wash"}.items():
        page.evaluate(
            "(id) => { const g = document.querySelector('plan-gantt'); const b = g.layout.byId.get(id);"
            " g.centre(b.end) }",
            bar,
        )
        drawn(page)
        x, y = middle_of(page, bar, 0.95)
        assert close_to(colour_at(page, x, y), token(page, fill)), (bar, theme)


def test_breaks_are_shaded_and_now_is_a_line(gantt: Page) -> None:
    x_now = gantt.evaluate(
        "(() => { const g = document.querySelector('plan-gantt');"
        " return Math.round((g.layout.plan.now - g.from) * g.scale) })()"
    )
    assert close_to(colour_at(gantt, x_now, 250), token(gantt, "ink"))
    x_night = gantt.evaluate(
        "(() => { const g = document.querySelector('plan-gantt');"
        " return (Date.parse('2026-03-10T02:00+08:00') - g.from) * g.scale })()"
    )
    assert close_to(colour_at(gantt, x_night, 47), token(gantt, "wash"))


def test_overlapping_bars_of_a_row_lie_in_lanes(gantt: Page) -> None:
    lanes = gantt.evaluate(
        "(() => { const g = document.querySelector('plan-gantt');"
        " return Object.fromEntries(g.layout.plan.bars.map((b) => [b.id, b.lane])) })()"
    )
    assert lanes["d1"] == lanes["x1"] == 0  # 08:00-09:06, then down until 12:06 next day
    assert lanes["o1"] == 1  # the same machine group, at the same time
    assert lanes["o2"] == 1
    assert gantt.locator("plan-gantt li").count() == 6  # corner and five rows


def test_arrow_keys_go_from_bar_to_bar_and_are_spoken(gantt: Page) -> None:
    gantt.focus("plan-gantt .surface")
    gantt.evaluate("document.querySelector('plan-gantt').show('o1')")
    for key in ("ArrowRight", "ArrowDown", "ArrowDown", "Home", "End"):
        gantt.keyboard.press(key)
    assert [event[1]["id"] for event in gantt.evaluate("heard")] == ["o1", "x1", "t1", "c1", "c1", "t2"]
    spoken = gantt.locator("plan-gantt [aria-live]").text_content()
    assert spoken is not None
    assert "Taihe CNC" in spoken
    assert "Wed 11 March 13:00" in spoken
    assert "taken; not shared with you" in spoken


def test_enter_opens_a_bar(gantt: Page) -> None:
    gantt.evaluate("document.querySelector('plan-gantt').show('r1')")
    gantt.focus("plan-gantt .surface")
    gantt.keyboard.press("Enter")
    assert gantt.evaluate("heard.at(-1)") == ["gantt:open", {"id": "r1"}]


def test_dragging_a_bar_proposes_a_start_on_the_quarter_hour(gantt: Page) -> None:
    x, y = on_page(gantt, "o2")
    scale = gantt.evaluate("document.querySelector('plan-gantt').scale")
    gantt.mouse.move(x, y)
    gantt.mouse.down()
    gantt.mouse.move(x + 20, y, steps=3)
    gantt.mouse.move(x + 4 * 3_600_000 * scale, y, steps=5)
    assert gantt.evaluate("document.querySelector('plan-gantt').ghost.bar.id") == "o2"
    gantt.mouse.up()
    kind, detail = gantt.evaluate("heard.at(-1)")
    assert kind == "gantt:propose"
    assert detail["id"] == "o2"
    assert detail["row"] == "m2"
    assert detail["start"] == "2026-03-10T04:00:00.000Z"  # 08:00 + 4 h at Ningbo
    assert detail["end"] == "2026-03-10T13:00:00.000Z"
    assert detail["from"] == {"row": "m2", "start": "2026-03-10T00:00:00.000Z"}
    assert (
        gantt.evaluate("document.querySelector('plan-gantt').ghost.bar.id") == "o2"
    )  # until the page decides
    gantt.evaluate("document.querySelector('plan-gantt').settle()")
    assert gantt.evaluate("document.querySelector('plan-gantt').ghost ?? null") is None


def test_dragging_to_another_row_names_it(gantt: Page) -> None:
    x, y = on_page(gantt, "o2")
    _, other = on_page(gantt, "t2")
    gantt.mouse.move(x, y)
    gantt.mouse.down()
    gantt.mouse.move(x, other, steps=6)
    gantt.mouse.up()
    assert gantt.evaluate("heard.at(-1)[1].row") == "th"


def test_what_is_not_yours_cannot_be_dragged(gantt: Page) -> None:
    x, y = on_page(gantt, "t2")
    before = gantt.evaluate("document.querySelector('plan-gantt').from")
    gantt.mouse.move(x, y)
    gantt.mouse.down()
    gantt.mouse.move(x - 90, y, steps=4)
    gantt.mouse.up()
    assert "gantt:propose" not in [event[0] for event in gantt.evaluate("heard")]
    assert gantt.evaluate("document.querySelector('plan-gantt').from") > before  # it panned instead


def test_alt_arrows_and_enter_propose_without_a_pointer(gantt: Page) -> None:
    gantt.evaluate("document.querySelector('plan-gantt').show('o2')")
    gantt.focus("plan-gantt .surface")
    for key in ("Alt+ArrowRight", "Alt+ArrowRight", "Alt+ArrowDown"):
        gantt.keyboard.press(key)
    assert "Yunfeng Heat Treatment 2 furnaces, Tue 10 March 08:30" in (
        gantt.locator("plan-gantt [aria-live]").text_content() or ""
    )
    gantt.keyboard.press("Enter")
    kind, detail = gantt.evaluate("heard.at(-1)")
    assert (kind, detail["row"], detail["start"]) == ("gantt:propose", "yf", "2026-03-10T00:30:00.000Z")


def test_a_proposal_fills_and_sends_the_named_form(page: Page, site: Site) -> None:
    open_plan(page, site, form="move")
    page.evaluate("document.querySelector('plan-gantt').show('o2')")
    page.focus("plan-gantt .surface")
    page.keyboard.press("Alt+ArrowRight")
    page.keyboard.press("Enter")
    page.wait_for_url("**/moved/**")
    assert "bar=o2&row=m2&start=2026-03-10T00%3A15%3A00.000Z" in page.url


def test_zoom_keeps_the_time_under_the_pointer(gantt: Page) -> None:
    box = gantt.locator("plan-gantt canvas").bounding_box()
    assert box is not None
    at = "(x) => document.querySelector('plan-gantt').timeAt(x)"
    before = gantt.evaluate(at, 300)
    gantt.mouse.move(box["x"] + 300, box["y"] + 100)
    gantt.keyboard.down("Control")
    gantt.mouse.wheel(0, -400)
    gantt.keyboard.up("Control")
    until(gantt, "document.querySelector('plan-gantt').span === undefined")
    assert abs(gantt.evaluate(at, 300) - before) < 1000
    gantt.click("plan-gantt button[data-span=month]")
    assert gantt.evaluate(
        "(() => { const g = document.querySelector('plan-gantt'); return g.width / g.scale })()"
    ) == (pytest.approx(31 * 86_400_000))


def test_hovering_tells_when_and_what(gantt: Page) -> None:
    x, y = on_page(gantt, "r1")
    gantt.mouse.move(x, y)
    tip = gantt.locator("plan-gantt .gantt-tip")
    assert tip.is_visible()
    assert tip.inner_text().splitlines() == [
        "reserved, 020",
        "Wed 11 March 08:00 – Thu 12 March 17:00",
        "reserved",
    ]


def test_new_data_keeps_zoom_place_and_selection(gantt: Page) -> None:
    before = gantt.evaluate(
        "(() => { const g = document.querySelector('plan-gantt'); g.showSpan('day'); g.show('c1');"
        " return [g.from, g.scale] })()"
    )
    changed = samples.plan()
    changed["bars"] = changed["bars"][:9]
    after = gantt.evaluate(
        "(data) => { const g = document.querySelector('plan-gantt'); g.absorb(data);"
        " return [g.from, g.scale, g.selected.id, g.layout.plan.bars.length] }",
        changed,
    )
    assert after == [*before, "c1", 9]


def test_a_large_plan_draws_only_what_is_seen(page: Page, site: Site) -> None:
    open_plan(page, site, samples.large_plan())
    seen = page.evaluate(
        "(() => { const g = document.querySelector('plan-gantt'); const to = g.timeAt(g.width);"
        " const first = g.layout.visible(g.layout.rows[0], g.from, to);"
        " return [g.layout.plan.bars.length, g.layout.rows.length, first.length] })()"
    )
    assert seen == [5000, 100, 17]
    page.focus("plan-gantt .surface")
    page.evaluate("document.querySelector('plan-gantt').show('b99-49')")
    drawn(page)
    x, y = middle_of(page, "b99-49", 0.95)
    assert close_to(colour_at(page, x, y), token(page, "blue-wash"))


def test_days_follow_the_zone_through_a_change_of_clocks(page: Page, site: Site) -> None:
    open_plan(page, site)
    days = page.evaluate(
        "async () => { const { ZoneClock } = await import('/static/js/gantt/time.js');"
        " const c = new ZoneClock('Europe/Berlin');"
        " return c.days(Date.parse('2026-03-28T12:00Z'), Date.parse('2026-03-30T12:00Z'))"
        "   .map((at) => [new Date(at).toISOString(), c.hours(at, 40).length]) }"
    )
    assert days == [
        ["2026-03-27T23:00:00.000Z", 23],
        ["2026-03-28T23:00:00.000Z", 23],
        ["2026-03-29T22:00:00.000Z", 23],
    ]


def test_the_table_says_the_same(page: Page, site: Site) -> None:
    line = {"order": "GH-2603-019", "operation": "20", "organization": "Taihe CNC", "equipment": "mill"}
    table = [line | {"start": samples.at(10, 8), "end": samples.at(11, 10.8)}]
    page.goto(site.page("/table", source("gantt"), plan=samples.plan(), table=table))
    page.click("#plan-table summary")
    cells = page.locator("#plan-table td").all_inner_texts()
    assert cells == ["GH-2603-019", "20", "Taihe CNC", "mill", "Tue 10, 08:00", "Wed 11, 10:48"]


def test_rows_by_machine_firm_or_order(page: Page, site: Site) -> None:
    plan = samples.plan()
    second = {"id": "m9", "organization": plan["rows"][0]["organization"], "equipment": "M9", "own": True}
    plan["rows"].append(second)
    for bar in plan["bars"]:
        bar["order"] = (
            "GH-2603-019" if bar["id"].startswith("c") else "GH-2603-017" if bar["id"] == "o1" else ""
        )
    open_plan(page, site, plan)
    names = page.locator("plan-gantt .gantt-tools [data-group]")
    assert names.all_inner_texts() == ["Machines", "Firms", "Orders"]
    assert page.locator("plan-gantt .gantt-frame li").count() == 7  # corner and six machines
    page.click("plan-gantt [data-group=organization]")
    assert (
        page.locator("plan-gantt .gantt-frame li").count()
        == 6 - len(plan["rows"]) + len({row["organization"] for row in plan["rows"]}) + 1
    )
    page.click("plan-gantt [data-group=order]")
    assert page.locator("plan-gantt .gantt-frame li:not(.corner)").all_inner_texts() == [
        "GH-2603-017",
        "GH-2603-019",
    ]
    assert page.locator("plan-gantt [data-group=order]").get_attribute("aria-pressed") == "true"
    page.focus("plan-gantt .surface")
    page.evaluate("document.querySelector('plan-gantt').show('c1')")
    assert "Taihe CNC" in (page.locator("plan-gantt [aria-live]").text_content() or "")
    page.keyboard.press("Alt+ArrowDown")  # orders are no machines: the bar stays on its own
    page.keyboard.press("Enter")
    assert page.evaluate("heard.at(-1)[1].row") == "th"


def test_one_grouping_alone_offers_no_choice(gantt: Page) -> None:
    assert not gantt.locator("plan-gantt [aria-label=Rows]").is_visible()


def test_hovering_the_chain_fades_the_rest_and_tells_why(page: Page, site: Site) -> None:
    plan = samples.plan()
    why = ["Taihe CNC is not available until Tuesday 10 March, 08:00."]
    next(bar for bar in plan["bars"] if bar["id"] == "c1")["why"] = why
    open_plan(page, site, plan)
    x, y = middle_of(page, "r1", 0.9)
    assert close_to(colour_at(page, x, y), token(page, "brass-wash"))
    page.mouse.move(*on_page(page, "c1"))
    drawn(page)
    assert why[0] in page.locator("plan-gantt .gantt-tip").inner_text()
    trail = page.evaluate("[...document.querySelector('plan-gantt').trail].map((bar) => bar.id)")
    assert sorted(trail) == ["c1", "c2", "c3"]
    assert not close_to(colour_at(page, x, y), token(page, "brass-wash"))


def test_what_was_planned_lies_below_what_really_was(page: Page, site: Site) -> None:
    plan = samples.plan()
    late = {"id": "planned:p0", "of": "p0", "row": "yf", "kind": "planned", "movable": False}
    plan["bars"].append(
        late | {"start": samples.at(10, 8).isoformat(), "end": samples.at(10, 20).isoformat()}
    )
    open_plan(page, site, plan)
    page.evaluate("document.querySelector('plan-gantt').showSpan('day')")
    page.evaluate("document.querySelector('plan-gantt').centre(Date.parse('2026-03-10T14:00+08:00'))")
    drawn(page)
    x, y = middle_of(page, "p0", 0.5)
    below = 12  # px from the middle of the bar to the line under it
    assert close_to(colour_at(page, x, y + below), token(page, "ink-2"))
    page.mouse.move(*on_page(page, "p0"))
    assert page.locator("plan-gantt .gantt-tip b").inner_text() != "as planned, where work was reported"


def test_printing_draws_the_whole_plan_on_sheets(page: Page, site: Site) -> None:
    open_plan(page, site, samples.large_plan(rows=60, per_row=50), theme="dark")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    sheets = page.locator("plan-gantt .gantt-sheets figure")
    titles = sheets.locator("figcaption").all_text_contents()
    assert len(titles) == sheets.count() > 2
    assert titles[0].endswith(f"Sheet 1 of {len(titles)}")
    corner = page.evaluate(
        "[...document.querySelector('.gantt-sheets canvas').getContext('2d').getImageData(2, 2, 1, 1).data]"
    )
    assert corner == [255, 255, 255, 255]  # paper is white, also in the dark theme
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert sheets.count() == 0


def test_the_pdf_has_a_page_on_its_side_for_every_sheet(page: Page, site: Site) -> None:
    open_plan(page, site, samples.large_plan(rows=30, per_row=50))
    page.evaluate(
        "addEventListener('beforeprint', () => {"
        " window.sheets = document.querySelectorAll('.gantt-sheets figure').length })"
    )
    for paper, wide in (("A4", 841), ("A3", 1190)):
        made = page.pdf(format=paper, prefer_css_page_size=False)
        boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", made)
        across = [1 for w, h in boxes if abs(float(w) - wide) < 3 and float(w) > float(h)]
        assert len(across) >= page.evaluate("window.sheets") > 1, (paper, boxes)


def test_what_was_tried_is_taken_back_with_its_words(page: Page, site: Site) -> None:
    button = '<button data-settles="plan">Leave it</button>'
    tried = f'<div id="trial" aria-live="polite"><p>It fits.</p>{button}</div>'
    text = source("gantt").replace("</form>{% endblock %}", f"</form>{tried}{{% endblock %}}")
    page.goto(site.page("/plan", text, plan=samples.plan()))
    until(page, "Boolean(document.querySelector('plan-gantt')?.painter)")
    page.evaluate("document.querySelector('plan-gantt').show('o2')")
    page.focus("plan-gantt .surface")
    page.keyboard.press("Alt+ArrowRight")
    assert page.evaluate("document.querySelector('plan-gantt').ghost.bar.id") == "o2"
    page.get_by_role("button", name="Leave it").click()
    assert page.evaluate("document.querySelector('plan-gantt').ghost ?? null") is None
    assert page.locator("#trial").inner_text() == ""
