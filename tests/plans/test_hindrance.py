"""No plan is possible: the page of the job says what is in the way."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from django.urls import reverse
from tests.factories import signed_in
from tests.market.making import private_key
from tests.plans.making import NOW, Scene, shanghai

from gonghe.apps.capacity import services as capacity
from gonghe.apps.jobs.models import Job
from gonghe.apps.jobs.services import run_until_idle
from gonghe.apps.market import services as market
from gonghe.apps.market.models import Call
from gonghe.apps.market.offers import BidItemIn
from gonghe.apps.plans import services


def test_a_window_before_the_work_can_be_there_is_named(scene: Scene) -> None:
    """Grinding is bound to Monday 9 March, but milling ends on Tuesday at the earliest."""
    capacity.save_rate(
        scene.fenghua, scene.grinder, per_hour=Decimal(200), per_setup=Decimal(0), published=False
    )
    call = market.open_call(
        scene.buyer,
        scene.order,
        organizations=[scene.fenghua.organization],
        closes_at=NOW + timedelta(days=1),
        bids_valid_until=NOW + timedelta(days=10),
    )
    window = BidItemIn(
        scene.grinding.pk,
        Decimal("1000.00"),
        20_700,
        earliest=shanghai(9, "08:00"),
        latest=shanghai(9, "20:00"),
    )
    market.submit_bid(scene.fenghua, call, [window])
    market.open_bids(private_key(), scene.office, call)
    job = services.propose_award(scene.buyer, Call.objects.get(pk=call.pk))
    run_until_idle()
    job.refresh_from_db()
    assert job.state == Job.State.FAILED
    assert job.message == (
        "No plan is possible. Fenghua Grinding offers Grind only from Monday 9 March, 08:00 to "
        "Monday 9 March, 20:00. Call more firms, or ask them for other times."
    )
    page = signed_in(scene.buyer).get(reverse("plans:working", args=["lanshan", job.pk])).content.decode()
    assert "Fenghua Grinding offers Grind only from" in page
