"""Founding, inviting, letting in, roles, who sees what, tokens."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from tests.factories import People, verify

from gonghe import clock
from gonghe.apps.audit.models import Event
from gonghe.apps.base import ConflictError, ForbiddenError, InvalidError, NotFoundError
from gonghe.apps.members import access, services
from gonghe.apps.members.acting import find_acting
from gonghe.apps.members.facts import is_verified
from gonghe.apps.members.models import ApiToken, Disclosure, Invitation, Role, SignInLink, User
from gonghe.apps.principal import SYSTEM

NOW = datetime(2026, 3, 9, 2, tzinfo=UTC)


def test_an_invited_person_joins_once(people: People) -> None:
    """The letter is kept as a digest only, gives the role and is used up."""
    _invitation, token = services.invite(people.owner, email="New@Example.org", role="planner")
    assert token not in str(Invitation.objects.values().get())
    user = services.accept_invitation(token, name="New Person", password="a long password")
    assert find_acting(user, "hengda").roles == {"planner"}
    assert (user.email, user.check_password("a long password")) == ("new@example.org", True)
    with pytest.raises(NotFoundError):
        services.accept_invitation(token, name="Again", password="a long password")
    joined = Event.objects.filter(type="members.person.joined").latest("id")
    assert joined.data == {"person": user.digest, "role": "planner"}


def test_an_invitation_runs_out_or_is_taken_back(people: People) -> None:
    """After 14 days, or at once."""
    with clock.telling(NOW):
        _one, late = services.invite(people.owner, email="late@example.org", role="buyer")
        other, cancelled = services.invite(people.owner, email="off@example.org", role="buyer")
        with pytest.raises(NotFoundError):
            services.cancel_invitation(people.rival, other.pk)
        services.cancel_invitation(people.owner, other.pk)
        with pytest.raises(NotFoundError):
            services.find_invitation(cancelled)
        services.find_invitation(late)
    with clock.telling(NOW + timedelta(days=14)), pytest.raises(NotFoundError):
        services.find_invitation(late)


def test_a_letter_does_not_open_somebody_elses_account(people: People) -> None:
    """The owner of ruian invites the owner of hengda and opens the link himself: nothing happens."""
    _invitation, token = services.invite(people.rival, email=people.owner.user.email, role="owner")
    for known in (None, people.rival.user):
        with pytest.raises(ConflictError) as refused:
            services.accept_invitation(token, name="x", password="another password", known=known)
        assert refused.value.code == "sign_in_first"
    assert not people.owner.user.memberships.filter(organization__slug="ruian").exists()
    services.accept_invitation(token, known=people.owner.user)
    assert people.owner.user.memberships.filter(organization__slug="ruian").exists()


def test_only_the_office_has_the_role_that_opens_bids(people: People) -> None:
    """A firm cannot give it to anyone; who may not manage people invites nobody."""
    with pytest.raises(InvalidError):
        services.invite(people.owner, email="x@example.org", role=Role.OFFICE)
    services.invite(people.office, email="x@example.org", role=Role.OFFICE)
    with pytest.raises(ForbiddenError):
        services.invite(people.planner, email="y@example.org", role="buyer")
    assert Invitation.objects.count() == 1


def test_the_last_owner_stays(people: People) -> None:
    """With a second owner the first may go and then sees nothing any more."""
    last = access.people(people.owner).get(role="owner")
    with pytest.raises(ConflictError):
        services.take_role(people.owner, last)
    services.add_person(
        SYSTEM, people.owner.organization, email=people.planner.user.email, name="x", role="owner"
    )
    services.take_role(people.owner, last)
    with pytest.raises(NotFoundError):
        find_acting(people.owner.user, "hengda")


def test_a_sign_in_link_works_once_and_for_its_time(people: People) -> None:
    """The database holds its digest only."""
    with clock.telling(NOW):
        token = services.make_sign_in_link(people.owner.user)
        late = services.make_sign_in_link(people.owner.user, minutes=10)
        assert token not in str(list(SignInLink.objects.values()))
        assert services.use_sign_in_link(token) == people.owner.user
        with pytest.raises(NotFoundError):
            services.use_sign_in_link(token)
    with clock.telling(NOW + timedelta(minutes=10)), pytest.raises(NotFoundError):
        services.use_sign_in_link(late)


def test_a_site_is_saved_by_its_code_and_recorded_when_it_changes(people: People) -> None:
    """Saving the same again leaves no event; an impossible place is refused with its field."""
    place = {"code": "main", "name": "Works", "latitude": Decimal("28.0"), "longitude": Decimal("120.6")}
    site = services.save_site(people.owner, **place)
    events = Event.objects.count()
    assert services.save_site(people.owner, **place) == site
    assert Event.objects.count() == events
    assert services.save_site(people.owner, **(place | {"name": "New works"})).name == "New works"
    assert Event.objects.count() == events + 1
    with pytest.raises(InvalidError) as refused:
        services.save_site(people.owner, **(place | {"latitude": Decimal(128), "time_zone": "Mars/Base"}))
    assert refused.value.details["fields"] == ["latitude", "time_zone"]
    site.refresh_from_db()
    assert site.latitude == Decimal("28.0")


@pytest.mark.parametrize(
    ("level", "seen_by"),
    [
        ("nobody", {"hengda"}),
        ("partners", {"hengda", "lanshan"}),
        ("members", {"hengda", "lanshan", "ruian"}),
        ("everyone", {"hengda", "lanshan", "ruian"}),
    ],
)
@pytest.mark.parametrize("group", Disclosure.Group.values)
def test_each_group_of_facts_is_seen_by_whom_the_firm_chose(
    people: People, group: str, level: str, seen_by: set[str]
) -> None:
    """Hengda names lanshan as its partner, not the other way round."""
    services.name_partner(people.owner, people.buyer.organization)
    services.set_disclosure(people.owner, group=group, level=level)
    own = people.owner.organization
    viewers = (people.owner, people.buyer, people.rival)
    assert {
        one.organization.slug for one in viewers if own.pk in access.sees(one.organization, group)
    } == seen_by
    assert (own.pk in access.sees(None, group)) == (level == "everyone")


def test_being_named_does_not_show_ones_own_facts(people: People) -> None:
    """Lanshan shows its prices to partners; hengda named lanshan, but lanshan named nobody."""
    services.name_partner(people.owner, people.buyer.organization)
    services.set_disclosure(people.lanshan_owner, group="prices", level="partners")
    assert people.buyer.organization.pk not in access.sees(people.owner.organization, "prices")
    services.drop_partner(people.owner, people.buyer.organization)
    with pytest.raises(NotFoundError):
        services.drop_partner(people.owner, people.buyer.organization)


def test_without_a_choice_members_see_who_a_firm_is_and_what_it_can(people: People) -> None:
    """The defaults give away neither prices, nor free hours, nor history."""
    own = people.owner.organization.pk
    seen = {
        group for group in Disclosure.Group.values if own in access.sees(people.rival.organization, group)
    }
    assert seen == {"identity", "capabilities"}


def test_tokens_stay_within_the_role_and_cannot_multiply(people: People) -> None:
    """A planner may not give away what they may not do; a token makes no token."""
    with pytest.raises(InvalidError):
        services.issue_token(people.planner, name="x", scopes=["write:members"])
    row, token = services.issue_token(people.planner, name="erp", scopes=["read", "write:capacity"])
    assert token not in str(ApiToken.objects.values().get())
    program = find_acting(people.planner.user, "hengda", via="api", scopes=frozenset(row.scopes))
    assert (program.may("capacity"), program.may("orders")) == (True, False)
    with pytest.raises(ForbiddenError):
        services.issue_token(program, name="more", scopes=["read"])
    with pytest.raises(NotFoundError):
        services.revoke_token(people.owner, row.pk)
    services.revoke_token(people.planner, row.pk)
    assert not ApiToken.objects.get().is_valid


def test_the_office_vouches_and_a_firm_cannot(people: People) -> None:
    """The firm sees it in its feed."""
    with pytest.raises(InvalidError):
        verify(people.rival, people.owner.organization, "name")
    verify(people.office, people.owner.organization, "name")
    assert Event.objects.filter(type="members.fact.verified").count() == 1
    assert is_verified(people.owner.organization)


def test_events_name_people_by_digest_only(people: People) -> None:
    """No address and no name in the record."""
    services.invite(people.owner, email="new@example.org", role="planner")
    services.save_account(people.owner, name="Somebody Else", language="zh-hans")
    text = str(list(Event.objects.values()))
    for user in User.objects.all():
        assert user.email not in text
    assert "Somebody Else" not in text
    assert "new@example.org" not in text
