"""The loop once: an order goes through the cluster; every figure is read from the database."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from cluster import PASSPHRASE, Cluster
from floor import Floor

from gonghe import clock
from gonghe.apps.capacity.matching import Candidate, candidates
from gonghe.apps.jobs import services as jobs
from gonghe.apps.market import sealing
from gonghe.apps.market import services as market
from gonghe.apps.market.models import BidItem, Call, ContractItem
from gonghe.apps.market.services import BidItemIn
from gonghe.apps.market.suggest import suggest
from gonghe.apps.members.models import Organization, Role
from gonghe.apps.orders import services as orders
from gonghe.apps.orders.models import Operation, Order, OrderLine
from gonghe.apps.orders.services import LineIn
from gonghe.apps.plans import services as plans
from gonghe.apps.plans.models import Assignment, Consent, Plan
from gonghe.apps.workshop import settling
from gonghe.apps.workshop.models import Handover, JobOrder, Settlement

ZONE = ZoneInfo("Asia/Shanghai")
Tell = Callable[[str], None]


class Loop:
    """One order from drawing to settlement; `report` is what the command prints as JSON."""

    def __init__(self, cluster: Cluster, buyer: str, tell: Tell) -> None:
        self.cluster = cluster
        self.buyer = cluster.buyer(buyer)
        self.tell = tell
        self.report: dict[str, Any] = {}
        self.order: Order
        self.call: Call

    def place(self, title: str, due: date, lines: list[LineIn], added: dict[str, Any]) -> Order:
        """Station 2: the order with its drawings, read and routed."""
        destination = self.buyer.organization.sites.get()
        self.order = orders.create_order(
            self.buyer, title=title, due=due, destination=destination, lines=lines
        )
        jobs.run_until_idle()
        for line in OrderLine.objects.filter(order=self.order).select_related("revision__part"):
            for operation in added.get(line.revision.part.number, ()):
                orders.save_operation(self.buyer, line, operation)
        jobs.run_until_idle()
        self.order.refresh_from_db()
        lines_read = list(self.order.lines.select_related("revision__part", "revision__drawing"))
        self.report["order"] = {
            "code": self.order.code,
            "title": title,
            "due": due.isoformat(),
            "lines": len(lines_read),
            "indicative": self.order.indicative,
        }
        self.report["parts"] = [_part(line) for line in lines_read if line.revision.drawing]
        self.tell(
            f"{self.order.code}: {_count(len(lines_read), 'line')}, "
            f"{_count(self._steps().count(), 'operation')}."
        )
        for part in self.report["parts"]:
            self.tell(f"  {part['file']}: {_shape(part)}")
        return self.order

    def match(self) -> list[Organization]:
        """Station 3: who can make each operation, and who nearly can."""
        found: dict[Any, Organization] = {}
        self.report["candidates"] = []
        for operation in self._steps():
            able = candidates(self.buyer.organization, operation.requirement)
            can = [one for one in able if one.verdict == "can"]
            found |= {one.organization.pk: one.organization for one in can}
            self.report["candidates"].append(_matched(operation, able))
        self.tell(f"{_count(len(found), 'workshop')} can make at least one operation.")
        return sorted(found.values(), key=lambda one: one.slug)

    def bid(self, invited: list[Organization], days: int = 2, silent: str = "") -> Call:
        """Station 4: a sealed call; every invited workshop but the silent one answers by its own rates."""
        closes = clock.now() + timedelta(days=days)
        self.call = market.open_call(
            self.buyer,
            self.order,
            lines=list(self.order.lines.all()),
            organizations=invited,
            closes_at=closes,
            bids_valid_until=closes + timedelta(days=30),
        )
        asked = [one.slug for one in invited if one.slug != silent]
        answered = [slug for slug in asked if self._answer(slug)]
        self.tell(
            f"{_count(len(answered), 'sealed bid')} came in; "
            f"nobody can read any before {closes:%d %B %H:%M} UTC."
        )
        return self.call

    def _answer(self, slug: str) -> bool:
        acting = self.cluster.owner(slug)
        items = []
        for number, one in enumerate(suggest(acting, self.call)):
            if one.best is None or one.best.cost is None:
                continue
            # What a firm asks beyond its cost differs from firm to firm and job to job.
            margin = 104 + (sum(slug.encode()) + 7 * number) % 12
            items.append(
                BidItemIn(
                    operation_id=one.operation.pk,
                    price=(one.best.cost * margin / 100).quantize(Decimal("0.01")),
                    duration_s=one.duration_s,
                    equipment_id=one.best.equipment.pk,
                )
            )
        if items:
            market.submit_bid(acting, self.call, items)
        return bool(items)

    def open_bids(self) -> None:
        """The neutral key holder opens, together with the platform, after closing."""
        office = self.cluster.office
        assert office is not None
        key = sealing.read_key_file(self.cluster.key_file, PASSPHRASE)
        market.open_bids(key, self.cluster.acting[office.slug, Role.OFFICE], self.call)
        self.call.refresh_from_db()
        items = BidItem.objects.filter(bid__call=self.call).select_related("bid__organization", "operation")
        self.report["bids"] = [
            {
                "organization": item.bid.organization.slug,
                "operation": _name(item.operation),
                "price": str(item.price),
            }
            for item in items
        ]
        self.tell(f"The office and the platform opened {_count(self.call.bids.count(), 'bid')} together.")

    def propose(self) -> Plan:
        """The joint plan of the opened bids, checked by someone else than its maker."""
        job = plans.propose_award(self.buyer, self.call)
        jobs.run_until_idle()
        job.refresh_from_db()
        if job.result is None:
            raise RuntimeError(f"The plan was not made: {job.message}")
        return Plan.objects.select_related("order", "call").get(pk=job.result["plan"])

    def award(self) -> Plan:
        """Station 5: the joint plan becomes award and promise."""
        plan = self.propose()
        plans.accept_award(self.buyer, plan)
        plan.refresh_from_db()
        self.order.refresh_from_db()
        rows = list(plan.assignments.select_related("operation", "organization", "equipment__site"))
        self.report["award"] = _award(self.order)
        self.report["plan"] = [_row(row) for row in rows]
        self.report["sites_used"] = len({row.equipment.site_id for row in rows if row.equipment})
        self.report["promise"] = _promise(plan)
        self.report["cost"] = {"total": plan.cost["total"], "bound": plan.bound}
        self.report["verified"] = plan.verified
        for row in rows:
            self.tell(
                f"  {_name(row.operation)}: {row.organization.name_en}, "
                f"{row.start.astimezone(ZONE):%a %d %b %H:%M} to {row.end.astimezone(ZONE):%a %d %b %H:%M}"
            )
        self.tell(
            f"{len(self.report['award'])} workshops at {self.report['sites_used']} sites; half by "
            f"{plan.promise.p50.astimezone(ZONE):%d %B}, 9 of 10 by {plan.promise.p90.astimezone(ZONE):%d %b}"
        )
        return plan

    def make(self, floor: Floor, until: datetime | None = None) -> None:
        """Stations 6 and 7: work goes from firm to firm; one machine breaks and the plan gives way."""
        planned = self._only_one()
        floor.breakdown = ((planned.operation_id, planned.lot), self._break)
        floor.play(until)

    def _only_one(self) -> Assignment:
        """The longest work on a machine that has no twin at its firm: only a peer can take it over."""
        rows = Assignment.objects.filter(
            plan__order=self.order, plan__state=Plan.State.IN_FORCE, equipment__isnull=False
        ).select_related("operation", "organization", "equipment")
        alone = [row for row in rows if len(self._able(row)) == 1]
        return max(alone or rows, key=lambda row: row.end - row.start)

    def _able(self, row: Assignment) -> list[Candidate]:
        found = candidates(row.organization, row.operation.requirement, only=row.organization)
        return [one for one in found if one.verdict == "can"]

    def _break(self, job: JobOrder) -> None:
        """The machine stops for a week; the ways out are priced before anyone agrees."""
        from gonghe.apps.workshop import services as workshop

        assert job.equipment is not None
        until = clock.now() + timedelta(days=7)
        before = Plan.objects.get(order=self.order, state=Plan.State.IN_FORCE)
        operator = self.cluster.acting[job.organization.slug, Role.OPERATOR]
        workshop.breakdown(operator, job, until=until)
        jobs.run_until_idle()
        proposals = list(
            Plan.objects.filter(order=self.order, state=Plan.State.PROPOSED).select_related(
                "order", "promise"
            )
        )
        self.report["disturbance"] = {
            "equipment": f"{job.organization.slug} {job.equipment.code}",
            "operation": _name(job.operation),
            "from": clock.now().isoformat(),
            "until": until.isoformat(),
            "proposals": [_proposal(one) for one in proposals],
        }
        if not proposals:
            raise RuntimeError("No way out of the breakdown was found.")
        self.tell(f"{job.organization.name_en} {job.equipment.code} broke down; {len(proposals)} ways out.")
        chosen = min(proposals, key=lambda one: (one.cost["total"], one.promise.p90))
        for consent in Consent.objects.filter(plan=chosen).select_related("organization"):
            slug = consent.organization.slug
            acting = self.buyer if slug == self.buyer.organization.slug else self.cluster.owner(slug)
            plans.answer(acting, chosen, True)
        chosen.refresh_from_db()
        moved = chosen.assignments.filter(moved=True).select_related("operation")
        self.report["replanned"] = {
            "moved_operations": [_name(row.operation) for row in moved],
            "kept_operations": chosen.assignments.filter(moved=False).count(),
            "cost_change": chosen.cost["total"] - before.cost["total"],
            "in_force": chosen.state == Plan.State.IN_FORCE,
            "new_promise": _promise(chosen),
        }
        self.report["verified"] = self.report["verified"] and chosen.verified
        self.tell(f"{len(moved)} operations move, {self.report['replanned']['kept_operations']} stay.")

    def settle(self) -> None:
        """Station 8: delivered, paid, learned."""
        self.order.refresh_from_db()
        if self.order.state == Order.State.DELIVERED:
            settling.agree(self.buyer, self.order)
            self.order.refresh_from_db()
        last = (
            Handover.objects.filter(order=self.order, receiver=self.order.organization)
            .order_by("received_at")
            .last()
        )
        rows = Settlement.objects.filter(order=self.order).select_related("organization")
        self.report["delivered"] = {
            "state": self.order.state,
            "at": last.received_at.isoformat() if last and last.received_at else None,
            "accepted": last.accepted if last else 0,
            "settlement": [
                {"organization": one.organization.slug, "amount": str(one.amount)} for one in rows
            ],
        }
        self.tell(f"{self.order.code} is {self.order.get_state_display()}; {len(rows)} workshops are paid.")

    def _steps(self) -> Any:
        return Operation.objects.filter(line__order=self.order).select_related("line__revision__part")


def run(loop: Loop, start: datetime, place: Callable[[date], None], days: int) -> dict[str, Any]:
    """Send one order round the whole loop, by a clock that begins at `start`.

    Parameters
    ----------
    place
        Places the order, given the day on which it is due.
    days
        Days from `start` until the order is due.
    """
    begun = time.monotonic()
    with clock.telling(start):
        place((start + timedelta(days=days)).astimezone(ZONE).date())
        loop.bid(loop.match())
    with clock.telling(start + timedelta(days=2, minutes=5)):
        loop.open_bids()
        loop.award()
        floor = Floor(loop.cluster, loop.order)
    loop.make(floor)
    with clock.telling(floor.now + timedelta(hours=1)):
        loop.settle()
    loop.report["seconds"] = round(time.monotonic() - begun, 1)
    return loop.report


def _name(operation: Operation) -> str:
    return f"{operation.line.number}.{operation.number} {operation.name}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _shape(part: dict[str, Any]) -> str:
    if part["volume_mm3"] is None:
        return f"not read: {part['refusal']}"
    return f"{part['process_family']}, {part['volume_mm3']:,.1f} mm³"


def _part(line: OrderLine) -> dict[str, Any]:
    analysis = line.revision.analysis or {}
    families = analysis.get("family") or analysis.get("families") or []
    drawing = line.revision.drawing
    return {
        "file": drawing.name if drawing else "",
        "process_family": families[0]["name"] if families else None,
        "volume_mm3": analysis.get("volume_mm3"),
        "estimate": line.estimate,
        "refusal": line.revision.refusal,
    }


def _matched(operation: Operation, able: list[Candidate]) -> dict[str, Any]:
    nearly = [one for one in able if one.verdict == "nearly"]
    return {
        "operation": _name(operation),
        "can": sorted({one.organization.slug for one in able if one.verdict == "can"}),
        "nearly": [
            {"organization": one.organization.slug, "fails": [miss.property for miss in one.misses]}
            for one in nearly[:5]
        ],
    }


def _award(order: Order) -> list[dict[str, Any]]:
    firms: dict[str, dict[str, Any]] = {}
    items = ContractItem.objects.filter(contract__order=order, ended_at=None)
    for item in items.select_related("contract__organization", "operation__line"):
        row = firms.setdefault(
            item.contract.organization.slug,
            {"organization": item.contract.organization.slug, "operations": [], "price": 0},
        )
        row["operations"].append(_name(item.operation))
        row["price"] += item.price
    return [row | {"price": str(row["price"])} for row in firms.values()]


def _row(row: Assignment) -> dict[str, Any]:
    return {
        "operation": _name(row.operation),
        "organization": row.organization.slug,
        "equipment": row.equipment.code if row.equipment else None,
        "start": row.start.isoformat(),
        "end": row.end.isoformat(),
    }


def _promise(plan: Plan) -> dict[str, str]:
    return {"p50": plan.promise.p50.isoformat(), "p90": plan.promise.p90.isoformat()}


def _proposal(plan: Plan) -> dict[str, Any]:
    return {
        "label": plan.label,
        "moved": plan.assignments.filter(moved=True).count(),
        "cost": plan.cost["total"],
        **_promise(plan),
    }
