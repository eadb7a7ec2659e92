"""State for one estimate what it rests on; the firm's tables stay as they are."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from django.utils.translation import gettext as _

from gonghe.apps.audit.services import recording
from gonghe.apps.base import InvalidError
from gonghe.apps.members.acting import Acting
from gonghe.apps.orders.assumptions import assumed
from gonghe.apps.orders.models import OrderLine
from gonghe.apps.orders.services.guard import require_draft
from gonghe.apps.orders.services.routing import estimate_again
from gonghe.apps.technology.words_figures import plain


def state_assumptions(acting: Acting, line: OrderLine, values: Mapping[str, Decimal | None]) -> OrderLine:
    """State figures for the estimate of a line of a draft; None takes one back. The estimate follows at once.

    Raises
    ------
    InvalidError
        If the estimate does not rest on one of them, or a value is not plausible; `details["items"]` holds
        all errors by code.
    ConflictError
        If the order is no draft any more.
    """
    acting.require("orders")
    known = {one.code: one for one in assumed(line)}
    wrong = []
    for code, value in values.items():
        said = (
            known[code].mistake(value) if code in known else _("This estimate does not rest on “%s”.") % code
        )
        if said:
            wrong.append({"code": code, "message": said})
    if wrong:
        raise InvalidError(
            _("Nothing was changed: correct the marked figures. %s") % wrong[0]["message"],
            code="figures",
            items=wrong,
        )
    with recording(acting.principal) as record:
        require_draft(line.order)
        stated = {code: value for code, value in line.assumptions.items() if code in known}
        for code, value in values.items():
            stated.pop(code, None)
            if value is not None:
                stated[code] = plain(value)
        line.assumptions = stated
        line.save(update_fields=["assumptions"])
        record(
            "orders.assumptions.stated",
            objects={"order": line.order_id, "line": line.pk},
            data={"codes": sorted(values)},
        )
        estimate_again(acting.principal, line)
    return line
