"""An order of 60 brackets (mill, then grind), three workshops that can make it, and their bids.

Thursday 5 March 2026, 10:00 in Shanghai. Every machine works on weekdays from 08:00 to 16:00.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from tests import factories
from tests.market.making import key_file, private_key

from gonghe.apps.capacity import services as capacity
from gonghe.apps.capacity.models import Equipment
from gonghe.apps.market import services as market
from gonghe.apps.market.models import Call
from gonghe.apps.market.offers import BidItemIn
from gonghe.apps.members import access as members
from gonghe.apps.members import services as member_services
from gonghe.apps.members.acting import Acting
from gonghe.apps.members.models import Role
from gonghe.apps.orders import services as orders
from gonghe.apps.orders.models import Operation, Order
from gonghe.apps.orders.services import LineIn, OperationIn
from gonghe.apps.plans.awarding import solve_award
from gonghe.apps.plans.models import Plan
from gonghe.apps.technology import services as technology

NOW = datetime(2026, 3, 5, 2, 0, tzinfo=UTC)
DUE = date(2026, 3, 18)
WEEKDAYS = [[day, "08:00", "16:00"] for day in range(5)]
HENGDA = (Decimal("28.00120"), Decimal("120.65740"))


def shanghai(day: int, clock_time: str) -> datetime:
    """A moment of March 2026 by the wall clock of Shanghai (UTC+8)."""
    hour, minute = (int(part) for part in clock_time.split(":"))
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC) - timedelta(hours=8)


@dataclass(slots=True)
class Scene:
    """hengda mills at 300 an hour, mingde too but at 360; fenghua, next door to hengda, grinds at 200."""

    order: Order
    milling: Operation
    grinding: Operation
    mill: Equipment
    peer_mill: Equipment
    grinder: Equipment
    owner: Acting
    peer: Acting
    fenghua: Acting
    buyer: Acting
    rival: Acting
    office: Acting

    @property
    def winners(self) -> list[Acting]:
        """People of the firms that hold contracts after the award."""
        return [self.owner, self.fenghua]

    def call(self, order: Order | None = None) -> Call:
        """Bids of hengda (milling, 3,300) and fenghua (grinding, 1,100), opened as soon as both are there."""
        wanted = order or self.order
        milling, grinding = Operation.objects.filter(line__order=wanted).order_by("number")
        call = market.open_call(
            self.buyer,
            wanted,
            organizations=[self.owner.organization, self.fenghua.organization],
            closes_at=NOW + timedelta(days=1),
            bids_valid_until=NOW + timedelta(days=10),
        )
        market.submit_bid(self.owner, call, [self.bid(milling, self.mill, "3300.00", 41_400)])
        market.submit_bid(self.fenghua, call, [self.bid(grinding, self.grinder, "1100.00", 20_700)])
        market.open_bids(private_key(), self.office, call)
        return Call.objects.select_related("order__organization", "order__destination").get(pk=call.pk)

    def bid(self, operation: Operation, machine: Equipment, price: str, seconds: int) -> BidItemIn:
        """An offer on a machine that the planner may see."""
        return BidItemIn(operation.pk, Decimal(price), seconds, equipment_id=machine.pk)

    def proposed(self, order: Order | None = None) -> Plan:
        """The plan worked out from the opened bids."""
        return solve_award(self.buyer.principal, self.call(order))


def scene(people: factories.People) -> Scene:
    """Firms, machines and the order."""
    peer = _neighbour("mingde", "Mingde Milling", Decimal("28.10000"))
    fenghua = _neighbour("fenghua", "Fenghua Grinding", HENGDA[0])
    market.register_key_holder(people.office, people.office.organization, key_file()[1])
    order = an_order(people.buyer)
    milling, grinding = Operation.objects.filter(line__order=order).order_by("number")
    return Scene(
        order=order,
        milling=milling,
        grinding=grinding,
        mill=machine(people.owner, "M1", "milling-3axis", "300", "120"),
        peer_mill=machine(peer, "M5", "milling-3axis", "360", "0"),
        grinder=machine(fenghua, "G1", "grinding", "200", "0"),
        owner=people.owner,
        peer=peer,
        fenghua=fenghua,
        buyer=people.buyer,
        rival=people.rival,
        office=people.office,
    )


def an_order(acting: Acting, due: date = DUE, **line: Any) -> Order:
    """62 pieces to start: milling takes 3,600 + 62 x 600 s, grinding 1,800 + 62 x 300 s."""
    steps = (
        OperationIn("milling-3axis", "Mill", {"material_group": "steel"}, setup_s=3600, run_s=600, number=10),
        OperationIn("grinding", "Grind", {"material_group": "steel"}, setup_s=1800, run_s=300, number=20),
    )
    wanted = LineIn(part="LP-40", name="Bearing bracket", quantity=60, operations=steps, **line)
    site = members.own_sites(acting)[0]
    order = orders.create_order(acting, title="Pump LP-40", due=due, destination=site, lines=[wanted])
    return Order.objects.select_related("organization", "destination").get(pk=order.pk)


def machine(
    acting: Acting, code: str, process: str, per_hour: str, per_setup: str, *, published: bool = True
) -> Equipment:
    """A machine for steel on weekdays from 08:00 to 16:00, its rate an open offer."""
    calendar = capacity.save_calendar(acting, code=f"day-{code}", weekly=WEEKDAYS)
    can = technology.save_capability(
        acting, process=process, constraints={"material_group": {"set": ["steel"]}}
    )
    found = capacity.save_equipment(
        acting,
        code=code,
        name=process,
        site=members.own_sites(acting)[0],
        calendar=calendar,
        capabilities=[can],
    )
    capacity.save_rate(
        acting, found, per_hour=Decimal(per_hour), per_setup=Decimal(per_setup), published=published
    )
    return found


def _neighbour(slug: str, name: str, latitude: Decimal) -> Acting:
    factories.firm(slug, name)
    acting = factories.person(slug, f"{slug}-owner", Role.OWNER)
    member_services.save_site(
        acting, code="main", name=f"{name} works", latitude=latitude, longitude=HENGDA[1]
    )
    return acting
