"""What the disposable process of one file does.

It reads ``input`` in its folder and leaves ``result.json`` there, with the pictures asked for. Exit status: 0
analysed, 2 refused (``result.json`` then holds ``code`` and ``message``). Anything else is a crash.
"""

from __future__ import annotations

import gc
import json
import resource
import sys
from pathlib import Path
from typing import Any

ANALYSED, REFUSED = 0, 2
INPUT, RESULT, GLB, PNG = "input", "result.json", "part.glb", "part.png"
CLOSE = 8 * 2**20  # bytes below the limit on address space that count as having met it


def analyse_here(folder: Path, pictures: set[str]) -> int:
    """Analyse the file in a folder, leave the result beside it, and give the exit status."""
    gc.disable()  # the process is gone before there is anything to collect
    from gonghe.engines.parts import PartError, analyse

    try:
        analysis = analyse(
            folder / INPUT,
            glb=folder / GLB if GLB in pictures else None,
            png=folder / PNG if PNG in pictures else None,
        )
    except PartError as error:
        if _at_its_limit():  # the kernel then reports a damaged file, whatever the file is
            return _too_much_memory(folder)
        return _refuse(folder, error.code, str(error))
    except MemoryError:
        return _too_much_memory(folder)
    except ImportError:
        raise  # the installation is at fault, or too little memory to load the kernel: not the file
    except Exception as error:  # noqa: BLE001 - the kernel raises anything on damaged files
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return _refuse(
            folder,
            "unreadable",
            "The file could not be read; it is damaged. Export it again from the CAD system.",
        )
    _write(folder, analysis.to_json())
    return ANALYSED


def _at_its_limit() -> bool:
    """Whether this process has used all the address space that it may."""
    allowed, _hard = resource.getrlimit(resource.RLIMIT_AS)
    if allowed == resource.RLIM_INFINITY:
        return False
    lines = Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines()
    peak = next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmPeak:"))
    return peak >= allowed - CLOSE


def _too_much_memory(folder: Path) -> int:
    return _refuse(
        folder, "too_much_memory", "The file needs more memory than one part may use. Export it simpler."
    )


def _refuse(folder: Path, code: str, message: str) -> int:
    _write(folder, {"code": code, "message": message})
    return REFUSED


def _write(folder: Path, data: dict[str, Any]) -> None:
    unfinished = folder / (RESULT + ".part")
    unfinished.write_text(json.dumps(data), encoding="utf-8")
    unfinished.replace(folder / RESULT)
