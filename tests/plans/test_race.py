"""Two awards race for the same hours: one wins, and no hour is held twice."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from tests.plans import making
from tests.plans.making import NOW, Scene

from gonghe import clock
from gonghe.apps.base import ConflictError
from gonghe.apps.capacity.models import LedgerSlot
from gonghe.apps.market.models import ContractItem
from gonghe.apps.plans import services
from gonghe.apps.plans.models import Plan


@pytest.mark.django_db(transaction=True)
def test_one_of_two_racing_awards_gets_the_hours(scene: Scene) -> None:
    plans = [scene.proposed(), scene.proposed(making.an_order(scene.buyer))]
    starts = {plan.assignments.get(operation__number=10).start for plan in plans}
    assert len(starts) == 1
    together = threading.Barrier(2)

    def accept(plan: Plan) -> str:
        with clock.telling(NOW):
            together.wait()
            try:
                services.accept_award(scene.buyer, plan)
            except ConflictError as error:
                return error.code
            finally:
                connection.close()
        return "awarded"

    with ThreadPoolExecutor(2) as pool:
        outcomes = sorted(pool.map(accept, plans))
    assert outcomes == ["awarded", "hours_taken"]
    assert Plan.objects.filter(state="in_force").count() == 1
    assert ContractItem.objects.count() == 2
    assert LedgerSlot.objects.count() == 46 + 23
