"""The one clock that services read, so that a demonstration or a test can tell its own time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

_told: ContextVar[datetime | None] = ContextVar("gonghe_told_time", default=None)


def now() -> datetime:
    """Aware UTC time: the time told by :func:`telling`, else the machine's."""
    return _told.get() or datetime.now(UTC)


@contextmanager
def telling(moment: datetime) -> Iterator[None]:
    """Let :func:`now` answer `moment` within the block.

    Raises
    ------
    ValueError
        If `moment` has no time zone.
    """
    if moment.tzinfo is None:
        raise ValueError("A told time needs a time zone, for example datetime(..., tzinfo=UTC).")
    token = _told.set(moment.astimezone(UTC))
    try:
        yield
    finally:
        _told.reset(token)
