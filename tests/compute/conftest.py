"""Example parts written once per run."""

from __future__ import annotations

from pathlib import Path

import pytest
from examples.parts import write_all


@pytest.fixture(scope="session")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("parts")
    write_all(folder)
    return folder
