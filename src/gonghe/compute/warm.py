"""The owner's side of the warm parent: start it, ask it, start it again when it died, end it."""

from __future__ import annotations

import atexit
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from gonghe.compute.limits import Limits, environment
from gonghe.compute.nursery import SLOW

NURSERY = [sys.executable, "-I", "-m", "gonghe.compute.nursery"]
GRACE_SECONDS = 60.0
"""What the parent may take beyond the file's own time, to load the kernel or to answer."""

POLL_SECONDS = 0.1


class Unavailable(Exception):
    """There is no warm parent, or it died before it answered."""


class Stopped(Exception):
    """The caller asked to stop."""


class Warm:
    """One warm parent, shared by the threads of this process; a process forked from it gets its own."""

    def __init__(self, command: list[str] | None = None) -> None:
        self.command = command or NURSERY
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None

    @property
    def pid(self) -> int | None:
        """The parent's process, None while there is none."""
        return self._process.pid if self._process is not None else None

    def run(
        self, folder: Path, limits: Limits, pictures: list[str], should_stop: Callable[[], bool] | None = None
    ) -> int | None:
        """Have the file in a folder analysed by a new child.

        Returns
        -------
        int or None
            Exit status of the child (negative: killed by that signal), None when it ran out of time.

        Raises
        ------
        Unavailable
            When there is no parent, or it died or fell silent.
        Stopped
            When ``should_stop`` said so; the child is killed.
        """
        mine, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with mine:
            with theirs:
                control = self._ask(
                    json.dumps(
                        {"folder": str(folder), "limits": asdict(limits), "pictures": pictures}
                    ).encode(),
                    theirs,
                )
            answer = _wait(mine, limits.wall_seconds + GRACE_SECONDS, should_stop)
        if not answer:
            self._drop(control)
            raise Unavailable("the warm parent died")
        return None if answer == SLOW else int(answer)

    def close(self) -> None:
        """End the parent and its children."""
        with self._lock:
            self._end()

    def forget(self) -> None:
        """Leave the parent to the process this one was forked from."""
        self._lock = threading.Lock()
        if self._control is not None:
            self._control.close()
        if self._process is not None:
            self._process.returncode = 0  # it is no child of this process: there is nothing to wait for
        self._process = self._control = None

    def _ask(self, message: bytes, reply: socket.socket) -> socket.socket:
        with self._lock:
            if self._process is None or self._process.poll() is not None:
                self._end()
                self._start()
            control = self._control
            if control is None:
                raise Unavailable("the warm parent did not start")
            try:
                socket.send_fds(control, [message], [reply.fileno()])
            except OSError as error:
                self._end()
                raise Unavailable("the warm parent died") from error
            return control

    def _start(self) -> None:
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._control.settimeout(GRACE_SECONDS)
        with theirs:
            try:
                self._process = subprocess.Popen(  # noqa: S603 - fixed command
                    [*self.command, str(theirs.fileno()), str(os.getpid())],
                    cwd="/",
                    env=environment(Path("/")),
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    start_new_session=True,
                    pass_fds=[theirs.fileno()],
                )
            except OSError as error:
                self._end()
                raise Unavailable("the warm parent could not be started") from error

    def _drop(self, control: socket.socket) -> None:
        with self._lock:
            if self._control is control:
                self._end()

    def _end(self) -> None:
        if self._control is not None:
            self._control.close()
        if self._process is not None:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(5)
            self._process.kill()
            self._process.wait()
        self._process = self._control = None


def _wait(reply: socket.socket, seconds: float, should_stop: Callable[[], bool] | None) -> str:
    """The answer; empty when the parent died or fell silent."""
    end = time.monotonic() + seconds
    reply.settimeout(POLL_SECONDS if should_stop else seconds)
    while time.monotonic() < end:
        try:
            return reply.recv(64).decode()
        except TimeoutError:
            if should_stop and should_stop():
                raise Stopped from None
        except ConnectionError:
            break
    return ""


shared = Warm()
atexit.register(shared.close)
os.register_at_fork(after_in_child=shared.forget)
