"""A search tells its figures to the job and ends early when asked, with what it has."""

from __future__ import annotations

from unittest import mock

import pytest
from django.test import Client
from django.urls import reverse
from tests.factories import signed_in
from tests.plans.making import Scene, shanghai

from gonghe import clock
from gonghe.apps.audit.services import settle
from gonghe.apps.capacity import services as capacity
from gonghe.apps.jobs import services as jobs
from gonghe.apps.jobs.models import Job
from gonghe.apps.jobs.services import JobCancelledError, Run, run_until_idle
from gonghe.apps.plans import services
from gonghe.apps.plans.models import Plan
from gonghe.apps.plans.telling import POINTS, Teller, stopper
from gonghe.apps.principal import SYSTEM


@pytest.fixture
def job(scene: Scene) -> Job:
    """A planning job that a worker holds."""
    made = services.propose_award(scene.buyer, scene.call())
    Job.objects.filter(pk=made.pk).update(state=Job.State.RUNNING, lease_holder="worker")
    made.refresh_from_db()
    return made


def test_figures_are_what_the_search_has_found(job: Job) -> None:
    teller = Teller(Run(job), "CNY", most=1000)
    teller.tell(520_000, 400_000, 100)
    job.refresh_from_db()
    assert job.figures["objective"] == 520_000
    assert (job.figures["bound"], job.figures["gap"], job.figures["currency"]) == (400_000, 23.1, "CNY")
    assert job.progress == 22  # a tenth of the way from 15 to 85
    teller.tell(441_000, 400_000, 200)
    teller.tell(441_000, 400_000, 300)
    assert [point[1] for point in teller.trace] == [520_000, 441_000]


def test_the_chart_stays_small(job: Job) -> None:
    teller = Teller(Run(job), "CNY", most=1000)
    for step in range(10 * POINTS):
        teller.tell(1_000_000 - step, 400_000, step)
    assert len(teller.trace) <= POINTS
    assert teller.trace[0][1] == 1_000_000


def test_a_cancel_leaves_the_search_at_its_next_word(scene: Scene, job: Job) -> None:
    jobs.cancel(scene.buyer.principal, job)
    with pytest.raises(JobCancelledError):
        Teller(Run(job), "CNY", most=1000).tell(1, 1, 1)


def test_a_stop_is_noticed_and_asked_for_only_now_and_then(scene: Scene, job: Job) -> None:
    run = Run(job)
    assert stopper(run)() is False
    jobs.stop(scene.buyer.principal, job)
    should_stop = stopper(run)
    assert should_stop() is True
    with mock.patch.object(run, "should_finish", side_effect=AssertionError("asked again")):
        assert should_stop() is True


def test_a_stopped_search_keeps_the_best_plan(scene: Scene) -> None:
    job = services.propose_award(scene.buyer, scene.call())
    jobs.stop(scene.buyer.principal, job)
    run_until_idle()
    job.refresh_from_db()
    assert job.state == Job.State.DONE
    plan = Plan.objects.get(pk=job.result["plan"])
    assert plan.verified
    assert plan.assignments.count() == 2


def test_only_its_own_firm_stops_a_search(scene: Scene, job: Job) -> None:
    def ask(client: Client, slug: str) -> int:
        return client.post(reverse("web:stop_job", args=[slug, job.pk])).status_code

    assert ask(signed_in(scene.rival), "ruian") == 404
    job.refresh_from_db()
    assert not job.stop_asked
    assert ask(signed_in(scene.buyer), "lanshan") == 204
    job.refresh_from_db()
    assert job.stop_asked
    page = signed_in(scene.buyer).get(reverse("plans:working", args=["lanshan", job.pk])).content.decode()
    assert f'stop="{reverse("web:stop_job", args=["lanshan", job.pk])}"' in page


def test_a_role_without_plans_watches_but_does_not_end(scene: Scene, job: Job, client_clerk: Client) -> None:
    """The page asks for the same role as the API."""
    ends = [reverse(f"web:{name}", args=["lanshan", job.pk]) for name in ("stop_job", "cancel_job")]
    assert [client_clerk.post(end).status_code for end in ends] == [403, 403]
    job.refresh_from_db()
    assert (job.stop_asked, job.cancel_asked) == (False, False)
    page = client_clerk.get(reverse("plans:working", args=["lanshan", job.pk])).content.decode()
    assert "<job-progress" in page
    assert all(end not in page for end in ends)
    assert client_clerk.get(reverse("web:job", args=["lanshan", job.pk])).json()["state"] == "running"


@pytest.mark.parametrize("end", ["by itself", "stopped", "cancelled"])
def test_a_replan_tells_its_figures_and_can_be_ended(scene: Scene, proposed: Plan, end: str) -> None:
    """The mill stands for two weeks: a stop keeps the ways out found so far, a cancel keeps none."""
    services.accept_award(scene.buyer, proposed)
    with clock.telling(shanghai(6, "09:00")):
        capacity.mark_down(SYSTEM, scene.mill, shanghai(6, "09:00"), shanghai(20, "16:00"))
        settle()
        job = Job.objects.get(kind="plans.replan")
        page = reverse("plans:working", args=["lanshan", job.pk])
        stop = reverse("web:stop_job", args=["lanshan", job.pk])
        assert f'stop="{stop}"' in signed_in(scene.buyer).get(page).content.decode()
        plan = reverse("plans:plan", args=["lanshan", proposed.pk])
        assert f'href="{page}"' in signed_in(scene.buyer).get(plan).content.decode()
        own = reverse("plans:plan", args=["hengda", proposed.pk])
        assert "Watch or stop" not in signed_in(scene.owner).get(own).content.decode()
        if end == "stopped":
            assert signed_in(scene.buyer).post(stop).status_code == 204
        if end == "cancelled":
            jobs.cancel(scene.buyer.principal, job)
        run_until_idle()
        assert "Watch or stop" not in signed_in(scene.buyer).get(plan).content.decode()
    job.refresh_from_db()
    found = Plan.objects.filter(kind=Plan.Kind.REPLAN)
    if end == "cancelled":
        assert (job.state, job.figures, found.count()) == (Job.State.CANCELLED, None, 0)
        return
    assert job.state == Job.State.DONE
    assert found.count() >= 1
    assert all(plan.verified for plan in found)
    if end == "by itself":
        assert 0 < job.figures["bound"] <= job.figures["objective"]
        assert job.figures["objective"] == min(point[1] for point in job.figures["trace"])
        assert (job.figures["currency"], job.progress) == ("CNY", 100)
