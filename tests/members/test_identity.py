"""Who a firm is: fact by fact, verified by the office, unverified by a change; certificates that expire."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from tests.factories import People, verify

from gonghe import clock
from gonghe.apps.audit.models import Event
from gonghe.apps.base import ConflictError, ForbiddenError, InvalidError, NotFoundError
from gonghe.apps.capacity import finding, matching
from gonghe.apps.capacity import services as capacity
from gonghe.apps.members import services
from gonghe.apps.members.facts import (
    Fact,
    facts_of,
    facts_shown,
    is_verified,
    running_out,
    unverified_firms,
    verified_firms,
)
from gonghe.apps.members.identity import remove_certificate, save_certificate, save_profile, verify_fact
from gonghe.apps.members.models import Certificate, Organization
from gonghe.apps.technology import services as technology
from gonghe.web.needs import needs

pytestmark = pytest.mark.django_db
CODE = "91350100M000100Y43"
NOON = datetime(2026, 3, 9, 4, tzinfo=UTC)  # in Shanghai


def stated(people: People) -> dict[str, Fact]:
    return {one.key.split(":")[0]: one for one in facts_of(reread(people))}


def reread(people: People) -> Organization:
    return Organization.objects.get(slug="hengda")


def profile(people: People, **changes: object) -> None:
    values = {
        "name": "Hengda Precision", "registration_code": CODE, "industry": "3484", "staff": 34,
        "turnover": Decimal(12_000_000),
    }  # fmt: skip
    save_profile(people.owner, **(values | changes))  # type: ignore[arg-type]


def test_each_fact_is_verified_by_itself_with_who_and_when(people: People) -> None:
    profile(people)
    with clock.telling(NOON):
        verify(people.office, people.owner.organization, "name", "industry", "staff")
    found = stated(people)
    assert list(found) == ["name", "registration_code", "site", "industry", "size", "staff", "turnover"]
    seen = found["name"].verified
    assert seen is not None
    assert (seen.by, seen.at) == ("Oujiang Cluster Office", NOON)
    assert found["registration_code"].verified is None
    assert found["size"].shown == "small, 工信部联企业〔2011〕300号"
    assert found["size"].verified is None, "the turnover is not verified"
    assert not is_verified(people.owner.organization)
    verify(people.office, people.owner.organization, "registration_code", "turnover")
    assert stated(people)["size"].verified is not None
    assert list(verified_firms()) == [people.owner.organization]
    assert people.owner.organization not in unverified_firms()


@pytest.mark.parametrize(
    ("change", "lost"),
    [
        ({"about": "We mill."}, []),
        ({"name": "Hengda Group"}, ["name"]),
        ({"name_en": "Hengda Group"}, ["name"]),
        ({"registration_code": ""}, ["registration_code"]),
        ({"industry": "C35"}, ["industry"]),
        ({"staff": 35, "turnover": Decimal(13_000_000)}, ["staff", "turnover"]),
    ],
)
def test_a_change_makes_a_fact_unverified(people: People, change: dict[str, object], lost: list[str]) -> None:
    """And only that one; changing it back does not bring it again."""
    profile(people)
    verify(people.office, people.owner.organization)
    before = {key for key, fact in stated(people).items() if fact.verified}
    profile(people, **change)
    profile(people)
    after = {key for key, fact in stated(people).items() if fact.verified}
    assert before - after - {"size"} == set(lost)
    told = [one.data["unverified"] for one in Event.objects.filter(type="members.organization.saved")]
    assert lost in told


def test_a_moved_site_has_to_be_verified_anew(people: People) -> None:
    verify(people.office, people.owner.organization)
    assert stated(people)["site"].verified
    moved = {"code": "main", "name": "Works", "latitude": Decimal("28.5"), "longitude": Decimal("120.6")}
    services.save_site(people.owner, **moved)  # type: ignore[arg-type]
    assert not stated(people)["site"].verified
    assert stated(people)["name"].verified


def test_the_office_verifies_what_it_looked_at(people: People) -> None:
    """A change between looking and pressing the button is not verified unseen."""
    looked = stated(people)["name"].value
    save_profile(people.owner, name="Hengda Group")
    with pytest.raises(ConflictError, match="Look again"):
        verify_fact(people.office, people.owner.organization, fact="name", value=looked)
    with pytest.raises(NotFoundError):
        verify_fact(people.office, people.owner.organization, fact="size", value="")
    with pytest.raises(InvalidError, match="Only the cluster office"):
        verify_fact(people.rival, people.owner.organization, fact="name", value="Hengda Group\n")
    assert not is_verified(people.owner.organization)


def test_figures_stay_with_the_firm_and_the_office(people: People) -> None:
    profile(people)
    firm = reread(people)

    def keys(viewer: Organization | None) -> set[str]:
        return {one.key.split(":")[0] for one in facts_shown(viewer, firm) or ()}

    figures = {"staff", "turnover"}
    assert figures <= keys(firm)
    assert figures <= keys(people.office.organization)
    assert keys(people.rival.organization) == keys(firm) - figures
    assert facts_shown(None, firm) is None


def test_wrong_codes_are_refused_in_their_field(client_owner: Client, people: People) -> None:
    address = reverse("organization:profile", args=["hengda"])
    sent = {"name": "Hengda", "industry": "D34", "vat_number": "", "staff": "34"}
    page = client_owner.post(address, sent).content.decode()
    assert "D34 is no industry of GB/T 4754." in page
    assert 'value="34"' in page
    assert client_owner.post(address, sent | {"industry": "C34"}).status_code == 302
    assert (reread(people).industry, reread(people).staff) == ("C34", 34)


def certificate(people: People, last: date, number: str = "1") -> Certificate:
    return save_certificate(people.owner, kind="iso9001", number=number, expires_on=last)[0]


def test_a_certificate_warns_before_it_expires_and_presses_after(people: People) -> None:
    """60 days before; the last day still counts; a newer one of the same kind ends the warning."""
    with clock.telling(NOON):
        assert certificate(people, date(2026, 5, 8)).kind == "ISO 9001"
        assert running_out(people.owner) == []
    with clock.telling(NOON + timedelta(days=1)):
        (need,) = [one for one in needs(people.owner) if "ISO 9001" in one.title]
        assert (need.title, need.urgent) == ("ISO 9001 1 expires soon", False)
        assert need.due == datetime(2026, 5, 8, 15, 59, tzinfo=UTC)
        assert [one for one in needs(people.operator) if "ISO 9001" in one.title] == []
    with clock.telling(datetime(2026, 5, 8, 15, 59, tzinfo=UTC)):
        assert not any(one.urgent for one in needs(people.owner))
    with clock.telling(datetime(2026, 5, 8, 16, 1, tzinfo=UTC)):
        (need,) = [one for one in needs(people.owner) if one.urgent]
        assert need.title == "ISO 9001 1 has expired"
        assert stated(people)["certificate"].expired
        certificate(people, date(2027, 5, 8), "2")
        assert running_out(people.owner) == []


def test_an_expired_certificate_no_longer_satisfies(people: People) -> None:
    """Matching and search alike; a certificate that is not listed stands on the firm's word."""
    can = technology.save_capability(
        people.owner, process="milling-3axis", constraints={"certificate": {"set": ["ISO 9001"]}}
    )
    capacity.save_equipment(
        people.owner,
        code="M1",
        name="Mill",
        site=people.owner.organization.sites.get(),
        calendar=None,
        capabilities=[can],
        released=False,
    )
    wanted = {"process": "milling-3axis", "properties": {"certificate": "ISO 9001"}}

    def answers() -> tuple[list[str], int]:
        judged = matching.candidates(people.rival.organization, wanted)
        return [one.verdict for one in judged], len(finding.find(people.rival, "3-axis milling ISO 9001").can)

    with clock.telling(NOON):
        assert answers() == (["can"], 1)
        listed = certificate(people, date(2026, 3, 9))
        assert answers() == (["can"], 1)
    with clock.telling(NOON + timedelta(days=1)):
        assert answers() == (["nearly"], 0)
        (miss,) = matching.candidates(people.rival.organization, wanted)[0].misses
        assert (miss.property, miss.offered) == ("certificate", None)
        newer = certificate(people, date(2027, 3, 9), "2")
        assert answers() == (["can"], 1)
        remove_certificate(people.owner, newer)
        assert answers() == (["nearly"], 0)
        remove_certificate(people.owner, listed)
        assert answers() == (["can"], 1)


def test_only_their_own_people_touch_certificates(people: People, client_rival: Client) -> None:
    one = certificate(people, date(2027, 1, 1))
    for name in ("edit_certificate", "remove_certificate"):
        address = reverse(f"organization:{name}", args=["ruian", one.pk])
        assert client_rival.post(address, {}).status_code == 404
    with pytest.raises(ForbiddenError):
        save_certificate(people.operator, kind="ISO 9001", number="9", expires_on=date(2027, 1, 1))
    other = certificate(people, date(2027, 1, 1), "2")
    with pytest.raises(ConflictError, match="You list ISO 9001 1 already"):
        save_certificate(
            people.owner, kind="ISO 9001", number="1", expires_on=date(2027, 1, 1), certificate=other
        )
    assert Certificate.objects.count() == 2


def test_programs_read_and_verify_facts(people: People, client_owner: Client, client_office: Client) -> None:
    sent = {"kind": "EN 1090", "number": "7", "expires_on": "2027-01-31"}
    key = {"HTTP_IDEMPOTENCY_KEY": "certificate-7", "content_type": "application/json"}
    made = client_owner.post("/api/o/hengda/certificates", sent, **key)
    assert (made.status_code, made.json()["expires_on"]) == (200, "2027-01-31")
    seen = client_office.get("/api/o/park/firms/hengda").json()["identity"]
    fact = next(one for one in seen if one["fact"].startswith("certificate:"))
    body = {"fact": fact["fact"], "value": fact["value"]}
    key["HTTP_IDEMPOTENCY_KEY"] = "verification-7"
    assert client_office.post("/api/o/park/members/hengda/verification", body, **key).status_code == 200
    own = client_owner.get("/api/o/hengda/identity").json()
    assert {one["fact"] for one in own if one["verified_by"]} == {fact["fact"]}
