"""An order of brackets made by three firms, and an assembly, with job orders as a plan gives them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from tests import factories
from tests.factories import People

from gonghe.apps.capacity.models import Calendar, Equipment
from gonghe.apps.market.models import Contract, ContractItem
from gonghe.apps.members import access as members
from gonghe.apps.members.acting import Acting
from gonghe.apps.members.models import Role
from gonghe.apps.orders import services as orders
from gonghe.apps.orders.models import Operation, Order
from gonghe.apps.orders.services import LineIn, OperationIn
from gonghe.apps.plans.models import Assignment, Plan
from gonghe.apps.principal import SYSTEM
from gonghe.apps.workshop import dispatching, handing, services
from gonghe.apps.workshop.access import get_job_order, visible_job_orders
from gonghe.apps.workshop.flow import Flow, Task
from gonghe.apps.workshop.models import Handover, JobOrder

NOW = datetime(2026, 3, 9, 2, 20, tzinfo=UTC)
STEEL = {"material_group": "steel"}
PRICES = {"Mill": Decimal("9000.00"), "Grind": Decimal("6000.00"), "Coat": Decimal("3333.33")}


@dataclass(slots=True)
class Floor:
    """Hengda mills, fenghua grinds, taihe coats; lanshan buys; ruian has no part in it."""

    people: People
    order: Order
    plan: Plan
    firms: dict[str, Acting]
    machines: dict[str, Equipment] = field(default_factory=dict)

    def operation(self, name: str) -> Operation:
        return Operation.objects.select_related("line__order").get(line__order=self.order, name=name)

    def task(self, name: str) -> Task:
        """The operation as the flow of pieces knows it."""
        return self.flow().task(self.operation(name).pk)

    def job(self, name: str) -> JobOrder:
        """The job order that counts, as the firm that has it sees it."""
        found = JobOrder.objects.exclude(state="cancelled").get(operation=self.operation(name))
        return get_job_order(self.firms[found.organization.slug], found.pk)

    def worker(self, name: str) -> Acting:
        return self.firms[self.job(name).organization.slug]

    def start(self, name: str) -> None:
        services.start(self.worker(name), self.job(name))

    def make(self, name: str, good: int, scrap: int = 0) -> None:
        """Start, if it has not begun, and finish."""
        if self.job(name).state != JobOrder.State.RUNNING:
            self.start(name)
        services.finish(self.worker(name), self.job(name), good=good, scrap=scrap)

    def send(self, name: str, quantity: int, sender: str = "") -> Handover:
        acting = self.firms[sender] if sender else self.worker(name)
        return handing.send(acting, self.operation(name), quantity=quantity)

    def receive(self, handover: Handover, accepted: int) -> None:
        handover.refresh_from_db()
        handing.receive(self.firms[handover.receiver.slug], handover, accepted=accepted)

    def flow(self) -> Flow:
        self.order.refresh_from_db()
        return Flow(self.order)

    def custody(self) -> list[tuple[str, str, int, str]]:
        """(part, holder, pieces, on the way to) of everything that exists."""
        return [
            (
                one.line.revision.part.number,
                one.holder.slug,
                one.pieces,
                one.on_the_way_to.slug if one.on_the_way_to else "",
            )
            for one in self.flow().custody()
        ]

    def losses(self) -> list[tuple[str, int, int]]:
        return [(one.bearer.slug, one.scrap, one.rejected) for one in self.flow().losses()]

    def replan(self, name: str, firm: str, *, machine: Equipment | None = None) -> Plan:
        """Another plan in force, with one operation at another firm; the contract follows."""
        old = self.plan
        Plan.objects.filter(pk=old.pk).update(state=Plan.State.SUPERSEDED)
        rows = list(old.assignments.all())
        self.plan = _plan(self.order, old.version + 1)
        organization = self.firms[firm].organization
        for row in rows:
            values = {"organization": row.organization, "equipment": row.equipment}
            if row.operation.name == name:
                values = {"organization": organization, "equipment": machine or self.machines.get(firm)}
                ContractItem.objects.filter(operation=row.operation, ended_at=None).update(ended_at=NOW)
                contract, _made = Contract.objects.get_or_create(
                    order=self.order, organization=organization, defaults={"currency": "CNY"}
                )
                ContractItem.objects.create(
                    contract=contract,
                    operation=row.operation,
                    quantity=row.quantity,
                    price=row.price * 2,
                )
            Assignment.objects.create(
                plan=self.plan,
                operation=row.operation,
                quantity=row.quantity,
                start=row.start,
                end=row.end,
                price=row.price,
                source="bid",
                **values,
            )
        dispatching.dispatch(SYSTEM, self.plan)
        return self.plan


def chain(people: People) -> Floor:
    """60 brackets (61 with one for scrap): mill, grind and coat at three firms."""
    steps = (
        OperationIn("milling-3axis", "Mill", STEEL, setup_s=3600, run_s=60, number=10),
        OperationIn("grinding", "Grind", STEEL, setup_s=1800, run_s=30, number=20),
        OperationIn("painting", "Coat", STEEL, setup_s=600, run_s=10, number=30),
    )
    line = LineIn(
        part="LP-40", name="Bearing bracket", quantity=60, overage_percent=Decimal("1.5"), operations=steps
    )
    return _floor(people, [line], {"Mill": "hengda", "Grind": "fenghua", "Coat": "taihe"})


def assembly(people: People) -> Floor:
    """10 pumps of a housing and two covers: hengda mills, fenghua turns the covers, taihe assembles."""
    lines = [
        LineIn(
            part="P-1",
            name="Pump",
            quantity=10,
            overage_percent=Decimal(0),
            operations=(
                OperationIn("mechanical-assembly", "Assemble", {}, setup_s=600, run_s=300, number=10),
            ),
        ),
        LineIn(
            part="H-1",
            name="Housing",
            quantity=1,
            parent=0,
            overage_percent=Decimal(0),
            operations=(
                OperationIn("milling-3axis", "Mill housing", STEEL, setup_s=600, run_s=60, number=10),
            ),
        ),
        LineIn(
            part="C-1",
            name="Cover",
            quantity=2,
            parent=0,
            overage_percent=Decimal(0),
            operations=(OperationIn("turning", "Turn cover", STEEL, setup_s=600, run_s=60, number=10),),
        ),
    ]
    return _floor(people, lines, {"Mill housing": "hengda", "Turn cover": "fenghua", "Assemble": "taihe"})


def _floor(people: People, lines: list[LineIn], who: dict[str, str]) -> Floor:
    firms = _firms(people)
    order = orders.create_order(
        people.buyer,
        title="Pump LP-40",
        due=date(2026, 3, 18),
        destination=members.own_sites(people.buyer)[0],
        lines=lines,
    )
    Order.objects.filter(pk=order.pk).update(state=Order.State.AWARDED)
    order.refresh_from_db()
    floor = Floor(people, order, _plan(order, 1), firms)
    for slug in ("hengda", "fenghua"):
        floor.machines[slug] = machine(firms[slug])
    start = NOW
    operations = Operation.objects.filter(line__order=order).order_by("number", "-line__number")
    for operation in operations:
        organization = firms[who[operation.name]].organization
        price = PRICES.get(operation.name, Decimal("1000.00"))
        contract, _made = Contract.objects.get_or_create(
            order=order, organization=organization, defaults={"currency": "CNY"}
        )
        pieces = operation.line.pieces
        ContractItem.objects.create(contract=contract, operation=operation, quantity=pieces, price=price)
        Assignment.objects.create(
            plan=floor.plan,
            operation=operation,
            quantity=pieces,
            organization=organization,
            equipment=floor.machines.get(organization.slug),
            start=start,
            end=start + timedelta(hours=2),
            price=price,
            source="bid",
        )
        start += timedelta(hours=4)
    dispatching.dispatch(SYSTEM, floor.plan)
    return floor


def _firms(people: People) -> dict[str, Acting]:
    for slug, name in (("fenghua", "Fenghua Grinding"), ("taihe", "Taihe Coating")):
        factories.firm(slug, name)
        factories.PLACES.setdefault(slug, (Decimal("27.9"), Decimal("120.7")))
    firms = {slug: factories.person(slug, f"{slug}-owner", Role.OWNER) for slug in ("fenghua", "taihe")}
    for acting in firms.values():
        factories.site(acting)
    return firms | {"hengda": people.operator, "lanshan": people.buyer}


def _plan(order: Order, version: int) -> Plan:
    return Plan.objects.create(
        order=order,
        version=version,
        kind=Plan.Kind.AWARD,
        state=Plan.State.IN_FORCE,
        epoch=NOW,
        problem={},
        schedule={},
        cost={"production": 1_833_333, "transport": 41_208, "lateness": 0, "total": 1_874_541},
        bound=0,
        arrives_at=NOW + timedelta(days=5),
        verified=True,
        in_force_at=NOW,
    )


def machine(acting: Acting, code: str = "M1") -> Equipment:
    """A machine that works round the clock."""
    calendar, _made = Calendar.objects.get_or_create(
        organization=acting.organization,
        code="always",
        defaults={"weekly": [[day, "00:00", "00:00"] for day in range(7)]},
    )
    return Equipment.objects.create(
        organization=acting.organization,
        site=members.own_sites(acting)[0],
        code=code,
        name="Machining centre",
        calendar=calendar,
    )


def jobs_seen(acting: Acting) -> list[str]:
    """Names of the operations whose job orders a firm sees."""
    return [one.operation.name for one in visible_job_orders(acting)]
