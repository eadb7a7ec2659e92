"""What a searcher's sentence asks for: process, material, sizes, grades, certificates, distance, pieces.

Deterministic: patterns and the names of the taxonomy, English and Chinese, nothing learned. What was taken
for which wish is kept with its place in the text, so that a reader can see and remove every piece.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from gonghe.engines.matching.taxonomy import Taxonomy, stands_alone
from gonghe.engines.model.matching import Requirement, Value

PROCESS, DISTANCE = "process", "distance_km"

NUMBER = r"(\d+(?:\.\d+)?)"
LENGTH_UNIT = r"(mm|cm|dm|m|毫米|厘米|分米|米)(?![a-z])"
IN_MM = {"mm": 1, "毫米": 1, "cm": 10, "厘米": 10, "dm": 100, "分米": 100, "m": 1000, "米": 1000}
KN_PER_TONNE = 9.80665  # standard gravity, ISO 80000-3

PLAIN = (
    (
        DISTANCE,
        rf"(?:within|inside|不超过)?\s*{NUMBER}\s*(?:km|kilomet(?:re|er)s?|公里|千米)(?:以内|之内|内)?",
    ),
    ("tolerance_it", r"(?<![a-z])it\s*(\d{1,2})(?!\d)"),
    ("tolerance_it", r"(?<![a-z0-9])(?:js|[fghknp])(\d{1,2})(?![0-9a-z])"),
    ("roughness_ra_um", rf"(?<![a-z])ra\s*{NUMBER}\s*(?:[µμ]m|um|微米)?"),
    ("hardness_hrc", rf"(?<![a-z])hrc\s*{NUMBER}|{NUMBER}\s*hrc(?![a-z])"),
    ("batch_pieces", rf"{NUMBER}\s*(?:pieces|pcs|parts|off|件|个)(?![a-z])"),
    ("mass_kg", rf"{NUMBER}\s*(?:kg|公斤|千克)(?![a-z])"),
    ("force_kn", rf"{NUMBER}\s*kn(?![a-z])"),
    ("temperature_c", rf"{NUMBER}\s*(?:°\s*c(?![a-z])|摄氏度|度)"),
)
NAMED_LENGTHS = (
    ("thickness_mm", r"(?:thickness|板厚|厚度|厚)", r"(?:thick|厚)"),
    ("diameter_mm", r"(?:diameter|dia\.?|ø|⌀|φ|直径)", r"(?:diameter|直径)"),
    ("depth_mm", r"(?:depth|深度|深)", r"(?:deep|深)"),
    ("length_mm", r"(?:length|长度|长)", r"(?:long|长)"),
)
BARE_LENGTH = ("thickness_mm", "diameter_mm", "length_mm", "envelope_x_mm")
AXES = ("envelope_x_mm", "envelope_y_mm", "envelope_z_mm")
UNITS = {
    "MMT": "|".join(sorted(IN_MM, key=len, reverse=True)),
    "KGM": "kg|公斤|千克",
    "4H": "[µμ]m|um|微米",
    "CEL": r"°\s*c",
    "B47": "kn",
    "H87": "pieces|pcs|件|个",
}  # as people write UN/ECE Recommendation 20
NOISE = re.compile(
    r"(?<![a-z])(?:a|an|the|that|which|who|can|cuts?|of|for|and|with|in|up to|to|by|or|i|need|we|part|parts|"
    r"firm|workshop|machine|certified|sheets?|plates?|hole|within|me|us|makes?|does|do|grade|tolerance)(?![a-z])"
    r"|[的能可以切加工做需要找我们一台个家厂板件在并且通过认证公差机器和精度范围内材料尺寸]"
)


@dataclass(frozen=True, slots=True)
class Piece:
    """One wish: a property code, ``process`` or ``distance_km``, its value, and the place it was read at."""

    key: str
    value: Value
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Query:
    """A sentence as it was understood.

    Parameters
    ----------
    text : str
        The sentence in one form (NFKC, lower case); places of pieces refer to it.
    pieces : tuple of Piece
        In the order of the text.
    rest : tuple of str
        Words that say nothing to the search.
    """

    text: str
    pieces: tuple[Piece, ...]
    rest: tuple[str, ...]

    @property
    def process(self) -> str | None:
        """Process asked for, if one was named."""
        return next((str(one.value) for one in self.pieces if one.key == PROCESS), None)

    @property
    def within_km(self) -> float | None:
        """How far away at most, in kilometres."""
        return next((float(str(one.value)) for one in self.pieces if one.key == DISTANCE), None)

    def requirement(self) -> Requirement | None:
        """The same for the matching engine; None while no process is named."""
        if self.process is None:
            return None
        wanted: dict[str, Value] = {}
        for one in self.pieces:
            if one.key in {PROCESS, DISTANCE}:
                continue
            if isinstance(one.value, str):
                before = wanted.get(one.key, ())
                wanted[one.key] = (*before, one.value) if isinstance(before, tuple) else (one.value,)
            else:
                wanted[one.key] = one.value
        return Requirement(self.process, wanted)

    def without(self, piece: Piece) -> str:
        """The sentence with one piece taken out."""
        return " ".join((self.text[: piece.start] + " " + self.text[piece.end :]).split())


def understand(text: str, taxonomy: Taxonomy) -> Query:
    """Read a sentence such as "a laser that cuts 3 mm aluminium, within 30 km".

    A length that nobody names is the first of thickness, diameter, length and work space by which the process
    is judged. Of two statements about one number the first counts. Reading takes time linear in the text.
    """
    reader = _Reader(_plain(text), taxonomy)
    reader.read()
    pieces = tuple(sorted(reader.pieces, key=lambda one: (one.start, one.key)))
    rest = re.findall(r"[^\s,.;:!?、()/+-]+", NOISE.sub(" ", reader.unread()))
    return Query(reader.text, pieces, tuple(rest))


def _plain(text: str) -> str:
    """One form of a text: NFKC, lower case, no thousands commas, x between sizes."""
    folded = unicodedata.normalize("NFKC", text).casefold().replace("×", "x").replace("*", "x")
    folded = re.sub(r"(?<=\d),(?=\d{3}(?!\d))", "", folded)
    return " ".join(folded.replace("。", " ").split())


class _Reader:
    """Takes pieces out of a text; what is taken is blanked so that nothing is read twice."""

    def __init__(self, text: str, taxonomy: Taxonomy) -> None:
        self.text = self.left = text
        self.taxonomy = taxonomy
        self.pieces: list[Piece] = []

    def read(self) -> None:
        self._words("certificate")
        self._named_properties()
        self._process()
        for key, pattern in PLAIN:
            for found in self._found(pattern):
                self._take(key, _number(next(one for one in found.groups() if one)), found)
        for found in self._found(rf"{NUMBER}\s*(?:吨|tonnes?|tons?|t)(?![a-z])"):
            self._take("force_kn", round(float(found[1]) * KN_PER_TONNE, 3), found)
        self._box()
        self._named_lengths()
        self._bare_length()
        self._words("material_group")

    def unread(self) -> str:
        """What is left, without the names of properties whose words were taken."""
        left = self.left
        for one in self.taxonomy.properties.values():
            if one.kind == "set":
                for name in (one.en, one.zh):
                    left = re.sub(rf"(?<![a-z]){re.escape(_plain(name))}(?![a-z])", " ", left)
        return left

    def _named_properties(self) -> None:
        """A property by its full name with nothing but its unit behind the number: "layer height: 30 µm"."""
        of_name = {
            _plain(name): one
            for one in self.taxonomy.properties.values()
            if one.kind != "set"
            for name in (one.en, one.zh)
        }
        names = "|".join(re.escape(name) for name in sorted(of_name, key=len, reverse=True))
        units = "|".join(UNITS.values())
        pattern = rf"(?<![a-z])({names})\s*:?\s*{NUMBER}\s*({units})?(?=\s*(?:[,;]|$))"
        for found in self._found(pattern):
            one, amount, unit = of_name[found[1]], float(found[2]), found[3]
            if unit is None or re.fullmatch(UNITS.get(one.unit, "(?!)"), unit):
                self._take(one.code, _number(str(amount * (IN_MM.get(unit, 1) if unit else 1))), found)

    def _found(self, pattern: str) -> Iterator[re.Match[str]]:
        yield from list(re.finditer(pattern, self.left))

    def _blank(self, start: int, end: int) -> None:
        self.left = self.left[:start] + " " * (end - start) + self.left[end:]

    def _take(self, key: str, value: Value, found: re.Match[str]) -> None:
        if any(one.key == key for one in self.pieces):
            return
        self.pieces.append(Piece(key, value, *found.span()))
        self._blank(*found.span())

    def _process(self) -> None:
        found = self.taxonomy.find(self.left)
        if found is not None:
            code, start, end = found
            self.pieces.append(Piece(PROCESS, code, start, end))
            self._blank(start, end)

    def _words(self, key: str) -> None:
        """Words of a set property, the longest names first."""
        names = [
            (name.casefold(), word.code)
            for word in self.taxonomy.words.get(key, ())
            for name in (word.code, word.en, word.zh, *word.synonyms)
        ]
        for name, code in sorted(set(names), key=lambda pair: (-len(pair[0]), pair)):
            pattern = r"[\s-]*".join(map(re.escape, re.split(r"[\s-]+", name)))
            for found in self._found(pattern):
                if stands_alone(found[0], self.left):
                    if not any((one.key, one.value) == (key, code) for one in self.pieces):
                        self.pieces.append(Piece(key, code, *found.span()))
                    self._blank(*found.span())

    def _box(self) -> None:
        unit = r"\s*(mm|cm|dm|m|毫米|厘米|分米|米)?\s*"
        pattern = rf"{NUMBER}{unit}x\s*{NUMBER}{unit}(?:x\s*{NUMBER}{unit})?(?![a-z])"
        for found in list(self._found(pattern))[:1]:
            last = next((one for one in (found[6], found[4], found[2]) if one), "mm")
            sides = [
                float(found[at]) * IN_MM[found[at + 1] or last] for at in (1, 3, 5) if found[at] is not None
            ]
            for axis, side in zip(AXES, sides, strict=False):
                self.pieces.append(Piece(axis, _number(str(side)), *found.span()))
            self._blank(*found.span())

    def _named_lengths(self) -> None:
        for key, before, after in NAMED_LENGTHS:
            pattern = rf"{NUMBER}\s*{LENGTH_UNIT}[\s-]*{after}|{before}\s*{NUMBER}\s*(?:{LENGTH_UNIT})?"
            for found in self._found(pattern):
                amount, unit = (found[1], found[2]) if found[1] else (found[3], found[4] or "mm")
                self._take(key, _number(str(float(amount) * IN_MM[unit])), found)

    def _bare_length(self) -> None:
        process = next((str(one.value) for one in self.pieces if one.key == PROCESS), None)
        judged = {one.code for one in self.taxonomy.judged_by(process)} if process else set()
        taken = {one.key for one in self.pieces}
        key = next((one for one in BARE_LENGTH if one in judged - taken), None)
        for found in self._found(rf"{NUMBER}\s*{LENGTH_UNIT}"):
            if key is not None:
                self._take(key, _number(str(float(found[1]) * IN_MM[found[2]])), found)


def _number(text: str) -> float:
    value = float(text)
    return int(value) if value.is_integer() else value
