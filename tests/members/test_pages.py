"""Pages of members: joining, one's own organisation, the account; closed to outsiders and rivals."""

from __future__ import annotations

import re

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.test import Client
from django.urls import reverse
from tests.factories import People

from gonghe.apps.members import access, identity, services
from gonghe.apps.members.facts import is_verified
from gonghe.apps.members.models import ApiToken, Disclosure, Invitation, Membership, Site, User


def url(name: str, *args: object, slug: str = "hengda") -> str:
    """Address of a page of members."""
    return reverse(f"organization:{name}", args=[slug, *args])


def test_sign_in_with_password_and_by_link(people: People) -> None:
    """A single-use link asks for a button first, so that a preview does not use it up."""
    people.owner.user.set_password("a long password")
    people.owner.user.save()
    browser = Client()
    form = {"username": people.owner.user.email, "password": "wrong"}
    assert browser.post(reverse("members:sign_in"), form).status_code == 200
    assert browser.get(url("own")).status_code == 302
    browser.post(reverse("members:sign_in"), form | {"password": "a long password"})
    assert browser.get(url("own")).status_code == 200
    link = reverse("members:sign_in_link", args=[services.make_sign_in_link(people.owner.user)])
    other = Client()
    assert other.get(link).status_code == 200
    assert other.post(link).status_code == 302
    assert other.get(url("own")).status_code == 200
    assert Client().post(link).status_code == 404


def test_a_new_person_joins_by_the_link_that_the_page_shows_once(
    client_owner: Client, people: People
) -> None:
    """A weak password is refused and the name stays."""
    page = client_owner.post(url("invite"), {"email": "new@example.org", "role": "planner"}).content.decode()
    (link,) = re.findall(r'id="link">\S*?(/join/[^<\s]+)<', page)
    assert link not in client_owner.get(url("own")).content.decode()
    browser = Client()
    weak = browser.post(link, {"name": "Nora", "password": "12345"}).content.decode()
    assert 'value="Nora"' in weak
    assert not User.objects.filter(email="new@example.org").exists()
    browser.post(link, {"name": "Nora", "password": "a rather long one"})
    assert browser.get(url("own")).status_code == 200
    assert Client().get(link).status_code == 404


def test_a_known_person_signs_in_before_joining(people: People, client_buyer: Client) -> None:
    """Nobody gets into the account of the invited by the link alone."""
    _invitation, token = services.invite(people.owner, email=people.buyer.user.email, role="planner")
    link = reverse("members:join", args=[token])
    stranger = Client()
    assert stranger.get(link)["Location"].startswith(reverse("members:sign_in"))
    assert stranger.post(link, {"name": "x", "password": "a rather long one"}).status_code == 302
    assert Invitation.objects.get().accepted_at is None
    assert client_buyer.get(link).status_code == 200
    client_buyer.post(link)
    assert client_buyer.get(url("own")).status_code == 200


def test_own_page_tells_who_sees_what(client_owner: Client, people: People) -> None:
    """The answer counts hidden groups and people; a change holds at once."""
    page = client_owner.get(url("own")).content.decode()
    assert '<a href="#disclosure">3 of 5</a>' in page
    assert '<a href="#people">4 people</a> work here.' in page
    levels = dict.fromkeys(Disclosure.Group.values, "members")
    client_owner.post(url("disclose"), levels | {"prices": "nobody"})
    assert access.disclosures(people.owner) == levels | {"prices": "nobody"}
    wrong = client_owner.post(url("disclose"), levels | {"prices": "the moon"})
    assert wrong.status_code == 422


def test_sites_are_added_and_changed(client_owner: Client, people: People) -> None:
    """A wrong latitude is said at its field and what was typed stays."""
    form = {
        "code": "W2",
        "name": "Hall 2",
        "address": "8 Mill Lane",
        "latitude": "128",
        "longitude": "120.5",
        "time_zone": "Asia/Shanghai",
    }
    refused = client_owner.post(url("add_site"), form).content.decode()
    assert 'value="Hall 2"' in refused
    assert "less than or equal to 90" in refused
    client_owner.post(url("add_site"), form | {"latitude": "28.1"})
    site = access.own_sites(people.owner).get(code="W2")
    client_owner.post(url("edit_site", site.pk), form | {"latitude": "28.2", "code": "other"})
    site.refresh_from_db()
    assert (site.code, str(site.latitude)) == ("W2", "28.20000")


def test_the_map_shows_who_shows_where_it_is(client_rival: Client, people: People) -> None:
    """A firm that shows its identity to nobody is a name without a place."""
    assert "Hengda Precision, main works" in client_rival.get(url("index", slug="ruian")).content.decode()
    services.set_disclosure(people.owner, group="identity", level="nobody")
    page = client_rival.get(url("index", slug="ruian")).content.decode()
    assert "Hengda Precision" in page
    assert "Hengda Precision, main works" not in page
    assert "28.0012" not in page


def test_people_come_and_go(client_owner: Client, people: People) -> None:
    """The last owner cannot be removed; a planner can."""
    planner = Membership.objects.get(user=people.planner.user)
    client_owner.post(url("take_role", planner.pk))
    with pytest.raises(ObjectDoesNotExist):
        planner.refresh_from_db()
    owner = Membership.objects.get(user=people.owner.user)
    page = client_owner.post(url("take_role", owner.pk), follow=True).content.decode()
    assert "Somebody must be left who can invite people." in page
    owner.refresh_from_db()


def test_partners_are_named_and_dropped(client_owner: Client, people: People) -> None:
    """By the names in the list."""
    client_owner.post(url("name_partner"), {"partner": "lanshan"})
    assert [one.partner.slug for one in access.partners(people.owner)] == ["lanshan"]
    client_owner.post(url("drop_partner", "lanshan"))
    assert not access.partners(people.owner).exists()
    assert client_owner.post(url("name_partner"), {"partner": "hengda"}).status_code == 422


def test_a_token_is_shown_once(client_owner: Client) -> None:
    """The page that makes it, and no other."""
    page = client_owner.post(
        url("issue_token"), {"name": "erp", "scopes": ["read"], "days": 30}
    ).content.decode()
    (token,) = re.findall(r'id="token">(gh_[^<]+)<', page)
    account = client_owner.get(url("account")).content.decode()
    assert "erp" in account
    assert token not in account
    client_owner.post(url("revoke_token", ApiToken.objects.get().pk))
    assert not ApiToken.objects.get().is_valid


def test_account_language_and_password(client_owner: Client, people: People) -> None:
    """Who came by link only sets a password without an old one; after that the old one is asked."""
    answer = client_owner.post(url("save_account"), {"name": "Lin Yue", "language": "zh-hans"})
    assert answer.cookies["django_language"].value == "zh-hans"
    new = {"new_password1": "a rather long one", "new_password2": "a rather long one"}
    client_owner.post(url("set_password"), new)
    people.owner.user.refresh_from_db()
    assert (people.owner.user.name, people.owner.user.check_password("a rather long one")) == (
        "Lin Yue",
        True,
    )
    other = {"new_password1": "yet another long one", "new_password2": "yet another long one"}
    assert client_owner.post(url("set_password"), other).status_code == 422
    client_owner.post(url("set_password"), other | {"old_password": "a rather long one"})
    people.owner.user.refresh_from_db()
    assert people.owner.user.check_password("yet another long one")


def test_the_office_verifies_by_button(client_office: Client, client_rival: Client, people: People) -> None:
    """A rival's attempt changes nothing."""
    assert client_rival.post(url("verify", "hengda", slug="ruian")).status_code == 422
    people.owner.organization.refresh_from_db()
    assert not is_verified(people.owner.organization)
    page = client_office.get(reverse("capacity:firm", args=["park", "hengda"])).content.decode()
    (value,) = re.findall(r'value="name"><textarea name="value" hidden>\n([^<]*)</textarea>', page)
    sent = {"fact": "name", "value": value.replace("\n", "\r\n")}  # as browsers send it
    client_office.post(url("verify", "hengda", slug="park"), sent)
    assert is_verified(people.owner.organization)
    seen = client_rival.get(reverse("capacity:firm", args=["ruian", "hengda"])).content.decode()
    assert "by Oujiang Cluster Office" in seen


@pytest.mark.parametrize("name", ["index", "own", "profile", "add_site", "invite", "account"])
def test_outsiders_and_rivals_find_nothing(
    client_outsider: Client, client_rival: Client, people: People, name: str
) -> None:
    """The same answer as for a firm that does not exist, byte for byte."""
    for browser in (client_outsider, client_rival):
        foreign, nothing = browser.get(url(name)), browser.get(url(name, slug="nowhere"))
        assert (foreign.status_code, foreign.content) == (404, nothing.content)


def test_a_rival_cannot_touch_sites_people_or_letters(client_rival: Client, people: People) -> None:
    """Their ids lead nowhere from ruian."""
    site, person = (
        Site.objects.get(organization__slug="hengda"),
        Membership.objects.get(user=people.planner.user),
    )
    invitation, _token = services.invite(people.owner, email="new@example.org", role="planner")
    assert client_rival.get(url("edit_site", site.pk, slug="ruian")).status_code == 404
    assert client_rival.post(url("take_role", person.pk, slug="ruian")).status_code == 404
    assert client_rival.post(url("cancel_invitation", invitation.pk, slug="ruian")).status_code == 404
    person.refresh_from_db()
    invitation.refresh_from_db()


def test_who_may_not_manage_people_sees_no_buttons_and_is_refused(
    client_planner: Client, people: People
) -> None:
    """The form says why; nothing is stored."""
    assert url("invite") not in client_planner.get(url("own")).content.decode()
    page = client_planner.post(url("invite"), {"email": "x@example.org", "role": "buyer"}).content.decode()
    assert "Your role does not allow this." in page
    assert Invitation.objects.count() == 0


def test_a_firm_is_called_by_its_name_in_the_reader_s_language(client_owner: Client, people: People) -> None:
    """The API gives both names, whatever the language."""
    identity.save_profile(people.rival, name="瑞安模具", name_en="Ruian Mould")
    english = client_owner.get(url("index")).content.decode()
    assert "<b>Ruian Mould</b>" in english
    assert "<b>瑞安模具</b>" not in english
    browser = client_owner
    browser.cookies["django_language"] = "zh-hans"
    chinese = browser.get(url("index")).content.decode()
    assert "<b>瑞安模具</b>" in chinese
    assert "<b>Ruian Mould</b>" not in chinese
    for language in ("en", "zh-hans"):
        browser.cookies["django_language"] = language
        told = {one["slug"]: one for one in browser.get("/api/o/hengda/members").json()}
        assert (told["ruian"]["name"], told["ruian"]["name_en"]) == ("瑞安模具", "Ruian Mould")
