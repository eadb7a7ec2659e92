"""Parts to order: the project's own examples, made once a run in a process of their own."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gonghe import clock

NOW = datetime(2026, 3, 9, 2, 20, tzinfo=UTC)
EXAMPLES = Path(__file__).parents[2] / "examples" / "parts.py"


@pytest.fixture(autouse=True)
def _monday_morning():
    with clock.telling(NOW):
        yield


@pytest.fixture(scope="session")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with the example parts as STEP files and `parts.json` with their exact figures."""
    folder = tmp_path_factory.mktemp("parts")
    subprocess.run([sys.executable, EXAMPLES, folder], check=True, capture_output=True)
    return folder
