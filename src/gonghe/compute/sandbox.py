"""Analyse an uploaded CAD file in one disposable process, so that no file can take the service down."""

from __future__ import annotations

import json
import logging
import math
import shutil
import signal
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from gonghe.compute.child import ANALYSED, GLB, INPUT, PNG, REFUSED, RESULT
from gonghe.compute.limits import Limits
from gonghe.compute.warm import Stopped, Unavailable, Warm, shared
from gonghe.engines.model.parts import PartAnalysis

log = logging.getLogger(__name__)

DEFAULT_LIMITS = Limits()
LARGEST_UPLOAD = 100 * 2**20
LARGEST_RESULT = 50 * 2**20
WARM = shared
ShouldStop = Callable[[], bool] | None


class PartRefused(Exception):
    """A file was not analysed.

    ``code`` is the machine-readable reason: one of the part engine's codes, or ``missing``, ``too_slow``,
    ``too_much_memory``, ``crashed``, ``cancelled``; ``message`` says what to do.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def run_part(
    path: Path,
    *,
    limits: Limits = DEFAULT_LIMITS,
    glb: Path | None = None,
    png: Path | None = None,
    should_stop: ShouldStop = None,
) -> PartAnalysis:
    """Analyse one file in a child of its own, with a private folder, no network, and bounded memory and time.

    Parameters
    ----------
    path : Path
        The uploaded file.
    glb, png : Path, optional
        Where the pictures go; written only when the analysis succeeds.
    should_stop : callable, optional
        Asked ten times a second; when it says True, or raises, the child is killed.

    Raises
    ------
    PartRefused
        When the file is refused, or the child was stopped, killed, crashed or ran out of time or memory.
    """
    with tempfile.TemporaryDirectory(prefix="gonghe-part-") as name:
        folder = Path(name)
        _bring(path, folder)
        status = _run(folder, limits, [*([GLB] if glb else []), *([PNG] if png else [])], should_stop)
        analysis = _result(folder, status, limits)
        for produced, wanted in ((GLB, glb), (PNG, png)):
            if wanted is not None:
                _deliver(folder / produced, wanted)
        return analysis


def _bring(path: Path, folder: Path) -> None:
    try:
        size = path.stat().st_size
        if not path.is_file():
            raise PartRefused("missing", "There is no such file. Upload it again.")
        if size > LARGEST_UPLOAD:
            raise PartRefused(
                "too_large",
                f"The file has {size / 2**20:.0f} MB; at most {LARGEST_UPLOAD / 2**20:.0f} MB are read. "
                "Export the single part instead of the whole assembly.",
            )
        shutil.copyfile(path, folder / INPUT)
    except OSError as error:
        raise PartRefused(
            "missing", f"The file cannot be opened ({error.strerror}). Upload it again."
        ) from error


def _run(folder: Path, limits: Limits, pictures: list[str], should_stop: ShouldStop) -> int | None:
    """Exit status of the child (negative: killed by that signal), None when it ran out of time.

    The child is forked from the warm parent. When that dies meanwhile, the file gets one more chance under a
    parent of its own, never a third.
    """
    try:
        try:
            return WARM.run(folder, limits, pictures, should_stop)
        except Unavailable as error:
            log.warning("%s; the file gets a parent of its own", error)
        _tidy(folder)
        with closing(Warm()) as alone:
            return alone.run(folder, limits, pictures, should_stop)
    except Unavailable as error:
        raise _crashed() from error
    except Stopped:
        raise PartRefused("cancelled", "Reading the file was stopped before it was finished.") from None


def _tidy(folder: Path) -> None:
    """Remove what a child left that nobody answered for."""
    for left in folder.iterdir():
        if left.is_dir() and not left.is_symlink():
            shutil.rmtree(left)
        elif left.name != INPUT:
            left.unlink()


def _result(folder: Path, status: int | None, limits: Limits) -> PartAnalysis:
    if status == ANALYSED:
        try:
            return _sound(PartAnalysis.from_json(_load(folder)))
        except (OSError, ValueError, TypeError, KeyError) as error:
            log.warning("part child left an unusable result: %s", error)
            raise _crashed() from error
    if status == REFUSED:
        try:
            reason = _load(folder)
            raise PartRefused(str(reason["code"]), str(reason["message"]))
        except (OSError, ValueError, KeyError) as error:
            raise _crashed() from error
    log.info("part child ended with %s: %s", status, _last_words(folder))
    if status is None or status == -signal.SIGXCPU:
        raise PartRefused(
            "too_slow",
            f"The file was not finished within {limits.wall_seconds} s. "
            "Export the part without cosmetic detail.",
        )
    raise _crashed()


def _crashed() -> PartRefused:
    return PartRefused(
        "crashed", "The CAD kernel gave up on this file: it is damaged. Export it again from the CAD system."
    )


def _load(folder: Path) -> dict[str, Any]:
    result = folder / RESULT
    if result.is_symlink() or result.stat().st_size > LARGEST_RESULT:
        raise ValueError("result is too large")
    data = json.loads(result.read_text(encoding="utf-8"))
    if not isinstance(data, dict):
        raise TypeError("result is no object")
    return data


def _sound(analysis: PartAnalysis) -> PartAnalysis:
    if not all(math.isfinite(value) for value in (analysis.volume_mm3, analysis.area_mm2, *analysis.box_mm)):
        raise ValueError("result holds figures that are not finite")
    return analysis


def _last_words(folder: Path) -> str:
    with (folder / "log").open("rb") as text:
        return text.read(2000).decode(errors="replace").strip()


def _deliver(produced: Path, wanted: Path) -> None:
    """Copy a picture beside its destination and move it there in one step; nothing when there is none."""
    if produced.is_symlink() or not produced.is_file():
        return
    unfinished = wanted.with_name(wanted.name + ".part")
    shutil.copyfile(produced, unfinished)
    unfinished.replace(wanted)
