"""3MF files: units, placed components, mirrored ones, and what must be refused."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from gonghe.engines.parts import NoSolid, TooLarge, UnreadableFile, analyse
from gonghe.engines.parts.formats import DEFAULT_CAPS, Caps
from gonghe.engines.parts.threemf import read_3mf

CORE = "http://schemas.microsoft.com/3dmanufacturing/core/2015/02"
PRODUCTION = "http://schemas.microsoft.com/3dmanufacturing/production/2015/06"
CORNERS = [(x, y, z) for z in (0, 1) for y in (0, 1) for x in (0, 1)]
SIDES = [(0, 2, 3, 1), (4, 5, 7, 6), (0, 1, 5, 4), (2, 6, 7, 3), (0, 4, 6, 2), (1, 3, 7, 5)]


def block(number: int, size: tuple[float, float, float], kind: str = "model") -> str:
    points = "".join(
        f'<vertex x="{x * size[0]}" y="{y * size[1]}" z="{z * size[2]}"/>' for x, y, z in CORNERS
    )
    halves = [half for a, b, c, d in SIDES for half in ((a, b, c), (a, c, d))]
    triangles = "".join(f'<triangle v1="{a}" v2="{b}" v3="{c}"/>' for a, b, c in halves)
    mesh = f"<mesh><vertices>{points}</vertices><triangles>{triangles}</triangles></mesh>"
    return f'<object id="{number}" type="{kind}">{mesh}</object>'


def model(objects: str, build: str, unit: str = "millimeter", before: str = "") -> str:
    head = f'<?xml version="1.0"?>{before}<model xmlns="{CORE}" xmlns:p="{PRODUCTION}" unit="{unit}">'
    return f"{head}<resources>{objects}</resources><build>{build}</build></model>"


def packed(**files: str) -> bytes:
    found = io.BytesIO()
    with zipfile.ZipFile(found, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        for name, text in files.items():
            archive.writestr(f"3D/{name}.model", text)
    return found.getvalue()


def saved(folder: Path, data: bytes) -> Path:
    path = folder / "part.3mf"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(("unit", "scale"), [("millimeter", 1.0), ("inch", 25.4), ("centimeter", 10.0)])
def test_a_block_in_its_unit(unit: str, scale: float, tmp_path: Path) -> None:
    data = packed(root=model(block(1, (20, 30, 5)), '<item objectid="1"/>', unit))
    png = tmp_path / "part.png"
    found = analyse(saved(tmp_path, data), png=png)
    assert found.format == "3mf"
    assert found.valid
    assert found.volume_mm3 == pytest.approx(3000 * scale**3)
    assert found.area_mm2 == pytest.approx(1700 * scale**2)
    assert found.box_mm == pytest.approx((20 * scale, 30 * scale, 5 * scale))
    assert "which_unit" not in {question.code for question in found.questions}
    assert png.read_bytes().startswith(b"\x89PNG")


def test_components_are_placed_and_mirrored(tmp_path: Path) -> None:
    pair = (
        '<object id="2"><components><component objectid="1"/>'
        '<component objectid="1" transform="-1 0 0 0 1 0 0 0 1 -50 0 0"/></components></object>'
    )
    supports = block(3, (500, 500, 500), "support")
    build = '<item objectid="2" transform="0 1 0 -1 0 0 0 0 1 0 0 100"/><item objectid="3"/>'
    found = analyse(saved(tmp_path, packed(root=model(block(1, (10, 20, 30)) + pair + supports, build))))
    assert found.valid
    assert found.bodies == 2
    assert found.volume_mm3 == pytest.approx(2 * 6000)
    assert found.box_mm == pytest.approx((20, 70, 30))


def test_objects_in_other_files_of_the_archive(tmp_path: Path) -> None:
    build = '<item objectid="7" p:path="/3D/shapes.model"/>'
    data = packed(root=model("", build), shapes=model(block(7, (10, 10, 10)), ""))
    assert analyse(saved(tmp_path, data)).volume_mm3 == pytest.approx(1000)


@pytest.mark.parametrize(
    "text",
    [
        model(block(1, (1, 1, 1)), '<item objectid="9"/>'),
        model(block(1, (1, 1, 1)).replace('v1="0"', 'v1="99"'), '<item objectid="1"/>'),
        model(block(1, (1, 1, 1)).replace('x="0"', 'x="nan"'), '<item objectid="1"/>'),
        model(block(1, (1, 1, 1)), '<item objectid="1" transform="1 2 3"/>'),
        model(block(1, (1, 1, 1)), '<item objectid="1"/>')[:-40],
        model(
            block(1, (1, 1, 1)), '<item objectid="1"/>', before='<!DOCTYPE model [<!ENTITY a "aaaaaaaaaa">]>'
        ),
        model(
            '<object id="1"><components><component objectid="1"/></components></object>',
            '<item objectid="1"/>',
        ),
    ],
    ids=["no object", "no corner", "not a number", "short transform", "cut off", "doctype", "within itself"],
)
def test_damaged_files_are_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile):
        analyse(saved(tmp_path, packed(root=text)))


def test_components_that_multiply_are_stopped() -> None:
    layers = block(1, (1, 1, 1))
    for n in range(2, 14):
        twenty = f'<component objectid="{n - 1}"/>' * 20
        layers += f'<object id="{n}"><components>{twenty}</components></object>'
    data = packed(root=model(layers, '<item objectid="13"/>'))
    with pytest.raises((UnreadableFile, TooLarge)):
        read_3mf(data, DEFAULT_CAPS)


def test_caps() -> None:
    data = packed(root=model(block(1, (1, 1, 1)), '<item objectid="1"/>'))
    with pytest.raises(TooLarge):
        read_3mf(data, Caps(triangles=11))
    with pytest.raises(TooLarge):
        read_3mf(data, Caps(unpacked_bytes=100))


def test_nothing_to_build_is_refused() -> None:
    with pytest.raises(NoSolid):
        read_3mf(packed(root=model(block(1, (1, 1, 1)), "")), DEFAULT_CAPS)
