"""Production log of a workshop: CSV of set-up, run and breakdown reports."""

from gonghe.standards.eventlog.reader import read
from gonghe.standards.eventlog.rows import EventLogError, EventLogUnreadable, Kind, LineError, Log, LogRow

__all__ = ["EventLogError", "EventLogUnreadable", "Kind", "LineError", "Log", "LogRow", "read"]
