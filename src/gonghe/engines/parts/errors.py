"""What can go wrong with a CAD file.

::

    PartError
    ├── UnknownFormat      not one of the formats we read
    ├── TooLarge           a size, entity, triangle or unpacked-size cap is exceeded
    ├── ForeignReference   the file points at other files
    ├── UnreadableFile     the format's own reader rejects it
    └── NoSolid            nothing in it that can be made: empty, open or without volume
"""

from __future__ import annotations


class PartError(Exception):
    """A CAD file cannot be analysed; the message says why and what to do.

    ``code`` is the machine-readable reason.
    """

    code = "part_error"


class UnknownFormat(PartError):
    """The content is none of the formats that can be read."""

    code = "unknown_format"


class TooLarge(PartError):
    """A cap on size, entities, triangles or unpacked size is exceeded."""

    code = "too_large"


class ForeignReference(PartError):
    """The file refers to other files, which are never followed."""

    code = "foreign_reference"


class UnreadableFile(PartError):
    """The format's own reader rejects the content."""

    code = "unreadable"


class NoSolid(PartError):
    """There is nothing in the file that has a volume."""

    code = "no_solid"
