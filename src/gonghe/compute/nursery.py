"""A parent that has loaded the CAD kernel once and forks one disposable child for every file.

``python -m gonghe.compute.nursery SOCKET OWNER``: ``SOCKET`` is the number of an inherited socket, ``OWNER``
the process that asks. It never opens a file itself, so nothing of one file reaches the next; it runs no
threads, so that a fork copies a process at rest; and it ends with its owner, also when that is killed.

A request is one message, JSON with ``folder``, ``limits`` and ``pictures``, and a socket for the answer: the
child's exit status (negative: killed by that signal), or ``slow``. Closing that socket kills the child.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import json
import os
import selectors
import signal
import socket
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from gonghe.compute.child import analyse_here
from gonghe.compute.limits import Limits, confine, environment

IDLE_SECONDS = 600.0
"""After so long without a request the parent ends and gives its memory back; the next file starts another."""

SLOW = "slow"
PR_SET_CHILD_SUBREAPER = 36
LARGEST_REQUEST = 65536

Work = Callable[[Path, set[str]], int]


@dataclass(frozen=True, slots=True)
class _Child:
    pid: int
    handle: int
    reply: socket.socket
    deadline: float


class Nursery:
    """The loop of the parent.

    Parameters
    ----------
    control : socket
        Where requests come from; its end is the end of this process.
    owner : int
        The process at the other side.
    work : callable
        What a child does in its folder with the names of the pictures wanted; gives its exit status.
    """

    def __init__(self, control: socket.socket, owner: int, work: Work = analyse_here) -> None:
        self._control, self._work = control, work
        self._children: dict[int, _Child] = {}
        self._events = selectors.DefaultSelector()
        self._events.register(control, selectors.EVENT_READ, self._take)
        self._events.register(os.pidfd_open(owner), selectors.EVENT_READ, self._leave)
        if os.getppid() != owner:  # it ended before it could be watched
            self._leave()
        self._self = os.getpid()

    def serve(self) -> NoReturn:
        """Answer requests for ever."""
        used = time.monotonic()
        while True:
            for key, _ in self._events.select(self._patience(used)):
                key.data()
                used = time.monotonic()
            now = time.monotonic()
            for child in [child for child in self._children.values() if child.deadline <= now]:
                self._finish(child, SLOW)
            if not self._children and now - used >= IDLE_SECONDS:
                self._leave()

    def _patience(self, used: float) -> float:
        ends = [child.deadline for child in self._children.values()] or [used + IDLE_SECONDS]
        return max(0.0, min(ends) - time.monotonic())

    def _take(self) -> None:
        message, sockets, _flags, _address = socket.recv_fds(self._control, LARGEST_REQUEST, 1)
        if not message or not sockets:
            self._leave()
        reply = socket.socket(fileno=sockets[0])
        request = json.loads(message)
        limits = Limits(**request["limits"])
        pid = os.fork()
        if pid == 0:
            self._live(Path(request["folder"]), limits, set(request["pictures"]))
        child = _Child(pid, os.pidfd_open(pid), reply, time.monotonic() + limits.wall_seconds)
        self._children[pid] = child
        self._events.register(child.handle, selectors.EVENT_READ, lambda: self._finish(child))
        self._events.register(child.reply, selectors.EVENT_READ, lambda: self._finish(child, SLOW))

    def _live(self, folder: Path, limits: Limits, pictures: set[str]) -> NoReturn:
        """The whole life of a child."""
        status = 1
        try:
            os.setsid()
            _move_in(folder)
            confine(limits)
            if os.getppid() == self._self:
                status = self._work(folder, pictures)
        except BaseException:  # noqa: BLE001 - whatever it is must not run on in a copy of the parent
            traceback.print_exc()
        finally:
            with contextlib.suppress(OSError, ValueError):
                sys.stderr.flush()
            # the kernel's own clean-up may crash on damaged models: the result is written, so leave at once
            os._exit(status)

    def _finish(self, child: _Child, answer: str | None = None) -> None:
        """Kill what is left of a child, and answer for it."""
        if self._children.pop(child.pid, None) is None:
            return
        self._events.unregister(child.handle)
        self._events.unregister(child.reply)
        status = _end(child.pid)
        os.close(child.handle)
        _end_orphans(set(self._children))
        with child.reply, contextlib.suppress(OSError):
            child.reply.send((answer or str(status)).encode())

    def _leave(self) -> NoReturn:
        for pid in self._children:
            _end(pid)
        _end_orphans(set())
        os._exit(0)


def _move_in(folder: Path) -> None:
    """Leave everything of the parent behind but the loaded modules: files, working folder, environment."""
    nothing, log = os.open(os.devnull, os.O_RDWR), os.open(folder / "log", os.O_WRONLY | os.O_CREAT, 0o600)
    for source, target in ((nothing, 0), (nothing, 1), (log, 2)):
        os.dup2(source, target)
    os.closerange(3, 1 << 20)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment(folder))
    tempfile.tempdir = None


def _end(pid: int) -> int:
    """Kill a child with its session and take its exit status."""
    for kill in (os.killpg, os.kill):
        with contextlib.suppress(ProcessLookupError):
            kill(pid, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def _end_orphans(known: set[int]) -> None:
    """Kill grandchildren that left their session: as the nearest reaper this process inherits them."""
    listed = Path(f"/proc/self/task/{os.getpid()}/children")
    with contextlib.suppress(OSError):
        while strays := {int(pid) for pid in listed.read_text().split()} - known:
            for pid in strays:
                _end(pid)


def serve(arguments: list[str], work: Work = analyse_here) -> NoReturn:
    """Load the kernel and serve; ``arguments`` are the number of the socket and the owner's process."""
    control = socket.socket(fileno=int(arguments[0]))
    control.set_inheritable(False)
    nursery = Nursery(control, int(arguments[1]), work)
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    load()
    gc.collect()
    gc.freeze()
    nursery.serve()


def load() -> None:
    """Import all that an analysis uses; what fails to load here fails again in the child, which says so."""
    for name in ("analysis", "dxf", "facets", "glb", "raster", "solid", "stl", "threemf"):
        with contextlib.suppress(ImportError):
            importlib.import_module(f"gonghe.engines.parts.{name}")


if __name__ == "__main__":
    serve(sys.argv[1:])
