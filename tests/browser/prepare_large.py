"""The cluster of `prepare` with one large order in force: its re-plan takes long enough to watch.

Run like `prepare`; prints the same, and the order's plan.
"""

from __future__ import annotations

import json
import sys
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import prepare

from gonghe import clock
from gonghe.apps.capacity.models import Equipment
from gonghe.apps.market import sealing
from gonghe.apps.market import services as market
from gonghe.apps.market.models import Call
from gonghe.apps.market.offers import BidItemIn
from gonghe.apps.members import access as members
from gonghe.apps.members.acting import Acting, find_acting
from gonghe.apps.orders import services as orders
from gonghe.apps.orders.models import Operation, Order
from gonghe.apps.orders.services import LineIn, OperationIn
from gonghe.apps.plans import services as plans
from gonghe.apps.plans.awarding import solve_award
from gonghe.apps.plans.models import Plan
from gonghe.apps.principal import SYSTEM

LINES = 36
STEPS = (("saw", "Saw", 900), ("milling-3axis", "Mill", 5400), ("deburring", "Deburr", 900))
STEEL = {"material_group": "steel"}


def main(folder: Path) -> dict[str, object]:
    """The cluster with its plan in force."""
    told = prepare.main(folder)
    plan = _in_force(_order(_person("buyer", "lanshan")), folder, str(told["passphrase"]))
    return told | {"plan": str(plan.pk)}


def _person(role: str, slug: str) -> Acting:
    return find_acting(members.person_by_email(f"{role}@{slug}.example"), slug)


def _order(buyer: Acting) -> Order:
    """Lines of one to twelve hours of milling each."""
    lines = [
        LineIn(
            part=f"P-{number:02}",
            name=f"支架 {number}",
            quantity=1 + number % 4,
            operations=tuple(
                OperationIn(
                    process, name, STEEL, setup_s=1800, run_s=run + 600 * (number % 5), number=10 * at
                )
                for at, (process, name, run) in enumerate(STEPS, start=1)
            ),
        )
        for number in range(LINES)
    ]
    due = (clock.now() + timedelta(days=5)).date()
    site = members.own_sites(buyer)[0]
    made = orders.create_order(buyer, title="Brackets", due=due, destination=site, lines=lines)
    return Order.objects.select_related("organization", "destination").get(pk=made.pk)


def _in_force(order: Order, folder: Path, passphrase: str) -> Plan:
    """One bid for one operation opens the call; price lists do the rest."""
    buyer, owner = _person("buyer", "lanshan"), _person("owner", "hengda")
    call = market.open_call(
        buyer,
        order,
        organizations=[owner.organization],
        closes_at=clock.now() + timedelta(hours=2),
        bids_valid_until=clock.now() + timedelta(days=10),
    )
    first = Operation.objects.filter(line__order=order, name="Mill").order_by("line__number")[0]
    machine = Equipment.objects.get(organization=owner.organization, code="M3")
    market.submit_bid(owner, call, [BidItemIn(first.pk, Decimal(400), 7200, equipment_id=machine.pk)])
    key = sealing.read_key_file((folder / "office.key").read_bytes(), passphrase)
    market.open_bids(key, _person("office", "office"), call)
    opened = Call.objects.select_related("order__organization", "order__destination").get(pk=call.pk)
    return plans.accept_award(buyer, solve_award(SYSTEM, opened))


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]))))
