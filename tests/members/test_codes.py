"""Unified social credit codes are checked; codes of other registers are taken as they are."""

from __future__ import annotations

import pytest
from tests.factories import People

from gonghe.apps.base import InvalidError
from gonghe.apps.members import services
from gonghe.apps.members.codes import checked_code


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("91350100M000100Y43", "91350100M000100Y43"),  # the example of GB 32100-2015
        (" 9135 0100 m000100y43", "91350100M000100Y43"),
        ("９１３５０１００Ｍ０００１００Ｙ４３", "91350100M000100Y43"),
        ("HRB 12345", "HRB 12345"),
        ("", ""),
    ],
)
def test_what_is_stored(written: str, stored: str) -> None:
    assert checked_code(written) == stored


@pytest.mark.parametrize("wrong", ["91350100M000100Y4Z", "91350100M000100Y44", "91350100M000l00Y43"])
def test_a_wrong_character_is_found(wrong: str) -> None:
    with pytest.raises(InvalidError, match="Compare it with your licence") as refused:
        checked_code(wrong)
    assert refused.value.details["fields"] == ["registration_code"]


@pytest.mark.django_db
def test_a_wrong_code_changes_nothing(people: People) -> None:
    with pytest.raises(InvalidError):
        services.save_profile(people.owner, name="New name", registration_code="91350100M000100Y44")
    people.owner.organization.refresh_from_db()
    assert people.owner.organization.name == "Hengda Precision"
