"""Registration codes of firms: what is checked of them before they are stored."""

from __future__ import annotations

import re
import unicodedata

from django.utils.translation import gettext as _
from stdnum.cn import uscc
from stdnum.eu import vat
from stdnum.exceptions import ValidationError
from stdnum.fr import siret

from gonghe.apps.base import InvalidError

CREDIT_CODE = re.compile(r"[0-9A-Z]{18}")
EORI = re.compile(r"[A-Z]{2}[0-9A-Z]{1,15}")


def checked_code(written: str) -> str:
    """A registration code as it is stored: full width made half, no blanks around, upper case.

    A code of 18 letters and figures is a Chinese unified social credit code and has to bear its check
    character (GB 32100-2015); codes of other shapes are those of other registers and are taken as they are.

    Raises
    ------
    InvalidError
        If a credit code has a wrong letter, place or check character.
    """
    plain = unicodedata.normalize("NFKC", written).strip()
    code = re.sub(r"[\s-]", "", plain).upper()
    if not CREDIT_CODE.fullmatch(code):
        return plain
    try:
        return str(uscc.validate(code))
    except ValidationError as error:
        raise InvalidError(
            _("%s is no unified social credit code: a character is wrong. Compare it with your licence.")
            % code,
            code="credit_code",
            fields=["registration_code"],
        ) from error


def checked_vat(written: str) -> str:
    """A VAT number of the European Union as it is stored, with its country and its check characters right.

    Raises
    ------
    InvalidError
        If the country has no such number, or a character is wrong.
    """
    number = _plain(written)
    if not number:
        return ""
    try:
        return str(vat.validate(number)).upper()
    except ValidationError as error:
        raise InvalidError(
            _("%s is no VAT number: begin with the country, such as DE136695976, and compare each character.")
            % number,
            code="vat_number",
            fields=["vat_number"],
        ) from error


def checked_eori(written: str) -> str:
    """An EORI number as it is stored: the country that gave it and up to 15 letters and figures.

    Its form alone is checked (Regulation (EU) 2015/2446, annex 12-01): countries make the rest up themselves,
    but for France, where it is a SIRET with check digits.

    Raises
    ------
    InvalidError
        If it has another form, or a French one a wrong digit.
    """
    number = _plain(written)
    if not number:
        return ""
    country = number[:2].lower().replace("el", "gr")
    right = EORI.fullmatch(number) and country in vat.MEMBER_STATES | {"gb"}
    if not right or (country == "fr" and not siret.is_valid(number[2:])):
        raise InvalidError(
            _("%s is no EORI number: two letters of the country, then up to 15 letters and figures.")
            % number,
            code="eori_number",
            fields=["eori_number"],
        )
    return number


def _plain(written: str) -> str:
    return re.sub(r"[\s.-]", "", unicodedata.normalize("NFKC", written)).upper()
