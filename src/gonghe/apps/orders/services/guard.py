"""What every change of an order checks first."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from gonghe.apps.base import ConflictError, InvalidError
from gonghe.apps.orders.models import Order


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
