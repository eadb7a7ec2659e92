"""What-ifs are few: many answers together would tell one firm how busy another is."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext as _

from gonghe import clock
from gonghe.apps.audit.services import recording
from gonghe.apps.base import ConflictError
from gonghe.apps.members.acting import Acting
from gonghe.apps.orders.models import Order
from gonghe.apps.plans.models import Question

LIMIT = 30
WINDOW = timedelta(hours=1)
TELLING = frozenset({"no_room", "no_offer", "no_change"})


def left(acting: Acting) -> int:
    """How many questions the organisation may still ask within the hour."""
    asked = Question.objects.filter(organization=acting.organization, created_at__gt=clock.now() - WINDOW)
    return max(0, LIMIT - asked.count())


def count(acting: Acting, order: Order) -> None:
    """Count a question.

    Raises
    ------
    ConflictError
        If the hour's questions are used up (code "too_many").
    """
    if not left(acting):
        raise ConflictError(
            _("You have asked %d questions within the hour. Ask again later.") % LIMIT, code="too_many"
        )
    with recording(acting.principal) as record:
        Question.objects.create(organization=acting.organization, order=order)
        record("plans.question.asked", objects={"order": order.pk})


def count_refusal(acting: Acting, order: Order, error: ConflictError) -> None:
    """Count a question whose own count fell with its transaction: a "no" tells something too."""
    if error.code in TELLING and left(acting):
        count(acting, order)
