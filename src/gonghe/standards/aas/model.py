"""What is taken from a shell: a machine, what it can do, when it works."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

SUBMODEL = "https://admin-shell.io/idta/SubmodelTemplate"
NAMEPLATE = "https://admin-shell.io/idta/nameplate/3/0/Nameplate"
CAPABILITIES = f"{SUBMODEL}/CapabilityDescription/1/0"
CALENDAR = f"{SUBMODEL}/ProductionCalendar/1/0"
CAPABILITY = "https://admin-shell.io/idta/CapabilityDescription"
CALENDAR_FILE = "https://admin-shell.io/idta/ProductionCalendar/calendar/1/0"
PLANNING = "urn:gonghe:submodel:planning:1"
PROCESS = "urn:gonghe:process:"


@dataclass(frozen=True, slots=True)
class Limit:
    """What a capability says of a property: a range, open on one side if None, or words to choose from."""

    low: float | None = None
    high: float | None = None
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Offered:
    """A capability that a machine offers.

    Parameters
    ----------
    names
        What may tell the process, the surest first: a code, an idShort, words in any language.
    limits
        Property by idShort.
    covers_children
        Whether it stands for all kinds of the process; only shells written here say so.
    """

    names: tuple[str, ...]
    limits: Mapping[str, Limit] = field(default_factory=dict)
    covers_children: bool = False


@dataclass(frozen=True, slots=True)
class Machine:
    """A shell as far as it is used.

    Parameters
    ----------
    code, name
        The firm's own number of the machine, else the idShort; what it is called.
    calendar
        iCalendar file with its working hours.
    planning
        What only shells written here say, as text by key: site, calendar, released, operator_needed ...
    """

    code: str
    name: str
    offered: tuple[Offered, ...] = ()
    calendar: bytes | None = None
    planning: Mapping[str, str] = field(default_factory=dict)
