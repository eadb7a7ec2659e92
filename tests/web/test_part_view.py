"""`<part-view>`: the part in 3D, its faces, and its picture where 3D is not possible."""

from __future__ import annotations

from pathlib import Path

import pytest
from examples.parts import box, cut, cylinder, write_step
from playwright.sync_api import Page
from tests.web import samples
from tests.web.harness import Answer, Site, source, until

from gonghe.apps.orders.words import features_of, warnings_of
from gonghe.engines.parts import analyse

pytestmark = pytest.mark.browser

LIVE = "document.querySelector('part-view').dataset.state === 'live'"
COUNT_COLOURS = """
() => { const view = document.querySelector('part-view'); view.scene.render();
  const gl = view.scene.renderer.getContext(); const [w, h] = [gl.drawingBufferWidth, gl.drawingBufferHeight];
  const data = new Uint8Array(w * h * 4); gl.readPixels(0, 0, w, h, gl.RGBA, gl.UNSIGNED_BYTE, data);
  const counts = {}; for (let i = 0; i < data.length; i += 4) {
    const key = data[i + 3] === 0 ? 'empty' : [data[i], data[i + 1], data[i + 2]].join();
    counts[key] = (counts[key] ?? 0) + 1; }
  return [w * h, counts] }
"""


def open_part(page: Page, site: Site, src: str = "/part.glb", faces: str = "") -> Page:
    """Open a page with the sample part, drawn."""
    page.goto(site.page("/order", source("part"), src=src, faces=faces))
    until(page, LIVE)
    page.evaluate(
        "window.heard = []; document.addEventListener('part:select', (event) => heard.push(event.detail))"
    )
    return page


def flat_areas(page: Page, least: float = 0.01) -> dict[str, float]:
    """Share of the picture by colour, of those that cover at least `least` of it."""
    total, counts = page.evaluate(COUNT_COLOURS)
    return {colour: count / total for colour, count in counts.items() if count / total >= least}


def is_blue(colour: str) -> bool:
    """Is it clearly more blue than red?"""
    if colour == "empty":
        return False
    red, _green, blue = (int(part) for part in colour.split(","))
    return blue > red + 30


def test_a_box_shows_three_faces_in_three_shades(page: Page, site: Site) -> None:
    areas = flat_areas(open_part(page, site))
    assert 0.4 < areas.pop("empty") < 0.8
    assert len(areas) == 3
    assert sum(areas.values()) > 0.2


def test_edges_are_those_of_the_box(page: Page, site: Site) -> None:
    drawn = open_part(page, site).evaluate(
        "() => document.querySelector('part-view').scene.scene.children.find((one) => one.isLineSegments)"
        ".geometry.getAttribute('position').count"
    )
    assert drawn == 24  # 12 edges; the diagonals of the faces are not drawn


def test_a_press_on_a_face_chooses_it(page: Page, site: Site) -> None:
    open_part(page, site).evaluate("document.querySelector('part-view').view('front')")
    box = page.locator("part-view canvas").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert page.evaluate("heard") == [{"face": 0, "faces": [0]}]
    page.evaluate("document.querySelector('part-view').view('top')")
    page.keyboard.down("Shift")
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.keyboard.up("Shift")
    assert page.evaluate("heard.at(-1)") == {"face": 4, "faces": [0, 4]}
    page.mouse.click(box["x"] + 5, box["y"] + 5)
    assert page.evaluate("heard.at(-1)") == {"face": None, "faces": []}


def test_chosen_faces_turn_blue(page: Page, site: Site) -> None:
    plain = flat_areas(open_part(page, site))
    page.click("button[data-faces]")
    marked = flat_areas(page)
    changed = set(marked) - set(plain)
    assert len(changed) == 2  # top and right of the three that are seen
    assert all(is_blue(colour) for colour in changed)


def test_faces_of_the_attribute_are_marked_from_the_start(page: Page, site: Site) -> None:
    areas = flat_areas(open_part(page, site, faces="2"))
    assert (
        sum(
            int(colour.split(",")[2]) > int(colour.split(",")[0]) + 30
            for colour in areas
            if colour != "empty"
        )
        == 1
    )


SPOT_OF = """
(faces) => { const view = document.querySelector('part-view');
  const box = view.querySelector('canvas').getBoundingClientRect();
  for (let y = 4; y < box.height; y += 4) for (let x = 4; x < box.width; x += 4)
    if (faces.includes(view.scene.faceAt(x, y))) return [box.x + x, box.y + y];
  return null }
"""


def open_drilled_plate(page: Page, site: Site, folder: Path) -> tuple[int, ...]:
    """Open an order's part section: a plate with a large and a small hole; returns faces of the large."""
    plate = cut(
        box((0, 0, 0), (80, 60, 10)),
        cylinder((25, 30, 0), (0, 0, 1), 30, 10),
        cylinder((65, 30, 0), (0, 0, 1), 8, 10),
    )
    write_step(plate, "plate", folder / "plate.step")
    found = analyse(folder / "plate.step", glb=folder / "plate.glb")
    site.routes["/plate.glb"] = lambda _asked: Answer(
        (folder / "plate.glb").read_bytes(), "model/gltf-binary"
    )
    part = {"id": "part-1", "name": "Plate", "src": "/plate.glb", "png": "/part.png"}
    page.goto(site.page("/found", source("found"), part=part | {"features": features_of(found)}))
    until(page, LIVE)
    return found.holes[0].faces


def test_a_hole_and_its_row_choose_each_other(page: Page, site: Site, tmp_path: Path) -> None:
    large = open_drilled_plate(page, site, tmp_path)
    rows = page.locator("tr:has(button[data-faces])")
    assert not rows.nth(0).is_visible()
    page.get_by_text("Holes, pockets and bends").click()
    assert rows.all_inner_texts() == ["Hole\tØ30, through 10 mm\t1", "Hole\tØ8, through 10 mm\t1"]

    rows.nth(1).get_by_role("button").click()
    assert rows.nth(1).get_by_role("button").get_attribute("aria-pressed") == "true"
    assert "picked" in (rows.nth(1).get_attribute("class") or "")
    assert any(is_blue(colour) for colour in flat_areas(page, 0.0001))

    page.get_by_text("Holes, pockets and bends").click()
    page.mouse.click(*page.evaluate(SPOT_OF, list(large)))
    assert rows.nth(0).get_by_role("button").get_attribute("aria-pressed") == "true"
    assert rows.nth(1).get_by_role("button").get_attribute("aria-pressed") == "false"
    assert rows.nth(0).is_visible()  # the table opened to show it


def open_pocketed_block(page: Page, site: Site, folder: Path) -> tuple[int, ...]:
    """Open a block with a sharp pocket below and a small hole above; returns faces of the pocket."""
    block = cut(
        box((0, 0, 0), (60, 40, 20)),
        box((10, 10, 0), (40, 20, 8)),
        cylinder((5, 5, 16), (0, 0, 1), 0.5, 4),
    )
    write_step(block, "block", folder / "block.step")
    found = analyse(folder / "block.step", glb=folder / "block.glb")
    site.routes["/block.glb"] = lambda _asked: Answer(
        (folder / "block.glb").read_bytes(), "model/gltf-binary"
    )
    part = {"id": "part-1", "name": "Block", "src": "/block.glb", "png": "/part.png"}
    page.goto(site.page("/warned", source("found"), part=part | {"warnings": warnings_of(found)}))
    until(page, LIVE)
    return next(one.faces for one in found.warnings if one.code == "sharp_inner_corner")


def test_a_warning_and_its_faces_choose_each_other(page: Page, site: Site, tmp_path: Path) -> None:
    pocket = open_pocketed_block(page, site, tmp_path)
    corner = page.locator("tr", has_text="An inner corner has no radius: it cannot be milled.")
    small = page.locator("tr", has_text="A hole is very small to drill.")
    assert not any(is_blue(colour) for colour in flat_areas(page, 0.0001))

    assert page.evaluate(SPOT_OF, list(pocket)) is None  # it lies below, out of sight
    corner.get_by_role("button").click()
    assert page.evaluate(SPOT_OF, list(pocket)) is not None  # the part has turned
    blue = sum(share for colour, share in flat_areas(page, 0.0001).items() if is_blue(colour))
    assert 0.02 < blue < 0.6
    assert "picked" in (corner.get_attribute("class") or "")
    assert small.get_by_role("button").get_attribute("aria-pressed") == "false"

    corner.get_by_role("button").click()
    assert not any(is_blue(colour) for colour in flat_areas(page, 0.0001))
    assert "picked" not in (corner.get_attribute("class") or "")

    page.mouse.click(*page.evaluate(SPOT_OF, list(pocket)))
    assert corner.get_by_role("button").get_attribute("aria-pressed") == "true"
    assert any(is_blue(colour) for colour in flat_areas(page, 0.0001))


def test_warnings_read_as_a_table_where_there_is_no_picture(page: Page, site: Site) -> None:
    told = [
        {"text": "A wall is thin.", "faces": "3 4", "count": 2},
        {"text": "Odd size.", "faces": "", "count": 0},
    ]
    part = {"id": "part-1", "name": "Block", "src": "", "warnings": told}
    page.goto(site.page("/table", source("found"), part=part))
    rows = page.locator("table.remarks tbody tr")
    cells = [[cell.strip() for cell in one.split("\t")] for one in rows.all_inner_texts()]
    assert cells == [["A wall is thin.", "2"], ["Odd size.", ""]]
    assert rows.get_by_role("button").count() == 0


def test_keys_turn_the_part(page: Page, site: Site) -> None:
    open_part(page, site)
    before = page.evaluate("document.querySelector('part-view').scene.camera.position.toArray()")
    page.focus("part-view canvas")
    page.keyboard.press("ArrowRight")
    after = page.evaluate("document.querySelector('part-view').scene.camera.position.toArray()")
    assert after != pytest.approx(before)
    assert after[1] == pytest.approx(before[1])  # sideways: the height of the eye stays


def test_each_view_fits_the_part(page: Page, site: Site) -> None:
    open_part(page, site)
    for name in ("Front", "Top", "Right", "Slant"):
        page.click(f"part-view .views button:text-is('{name}')")
        areas = flat_areas(page)
        assert 0.2 < areas["empty"] < 0.9, name


def test_nodes_and_interleaved_data_of_a_file_are_respected(page: Page, site: Site) -> None:
    site.routes["/moved.glb"] = lambda _asked: Answer(samples.moved_triangle_glb(), "model/gltf-binary")
    open_part(page, site)
    position, face, index = page.evaluate(
        "async () => { const { readGlb } = await import('/static/js/part/glb.js');"
        " const mesh = readGlb(await (await fetch('/moved.glb')).arrayBuffer());"
        " return [[...mesh.position.slice(0, 3)], [...mesh.face], [...mesh.index]] }"
    )
    assert position == pytest.approx([10 - 4, 2, 6])  # (1, 2, 3) doubled, turned 90 degrees about z, moved
    assert (face, index) == ([7, 7, 7], [0, 1, 2])


def test_a_broken_file_leaves_the_picture_and_says_so(page: Page, site: Site) -> None:
    site.routes["/broken.glb"] = lambda _asked: Answer(b"nonsense, longer than a header", "model/gltf-binary")
    page.goto(site.page("/broken", source("part"), src="/broken.glb"))
    until(page, "document.querySelector('part-view').dataset.state === 'picture'")
    assert page.locator("part-view img").is_visible()
    assert page.inner_text("part-view .said") == "The part could not be shown; its picture is shown instead."


def test_without_3d_the_picture_stays(page: Page, site: Site) -> None:
    page.add_init_script("HTMLCanvasElement.prototype.getContext = () => null")
    page.goto(site.page("/flat", source("part"), src="/part.glb"))
    until(page, "document.querySelector('part-view').dataset.state === 'picture'")
    assert page.locator("part-view img").get_attribute("alt") == "Box, 110 by 96 by 70 mm"
    assert page.locator("part-view img").is_visible()
    assert page.inner_text("part-view .said") == "No 3D on this device: this is a picture of the part."
    assert [asked.path for asked in site.asked if asked.path == "/part.glb"] == []
