"""History cannot be rewritten unseen: whatever is changed, dropped or cut off is named by its position."""

from __future__ import annotations

import threading
import uuid
from dataclasses import replace

import pytest
from cryptography.exceptions import InvalidSignature
from django.db import connection

from gonghe.apps.audit import access, keys, services
from gonghe.apps.audit.models import Chain, Event
from gonghe.apps.audit.services import UnrecordedWriteError, recording, settle, sign_head, verify
from gonghe.apps.members.acting import Acting
from gonghe.apps.members.models import Organization, Site
from gonghe.apps.principal import SYSTEM, Principal

ACTOR = Principal("a" * 64, uuid.UUID(int=1))


def happen(count: int, **data: object) -> None:
    """Record events and give them their places."""
    for number in range(count):
        with recording(ACTOR) as record:
            record("test.thing.happened", objects={"thing": number}, data={"number": number, **data})
    settle()


@pytest.mark.django_db
class TestTampering:
    @pytest.fixture(autouse=True)
    def _ten_events(self) -> None:
        happen(10)

    def test_an_untouched_chain_holds(self) -> None:
        assert verify() == services.Verification(True, 10)
        positions = list(Event.objects.order_by("id").values_list("position", flat=True))
        assert positions == list(range(1, 11))

    @pytest.mark.parametrize(
        "change",
        [
            {"data": {"number": 99}},
            {"type": "test.thing.undone"},
            {"actor": "b" * 64},
            {"organization_id": uuid.UUID(int=2)},
            {"objects_touched": []},
            {"via": "api"},
            {"hash": "0" * 64},
            {"previous_hash": "0" * 64},
        ],
        ids=lambda change: next(iter(change)),
    )
    def test_a_changed_row_is_named(self, change: dict[str, object]) -> None:
        Event.objects.filter(position=4).update(**change)
        found = verify()
        assert (found.ok, found.bad_position, found.reason) == (False, 4, "the event was changed")

    def test_a_row_with_a_fitting_hash_is_found_at_the_next_one(self) -> None:
        event = Event.objects.get(position=4)
        event.data = {"number": 99}
        event.hash = services.digest(event)
        event.save()
        found = verify()
        assert (found.ok, found.bad_position) == (False, 5)

    def test_a_dropped_row_is_named(self) -> None:
        Event.objects.filter(position=7).delete()
        found = verify()
        assert (found.ok, found.bad_position, found.reason) == (False, 7, "an event is missing")

    def test_swapped_rows_are_named(self) -> None:
        Event.objects.filter(position=3).update(position=99)
        Event.objects.filter(position=4).update(position=3)
        Event.objects.filter(position=99).update(position=4)
        assert verify().bad_position == 3

    def test_rows_cut_off_are_missed(self) -> None:
        Event.objects.filter(position__gt=8).delete()
        found = verify()
        assert (found.ok, found.bad_position, found.reason) == (False, 9, "the chain was cut off")

    def test_a_held_head_finds_what_was_cut_off_with_the_end(self) -> None:
        held = sign_head()
        last = Event.objects.get(position=8)
        Event.objects.filter(position__gt=8).delete()
        Chain.objects.filter(pk=1).update(position=8, hash=last.hash)
        assert verify().ok
        found = verify(held)
        assert (found.ok, found.bad_position) == (False, 9)
        assert found.reason == "the chain was cut off before the signed head"

    def test_a_held_head_finds_a_history_written_anew(self) -> None:
        held = sign_head()
        previous = "0" * 64
        for event in Event.objects.order_by("position"):
            event.actor = "c" * 64
            event.previous_hash = previous
            event.hash = previous = services.digest(event)
            event.save()
        Chain.objects.filter(pk=1).update(hash=previous)
        assert verify().ok
        assert verify(held).bad_position == 10

    def test_a_head_is_signed_by_the_installation(self) -> None:
        head = sign_head()
        assert services.verify_head(head)
        public = keys.audit_key().public_key()
        body = services.canonical({"position": head.position, "hash": head.hash})
        public.verify(bytes.fromhex(head.signature), body)
        forged = services.canonical({"position": head.position + 1, "hash": head.hash})
        with pytest.raises(InvalidSignature):
            public.verify(bytes.fromhex(head.signature), forged)


@pytest.mark.django_db
class TestRecording:
    def test_a_write_that_records_nothing_is_undone(self, acting_owner: Acting) -> None:
        before = Site.objects.count()
        with pytest.raises(UnrecordedWriteError), recording(SYSTEM):
            Site.objects.create(
                organization=acting_owner.organization, code="x", name="x", latitude=0, longitude=0
            )
        assert Site.objects.count() == before

    def test_an_event_of_an_undone_write_never_was(self) -> None:
        def stop_half_way() -> None:
            with recording(ACTOR) as record:
                record("test.thing.happened", objects={})
                raise KeyError

        with pytest.raises(KeyError):
            stop_half_way()
        settle()
        assert verify() == services.Verification(True, 0)

    def test_floats_are_refused_where_they_are_written(self) -> None:
        def tell_a_float() -> None:
            with recording(ACTOR) as record:
                record("test.thing.happened", objects={}, data={"price": [1.5]})

        with pytest.raises(TypeError, match="No floats"):
            tell_a_float()
        assert not Event.objects.exists()

    def test_only_its_audience_sees_an_event(self, acting_buyer: Acting, acting_rival: Acting) -> None:
        end = access.feed_end(acting_buyer.organization.pk)
        settle()
        reached = access.feed_end(acting_rival.organization.pk)
        with recording(acting_buyer.principal) as record:
            record("test.thing.happened", objects={}, audience=[])
        settle()
        assert access.feed_end(acting_buyer.organization.pk) > end
        assert access.feed_end(acting_rival.organization.pk) == reached

    def test_the_record_names_people_by_digest_only(self, acting_buyer: Acting) -> None:
        user = acting_buyer.user
        for event in Event.objects.all():
            text = f"{event.actor} {event.data} {event.objects_touched}"
            assert user.email not in text
            assert user.name not in event.data.values()
        assert user.digest == acting_buyer.principal.actor


@pytest.mark.django_db
class TestSubscribers:
    def test_each_sees_every_event_once_and_in_order(self, monkeypatch: pytest.MonkeyPatch) -> None:
        seen: list[int] = []
        monkeypatch.setattr(services, "_handlers", {})
        services.subscribe("test.reader", "test.thing.happened")(
            lambda event: seen.append(event.data["number"])
        )
        happen(3)
        settle()
        happen(2)
        assert seen == [0, 1, 2, 0, 1]

    def test_a_failing_one_waits_and_does_not_stop_others(
        self, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        seen: dict[str, list[int]] = {"well": [], "ill": []}
        broken = [True]

        def ill(event: Event) -> None:
            if broken[0] and event.data["number"] == 1:
                raise RuntimeError
            seen["ill"].append(event.data["number"])

        monkeypatch.setattr(services, "_handlers", {})
        services.subscribe("test.ill", "test.thing.happened")(ill)
        services.subscribe("test.well", "test.thing.happened")(
            lambda event: seen["well"].append(event.data["number"])
        )
        happen(3)
        assert seen == {"well": [0, 1, 2], "ill": [0]}
        assert "test.ill stopped at an event" in caplog.text
        broken[0] = False
        services.catch_up()
        assert seen["ill"] == [0, 1, 2]


@pytest.mark.django_db(transaction=True)
def test_writers_at_once_get_one_unbroken_chain() -> None:
    """Four writers, each chaining after its own commits, leave no gap and no fork."""
    errors: list[BaseException] = []

    def write(name: int) -> None:
        try:
            for number in range(5):
                with recording(replace(ACTOR, actor=str(name) * 64)) as record:
                    record("test.thing.happened", objects={"writer": name}, data={"number": number})
        except BaseException as error:  # noqa: BLE001 - shown to the test below
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=write, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    settle()
    assert errors == []
    assert verify() == services.Verification(True, 20)
    for name in range(4):
        numbers = (
            Event.objects.filter(actor=str(name) * 64).order_by("position").values_list("data", flat=True)
        )
        assert [one["number"] for one in numbers] == [0, 1, 2, 3, 4]
    assert not Organization.objects.exists()
