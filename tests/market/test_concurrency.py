"""Bids that meet each other, the closing and the opening at the same moment."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextvars import copy_context

import pytest
from django.db import connection
from tests import factories
from tests.market import making
from tests.market.making import AFTER, Scene

from gonghe import clock
from gonghe.apps.audit.models import Event
from gonghe.apps.base import ConflictError
from gonghe.apps.market import access
from gonghe.apps.market import services as market
from gonghe.apps.market.models import Bid, BidItem, Call
from gonghe.apps.market.services import bids as bidding
from gonghe.apps.market.services import calls

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def met(transactional_db: None) -> Iterator[Scene]:
    """A scene that several threads see."""
    with clock.telling(making.NOW):
        yield making.scene(factories.people())


def together(*actions: Callable[[], object]) -> list[object]:
    """Run actions at once in threads of their own; what they return or raise, in order."""
    gate = threading.Barrier(len(actions))
    results: list[object] = [None] * len(actions)

    def run(place: int, action: Callable[[], object]) -> None:
        gate.wait()
        try:
            results[place] = action()
        except ConflictError as error:
            results[place] = error.code
        finally:
            connection.close()

    threads = [
        threading.Thread(target=copy_context().run, args=(run, place, action))
        for place, action in enumerate(actions)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_a_bid_sent_twice_at_once_stands_once(met: Scene) -> None:
    sent = together(*[lambda: market.submit_bid(met.owner, met.call, met.offer())] * 4)
    assert all(isinstance(one, Bid) for one in sent)
    standing = Bid.objects.get(withdrawn_at=None)
    assert [one.sealed for one in Bid.objects.exclude(pk=standing.pk)] == [{}] * 3
    with clock.telling(AFTER):
        assert len(market.open_bids(making.private_key(), met.office, met.call)) == 1


def test_two_firms_at_once_both_count(met: Scene) -> None:
    together(
        lambda: market.submit_bid(met.owner, met.call, met.offer()),
        lambda: market.submit_bid(met.peer, met.call, met.window_offer()),
    )
    assert access.answers(met.call).bids == 2


def test_a_bid_that_waits_for_its_turn_past_the_closing_is_late(
    met: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The time that counts is read once the call is held, not when the request came in."""
    held = calls.lock

    def slow_lock(call: Call) -> Call:
        found = held(call)
        told.set(AFTER)
        return found

    told = clock._told
    monkeypatch.setattr(bidding, "lock", slow_lock)
    with pytest.raises(ConflictError) as refused:
        copy_context().run(lambda: market.submit_bid(met.owner, met.call, met.offer()))
    assert refused.value.code == "bids_closed"
    assert not Bid.objects.exists()


def test_opening_and_a_late_change_never_mix(met: Scene) -> None:
    """Everyone has answered, so the key holder may open while a firm still replaces its bid."""
    market.submit_bid(met.owner, met.call, met.offer("18765.43"))
    market.decline(met.peer, met.call)
    opened, replaced = together(
        lambda: market.open_bids(making.private_key(), met.office, Call.objects.get(pk=met.call.pk)),
        lambda: market.submit_bid(met.owner, met.call, met.offer("17999.00")),
    )
    call = Call.objects.get()
    if opened == "bids_moved":
        assert (call.state, BidItem.objects.count()) == ("open", 0)
        assert isinstance(replaced, Bid)
    else:
        standing = Bid.objects.get(withdrawn_at=None)
        assert (call.state, [item.bid_id for item in BidItem.objects.all()]) == ("opened", [standing.pk])
        assert Event.objects.get(type="market.bid.counted").data["digest"] == standing.digest


def test_two_openings_at_once_open_once(met: Scene) -> None:
    market.submit_bid(met.owner, met.call, met.offer())

    def open_now() -> object:
        with clock.telling(AFTER):
            return market.open_bids(making.private_key(), met.office, Call.objects.get(pk=met.call.pk))

    results = together(open_now, open_now)
    assert sorted(str(type(one).__name__) for one in results) == ["list", "str"]
    assert "opened_already" in results
    assert BidItem.objects.count() == 1


def test_two_calls_for_one_order_at_once_leave_one(met: Scene) -> None:
    order = making.an_order(met.buyer)
    results = together(*[lambda: making.open_call(met.buyer, order, met.owner.organization)] * 2)
    assert sorted(str(type(one).__name__) for one in results) == ["Call", "str"]
    assert "already_called" in results
    assert Call.objects.filter(order=order).count() == 1
