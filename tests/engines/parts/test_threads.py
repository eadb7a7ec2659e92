"""Threads are taken from what a file says; from a diameter they are guessed, and called a guess."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from pathlib import Path

import pytest
from examples.parts import box, cut, cylinder, write_step
from OCP.TopoDS import TopoDS_Shape
from tests.engines.parts.making import analysed

from gonghe.engines.model.part_features import Thread
from gonghe.engines.model.parts import PartAnalysis
from gonghe.engines.parts import analyse, default_tables, propose
from gonghe.engines.parts.thread_names import metric, tapped_as, threads_in


def drilled(*diameters: float, depth: float = 15.0) -> TopoDS_Shape:
    holes = [cylinder((20.0 * (n + 1), 20, 20 - depth), (0, 0, 1), d, depth) for n, d in enumerate(diameters)]
    return cut(box((0, 0, 0), (20.0 * (len(diameters) + 1), 40, 20)), *holes)


def written(
    shape: TopoDS_Shape, folder: Path, change: tuple[str, str] = ("", ""), name: str = "part"
) -> PartAnalysis:
    """Analysis of a shape whose STEP text is changed as another CAD system would word it."""
    path = folder / "part.step"
    write_step(shape, name, path)
    text = path.read_text(encoding="latin-1")
    if change[0]:
        text, count = re.subn(change[0], change[1], text)
        assert count, "the file has no such words"
    path.write_text(text, encoding="latin-1")
    return analyse(path)


def name_face(text: str, radius: float, name: str) -> str:
    """STEP text with the cylindrical face of a radius called by a name."""
    surface = re.search(rf"#(\d+) = CYLINDRICAL_SURFACE\('',#\d+,{radius:g}\.?\d*\)", text)
    assert surface is not None
    return re.sub(
        rf"ADVANCED_FACE\('',(\([^)]*\)),#{surface[1]},", rf"ADVANCED_FACE('{name}',\1,#{surface[1]},", text
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("4X M6x1 - 6H", [("M6", 6.0, 1.0)]),
        ("M10 x 1.25", [("M10x1.25", 10.0, 1.25)]),
        ("M6x20 screw", [("M6", 6.0, 1.0)]),
        ("1/4-20 UNC-2B", [("1/4-20 UNC", 6.35, 1.27)]),
        ("#10-32 UNF", [("#10-32 UNF", 4.826, 0.79375)]),
        ("G1/2 A", [("G1/2", 20.955, 25.4 / 14)]),
        ("Tr20x4", [("Tr20x4", 20.0, 4.0)]),
        ("M7 or AM6 or DIN M6a or FORM6", []),
        ("MATERIAL 1.0037", []),
    ],
)
def test_designations(text: str, expected: list[tuple[str, float, float]]) -> None:
    found = [(item.designation, item.nominal_mm, item.pitch_mm) for item in threads_in(text)]
    assert found == [(name, pytest.approx(size), pytest.approx(pitch)) for name, size, pitch in expected]


def test_minor_diameters_are_those_of_the_standard() -> None:
    # ISO 724: D1 of M6, M8, M10, M12
    for nominal, minor in ((6.0, 4.917), (8.0, 6.647), (10.0, 8.376), (12.0, 10.106)):
        named = metric(nominal)
        assert named is not None
        assert named.minor_mm == pytest.approx(minor, abs=6e-4)
        assert tapped_as(minor) == named
    assert tapped_as(8.5) is None, "plain holes have half millimetres too"
    assert tapped_as(5.0) is None


def test_a_tap_drill_is_only_a_guess(tmp_path: Path) -> None:
    found = analysed(drilled(6.8, 7.0, 10.2), tmp_path)
    assert [(item.designation, item.source, item.guess) for item in found.threads] == [
        ("M12", "diameter", True), ("M8", "diameter", True),
    ]  # fmt: skip
    plain = replace(found, threads=())
    tables = default_tables()
    assert propose(found, material="steel", quantity=4, tables=tables) == propose(
        plain, material="steel", quantity=4, tables=tables
    ), "a guess changes no time"


def test_a_face_may_be_called_a_thread(tmp_path: Path) -> None:
    path = tmp_path / "part.step"
    write_step(drilled(5.0, 6.8), "part", path)
    text = path.read_text(encoding="latin-1")
    path.write_text(name_face(text, 2.5, "M6x1 - 6H"), encoding="latin-1")
    stated, guess = analyse(path).threads
    assert (stated.designation, stated.source, stated.inside, stated.length_mm) == (
        "M6",
        "face name",
        True,
        15.0,
    )
    assert (guess.designation, guess.guess) == ("M8", True)
    hole = next(item for item in analyse(path).holes if item.diameter_mm == pytest.approx(5.0))
    assert stated.faces == hole.faces


def test_a_face_name_that_does_not_fit_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "part.step"
    write_step(drilled(9.0), "part", path)
    path.write_text(name_face(path.read_text(encoding="latin-1"), 4.5, "M6"), encoding="latin-1")
    assert analyse(path).threads == ()


def test_a_note_speaks_for_the_holes_drilled_for_it(tmp_path: Path) -> None:
    note = r"\g<0>\n#90001 = DESCRIPTIVE_REPRESENTATION_ITEM('','2X M6 \\X2\\21A7\\X0\\ 12');"
    found = written(drilled(5.0, 5.0, 9.0), tmp_path, (r"DATA;", note))
    assert [(item.designation, item.source, item.guess) for item in found.threads] == 2 * [
        ("M6", "note", False)
    ]


def test_a_cosmetic_thread_gives_size_and_length(tmp_path: Path) -> None:
    curves = (
        r"\g<0>\n#90001=CARTESIAN_POINT('',(20.,20.,20.));\n#90002=DIRECTION('',(0.,0.,1.));\n"
        r"#90003=DIRECTION('',(1.,0.,0.));\n#90004=AXIS2_PLACEMENT_3D('',#90001,#90002,#90003);\n"
        r"#90005=CIRCLE('',#90004,3.);\n#90006=VECTOR('',#90002,1.);\n#90007=LINE('',#90001,#90006);\n"
        r"#90008=TRIMMED_CURVE('',#90007,(PARAMETER_VALUE(0.)),(PARAMETER_VALUE(11.)),.T.,.PARAMETER.);\n"
        r"#90009=GEOMETRIC_CURVE_SET('Thread Cylinder.1',(#90005,#90008));"
    )
    (thread,) = written(drilled(4.917), tmp_path, (r"DATA;", curves)).threads
    assert (thread.designation, thread.source, thread.pitch_mm, thread.length_mm) == (
        "M6",
        "cosmetic",
        1.0,
        11.0,
    )


def test_the_name_of_a_bolt(tmp_path: Path) -> None:
    bolt = cylinder((0, 0, 0), (0, 0, 1), 12, 60)
    (thread,) = written(bolt, tmp_path, name="Stud M12x60").threads
    assert (thread.designation, thread.inside, thread.source, thread.length_mm) == (
        "M12",
        False,
        "part name",
        60.0,
    )


def test_tapping_takes_its_time(tmp_path: Path) -> None:
    note = r"\g<0>\n#90001 = DESCRIPTIVE_REPRESENTATION_ITEM('','M6');"
    found = written(drilled(5.0), tmp_path, (r"DATA;", note))
    tables = default_tables()
    runs = [
        next(
            op for op in propose(part, material="steel", quantity=4, tables=tables)[0] if "mill" in op.process
        )
        for part in (found, replace(found, threads=()))
    ]
    steel, general = tables.material("steel"), tables.general
    speed = 0.3 * 1000 * steel.drill_vc_m_min / (math.pi * 6)
    extra = 60 * 2 * (15 / 1.0 + 3) / speed + general.position_s + general.tool_change_s
    assert runs[0].run_s - runs[1].run_s == pytest.approx(extra, abs=1)
    assert "1 thread" in runs[0].basis


def test_threads_survive_json(tmp_path: Path) -> None:
    found = analysed(drilled(6.8), tmp_path)
    assert PartAnalysis.from_json(found.to_json()).threads == found.threads
    with pytest.raises(ValueError, match="unknown source"):
        Thread("M6", 6.0, 1.0, True, "hearsay")
