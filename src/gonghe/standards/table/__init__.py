"""A table as firms have it: comma-separated text of any encoding and separator, with any column names."""

from gonghe.standards.table.reader import (
    MAX_BYTES,
    MAX_COLUMNS,
    MAX_ROWS,
    Table,
    TableError,
    TableRow,
    read,
)

__all__ = ["MAX_BYTES", "MAX_COLUMNS", "MAX_ROWS", "Table", "TableError", "TableRow", "read"]
