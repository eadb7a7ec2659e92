"""Who acts: the only thing services need to know of a request."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Principal:
    """One person (as a digest that can be forgotten) acting for one organisation.

    `actor` is a salted digest, "system" for the installation itself.
    """

    actor: str
    organization_id: UUID | None
    roles: frozenset[str] = field(default_factory=frozenset)
    via: str = "web"


SYSTEM = Principal(actor="system", organization_id=None, via="system")
