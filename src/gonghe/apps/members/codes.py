"""Registration codes of firms: what is checked of them before they are stored."""

from __future__ import annotations

import re
import unicodedata

from django.utils.translation import gettext as _
from stdnum.cn import uscc
from stdnum.exceptions import ValidationError

from gonghe.apps.base import InvalidError

CREDIT_CODE = re.compile(r"[0-9A-Z]{18}")


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
