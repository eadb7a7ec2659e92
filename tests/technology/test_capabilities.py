"""What a firm can do: stored only when it makes sense, shown only as the firm chose, in both languages."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation
from tests.factories import People

from gonghe.apps.audit.models import Event
from gonghe.apps.base import ForbiddenError, InvalidError, NotFoundError
from gonghe.apps.members import services as members
from gonghe.apps.technology import access, services, words
from gonghe.apps.technology.models import Capability
from gonghe.engines.model.matching import Miss

LIMITS = {"envelope_x_mm": {"max": 500}, "tolerance_it": {"min": 7}, "material_group": {"set": ["steel"]}}


@pytest.fixture
def milling(people: People) -> Capability:
    """Hengda mills steel up to 500 mm to IT 7."""
    return services.save_capability(people.owner, process="milling-3axis", constraints=LIMITS)


def url(name: str, *args: object, slug: str = "hengda") -> str:
    """Address of a page of technology."""
    return reverse(f"technology:{name}", args=[slug, *args])


def test_saving_the_same_again_records_nothing(people: People, milling: Capability) -> None:
    """A change is one event more."""
    events = Event.objects.count()
    same = {"process": "milling-3axis", "constraints": LIMITS, "capability_id": milling.pk}
    services.save_capability(people.owner, **same)
    assert Event.objects.count() == events
    services.save_capability(people.owner, **(same | {"active": False}))
    assert Event.objects.filter(type="technology.capability.saved").count() == 2


@pytest.mark.parametrize(
    ("process", "constraints", "message"),
    [
        ("levitation", {}, "there is no process 'levitation'"),
        ("milling", {"glory": {"max": 1}}, "there is no property 'glory'"),
        ("milling", {"material_group": {"max": 3}}, "material is limited by a list of words"),
        ("milling", {"envelope_x_mm": {"set": ["long"]}}, r"\(X\) is limited by numbers"),
        ("milling", {"envelope_x_mm": {"min": 9, "max": 1}}, "lower limit 9 is above the upper limit 1"),
    ],
)
def test_what_makes_no_sense_is_refused(
    people: People, process: str, constraints: dict[str, dict[str, object]], message: str
) -> None:
    """With the reason, and nothing is stored."""
    with pytest.raises(InvalidError, match=message):
        services.save_capability(people.owner, process=process, constraints=constraints)
    assert Capability.objects.count() == 0


def test_owner_colleague_and_rival(people: People, milling: Capability) -> None:
    """An operator may not, a rival finds nothing to change."""
    change = {"process": "milling-3axis", "constraints": {}, "capability_id": milling.pk}
    with pytest.raises(ForbiddenError):
        services.save_capability(people.colleague, **change)
    with pytest.raises(NotFoundError):
        services.save_capability(people.rival, **change)
    milling.refresh_from_db()
    assert milling.constraints == LIMITS


def test_who_sees_it_follows_the_choice_of_the_firm(people: People, milling: Capability) -> None:
    """Members by default, nobody else when it says so; its own people always."""
    assert list(access.visible_capabilities(people.rival)) == [milling]
    members.set_disclosure(people.owner, group="capabilities", level="nobody")
    assert list(access.visible_capabilities(people.rival)) == []
    assert list(access.visible_capabilities(people.owner)) == [milling]


def test_words_in_both_languages() -> None:
    """Limits and misses read like sentences of the trade."""
    miss = Miss("mass_kg", 900.0, 800.0, 100.0, "KGM")
    assert words.limits_text(LIMITS) == (
        "length of the work space (X): up to 500 mm; material: steel; tolerance grade (ISO 286): from 7"
    )
    assert words.miss_text(miss) == "mass of the part: 900 kg wanted, 800 kg is the limit, 100 kg too much"
    with translation.override("zh-hans"):
        assert words.process_name("milling-3axis") == "三轴铣削"
        assert words.amount("material_group", ("steel", "aluminium")) == "钢，铝"


def test_small_limits_keep_their_digits() -> None:
    """No rounding and no exponents in what people read."""
    assert words.amount("roughness_ra_um", 0.05) == "0.05 µm"
    assert words.amount("batch_pieces", 2_500_000) == "2,500,000"
    assert words.amount("depth_mm", 0.3 - 0.1) == "0.2 mm"
    assert words.amount("envelope_x_mm", 1234.5) == "1,234.5 mm"


def test_a_capability_is_added_changed_and_removed_on_pages(client_owner: Client, people: People) -> None:
    """First the process, then its limits; a limit without a field of its own survives a change."""
    step = client_owner.post(url("choose"), {"process": "turning"})
    assert step["Location"] == url("add", "turning")
    form = {"diameter_mm.max": "300", "material_group.set": ["steel", "brass"], "active": "on"}
    client_owner.post(url("add", "turning"), form)
    one = Capability.objects.get()
    assert one.constraints == {"diameter_mm": {"max": 300}, "material_group": {"set": ["brass", "steel"]}}
    services.save_capability(
        people.owner,
        process="turning",
        constraints=one.constraints | {"force_kn": {"max": 5}},
        capability_id=one.pk,
    )
    client_owner.post(url("edit", one.pk), form | {"diameter_mm.max": "310"})
    one.refresh_from_db()
    assert (one.constraints["diameter_mm"], one.constraints["force_kn"]) == ({"max": 310}, {"max": 5})
    client_owner.post(url("remove", one.pk))
    assert Capability.objects.count() == 0


def test_the_page_lists_members_by_process(client_rival: Client, milling: Capability) -> None:
    """An empty firm is told what to do and sees what others show."""
    page = client_rival.get(url("index", slug="ruian")).content.decode()
    assert "Say what you can do, and orders that fit find you;" in page
    assert '<a href="#members">1 other firm</a> shows you what it can do.' in page
    assert "3-axis milling" in page


def test_machines_that_do_the_same_are_said_once(
    client_rival: Client, people: People, milling: Capability
) -> None:
    """A row a firm and process, whatever the number of machines."""
    services.save_capability(people.owner, process="milling-3axis", constraints=LIMITS)
    page = client_rival.get(url("index", slug="ruian")).content.decode()
    said = words.statements(access.visible_capabilities(people.rival))
    assert [(one["process"], len(one["capabilities"])) for one in said] == [("3-axis milling", 2)]
    assert page.count(str(said[0]["limits"])) == 1


def test_rivals_get_the_page_of_a_random_id(client_rival: Client, milling: Capability) -> None:
    """Byte for byte, and nothing changes."""
    foreign = client_rival.get(url("edit", milling.pk, slug="ruian"))
    nothing = client_rival.get(url("edit", uuid4(), slug="ruian"))
    assert (foreign.status_code, foreign.content) == (404, nothing.content)
    assert client_rival.post(url("remove", milling.pk, slug="ruian")).status_code == 404
    milling.refresh_from_db()


def test_the_api_reads_and_writes_capabilities(client_owner: Client, client_rival: Client) -> None:
    """The same id is not found by the rival."""
    base = "/api/o/hengda/capabilities"
    body = json.dumps({"process": "grinding", "constraints": {"hardness_hrc": {"min": 20, "max": 62}}})
    made = client_owner.post(base, body, "application/json", headers={"Idempotency-Key": "capability-1"})
    assert made.status_code == 201
    assert made.json()["text"] == "hardness (HRC): 20 to 62"
    assert client_owner.get(base).json() == [made.json()]
    key = made.json()["id"]
    refused = client_rival.delete(
        f"/api/o/ruian/capabilities/{key}", headers={"Idempotency-Key": "capability-2"}
    )
    assert refused.status_code == 404
    processes = {one["code"]: one for one in client_owner.get("/api/o/hengda/processes").json()}
    assert processes["milling-3axis"]["parent"] == "milling"
    assert len(processes) == 294
