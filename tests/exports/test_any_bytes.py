"""Whatever a file holds: a reading, or a refusal in words; never another exception."""

import zipfile
from io import BytesIO

from hypothesis import given, settings
from hypothesis import strategies as st

from exports.errors import ExportError
from exports.layouts import load_layouts
from exports.reading import Reading, read_file
from exports.result import REJECTED, row_schema
from tests.exports.small_files import csv_file, xls_file, xlsx_file

HEADINGS = sorted({heading for layout in load_layouts() for heading in layout.header[:12]})
ODD_CELLS = (
    ["", "1", "100000000000000001", "1.2E+18", '="12"', "2025-01-02 09:01:02", "12.345", "-", "x"],
    ["\t", "99%", "延迟统计", "汇总值", "(1.00)", "2分30秒", "退款成功", "NaN", "inf", "-0"],
)
CELLS = st.one_of(*map(st.sampled_from, ODD_CELLS), st.text(max_size=12))
TABLES = st.lists(st.sampled_from(HEADINGS), min_size=1, max_size=8).flatmap(
    lambda header: st.lists(st.lists(CELLS, max_size=len(header) + 1), max_size=5).map(
        lambda rows: [header, *rows]
    )
)
WORKBOOK = xlsx_file({"订单": [["订单编号", "订单创建时间"], ["1", "2025-01-02"]]})
OLD_WORKBOOK = xls_file(["订单编号", "订单创建时间"], ["1", "2025-01-02"])
STARTS = [
    b"",
    b"PK\x03\x04",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"{",
]


def read_or_refused(name: str, content: bytes) -> None:
    try:
        readings = read_file(name, content)
    except ExportError as refused:
        refusal = refused
    else:
        check(readings)
        return
    assert refusal.message.format(**refusal.params) == str(refusal)


def check(readings: list[Reading]) -> None:
    assert readings
    for reading in readings:
        assert dict(reading.rows.schema) == row_schema(reading.table)
        assert dict(reading.rejected.schema) == REJECTED
        assert reading.rejected["source_row"].is_unique().all()


@settings(max_examples=150, deadline=None)
@given(start=st.sampled_from(STARTS), content=st.binary(max_size=400))
def test_any_bytes(start: bytes, content: bytes) -> None:
    read_or_refused("any.csv", start + content)


@settings(max_examples=150, deadline=None)
@given(
    rows=TABLES,
    encoding=st.sampled_from(["utf-8", "gb18030", "utf-16"]),
    separator=st.sampled_from([",", "\t", ";"]),
)
def test_any_table_under_known_headings(
    rows: list[list[str]], encoding: str, separator: str
) -> None:
    content = "\r\n".join(separator.join(row) for row in rows)
    read_or_refused("any20250102.csv", content.encode(encoding, errors="replace"))


@settings(max_examples=60, deadline=None)
@given(
    whole=st.sampled_from([WORKBOOK, OLD_WORKBOOK]),
    at=st.floats(0, 1),
    length=st.integers(0, 40),
    noise=st.binary(max_size=40),
)
def test_a_damaged_workbook(whole: bytes, at: float, length: int, noise: bytes) -> None:
    cut = int(at * len(whole))
    read_or_refused("any.xlsx", whole[:cut] + noise + whole[cut + length :])


@settings(max_examples=60, deadline=None)
@given(part=st.binary(max_size=300), name=st.sampled_from(["a.csv", "b/c.xlsx", "xl/workbook.xml"]))
def test_any_bytes_in_an_archive(part: bytes, name: str) -> None:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(name, part)
        archive.writestr("orders.csv", csv_file(["订单编号", "订单创建时间"], ["1", "2025-01-02"]))
    read_or_refused("any.zip", packed.getvalue())
