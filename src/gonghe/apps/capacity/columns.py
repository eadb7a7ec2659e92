"""What the columns of a firm's own machine list mean: proposed by their names, then by what stands in them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from gonghe.apps.technology import taxonomy as taxonomies

ENOUGH = 0.6  # share of the filled cells that must look like it before content alone proposes a column
SIZE = re.compile(
    r"^\D{0,6}(\d+(?:[.,]\d+)?)\s*[a-z]*\s*[x×*＊✕X]\s*(\d+(?:[.,]\d+)?)"
    r"(?:\s*[a-z]*\s*[x×*＊✕X]\s*(\d+(?:[.,]\d+)?))?\s*(?:mm|毫米)?$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a column may mean.

    Parameters
    ----------
    key
        "code", "name", ... or a property with the bound it sets: "mass_kg.max".
    label
        What the mapping page calls it.
    names
        Headers that say it, folded, in English and Chinese.
    """

    key: str
    label: object
    names: tuple[str, ...]


MEANINGS = (
    Meaning("code", _("code (inventory number)"), (
        "code", "no", "number", "id", "asset", "asset no", "asset number", "machine no", "machine number", "inventory",
        "inventory no", "equipment no", "equipment id", "tag", "编号", "设备编号", "资产编号", "固定资产编号", "机台号",
        "机台编号", "设备代码", "序号",
    )),
    Meaning("name", _("name"), (
        "name", "machine", "machine name", "equipment", "equipment name", "model", "type", "description", "名称",
        "设备名称", "机器名称", "设备", "机床", "型号", "规格型号", "设备型号",
    )),
    Meaning("process", _("what it does (process)"), (
        "process", "processes", "operation", "work", "capability", "technology", "category", "group", "function",
        "工艺", "工序", "加工工艺", "加工类型", "加工方式", "类别", "设备类别", "用途", "工种",
    )),
    Meaning("site", _("site"), (
        "site", "place", "location", "plant", "works", "workshop", "hall", "场地", "地点", "车间", "所在车间", "厂区",
        "安装地点", "位置", "使用部门",
    )),
    Meaning("count", _("how many equal ones"), (
        "count", "qty", "quantity", "pieces", "units", "pcs", "how many", "数量", "台数", "数量(台)", "台",
    )),
    Meaning("size", _("work space, such as 1000 x 500 x 500"), (
        "size", "work space", "working area", "work area", "envelope", "travel", "travels", "table", "table size",
        "bed", "dimensions", "capacity size", "行程", "工作台", "工作台尺寸", "加工范围", "加工尺寸", "最大加工尺寸",
        "工作行程", "xyz行程", "幅面",
    )),
    Meaning("envelope_x_mm.max", _("largest X, mm"), ("x", "x travel", "max x", "travel x", "x轴行程", "x行程", "最大x")),
    Meaning("envelope_y_mm.max", _("largest Y, mm"), ("y", "y travel", "max y", "travel y", "y轴行程", "y行程", "最大y")),
    Meaning("envelope_z_mm.max", _("largest Z, mm"), ("z", "z travel", "max z", "travel z", "z轴行程", "z行程", "最大z")),
    Meaning("diameter_mm.max", _("largest diameter, mm"), (
        "diameter", "max diameter", "swing", "turning diameter", "直径", "最大直径", "回转直径", "最大回转直径", "加工直径",
    )),
    Meaning("length_mm.max", _("longest part, mm"), (
        "length", "max length", "turning length", "between centres", "between centers", "长度", "最大长度", "加工长度",
    )),
    Meaning("thickness_mm.max", _("thickest material, mm"), (
        "thickness", "max thickness", "sheet thickness", "cutting thickness", "厚度", "最大厚度", "板厚", "切割厚度",
    )),
    Meaning("mass_kg.max", _("heaviest part, kg"), (
        "mass", "weight", "load", "max load", "max weight", "table load", "承重", "最大承重", "载重", "最大重量",
    )),
    Meaning("force_kn.max", _("force, kN"), (
        "force", "press force", "clamping force", "tonnage", "压力", "公称压力", "吨位", "锁模力", "公称力",
    )),
    Meaning("tolerance_it.min", _("best IT grade"), ("it", "it grade", "tolerance", "公差等级", "精度等级", "it等级")),
    Meaning("material_group.set", _("materials"), ("material", "materials", "材料", "加工材料", "材质")),
    Meaning("per_hour", _("price of an hour"), (
        "price", "rate", "hourly rate", "price per hour", "per hour", "cost per hour", "cost", "单价", "小时费率",
        "工时费", "每小时价格", "台时费", "机时费",
    )),
    Meaning("per_setup", _("price of a set-up"), (
        "setup", "set-up", "setup price", "setup cost", "price per setup", "调机费", "开机费", "准备费", "装夹费",
    )),
)  # fmt: skip
BY_KEY = {one.key: one for one in MEANINGS}


def propose(
    header: Sequence[str], rows: Sequence[Sequence[str]], kept: Mapping[str, str] | None = None
) -> list[str]:
    """What each column probably means, "" where nobody can tell; each meaning is given once.

    Parameters
    ----------
    header, rows
        Names of the columns and the texts below them.
    kept
        Folded header -> meaning, as the firm confirmed it for an earlier list; it comes first.
    """
    folded = [fold(name) for name in header]
    found = [""] * len(folded)
    free = set(BY_KEY)

    def take(column: int, key: str) -> None:
        found[column] = key
        free.discard(key)

    for column, name in enumerate(folded):
        if kept and kept.get(name) in free:
            take(column, kept[name])
    for __, column, key in sorted(_by_name(folded), key=lambda one: -one[0]):
        if not found[column] and key in free and not (kept and folded[column] in kept):
            take(column, key)
    for key, looks in CONTENT:
        for column in range(len(folded)):
            texts = [row[column] for row in rows if row[column]]
            if key in free and not found[column] and not (kept and folded[column] in kept) and looks(texts):
                take(column, key)
    return found


def fold(name: str) -> str:
    """A header without case, width, units in brackets and signs."""
    plain = unicodedata.normalize("NFKC", name).casefold()
    plain = re.sub(r"[(\[（【].*?[)\]）】]", " ", plain)
    plain = re.sub(r"[\s_./:：#·,;]+", " ", plain)
    return re.sub(r"\s*(mm|kg|kn|毫米)$", "", plain.strip()).strip()


def _by_name(folded: Sequence[str]) -> list[tuple[float, int, str]]:
    """Scores of header and meaning: the same word, else a word inside the header."""
    found = []
    for column, name in enumerate(folded):
        for meaning in MEANINGS:
            score = max((_likeness(name, one, place) for place, one in enumerate(meaning.names)), default=0.0)
            if score:
                found.append((score, column, meaning.key))
    return found


def _likeness(name: str, known: str, place: int) -> float:
    """1,000 less the place for the same word; the length of a known word of two letters or more inside."""
    if name == known:
        return 1000.0 - place
    ascii_word = known.isascii()
    inside = re.search(rf"(?<![a-z]){re.escape(known)}(?![a-z])", name) if ascii_word else known in name
    return float(len(known) * (1 if ascii_word else 3)) if inside and len(known) > 1 else 0.0


def _share(texts: Sequence[str], fits: Callable[[str], object]) -> bool:
    return bool(texts) and sum(bool(fits(text)) for text in texts) >= ENOUGH * len(texts)


def _codes(texts: Sequence[str]) -> bool:
    """Short, each once, most of them with a figure."""
    return len(set(texts)) == len(texts) and _share(
        texts, lambda text: len(text) <= 20 and re.search(r"\d", text) and re.search(r"[^\d.,\s]", text)
    )


CONTENT: tuple[tuple[str, Callable[[Sequence[str]], bool]], ...] = (
    ("size", lambda texts: _share(texts, SIZE.match)),
    ("process", lambda texts: _share(texts, taxonomies.current().guess)),
    ("code", _codes),
    ("name", lambda texts: _share(texts, lambda text: re.search(r"[^\W\d_]{2}", text))),
)
