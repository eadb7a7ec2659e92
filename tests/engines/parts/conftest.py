"""Example parts written once per run, with what is known about them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from examples.parts import write_all

from gonghe.engines.model.parts import PartAnalysis
from gonghe.engines.parts import analyse


@pytest.fixture(scope="session")
def example_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("examples")
    write_all(folder)
    return folder


@pytest.fixture(scope="session")
def records(example_folder: Path) -> dict[str, dict[str, Any]]:
    import json

    listed = json.loads((example_folder / "parts.json").read_text(encoding="utf-8"))
    return {record["name"]: record for record in listed}


@pytest.fixture(scope="session")
def analyses(example_folder: Path, records: dict[str, dict[str, Any]]) -> dict[str, PartAnalysis]:
    return {name: analyse(example_folder / record["file"]) for name, record in records.items()}
