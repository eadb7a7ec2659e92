"""Tables of any encoding and separator; what is no table is refused by name."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gonghe.standards.table import Table, TableError, TableRow, read

CHINESE = "设备台账\n编号;设备名称;台数\nM1;加工中心;2\n\nM2;数控车床\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_encodings_separators_and_a_title_above_the_header(encoding: str) -> None:
    table = read(CHINESE.encode(encoding))
    assert table.header == ("编号", "设备名称", "台数")
    assert table.rows == (TableRow(3, ("M1", "加工中心", "2")), TableRow(5, ("M2", "数控车床", "")))
    assert table.separator == ";"


def test_quoted_cells_keep_their_separator() -> None:
    table = read(b'No,Machine,Size\r\nM1,"Mill, big","1,000 x 500"\r\n')
    assert table.rows[0].cells == ("M1", "Mill, big", "1,000 x 500")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"No,Name\n", "no_rows"),
        (b"machine\nmill\n", "one_column"),
        (b"a,b\n" + b"1,2\n" * 2001, "too_many_rows"),
        (b",".join([b"a"] * 81) + b"\n" + b",".join([b"1"] * 81), "too_many_columns"),
        (b"a,b\n1," + b"x" * 501, "long_cell"),
        (b'a,b\n1,"open\n', "quotes"),
        (b"PK\x03\x04\x00\x00", "encoding"),
        (b"x" * 2_000_001, "too_big"),
    ],
)
def test_what_is_no_table_is_refused_by_name(content: bytes, code: str) -> None:
    with pytest.raises(TableError) as refused:
        read(content)
    assert refused.value.code == code


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_a_table_or_refused(content: bytes) -> None:
    try:
        found = read(content)
    except TableError:
        return
    assert isinstance(found, Table)
    assert all(len(row.cells) == len(found.header) for row in found.rows)
