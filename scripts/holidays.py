"""Write the shipped public holidays anew from python-holidays (MIT licence).

Run it in an environment of its own, once a year after China's State Council has announced its days::

    python -m venv holidays && holidays/bin/pip install holidays
    holidays/bin/python scripts/holidays.py
"""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

sys.path = [one for one in sys.path if Path(one or ".").resolve() != Path(__file__).resolve().parent]
import holidays  # type: ignore[import-not-found]  # noqa: E402

TARGET = Path(__file__).parents[1] / "src/gonghe/apps/capacity/public_holidays.json"
AHEAD = 6
COUNTRIES = """
    AT AU BE BG BR CA CH CN CZ DE DK EE ES FI FR GB GR HK HR HU ID IE IN IT JP KR LT LU LV MO MX MY NL NO NZ
    PH PL PT RO SE SG SI SK TH TR TW UA US VN
""".split()
PARTS = ("AT", "AU", "CA", "CH", "DE", "ES", "GB")  # whose parts rest on days of their own


def main() -> None:
    """Write the file."""
    names: dict[tuple[str, str], int] = {}
    years = [date.today().year - 1, date.today().year + AHEAD]
    found = {}
    for country in COUNTRIES:
        parts = holidays.list_supported_countries()[country] if country in PARTS else []
        for part in ["", *(one for one in parts if one.isalnum() and len(one) <= 3)]:
            code = f"{country}-{part}" if part else country
            found[code] = _region(country, part, years, names)
    told = {
        "source": f"python-holidays {holidays.__version__}, MIT licence",
        "years": years,
        "names": [list(one) for one in names],
        "regions": found,
    }
    TARGET.write_text(
        json.dumps(told, ensure_ascii=False, separators=(",", ":")).replace('},"', '},\n"') + "\n",
        encoding="utf-8",
    )


def _region(country: str, part: str, years: list[int], names: dict[tuple[str, str], int]) -> dict[str, Any]:
    asked = {"subdiv": part or None, "years": range(years[0], years[1] + 1)}
    language = holidays.country_holidays(country).default_language or "en"
    own = holidays.country_holidays(country, language=language, **asked)
    english = own
    if "en_US" in own.supported_languages:
        english = holidays.country_holidays(country, language="en_US", **asked)
    off = []
    for day in sorted(own):
        if years[0] <= day.year <= years[1]:
            name = (own[day], english[day])
            off.append([day.isoformat(), names.setdefault(name, len(names))])
    made_up = sorted(day.isoformat() for day in own.weekend_workdays if years[0] <= day.year <= years[1])
    return {"language": language[:2], "off": off, "made_up": made_up}


if __name__ == "__main__":
    main()
