"""What a disposable child may use, and how it locks itself in before it touches anything."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
from dataclasses import dataclass
from pathlib import Path

CLONE_NEWNET = 0x40000000
CLONE_NEWUSER = 0x10000000
PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_NO_NEW_PRIVS = 38


@dataclass(frozen=True, slots=True)
class Limits:
    """Caps for one file.

    Parameters
    ----------
    memory_bytes : int
        Address space of the child.
    cpu_seconds, wall_seconds : int
        Processor time, and time on the clock.
    file_bytes : int
        Largest input, and largest file the child may write.
    """

    memory_bytes: int = 4 * 2**30
    cpu_seconds: int = 120
    wall_seconds: int = 180
    file_bytes: int = 512 * 2**20

    def __post_init__(self) -> None:
        if min(self.memory_bytes, self.cpu_seconds, self.wall_seconds, self.file_bytes) <= 0:
            raise ValueError("limits must be positive")


def confine(limits: Limits) -> None:
    """Apply the limits to this process, for good: memory, time, file size, no core dump, no network, no new
    rights.

    The child dies with its parent. Cutting the network needs the right to make a network namespace: root has
    it, and so has everyone where the kernel allows user namespaces. Where neither holds the child keeps the
    parent's network; the CAD kernel opens no connections by itself.
    """
    for kind, value in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_AS, limits.memory_bytes),
        (resource.RLIMIT_FSIZE, limits.file_bytes),
        (resource.RLIMIT_NOFILE, 256),
    ):
        resource.setrlimit(kind, (value, value))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_seconds, limits.cpu_seconds + 2))
    os.umask(0o077)
    kernel = ctypes.CDLL(None, use_errno=True)
    kernel.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
    cut_network(kernel)
    kernel.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    kernel.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def cut_network(kernel: ctypes.CDLL) -> bool:
    """Move this process to an empty network namespace; whether that was allowed."""
    return any(kernel.unshare(flags) == 0 for flags in (CLONE_NEWNET, CLONE_NEWUSER | CLONE_NEWNET))


def environment(folder: Path) -> dict[str, str]:
    """What a child sees of the parent's environment: nothing but where to find programs."""
    return {
        "PATH": "/usr/bin:/bin",
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "LANG": "C.UTF-8",
        "PYTHONDONTWRITEBYTECODE": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
    }
