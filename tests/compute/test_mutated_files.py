"""Damaged CAD files: each gives a known family or a known refusal, and a sound file is still read afterwards.

``GONGHE_MUTATIONS`` sets how many seeds are drawn; every seed picks a file (an example part, with
``GONGHE_REAL_DATA`` a real one too) and damages it. ``make soak`` draws thousands and prints the answers.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from gonghe.compute.limits import Limits
from gonghe.compute.sandbox import PartRefused, run_part
from gonghe.engines.model.parts import FAMILIES
from gonghe.engines.parts import PartError

SEEDS = range(int(os.environ.get("GONGHE_MUTATIONS", "40")))
LIMITS = Limits(cpu_seconds=30, wall_seconds=60)
REFUSALS = {kind.code for kind in PartError.__subclasses__()} | {"too_slow", "too_much_memory", "crashed"}

Damage = Callable[[bytearray, random.Random], None]


def overwrite(data: bytearray, chance: random.Random) -> None:
    """Replace up to twenty bytes."""
    for _ in range(chance.randint(1, 20)):
        data[chance.randrange(len(data))] = chance.randrange(256)


def redirect(data: bytearray, chance: random.Random) -> None:
    """Change digits only: the file still parses, but its numbers and references lead elsewhere."""
    digits = [at for at, byte in enumerate(data) if 48 <= byte <= 57]
    for at in chance.sample(digits, min(len(digits), chance.randint(1, 40))):
        data[at] = chance.randrange(48, 58)


def drop(data: bytearray, chance: random.Random) -> None:
    """Leave out a span."""
    at = chance.randrange(len(data))
    del data[at : at + chance.randint(1, 2000)]


def cut_off(data: bytearray, chance: random.Random) -> None:
    """Keep the beginning only."""
    del data[chance.randrange(len(data)) :]


DAMAGES: tuple[Damage, ...] = (overwrite, redirect, drop, cut_off)


def sound_files(parts: Path) -> list[Path]:
    files = sorted(parts.glob("*.step"))
    if real := os.environ.get("GONGHE_REAL_DATA"):
        files += sorted(path for path in (Path(real) / "parts").iterdir() if path.suffix in (".step", ".stp"))
    return files


def answer(path: Path) -> str:
    try:
        return run_part(path, limits=LIMITS).family
    except PartRefused as refused:
        return f"refused: {refused.code}"


def test_mutated_files_give_a_known_answer(
    parts: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files, path = sound_files(parts), tmp_path / "mutated.step"
    answers: Counter[str] = Counter()
    for seed in SEEDS:
        chance = random.Random(seed)
        data = bytearray(chance.choice(files).read_bytes())
        chance.choice(DAMAGES)(data, chance)
        path.write_bytes(bytes(data))
        answers[answer(path)] += 1
    with capsys.disabled():
        print(f"\n{len(SEEDS)} mutations of {len(files)} files: {dict(answers.most_common())}")
    assert set(answers) <= {*FAMILIES, *(f"refused: {code}" for code in REFUSALS)}
    assert answers.total() == len(SEEDS)
    assert run_part(parts / "l-bracket.step").family == "sheet"
