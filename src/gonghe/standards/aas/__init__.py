"""Asset Administration Shells (AAS metamodel 3, JSON and AASX): machines, their capabilities and calendars.

Read and written: Digital Nameplate (IDTA 02006), Capability Description (IDTA 02020), Production Calendar
(IDTA 02067). Everything else in a shell is left alone.
"""

from gonghe.standards.aas.errors import (
    AasError,
    DamagedError,
    NoMachineError,
    NotAasError,
    TooBigError,
    XmlError,
)
from gonghe.standards.aas.model import Limit, Machine, Offered
from gonghe.standards.aas.package import MAX_BYTES
from gonghe.standards.aas.reader import read
from gonghe.standards.aas.writer import environment, write_aasx, write_json

__all__ = [
    "MAX_BYTES",
    "AasError",
    "DamagedError",
    "Limit",
    "Machine",
    "NoMachineError",
    "NotAasError",
    "Offered",
    "TooBigError",
    "XmlError",
    "environment",
    "read",
    "write_aasx",
    "write_json",
]
