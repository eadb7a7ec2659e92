"""Why a file of administration shells cannot be used."""

from __future__ import annotations


class AasError(ValueError):
    """The file cannot be used; `code` names why.

    AasError
    ├── NotAasError       it is neither AAS JSON nor an AASX package
    ├── DamagedError      it is one, but a part of it is broken or missing
    ├── XmlError          its shells are written as XML, which is not read here
    ├── TooBigError       it is, or unpacks to, more than any firm's machines need
    └── NoMachineError    there is no shell in it
    """

    code = "aas"


class NotAasError(AasError):
    """It is neither AAS JSON nor an AASX package."""

    code = "not_aas"


class DamagedError(AasError):
    """It is one, but a part of it is broken or missing."""

    code = "damaged"


class XmlError(AasError):
    """Its shells are written as XML, which is not read here."""

    code = "xml"


class TooBigError(AasError):
    """It is, or unpacks to, more than any firm's machines need."""

    code = "too_big"


class NoMachineError(AasError):
    """There is no shell in it."""

    code = "no_machine"
