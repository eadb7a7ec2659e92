"""Recognising files by content, and refusing what is not safe to parse."""

from __future__ import annotations

import gzip
import io
import struct
import zipfile
from pathlib import Path

import pytest

from gonghe.engines.parts import ForeignReference, TooLarge, UnknownFormat, UnreadableFile, analyse
from gonghe.engines.parts.formats import Caps, inspect

STEP = b"ISO-10303-21;\nHEADER;\nENDSEC;\nDATA;\n#1=CARTESIAN_POINT('',(0.,0.,0.));\nENDSEC;\n"


def zipped(*names: str, data: bytes = STEP) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, data)
    return buffer.getvalue()


def test_step_is_known_by_its_first_line() -> None:
    assert inspect(STEP).format == "step"
    assert inspect(b"\xef\xbb\xbf\n" + STEP).format == "step"


@pytest.mark.parametrize(
    "packed",
    [gzip.compress(STEP), zipped("part.stp"), zipped("readme.txt", "a/part.STEP")],
    ids=["gzip", "zip", "zip with more"],
)
def test_packed_step_is_unpacked(packed: bytes) -> None:
    content = inspect(packed)
    assert (content.format, content.data) == ("step", STEP)


@pytest.mark.parametrize(
    "data", [b"", b"hello", b"%PDF-1.7", b"\x89PNG\r\n\x1a\n", bytes(200), b"{}", b"\0" * 84]
)
def test_anything_else_is_unknown(data: bytes) -> None:
    with pytest.raises((UnknownFormat, UnreadableFile), match=r"Export"):
        inspect(data)


def test_archive_with_two_models_is_refused() -> None:
    with pytest.raises(UnknownFormat, match="2 models"):
        inspect(zipped("a.step", "b.step"))


def test_damaged_archives_are_refused() -> None:
    with pytest.raises(UnreadableFile, match="damaged"):
        inspect(gzip.compress(STEP * 50)[:-20])
    with pytest.raises(UnreadableFile, match="damaged"):
        inspect(zipped("part.step", data=STEP * 50)[:120])


def test_decompression_bombs_are_stopped() -> None:
    caps = Caps(unpacked_bytes=10_000)
    for bomb in (gzip.compress(bytes(20_000)), zipped("part.step", data=bytes(20_000))):
        with pytest.raises(TooLarge, match="unpacks to more"):
            inspect(bomb, caps)


def test_caps_on_size_and_entities() -> None:
    with pytest.raises(TooLarge, match="MB"):
        inspect(STEP, Caps(file_bytes=10))
    many = STEP.replace(b"#1=", b"".join(b"#%d=A();\n" % i for i in range(50)) + b"#99=")
    with pytest.raises(TooLarge, match="51 entities"):
        inspect(many, Caps(entities=50))
    assert inspect(many, Caps(entities=51)).format == "step"


def test_step_without_entities_is_refused() -> None:
    with pytest.raises(UnreadableFile, match="no entities"):
        inspect(b"ISO-10303-21;\nHEADER;\nENDSEC;\nDATA;\nENDSEC;\n")


def test_references_to_other_files_are_refused() -> None:
    foreign = STEP.replace(b"#1=", b"#2=DOCUMENT_FILE('wheel.stp','','',#3,'','');\n#1=")
    with pytest.raises(ForeignReference, match="self-contained"):
        inspect(foreign)


def test_stl_triangle_cap() -> None:
    data = bytes(80) + struct.pack("<I", 3) + bytes(150)
    assert inspect(data).format == "stl"
    with pytest.raises(TooLarge, match="3 triangles"):
        inspect(data, Caps(triangles=2))


def test_gzipped_part_gives_the_same_figures(example_folder: Path, tmp_path: Path) -> None:
    packed = tmp_path / "spacer.stpz"
    packed.write_bytes(gzip.compress((example_folder / "spacer.step").read_bytes()))
    assert analyse(packed).volume_mm3 == analyse(example_folder / "spacer.step").volume_mm3
