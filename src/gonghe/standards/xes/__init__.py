"""Event logs in XES (IEEE 1849), read as the same rows as a production log."""

from gonghe.standards.xes.reader import MAX_FILE_BYTES, read

__all__ = ["MAX_FILE_BYTES", "read"]
