"""The list of vendored files: what differs, lacks or is unknown is named."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from gonghe.web import vendored


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the list and its files."""
    shutil.copy(vendored.WEB / "vendored.json", tmp_path)
    shutil.copytree(vendored.WEB / "static" / "vendor", tmp_path / "static" / "vendor")
    return tmp_path


def test_the_files_are_as_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert vendored.main() == 0
    assert capsys.readouterr().out == "6 vendored files are as listed\n"


def test_every_library_says_its_licence_and_carries_its_text() -> None:
    licences = {one.name: one.licence for one in vendored.listed()}
    assert licences == {"htmx": "0BSD", "three.js": "MIT"}
    folders = {Path(one.path).parts[0] for one in vendored.listed()}
    assert all((vendored.WEB / "static" / "vendor" / folder / "LICENSE").is_file() for folder in folders)


def test_a_changed_file_is_named(copy: Path) -> None:
    with (copy / "static/vendor/htmx/htmx.min.js").open("a") as file:
        file.write("// changed")
    expected = "htmx/htmx.min.js: differs from its hash; take it again from npm htmx.org 2.0.11"
    assert vendored.problems(copy) == [expected]


def test_an_unlisted_file_is_named(copy: Path) -> None:
    (copy / "static/vendor/extra.js").write_text("")
    assert vendored.problems(copy) == ["extra.js: not in vendored.json; add it or delete the file"]


def test_a_missing_file_is_named(copy: Path) -> None:
    (copy / "static/vendor/three/LICENSE").unlink()
    assert vendored.problems(copy) == ["three/LICENSE: listed but missing; take it from npm three 0.184.0"]


def test_an_entry_without_a_hash_is_refused(copy: Path) -> None:
    listed = json.loads((copy / "vendored.json").read_text())
    del listed["files"][0]["sha256"]
    (copy / "vendored.json").write_text(json.dumps(listed))
    with pytest.raises(TypeError, match="sha256"):
        vendored.problems(copy)
