"""Routings: proposed or made by hand, kept in order, joined where parts become an assembly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from gonghe.apps.audit.services import recording
from gonghe.apps.base import InvalidError
from gonghe.apps.members.acting import Acting
from gonghe.apps.orders.estimates import basis_of, estimate_line
from gonghe.apps.orders.models import ASSEMBLING, BY_HAND, Operation, Order, OrderLine
from gonghe.apps.orders.services.guard import check_fields, require_draft
from gonghe.apps.orders.services.inputs import OperationIn, check_operation, requirement_of
from gonghe.apps.orders.times import times_by
from gonghe.apps.principal import SYSTEM, Principal
from gonghe.apps.technology import taxonomy as taxonomies
from gonghe.engines.model.parts import ProposedOperation

STEP = 10
ASSEMBLY_SETUP_S = 900
ASSEMBLY_RUN_S = 120  # for each piece that is joined, until someone knows better


def save_operation(
    acting: Acting, line: OrderLine, wanted: OperationIn, *, operation: Operation | None = None
) -> Operation:
    """Add a step to a line of a draft, or change the one given; times and estimate follow at once.

    Raises
    ------
    InvalidError
        If the step makes no sense, its number is taken, or it waits for a later one.
    ConflictError
        If the order is no draft any more.
    """
    acting.require("orders")
    check_operation(wanted)
    with recording(acting.principal) as record:
        require_draft(line.order)
        saved = _write(line, wanted, operation or Operation(line=line))
        record(
            "orders.operation.saved",
            objects={"order": line.order_id, "line": line.pk, "operation": saved.pk},
            data={"process": wanted.process, "setup_s": wanted.setup_s, "run_s": wanted.run_s},
        )
        _follow(line)
    return saved


def remove_operation(acting: Acting, operation: Operation) -> None:
    """Take a step out of a draft; what waited for it waits for what it waited for.

    Raises
    ------
    ConflictError
        If the order is no draft any more.
    """
    acting.require("orders")
    line = operation.line
    with recording(acting.principal) as record:
        require_draft(line.order)
        record(
            "orders.operation.removed",
            objects={"order": line.order_id, "line": line.pk, "operation": operation.pk},
        )
        before = list(operation.after.all())
        for later in operation.before.all():
            later.after.add(*before)
        operation.delete()
        _follow(line)


def place_operations(principal: Principal, line: OrderLine, wanted: Sequence[OperationIn]) -> None:
    """Write a hand-made routing inside the caller's transaction."""
    with recording(principal) as record:
        for one in wanted:
            _write(line, one, Operation(line=line))
        _follow(line)
        record(
            "orders.line.routed",
            objects={"order": line.order_id, "line": line.pk},
            data={"operations": len(wanted), "stored": True},
        )


def store_routing(line: OrderLine, proposed: Sequence[ProposedOperation]) -> bool:
    """Keep a proposed routing, unless somebody has made one meanwhile or the order has gone out."""
    with recording(SYSTEM) as record:
        order = Order.objects.select_for_update().get(pk=line.order_id)
        line.operations.filter(basis=ASSEMBLING).delete()
        stored = order.state == Order.State.DRAFT and not line.operations.exists()
        if stored:
            _write_proposed(line, proposed)
        _follow(line)
        record(
            "orders.line.routed",
            objects={"order": line.order_id, "line": line.pk},
            audience=[order.organization_id],
            data={"operations": len(proposed), "stored": stored},
        )
    return stored


def refresh_line(line: OrderLine) -> None:
    """Carry quantity and material into the requirements of a line, and estimate it again."""
    for operation in line.operations.all():
        properties = operation.requirement["properties"]
        if "material_group" in properties:
            properties["material_group"] = line.revision.material
        if "batch_pieces" in properties:
            properties["batch_pieces"] = line.pieces
        operation.save(update_fields=["requirement"])
    line.estimate = estimate_line(line)
    line.save(update_fields=["estimate"])


def estimate_again(principal: Principal, line: OrderLine) -> bool:
    """Work out a line of a draft anew, by the figures that hold now; steps made by hand keep their times.

    False, and nothing is changed, once the order has gone out.
    """
    times = times_by(line, basis_of(line).tables)
    with transaction.atomic():
        order = Order.objects.select_for_update().get(pk=line.order_id)
        if order.state != Order.State.DRAFT:
            return False
        with recording(principal) as record:
            moved = [step for step in line.operations.all() if _take_times(step, times)]
            refresh_line(line)
            record(
                "orders.line.changed",
                objects={"order": line.order_id, "line": line.pk},
                audience=[order.organization_id],
                data={"retimed": len(moved)},
            )
    return True


def _take_times(step: Operation, times: Mapping[UUID, tuple[int, int]]) -> bool:
    """Give a step its times; False when it has them."""
    wanted = times.get(step.pk, (step.setup_s, step.run_s))
    if wanted == (step.setup_s, step.run_s):
        return False
    step.setup_s, step.run_s = wanted
    step.save(update_fields=["setup_s", "run_s"])
    return True


def relink(line: OrderLine) -> None:
    """Make an assembly wait for its parts: its first joining step follows the last steps of all of them.

    A line with parts below it always has a joining step, so one is added where nobody made one.
    """
    children = list(line.children.all())
    if children:
        joint = _joining_step(line) or _add_joining_step(line, len(children))
        own = joint.after.filter(line=line)
        joint.after.set([*own, *(last for child in children for last in last_steps(child))])
        refresh_line(line)
    if line.parent is not None:
        relink(line.parent)


def last_steps(line: OrderLine) -> list[Operation]:
    """Steps of a line for which no other step of it waits."""
    steps = list(line.operations.prefetch_related("after"))
    waited_for = {before.pk for step in steps for before in step.after.all()}
    return [step for step in steps if step.pk not in waited_for]


def _write(line: OrderLine, wanted: OperationIn, operation: Operation) -> Operation:
    """Put the values of a step into its row, in its place of the routing."""
    steps = {step.number: step for step in line.operations.all() if step.pk != operation.pk}
    number = wanted.number or operation.number or max(steps, default=0) + STEP
    if number in steps:
        raise InvalidError(
            _("Step %d exists already. Choose a free number.") % number,
            code="number_taken",
            fields=["number"],
        )
    earlier = [one for one in sorted(steps) if one < number]
    inserted = operation._state.adding and wanted.after is None
    after = _waits_for(line, wanted, operation, earlier)
    if not set(after) <= set(earlier):
        raise InvalidError(
            _("A step can wait only for steps with a lower number: %s.")
            % (", ".join(map(str, earlier)) or "-"),
            code="after",
            fields=["after"],
        )
    operation.number = number
    operation.name = wanted.name.strip() or taxonomies.current().process(wanted.process).en.capitalize()
    operation.requirement = requirement_of(wanted)
    operation.setup_s, operation.run_s, operation.resumable = wanted.setup_s, wanted.run_s, wanted.resumable
    operation.basis = BY_HAND
    check_fields(operation)
    operation.save()
    elsewhere = operation.after.exclude(line=line)
    operation.after.set([*elsewhere, *(steps[one] for one in after)])
    if inserted:
        _slip_in(operation, [steps[one] for one in after])
    return operation


def _waits_for(line: OrderLine, wanted: OperationIn, operation: Operation, earlier: list[int]) -> list[int]:
    """Numbers that a step waits for: as wished, else as it was, else the one before it."""
    if operation._state.adding:
        return earlier[-1:] if wanted.after is None else list(wanted.after)
    waiting = list(operation.before.filter(line=line).values_list("number", flat=True))
    if waiting and wanted.number and min(waiting) <= wanted.number:
        raise InvalidError(
            _("Step %d waits for this one, so this one needs a lower number.") % min(waiting),
            code="after",
            fields=["number"],
        )
    if wanted.after is not None:
        return list(wanted.after)
    return [one.number for one in operation.after.filter(line=line)]


def _slip_in(operation: Operation, before: Sequence[Operation]) -> None:
    """What waited for the step before a new one waits for the new one."""
    for earlier in before:
        for later in earlier.before.filter(line=operation.line, number__gt=operation.number):
            later.after.remove(earlier)
            later.after.add(operation)


def _write_proposed(line: OrderLine, proposed: Sequence[ProposedOperation]) -> None:
    rows = {
        one.number: Operation(
            line=line,
            number=one.number,
            name=one.name[:100],
            requirement=one.requirement.to_json(),
            setup_s=one.setup_s,
            run_s=one.run_s,
            basis=one.basis[:200],
        )
        for one in proposed
    }
    Operation.objects.bulk_create(rows.values())
    for one in proposed:
        rows[one.number].after.set([rows[number] for number in one.after])


def _follow(line: OrderLine) -> None:
    """What every change of a routing entails: joints of the assembly and the estimate."""
    refresh_line(line)
    relink(line)


def _joining_step(line: OrderLine) -> Operation | None:
    """The first step of a line that puts things together."""
    taxonomy = taxonomies.current()
    joining = taxonomy.satisfying("assembly") | taxonomy.satisfying("joining") | taxonomy.satisfying("sewing")
    steps = line.operations.order_by("number")
    return next((step for step in steps if step.requirement["process"] in joining), None)


def _add_joining_step(line: OrderLine, parts: int) -> Operation:
    last = last_steps(line)
    step = Operation.objects.create(
        line=line,
        number=max((one.number for one in last), default=0) + STEP,
        name=taxonomies.current().process("mechanical-assembly").en.capitalize(),
        requirement={"process": "mechanical-assembly", "properties": {}},
        setup_s=ASSEMBLY_SETUP_S,
        run_s=ASSEMBLY_RUN_S * parts,
        basis=ASSEMBLING,
    )
    step.after.set(last)
    return step
