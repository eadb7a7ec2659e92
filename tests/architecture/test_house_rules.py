"""Rules of the house that a linter does not know."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "gonghe"
APPS = PACKAGE / "apps"
LONGEST = 500
# A model's manager, but for the empty query that a form field starts with.
QUERY = re.compile(r"\b\w+\.(?:objects|_default_manager|_base_manager)\.(?!none\(\))\w+")
# Names of this product's making that must never reach its words.
FORBIDDEN = re.compile(r"/work/|\.\./shared|pypi\.org|npmjs|files\.pythonhosted", re.IGNORECASE)


def sources(folder: Path) -> Iterator[Path]:
    yield from (path for path in sorted(folder.rglob("*.py")) if "migrations" not in path.parts)


@pytest.mark.parametrize("folder", ["src", "tests", "examples", "benchmarks"])
def test_files_can_be_seen_as_a_whole(folder: str) -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in sources(ROOT / folder)
        if (lines := len(path.read_text().splitlines())) > LONGEST
    }
    assert long == {}


def test_pages_and_routes_read_through_access_only() -> None:
    """Views, forms and APIs that query models themselves would bypass who may see what."""
    found = []
    for path in [*sources(APPS), *sources(PACKAGE / "web"), *sources(PACKAGE / "api")]:
        outer = path.parent.name in {"web", "api"} or path.stem in {"views", "api", "forms", "urls"}
        if outer or path.stem.startswith("views_"):
            found += [f"{path.relative_to(ROOT)}: {text}" for text in re.findall(QUERY, path.read_text())]
    assert found == []


def test_services_tell_the_time_by_the_clock() -> None:
    """`datetime.now()` in an app would not follow a told time."""
    found = []
    for path in sources(APPS):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            real = re.search(r"datetime\.now\(|timezone\.now\(|time\.time\(", line)
            if real and "clock" not in line and path.name != "services.py":
                found.append(f"{path.relative_to(ROOT)}:{number}")
    assert found == []


def test_no_signals() -> None:
    """News travels by the event chain, not by Django signals."""
    found = [
        str(path.relative_to(ROOT))
        for path in sources(APPS)
        if re.search(r"django\.db\.models\.signals|django\.dispatch", path.read_text())
    ]
    assert found == []


def test_every_app_has_the_same_rooms() -> None:
    for app in ("technology", "capacity", "orders", "market", "plans", "workshop"):
        for room in ("models", "services", "access", "api", "views", "urls"):
            folder = APPS / app
            assert (folder / f"{room}.py").exists() or (folder / room).is_dir(), f"{app} has no {room}"


def test_the_project_speaks_of_the_product_alone() -> None:
    found = []
    for folder in ("src", "docs", "examples", "benchmarks", "scripts"):
        for path in sorted((ROOT / folder).rglob("*")):
            readable = path.suffix in {".py", ".md", ".html", ".js", ".css", ".json", ""} and path.is_file()
            if readable and "vendor" not in path.parts and FORBIDDEN.search(path.read_text(errors="ignore")):
                found.append(str(path.relative_to(ROOT)))
    lock = (ROOT / "requirements.lock").read_text()
    assert "://" not in lock
    assert found == []


def test_pages_call_organisations_by_the_reader_s_language() -> None:
    """`name` is the registered name; a page shows `local_name`, never the other language's."""
    registered = re.compile(
        r"\b(?:organization|firm|holder|sender|receiver|partner|bearer|on_the_way_to)\.name\b"
    )
    pages = [*sorted(PACKAGE.rglob("templates/**/*.html"))]
    views = [path for path in sources(PACKAGE) if path.stem.startswith("views") or path.parent.name == "web"]
    found = [
        f"{path.relative_to(ROOT)}: {text}"
        for path in [*pages, *views]
        for text in re.findall(registered, path.read_text())
    ]
    assert found == []


def test_pages_join_words_by_marks_of_the_reader_s_language() -> None:
    """A bare `, ` between two facts stays half-width in Chinese; `{% mark ", " %}` does not."""
    translated = re.compile(
        r"(?s)\{% blocktranslate.*?\{% endblocktranslate %\}|\{% comment %\}.*?\{% endcomment %\}"
    )
    found = [
        f"{path.relative_to(ROOT)}: {text}"
        for path in sorted(PACKAGE.rglob("templates/**/*.html"))
        for text in re.findall(r"(?:\}\}|%\})[:;,] .{,20}", re.sub(translated, "", path.read_text()))
    ]
    assert found == []
