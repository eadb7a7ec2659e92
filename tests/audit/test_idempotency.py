"""A request that is sent twice takes effect once, also when it is sent at once or its process died."""

from __future__ import annotations

import threading
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from gonghe import clock
from gonghe.apps.audit.idempotency import CLAIM, Answer, once
from gonghe.apps.audit.models import Event, IdempotencyRecord
from gonghe.apps.audit.services import recording
from gonghe.apps.base import ConflictError, InvalidError
from gonghe.apps.principal import Principal

ACTOR = Principal("a" * 64, uuid.UUID(int=1))
NOW = datetime(2026, 3, 9, 2, 20, tzinfo=UTC)


def act(name: str = "made") -> tuple[int, Any]:
    """A write that can be counted."""
    with recording(ACTOR) as record:
        record("test.thing.happened", objects={}, data={"name": name})
    return 201, {"name": name}


def send(body: bytes = b"{}", *, key: str = "key-12345", who: Principal = ACTOR, action: Any = act) -> Answer:
    return once(who, "POST /things", key, body, action)


@pytest.mark.django_db
class TestReplay:
    def test_the_second_gets_the_first_answer(self) -> None:
        assert send() == Answer(201, {"name": "made"})
        assert send() == Answer(201, {"name": "made"}, replayed=True)
        assert Event.objects.count() == 1

    def test_another_body_is_refused(self) -> None:
        send()
        with pytest.raises(InvalidError) as refused:
            send(b'{"other": 1}')
        assert refused.value.code == "key_reused"
        assert Event.objects.count() == 1

    def test_keys_belong_to_person_firm_and_route(self) -> None:
        send()
        send(who=Principal("b" * 64, uuid.UUID(int=1)))
        send(who=Principal("a" * 64, uuid.UUID(int=2)))
        once(ACTOR, "POST /others", "key-12345", b"{}", act)
        assert Event.objects.count() == 4

    def test_what_was_refused_may_be_sent_again(self) -> None:
        def refuse() -> tuple[int, Any]:
            act("half")
            raise ConflictError("The hours are taken.")

        with pytest.raises(ConflictError, match="taken"):
            send(action=refuse)
        assert not Event.objects.exists()
        assert send() == Answer(201, {"name": "made"})


@pytest.mark.django_db
class TestDeadProcess:
    """The process dies after it took the key, before it committed: its claim is all that is left."""

    @pytest.fixture(autouse=True)
    def _claim_of_the_dead(self) -> None:
        with clock.telling(NOW):
            send()
            IdempotencyRecord.objects.update(status=None, answer=None)
            Event.objects.all().delete()

    def test_until_the_claim_runs_out_it_counts_as_running(self) -> None:
        with clock.telling(NOW + CLAIM), pytest.raises(ConflictError) as refused:
            send()
        assert refused.value.code == "in_progress"
        assert not Event.objects.exists()

    def test_then_the_request_runs_after_all_and_once(self) -> None:
        with clock.telling(NOW + CLAIM + timedelta(seconds=1)):
            assert send() == Answer(201, {"name": "made"})
            assert send().replayed
        assert Event.objects.count() == 1

    def test_one_who_was_thought_dead_cannot_commit_too(self) -> None:
        """The slow first process comes back after another took its key over and finished."""

        def slow() -> tuple[int, Any]:
            with clock.telling(NOW + 2 * CLAIM + timedelta(seconds=2)):
                assert send(action=lambda: act("second")) == Answer(201, {"name": "second"})
            return act("first")

        with (
            clock.telling(NOW + CLAIM + timedelta(seconds=1)),
            pytest.raises(ConflictError, match="twice at once"),
        ):
            send(action=slow)
        assert IdempotencyRecord.objects.count() <= 1


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_one_runs_and_the_other_does_nothing() -> None:
    """PostgreSQL tells the second to ask again; SQLite, with one writer at a time, makes it wait."""
    inside, go_on, told = threading.Event(), threading.Event(), threading.Event()
    outcomes: dict[str, str] = {}

    def slow() -> tuple[int, Any]:
        inside.set()
        go_on.wait(20)
        return act()

    def request(name: str, action: Any) -> None:
        try:
            outcomes[name] = "replayed" if send(action=action).replayed else "made"
        except ConflictError as error:
            outcomes[name] = error.code
        finally:
            connection.close()
            told.set()

    first = threading.Thread(target=request, args=("first", slow))
    first.start()
    assert inside.wait(20)
    second = threading.Thread(target=request, args=("second", act))
    second.start()
    if connection.vendor == "postgresql":
        assert told.wait(20)
    go_on.set()
    first.join()
    second.join()
    expected = "in_progress" if connection.vendor == "postgresql" else "replayed"
    assert outcomes == {"first": "made", "second": expected}
    assert Event.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_exactly_one_takes_effect() -> None:
    start = threading.Barrier(6)
    outcomes: list[str] = []

    def one() -> None:
        start.wait(20)
        try:
            outcomes.append("replayed" if send().replayed else "made")
        except ConflictError as error:
            outcomes.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=one) for _one in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outcomes) == 6
    assert outcomes.count("made") == 1
    assert set(outcomes) <= {"made", "replayed", "in_progress"}
    assert Event.objects.count() == 1
