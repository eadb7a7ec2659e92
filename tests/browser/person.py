"""People before their screens: each has a browser window, clicks, and complains about what is broken."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Request, Response, expect

SIZES = ((1440, 900), (768, 1024), (390, 844))
# Left alone by translators: the product's name, what standards call things, what people typed.
ENGLISH_IN_CHINESE = re.compile(r"\b(?!Gonghe\b|English\b)[A-Za-z]{2,}(?: [a-z]{2,})+\b")
RAW_DATE = re.compile(r"\b\d{4}-\d{2}-\d{2}(?!\d)")

# a link to another page, or the button of a form that will be sent
LEADS_AWAY = """
(one) => one.matches('a[href]:not([download])')
  ? one.href.split('#')[0] !== location.href.split('#')[0]
  : one.type === 'submit' && Boolean(one.form?.checkValidity()) && one.form.method !== 'dialog'
"""


@dataclass(slots=True)
class Cluster:
    """Where the installation is and who can sign in."""

    browser: Browser
    origin: str
    pictures: Path
    links: dict[str, str]
    drawing: str
    key_file: str
    passphrase: str

    def sign_in(self, name: str) -> Person:
        """Open a window for a person and let them in by their one-click link."""
        page = self.browser.new_page(viewport={"width": 1440, "height": 900}, timezone_id="Asia/Shanghai")
        person = Person(page, self.pictures)
        page.goto(self.origin + self.links[name])
        person.press("Sign in")
        return person


@dataclass
class Person:
    """A window of one person; `complaints` is everything that went wrong in it, told at the end."""

    page: Page
    pictures: Path
    complaints: list[str] = field(default_factory=list)
    reader: Page | None = None

    def __post_init__(self) -> None:
        self._listen(self.page)

    def _listen(self, page: Page) -> None:
        """Note everything that goes wrong in a window."""
        page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))
        page.on("console", self._heard)
        page.on("requestfailed", self._failed)
        page.on("response", self._answered)

    def _heard(self, line: ConsoleMessage) -> None:
        if line.type in {"error", "warning"} and "GPU stall" not in line.text:
            self.complaints.append(f"console: {line.text} ({line.location.get('url')})")

    def _failed(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # what leaving a page stops is no failure
            self.complaints.append(f"network: {request.url}: {request.failure}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400:
            self.complaints.append(f"status {response.status}: {response.url}")

    def press(self, name: str, *, exact: bool = True) -> Self:
        """Click the one button or link of this name that is in sight."""
        words = re.compile(rf"^\s*{re.escape(name)}\s*$") if exact else re.compile(re.escape(name))
        button = self.page.get_by_role("button", name=words)
        pressed = self.one(button.or_(self.page.get_by_role("link", name=words)))
        if pressed.evaluate(LEADS_AWAY):
            # the old page may already say what the new one will, and anything opened there would be lost
            with self.page.expect_navigation():
                pressed.click()
        else:
            pressed.click()
        return self

    def one(self, found: Locator) -> Locator:
        """The first of these that can be seen."""
        seen = found.filter(visible=True).first
        expect(seen).to_be_visible()
        return seen

    def station(self, name: str) -> Self:
        """Go to a station by the rail."""
        self.page.locator("nav.rail").get_by_role("link", name=name, exact=True).click()
        return self

    def reads(self, *texts: str, at: str = "main") -> Self:
        """The page (or a part of it) says all of this."""
        for text in texts:
            expect(self.page.locator(at)).to_contain_text(text, timeout=30_000)
        return self

    def answer(self) -> str:
        """The sentence on top of the page."""
        return re.sub(r"\s+", " ", self.page.locator("h1.answer").inner_text()).strip()

    def shoot(self, name: str, *, chinese: bool = False) -> Self:
        """Keep pictures of the page at three widths and see that it fits each; maybe in Chinese as well."""
        self._look(self.page, name, SIZES)
        if chinese:
            self.reader = self.reader or self._in_chinese()
            self.reader.goto(self.page.url)
            self._look(self.reader, f"{name}-zh", SIZES[::2])
            left = ENGLISH_IN_CHINESE.findall(self.reader.locator("main").inner_text())
            self._complain_if(bool(left), f"{name}: English left in Chinese: {left}")
        return self

    def speak(self, language: str, code: str) -> Self:
        """Switch the language by the button on top of the page."""
        self.page.get_by_role("button", name=language, exact=True).click()
        expect(self.page.locator("html")).to_have_attribute("lang", re.compile(code))
        return self

    def _in_chinese(self) -> Page:
        """Open another window of the same person in Chinese; what is typed in the first one stays there."""
        browser = self.page.context.browser
        assert browser is not None
        state = self.page.context.storage_state()
        page = browser.new_page(storage_state=state, timezone_id="Asia/Shanghai", locale="zh-CN")
        host = urlsplit(self.page.url).hostname or ""
        page.context.add_cookies(
            [{"name": "django_language", "value": "zh-hans", "domain": host, "path": "/"}]
        )
        self._listen(page)
        return page

    def _look(self, page: Page, name: str, sizes: Sequence[tuple[int, int]]) -> None:
        for width, height in sizes:
            page.set_viewport_size({"width": width, "height": height})
            page.wait_for_timeout(100)  # pictures are drawn anew after the window has changed
            page.screenshot(path=self.pictures / f"{name}-{width}.png", full_page=True)
            self._check(page, name, width)
        page.set_viewport_size({"width": SIZES[0][0], "height": SIZES[0][1]})

    def _check(self, page: Page, name: str, width: int) -> None:
        over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        self._complain_if(over > 0, f"{name} at {width} px is {over} px too wide")
        raw = RAW_DATE.findall(page.locator("main").inner_text())
        self._complain_if(bool(raw), f"{name}: dates as machines write them: {raw}")
        filled = page.locator("main .next .button:not(.quiet, .plain, .danger)").filter(visible=True)
        self._complain_if(filled.count() > 1, f"{name}: two filled buttons")

    def _complain_if(self, wrong: bool, what: str) -> None:
        if wrong and what not in self.complaints:
            self.complaints.append(what)

    def leave(self) -> list[str]:
        """Close the windows; what went wrong in them."""
        self.page.close()
        if self.reader is not None:
            self.reader.close()
        return self.complaints
