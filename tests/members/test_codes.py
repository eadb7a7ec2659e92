"""Unified social credit codes are checked; codes of other registers are taken as they are."""

from __future__ import annotations

import pytest
from tests.factories import People

from gonghe.apps.base import InvalidError
from gonghe.apps.members import identity
from gonghe.apps.members.codes import checked_code, checked_eori, checked_vat


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


def test_european_numbers_carry_their_country_and_check_digits() -> None:
    """Numbers of the examples that the register's own pages give; the last digit off by one is refused."""
    assert checked_vat("de 136,695 976".replace(",", "")) == "DE136695976"
    assert checked_vat("") == ""
    assert checked_eori(" fr 732 829 320 00074") == "FR73282932000074"
    assert checked_eori("DE1234567") == "DE1234567"
    for wrong in ("DE136695977", "136695976", "US123456789"):
        with pytest.raises(InvalidError, match="is no VAT number"):
            checked_vat(wrong)
    for wrong in ("FR73282932000075", "US123", "DE", "DE1234567890123456"):
        with pytest.raises(InvalidError, match="is no EORI number"):
            checked_eori(wrong)


@pytest.mark.django_db
def test_a_wrong_code_changes_nothing(people: People) -> None:
    with pytest.raises(InvalidError):
        identity.save_profile(people.owner, name="New name", registration_code="91350100M000100Y44")
    people.owner.organization.refresh_from_db()
    assert people.owner.organization.name == "Hengda Precision"
