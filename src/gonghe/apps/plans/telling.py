"""A running search as its job shows it: objective, bound and gap, and the wish to end it early."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.conf import settings
from django.utils.translation import gettext as _

from gonghe.apps.jobs.services import Run

REPORT_EVERY = 0.5
ASK_EVERY = 0.25
POINTS = 80  # of the small chart; beyond that every other one is left out
SEARCH_FROM, SEARCH_TO = 15, 85  # percent of a job that the search takes


class Teller:
    """Writes progress to the job: when something was found, else at most twice a second.

    A cancel leaves the search through it.
    """

    def __init__(self, run: Run, currency: str, most: int) -> None:
        self.run, self.currency, self.most = run, currency, most
        self.began = time.monotonic()
        self.told: float | None = None
        self.best: int | None = None
        self.trace: list[list[float]] = []

    def tell(self, objective: int, bound: int, iterations: int) -> None:
        """Note where the search stands; money in minor units."""
        now = time.monotonic()
        if self.best is None or objective < self.best:
            self.best = objective
            self._note(now, objective, bound)
        if self.told is not None and now - self.told < REPORT_EVERY:
            return
        self.told = now
        spent = (now - self.began) / max(settings.PLAN_SECONDS, 1)
        part = min(1.0, max(spent, iterations / self.most))
        gap = 100 * (objective - bound) / objective if objective else 0.0
        self.run.progress(
            SEARCH_FROM + int(part * (SEARCH_TO - SEARCH_FROM)),
            _("At most %(gap).1f %% could still be saved on the best plan so far.") % {"gap": gap},
            {
                "objective": objective,
                "bound": bound,
                "gap": round(gap, 1),
                "currency": self.currency,
                "trace": [*self.trace, [round(now - self.began, 2), objective, bound]],
            },
        )

    def _note(self, now: float, objective: int, bound: int) -> None:
        if len(self.trace) >= POINTS:
            self.trace = self.trace[::2]
        self.trace.append([round(now - self.began, 2), objective, bound])


def stopper(run: Run) -> Callable[[], bool]:
    """Asks the job whether the search is to end, a few times a second; a yes stays a yes."""
    asked, answer = float("-inf"), False

    def should_stop() -> bool:
        nonlocal asked, answer
        now = time.monotonic()
        if not answer and now - asked >= ASK_EVERY:
            asked, answer = now, run.should_finish()
        return answer

    return should_stop
