"""A small server for the pages of these tests: real templates, real static files, the real content policy."""

from __future__ import annotations

import json
import mimetypes
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from django.conf import settings
from django.template import Context, engines
from django.test import RequestFactory
from django.utils import translation
from playwright.sync_api import Page

import gonghe.web

STATIC = Path(gonghe.web.__file__).parent / "static"
TYPES = {".js": "text/javascript", ".svg": "image/svg+xml", ".css": "text/css"}


@dataclass
class Answer:
    """What a route answers; `chunks` are sent one after the other and the connection closed."""

    body: bytes = b""
    type: str = "text/html; charset=utf-8"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Asked:
    """A request that a route gets."""

    path: str
    query: str
    body: bytes
    headers: Mapping[str, str]


Route = Callable[[Asked], Answer]


def content_policy() -> str:
    """The Content-Security-Policy header that the settings give every page."""
    directives = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    return "; ".join(f"{name} {' '.join(map(str, values))}" for name, values in directives.items())


def source(name: str) -> str:
    """Text of a sample page in `templates/`."""
    return (Path(__file__).parent / "templates" / f"{name}.html").read_text(encoding="utf-8")


def render(text: str, *, language: str = "en", theme: str = "", **context: Any) -> Answer:
    """Render a template string as a page of a signed-in person."""
    request = RequestFactory().get("/page/")
    if theme:
        request.COOKIES["theme"] = theme
    with translation.override(language):
        template = engines["django"].from_string(text).template
        html = template.render(Context({"csrf_token": "token", "request": request} | context))
    return Answer(html.encode())


def as_json(data: object, status: int = 200) -> Answer:
    """JSON answer."""
    return Answer(json.dumps(data).encode(), "application/json", status)


class Site:
    """Routes by path, served from a thread; `asked` keeps every request that was not for a static file."""

    def __init__(self) -> None:
        self.routes: dict[str, Route] = {}
        self.asked: list[Asked] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        """Where the site is."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def page(self, path: str, text: str, **context: Any) -> str:
        """Serve a template at `path`; returns its URL."""
        answer = render(text, **context)
        self.routes[path] = lambda _asked: answer
        return self.url + path

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()


def _handler(site: Site) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path, _, query = self.path.partition("?")
            if path.startswith("/static/"):
                self._send(_static(path.removeprefix("/static/")))
                return
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            asked = Asked(path, query, body, dict(self.headers))
            site.asked.append(asked)
            route = site.routes.get(path)
            self._send(route(asked) if route else Answer(b"nothing here", status=404))

        do_POST = do_GET  # noqa: N815

        def _send(self, answer: Answer) -> None:
            self.send_response(answer.status)
            headers = {"Content-Type": answer.type, "Content-Security-Policy": content_policy()}
            for name, value in (headers | dict(answer.headers)).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, *_args: object) -> None:
            """Say nothing."""

    return Handler


def _static(name: str) -> Answer:
    path = STATIC / name
    if not path.is_file():
        return Answer(status=404)
    kind = TYPES.get(path.suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
    return Answer(path.read_bytes(), kind)


def until(page: Page, expression: str) -> None:
    """Wait up to 10 s for an expression; Playwright's own way needs eval, which the policy forbids."""
    for _ in range(200):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"never true: {expression}")
