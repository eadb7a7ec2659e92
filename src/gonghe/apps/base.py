"""What every stored thing has in common, and the errors that services raise."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Literal, TypeVar

from django.core.exceptions import ValidationError
from django.db import models
from django.http import Http404

from gonghe import clock

CENT = Decimal("0.01")


def cents(amount: Decimal) -> Decimal:
    """An amount to the cent, half a cent up."""
    return amount.quantize(CENT, ROUND_HALF_UP)


class Entity(models.Model):
    """A thing with an identity that tells nothing: a random UUID."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        abstract = True


class NotFoundError(Http404):
    """There is no such thing for the one who asks: missing and hidden are the same answer."""

    def __init__(self) -> None:
        super().__init__("There is nothing here that you can see.")


class ServiceError(Exception):
    """A wish that cannot be granted; the message says why and what to do next.

    ServiceError
    ├── InvalidError      the input is wrong (HTTP 422)
    ├── ForbiddenError    the role does not allow it (HTTP 403)
    └── ConflictError     the state of things does not allow it now (HTTP 409)
    """

    status = 400

    def __init__(self, message: str, *, code: str = "refused", **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.details = details


class InvalidError(ServiceError):
    """The input is wrong; `details["fields"]` names the fields."""

    status = 422


class ForbiddenError(ServiceError):
    """The person's role in the acting organisation does not allow this."""

    status = 403


class ConflictError(ServiceError):
    """Something else came first: hours taken, call closed, already awarded."""

    status = 409


Change = Literal["added", "changed", ""]
Row = TypeVar("Row", bound=models.Model)


def put(model: type[Row], key: Mapping[str, Any], values: Mapping[str, Any]) -> tuple[Row, Change]:
    """Add the row with this key, or bring its values up to date; "" when it says all that already.

    Raises
    ------
    InvalidError
        If a value does not fit its field.
    """
    found = model._default_manager.filter(**key).first()
    if found is not None and all(getattr(found, name) == value for name, value in values.items()):
        return found, ""
    row = found or model(**key)
    for name, value in values.items():
        setattr(row, name, value)
    check(row)
    row.save()
    return row, "changed" if found else "added"


def check(row: models.Model) -> None:
    """Check the values of a row before it is stored.

    Raises
    ------
    InvalidError
        Naming every field that is wrong.
    """
    try:
        row.clean_fields(exclude={field.name for field in row._meta.fields if field.is_relation})
    except ValidationError as error:
        text = " ".join(
            f"{getattr(row._meta.get_field(name), 'verbose_name', name)}: {' '.join(messages)}"
            for name, messages in error.message_dict.items()
        )
        raise InvalidError(text, fields=sorted(error.message_dict)) from error
