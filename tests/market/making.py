"""A call for 60 brackets (mill, then grind) and firms that can bid on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache

from tests import factories

from gonghe.apps.capacity.models import Calendar, Equipment, Rate
from gonghe.apps.market import sealing
from gonghe.apps.market import services as market
from gonghe.apps.market.models import Call
from gonghe.apps.market.offers import BidItemIn
from gonghe.apps.members import access as members
from gonghe.apps.members.acting import Acting
from gonghe.apps.members.models import Organization, Role
from gonghe.apps.orders import services as orders
from gonghe.apps.orders.models import Operation, Order
from gonghe.apps.orders.services import LineIn, OperationIn
from gonghe.apps.principal import SYSTEM
from gonghe.apps.technology.models import Capability

NOW = datetime(2026, 3, 5, 2, 0, tzinfo=UTC)
CLOSES = datetime(2026, 3, 11, 8, 0, tzinfo=UTC)
AFTER = datetime(2026, 3, 11, 8, 0, 1, tzinfo=UTC)
VALID = datetime(2026, 3, 20, 8, 0, tzinfo=UTC)
PASSPHRASE = "brass gauge block"

__all__ = ["SYSTEM", "Decimal", "Scene"]


@cache
def key_file() -> tuple[bytes, str]:
    """The office's key file and its public key."""
    return sealing.new_key_file(PASSPHRASE)


def private_key() -> bytes:
    """The office's private key, as it is when its file is opened."""
    return sealing.read_key_file(key_file()[0], PASSPHRASE)


@dataclass(slots=True)
class Scene:
    """A call of lanshan to hengda (owner) and fenghua (peer); ruian was not invited."""

    call: Call
    order: Order
    milling: Operation
    grinding: Operation
    machine: Equipment
    owner: Acting
    peer: Acting
    buyer: Acting
    office: Acting

    def offer(self, price: str = "18765.43", **changes: object) -> list[BidItemIn]:
        """What hengda offers for milling on its own machine."""
        values: dict[str, object] = {
            "operation_id": self.milling.pk,
            "price": Decimal(price),
            "duration_s": 36_000,
            "equipment_id": self.machine.pk,
        }
        return [BidItemIn(**(values | changes))]  # type: ignore[arg-type]

    def window_offer(self, price: str = "17111.11") -> list[BidItemIn]:
        """What fenghua, which keeps its calendar elsewhere, offers for milling."""
        return [
            BidItemIn(
                self.milling.pk,
                Decimal(price),
                36_000,
                earliest=datetime(2026, 3, 12, 0, 0, tzinfo=UTC),
                latest=datetime(2026, 3, 14, 10, 0, tzinfo=UTC),
            )
        ]


def scene(people: factories.People) -> Scene:
    """Open the call at NOW."""
    factories.firm("fenghua", "Fenghua Turning")
    peer = factories.person("fenghua", "fenghua-owner", Role.OWNER)
    machine = mill(people.owner)
    market.register_key_holder(people.office, people.office.organization, key_file()[1])
    order = an_order(people.buyer)
    call = open_call(people.buyer, order, people.owner.organization, peer.organization)
    milling, grinding = Operation.objects.filter(line__order=order)
    return Scene(call, order, milling, grinding, machine, people.owner, peer, people.buyer, people.office)


def an_order(acting: Acting) -> Order:
    """60 brackets: mill, then grind."""
    steps = (
        OperationIn("milling-3axis", "Mill", {"material_group": "steel"}, setup_s=3600, run_s=600, number=10),
        OperationIn("grinding", "Grind", {"material_group": "steel"}, setup_s=1800, run_s=300, number=20),
    )
    line = LineIn(part="LP-40", name="Bearing bracket", quantity=60, operations=steps)
    site = members.own_sites(acting)[0]
    return orders.create_order(
        acting, title="Pump LP-40", due=date(2026, 3, 18), destination=site, lines=[line]
    )


def open_call(acting: Acting, order: Order, *firms: Organization) -> Call:
    """Invite firms until CLOSES."""
    return market.open_call(
        acting, order, organizations=firms, closes_at=CLOSES, bids_valid_until=VALID, note="Deburr all edges."
    )


def mill(acting: Acting, *, released: bool = True) -> Equipment:
    """A milling machine at 300 an hour and 120 a set-up, open on weekdays from 8 to 16."""
    weekly = [[weekday, "08:00", "16:00"] for weekday in range(5)]
    calendar = Calendar.objects.create(organization=acting.organization, code="day", weekly=weekly)
    machine = Equipment.objects.create(
        organization=acting.organization,
        site=members.own_sites(acting)[0],
        code="M3",
        name="Machining centre",
        calendar=calendar,
        released=released,
    )
    can = Capability.objects.create(
        organization=acting.organization,
        process="milling-3axis",
        constraints={"material_group": {"set": ["steel", "aluminium"]}},
    )
    machine.capabilities.add(can)
    Rate.objects.create(equipment=machine, per_hour=Decimal(300), per_setup=Decimal(120), published=True)
    return machine
