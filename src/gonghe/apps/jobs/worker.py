"""Threads that take jobs from the table and keep the event chain moving."""

from __future__ import annotations

import logging
import threading

from django.db import close_old_connections, connection

from gonghe.apps.audit.services import catch_up
from gonghe.apps.jobs.services import do_regular, work_once

log = logging.getLogger(__name__)
PAUSE_SECONDS = 0.5


class Workers:
    """A number of worker threads."""

    def __init__(self, count: int) -> None:
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._work, name=f"gonghe-worker-{number}", daemon=True)
            for number in range(count)
        ]

    def start(self) -> None:
        """Begin to work."""
        for thread in self._threads:
            thread.start()

    def stop(self, timeout: float = 5.0) -> None:
        """Finish the present job, at most `timeout` seconds long; its lease lets another take it over."""
        self._stop.set()
        for thread in self._threads:
            thread.join(timeout)

    def _work(self) -> None:
        while not self._stop.is_set():
            busy = False
            try:
                close_old_connections()
                busy = work_once()
                if not busy:
                    do_regular()
                    catch_up()
            except Exception:
                log.exception("a worker stumbled and goes on")
            if not busy:
                connection.close()
                self._stop.wait(PAUSE_SECONDS)
