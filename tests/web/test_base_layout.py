"""The base layouts and partials: what a page holds, and how it looks at three widths in both themes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.template import Context
from django.template.loader import get_template
from django.utils import translation
from playwright.sync_api import Page
from tests.web import samples
from tests.web.harness import STATIC, Answer, Asked, Site, render, source
from tests.web.pages import PAGES

TEMPLATES = STATIC.parent / "templates"
ERRORS = ["400.html", "403.html", "403_csrf.html", "404.html", "500.html"]


def html(text: str, **context: Any) -> str:
    """Rendered page."""
    return render(text, **context).body.decode()


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: path.name)
def test_templates_compile_and_hold_no_inline_style_or_script(path: Path) -> None:
    get_template(path.relative_to(TEMPLATES).as_posix())
    text = path.read_text()
    assert not re.search(r"\sstyle=|<style|\son\w+=|javascript:", text)
    assert all("src=" in tag for tag in re.findall(r"<script\b[^>]*>", text))


def test_empty_blocks_leave_nothing_behind() -> None:
    page = html(
        '{% extends "base.html" %}{% block title %}T{% endblock %}{% block content %}x{% endblock %}',
        **samples.layout(),
    )
    for gone in ('class="crumb"', "<h1", 'class="why"', 'class="next"', 'class="titleblock"'):
        assert gone not in page
    assert "<title>T · Gonghe 工合</title>" in page


def test_the_rail_marks_where_one_is() -> None:
    page = html('{% extends "base.html" %}', **samples.layout("capacity"))
    current = re.findall(r'<a href="(\S+)" aria-current="page">', page)
    assert current == ["/capacity/", "/capacity/"]  # in the rail and under More
    assert '<summary class="current">' in page
    assert page.count('href="/orders/"') == 2


def test_the_switch_of_the_acting_firm_names_the_others() -> None:
    page = html('{% extends "base.html" %}', **samples.layout())
    assert '<a href="/o/hengda/" aria-current="true">Hengda Precision</a>' in page
    assert '<a href="/o/office/">Yong River office</a>' in page
    alone = html('{% extends "base.html" %}', **(samples.layout() | {"acting_choices": []}))
    assert "Act for" not in alone


def test_a_page_without_a_firm_still_renders() -> None:
    page = html('{% extends "base.html" %}{% block answer %}Hello{% endblock %}', acting=None)
    assert '<h1 class="answer">Hello</h1>' in page
    assert "phonebar" not in page


def test_the_language_is_switched_by_post_to_this_page() -> None:
    page = html('{% extends "base.html" %}')
    assert re.search(
        r'<form action="/i18n/setlang/" method="post"><input type="hidden" name="csrfmiddlewaretoken"', page
    )
    assert 'name="next" value="/page/"' in page
    assert 'value="zh-hans" lang="zh">中文' in page
    assert 'value="en" lang="en">English' in html('{% extends "base.html" %}', language="zh-hans")
    assert '<html lang="zh-hans"' in html('{% extends "base.html" %}', language="zh-hans")


def test_the_theme_of_the_cookie_is_there_before_the_first_paint() -> None:
    assert '<html lang="en" data-theme="dark">' in html('{% extends "base.html" %}', theme="dark")
    assert '<html lang="en">' in html('{% extends "base.html" %}', theme="x onload=")


@pytest.mark.parametrize("name", ERRORS)
def test_error_pages_are_plain_and_the_same_for_everyone(name: str) -> None:
    template = get_template(name).template
    as_owner = template.render(
        Context(samples.layout() | {"csrf_token": "a", "exception": "secret", "request_path": "/o/x/"})
    )
    with translation.override("en"):
        assert template.render(Context({})) == as_owner
    assert "secret" not in as_owner
    assert "csrf" not in as_owner
    assert re.search(r'<h1 class="answer">[A-Z][^<]+\.</h1>', as_owner)
    assert 'href="/"' in as_owner


def test_a_refusal_says_why_without_markup_of_others() -> None:
    page = html(
        '{% extends "refused.html" %}',
        error=type("E", (), {"message": "Only 20 h are <b>free</b>."})(),
        back="/o/hengda/",
    )
    assert "Only 20 h are &lt;b&gt;free&lt;/b&gt;." in page
    assert 'href="/o/hengda/"' in page


def test_forms_tie_errors_and_help_to_their_fields() -> None:
    text, context = PAGES["forms"]
    page = html(text, **context)
    assert "Only 20 h are free. Take 20 or fewer." in page
    field = re.search(r'<input type="number"[^>]*name="price"[^>]*>', page)
    assert field is not None
    assert 'aria-invalid="true"' in field[0]
    for name in re.findall(r'aria-describedby="([^"]+)"', field[0])[0].split():
        assert f'id="{name}"' in page
    assert 'enctype="multipart/form-data"' in page


@pytest.mark.browser
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 768, 390])
def test_pages_fit_their_width_and_targets_their_fingers(
    page: Page, site: Site, width: int, theme: str
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    for name, (text, context) in PAGES.items():
        page.goto(site.page(f"/{name}-{theme}", text, theme=theme, **context))
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, name
        small = page.evaluate(
            "[...document.querySelectorAll('a.button, button.button, .stations a, .phonebar a, summary')]"
            ".filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 43)"
            ".map((one) => one.outerHTML.slice(0, 80))"
        )
        assert small == [], name


@pytest.mark.browser
def test_the_theme_button_turns_the_page_dark_and_is_remembered(page: Page, site: Site) -> None:
    text, context = PAGES["today"]
    page.goto(site.page("/today", text, **context))
    page.click(".top > [data-theme-toggle]")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(18, 25, 34)"
    assert page.evaluate("document.cookie") == "theme=dark"


@pytest.mark.browser
def test_the_slash_key_goes_to_the_search(page: Page, site: Site) -> None:
    text, context = PAGES["today"]
    page.goto(site.page("/today", text, **context))
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.type") == "search"


@pytest.mark.browser
def test_the_skip_link_is_first_and_reaches_the_answer(page: Page, site: Site) -> None:
    text, context = PAGES["today"]
    page.goto(site.page("/today", text, **context))
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


@pytest.mark.browser
def test_a_menu_opens_and_escape_gives_the_focus_back(page: Page, site: Site) -> None:
    text, context = PAGES["today"]
    page.goto(site.page("/today", text, **context))
    page.click("summary:has-text('Hengda')")
    assert page.locator("a:has-text('Yong River office')").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator("a:has-text('Yong River office')").is_visible()
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"


@pytest.mark.browser
def test_a_question_is_asked_before_something_is_taken_back(page: Page, site: Site) -> None:
    page.goto(site.page("/plan", source("question"), fields=[("plan", "43")]))
    page.click("button[data-opens]")
    assert page.locator("dialog h2").is_visible()
    page.click("dialog [data-closes]")
    assert not page.locator("dialog").is_visible()
    page.click("button[data-opens]")
    page.click("dialog button:has-text('Refuse it')")
    page.wait_for_url("**/refuse/")
    assert [b"plan=43" in one.body for one in site.asked if one.path == "/refuse/"] == [True]


@pytest.mark.browser
def test_parts_of_a_page_are_fetched_under_the_policy(page: Page, site: Site) -> None:
    def answer(asked: Asked) -> Answer:
        return Answer(f"<p id='part'>{asked.headers['X-CSRFToken']}</p>".encode())

    site.routes["/part/"] = answer
    page.goto(site.page("/fetch", source("fetch")))
    page.click("button[hx-post]")
    page.wait_for_selector("#part")
    assert page.inner_text("#part") == "token"


@pytest.mark.browser
def test_a_second_press_sends_nothing_twice(page: Page, site: Site) -> None:
    page.goto(site.page("/form", source("bid")))
    page.evaluate(
        "() => { window.sent = 0; document.addEventListener('submit', (event) => {"
        " if (!event.defaultPrevented) sent += 1; event.preventDefault() }) }"
    )
    page.click("form[data-busy] .button")
    page.click("form[data-busy] .button")
    assert page.evaluate("sent") == 1
    assert page.get_attribute("form[data-busy] .button", "aria-busy") == "true"
