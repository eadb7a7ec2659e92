"""What every change of an order checks first."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from gonghe.apps.base import ConflictError, InvalidError
from gonghe.apps.orders.models import Order, OrderLine


def require_draft(order: Order) -> None:
    """Hold the order's row and make sure that it may still be changed.

    Raises
    ------
    ConflictError
        If it is out for bids or further.
    """
    held = Order.objects.select_for_update().get(pk=order.pk)
    if held.state != Order.State.DRAFT:
        raise ConflictError(
            _("Order %(code)s is %(state)s; what workshops were asked for cannot be changed any more.")
            % {"code": held.code, "state": held.get_state_display()},
            code="not_draft",
        )


def check_fields(row: models.Model) -> None:
    """Let the model judge its own fields.

    Raises
    ------
    InvalidError
        With all that is wrong and the fields' names.
    """
    try:
        row.full_clean(validate_unique=False, validate_constraints=False)
    except ValidationError as error:
        wrong = error.message_dict
        labels = {field.name: field.verbose_name for field in row._meta.concrete_fields}
        told = [f"{labels.get(name, name)}: {' '.join(words)}" for name, words in wrong.items()]
        raise InvalidError(" ".join(told), fields=sorted(wrong)) from error


def check_lots(line: OrderLine) -> None:
    """Refuse lots that nobody could make or join again.

    Raises
    ------
    InvalidError
        If the line is part of an assembly, its parent may be divided, or two of the smallest lots are more
        than its pieces.
    """
    smallest = line.smallest_lot
    parent = line.parent
    if parent is not None and (smallest or parent.smallest_lot):
        raise InvalidError(
            _("A part that is built into another, and an assembly, stay together: clear their smallest lot."),
            code="lots_assembly",
            fields=["smallest_lot"],
        )
    if smallest and line.pk and line.children.exists():
        raise InvalidError(
            _("An assembly stays together: clear the smallest lot, or order its parts on their own."),
            code="lots_assembly",
            fields=["smallest_lot"],
        )
    if smallest and 2 * line.pieces_for(smallest) > line.pieces:
        raise InvalidError(
            _("Two lots of %(lot)d pieces do not fit into %(pieces)d. Give a smaller lot, or none.")
            % {"lot": smallest, "pieces": line.quantity},
            code="lots_small",
            fields=["smallest_lot"],
        )
