"""Background work: leased, watched, stopped, and taken over when its worker dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from gonghe.apps.base import ConflictError, NotFoundError
from gonghe.apps.jobs import access, services
from gonghe.apps.jobs.models import Job
from gonghe.apps.jobs.services import (
    JobCancelledError,
    LeaseLostError,
    Run,
    enqueue,
    run_until_idle,
    work_once,
)
from gonghe.apps.members.acting import Acting
from gonghe.apps.principal import SYSTEM


@pytest.fixture(autouse=True)
def runners(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Only the runners of the test."""
    own: dict[str, Any] = {}
    monkeypatch.setattr(services, "_runners", own)
    return own


def silent_since(job: Job, seconds: int, **more: Any) -> None:
    """As if the worker of this job had fallen silent."""
    then = datetime.now(UTC) - timedelta(seconds=seconds)
    Job.objects.filter(pk=job.pk).update(
        state=Job.State.RUNNING, leased_until=then, **{"lease_holder": "dead", "attempts": 1} | more
    )


@pytest.mark.django_db
class TestWork:
    def test_a_job_runs_once_and_keeps_its_result(self, runners: dict[str, Any]) -> None:
        def double(run: Run) -> dict[str, Any]:
            run.progress(50, "half way")
            seen = Job.objects.get(pk=run.job.pk)
            assert (seen.progress, seen.message, seen.state) == (50, "half way", "running")
            return {"answer": run.payload["number"] * 2}

        runners["double"] = double
        job = enqueue(SYSTEM, "double", {"number": 21})
        assert run_until_idle() == 1
        job.refresh_from_db()
        assert (job.state, job.progress, job.result, job.attempts) == ("done", 100, {"answer": 42}, 1)
        assert not work_once()

    def test_jobs_run_in_the_order_they_came(self, runners: dict[str, Any]) -> None:
        seen: list[int] = []
        runners["note"] = lambda run: seen.append(run.payload["number"])
        for number in range(4):
            enqueue(SYSTEM, "note", {"number": number})
        run_until_idle()
        assert seen == [0, 1, 2, 3]

    def test_a_refusal_is_told_in_its_own_words(self, runners: dict[str, Any]) -> None:
        def refuse(run: Run) -> None:
            raise ConflictError("The hours are taken. Choose others.")

        runners["refuse"] = refuse
        job = enqueue(SYSTEM, "refuse", {})
        work_once()
        job.refresh_from_db()
        assert (job.state, job.message) == ("failed", "The hours are taken. Choose others.")

    def test_a_fault_is_told_without_a_trace(
        self, runners: dict[str, Any], caplog: pytest.LogCaptureFixture
    ) -> None:
        def fail(run: Run) -> None:
            raise RuntimeError("secret detail")

        runners["fail"] = fail
        job = enqueue(SYSTEM, "fail", {})
        work_once()
        job.refresh_from_db()
        assert job.state == "failed"
        assert "secret" not in job.message
        assert "secret detail" in caplog.text


@pytest.mark.django_db
class TestTakeOver:
    def test_a_silent_workers_job_is_taken_over(self, runners: dict[str, Any]) -> None:
        runners["work"] = lambda run: {"by": run.job.lease_holder}
        job = enqueue(SYSTEM, "work", {})
        silent_since(job, 1)
        assert work_once("alive")
        job.refresh_from_db()
        assert (job.state, job.attempts, job.result) == ("done", 2, {"by": "alive"})

    def test_a_lease_that_holds_is_respected(self, runners: dict[str, Any]) -> None:
        runners["work"] = lambda run: None
        job = enqueue(SYSTEM, "work", {})
        silent_since(job, -30)
        assert not work_once()

    def test_progress_keeps_the_lease(self, runners: dict[str, Any]) -> None:
        def slow(run: Run) -> None:
            Job.objects.filter(pk=run.job.pk).update(leased_until=datetime.now(UTC) - timedelta(seconds=1))
            run.progress(10)
            assert not work_once("other")

        runners["work"] = slow
        enqueue(SYSTEM, "work", {})
        assert work_once("first")

    def test_who_lost_the_lease_must_stop_and_writes_nothing(self, runners: dict[str, Any]) -> None:
        lost = []

        def slow(run: Run) -> dict[str, Any]:
            if run.job.lease_holder != "first":
                return {"by": "second"}
            silent_since(run.job, 1, lease_holder="first")
            assert work_once("second")
            try:
                run.progress(90)
            except LeaseLostError:
                lost.append(True)
                raise
            return {"by": "first"}

        runners["work"] = slow
        job = enqueue(SYSTEM, "work", {})
        work_once("first")
        job.refresh_from_db()
        assert lost == [True]
        assert (job.state, job.result) == ("done", {"by": "second"})

    def test_a_job_that_kills_its_worker_is_given_up(self, runners: dict[str, Any]) -> None:
        runners["work"] = lambda run: None
        job = enqueue(SYSTEM, "work", {})
        silent_since(job, 1, attempts=services.MAX_ATTEMPTS)
        assert not work_once()
        job.refresh_from_db()
        assert job.state == "failed"
        assert "stopped three times" in job.message


@pytest.mark.django_db
class TestCancel:
    def test_a_waiting_job_never_starts(self, runners: dict[str, Any]) -> None:
        runners["work"] = lambda run: pytest.fail("it ran")
        job = enqueue(SYSTEM, "work", {})
        services.cancel(SYSTEM, job)
        assert not work_once()
        job.refresh_from_db()
        assert job.state == "cancelled"
        assert job.is_over

    def test_a_running_job_stops_at_its_next_word(self, runners: dict[str, Any]) -> None:
        done: list[str] = []

        def slow(run: Run) -> None:
            services.cancel(SYSTEM, run.job)
            assert run.should_stop()
            run.progress(50)
            done.append("went on")

        runners["work"] = slow
        job = enqueue(SYSTEM, "work", {})
        work_once()
        job.refresh_from_db()
        assert (job.state, job.progress, done) == ("cancelled", 50, [])
        assert issubclass(JobCancelledError, Exception)


class TestWhoSees:
    def test_its_firm_watches_and_stops_it(
        self, acting_buyer: Acting, client_buyer: Client, runners: dict[str, Any]
    ) -> None:
        job = enqueue(acting_buyer.principal, "orders.work", {})
        watch = reverse("web:job", args=["lanshan", job.pk])
        assert client_buyer.get(watch).json()["state"] == "queued"
        assert client_buyer.post(reverse("web:cancel_job", args=["lanshan", job.pk])).status_code == 204
        assert client_buyer.get(watch).json()["state"] == "cancelled"

    def test_a_rival_sees_nothing(self, acting_buyer: Acting, client_rival: Client) -> None:
        job = enqueue(acting_buyer.principal, "work", {})
        for slug in ("ruian", "lanshan"):
            assert client_rival.get(reverse("web:job", args=[slug, job.pk])).status_code == 404
            assert client_rival.post(reverse("web:cancel_job", args=[slug, job.pk])).status_code == 404
        job.refresh_from_db()
        assert not job.cancel_asked
        with pytest.raises(NotFoundError):
            access.get_job(acting_buyer.organization.pk, acting_buyer.organization.pk)


@pytest.mark.django_db(transaction=True)
def test_no_job_is_done_twice_by_workers_at_once(runners: dict[str, Any]) -> None:
    done: list[int] = []
    runners["note"] = lambda run: done.append(run.payload["number"])
    for number in range(12):
        enqueue(SYSTEM, "note", {"number": number})

    def work() -> None:
        try:
            run_until_idle()
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _worker in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    run_until_idle()
    assert sorted(done) == list(range(12))
    assert set(Job.objects.values_list("state", flat=True)) == {"done"}


WORKER = """
import os, sys, time, django
django.setup()
from django.db import connection
connection.settings_dict["NAME"] = sys.argv[1]
from gonghe.apps.jobs import services
def hang(run):
    run.progress(30, "deep in work")
    print("working", flush=True)
    time.sleep(60)
services._runners["work"] = hang
services.work_once("victim")
"""


@pytest.mark.django_db(transaction=True)
def test_a_killed_process_loses_nothing(runners: dict[str, Any]) -> None:
    """A worker of its own is killed in the middle; after its lease another does the job."""
    job = enqueue(SYSTEM, "work", {})
    worker = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(WORKER), str(connection.settings_dict["NAME"])],
        stdout=subprocess.PIPE,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "gonghe.config.settings"},
    )
    assert worker.stdout is not None
    with worker.stdout:
        assert worker.stdout.readline() == b"working\n"
        worker.send_signal(signal.SIGKILL)
        worker.wait()
    job.refresh_from_db()
    assert (job.state, job.progress, job.lease_holder) == ("running", 30, "victim")
    runners["work"] = lambda run: {"by": run.job.lease_holder}
    assert not work_once("heir")
    Job.objects.filter(pk=job.pk).update(leased_until=datetime.now(UTC) - timedelta(seconds=1))
    assert work_once("heir")
    job.refresh_from_db()
    assert (job.state, job.attempts, job.result) == ("done", 2, {"by": "heir"})
