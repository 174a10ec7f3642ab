"""Files that would take more memory than a server has, small as they come, made on the fly."""

import struct
import zipfile
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from io import BytesIO

import xlwt

from tests.exports.small_files import csv_file, xlsx_file

MEGABYTE = 2**20
HEADER = ["订单编号", "买家会员名", "订单创建时间"]
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_SHEET = f'<worksheet xmlns="{_MAIN}">%s<sheetData>'.encode()
_SHEET_END = b"</sheetData></worksheet>"


def streamed_zip(name: str, parts: Iterable[bytes]) -> bytes:
    """An archive of one file that is never held whole."""
    packed = BytesIO()
    with (
        zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open(name, "w", force_zip64=True) as stream,
    ):
        for part in parts:
            stream.write(part)
    return packed.getvalue()


def understated(content: bytes, size: int) -> bytes:
    """The same archive whose list of files says that the first one unpacks to ``size`` bytes."""
    changed = bytearray(content)
    at = changed.rindex(b"PK\1\2")
    struct.pack_into("<I", changed, at + 24, size)
    return bytes(changed)


def workbook(part: str, xml: Iterable[bytes]) -> bytes:
    """A workbook with one sheet, one part of which is written anew."""
    packed = BytesIO()
    whole = zipfile.ZipFile(BytesIO(xlsx_file({"订单": [HEADER, ["1", "ann", "2025-01-02"]]})))
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name in whole.namelist():
            if name != part:
                archive.writestr(name, whole.read(name))
        with archive.open(part, "w", force_zip64=True) as stream:
            for text in xml:
                stream.write(text)
    return packed.getvalue()


def _repeated(part: bytes, times: int) -> Iterator[bytes]:
    """The part so many times, in larger pieces."""
    together = max(MEGABYTE // len(part), 1)
    yield from [part * together] * (times // together)
    yield part * (times % together)


def sheet(*rows: bytes, times: int = 1, dimension: bytes = b"") -> bytes:
    """A workbook whose one sheet has this XML for its rows, repeated."""
    return workbook(
        "xl/worksheets/sheet1.xml",
        [_SHEET % dimension, *_repeated(b"".join(rows), times), _SHEET_END],
    )


def strings(length: int, cells: int) -> bytes:
    """A workbook where one long shared string stands in many cells."""
    content = sheet(b'<row><c t="s"><v>0</v></c></row>' * 1000, times=cells // 1000)
    text = b"<sst xmlns='%s'><si><t>%s</t></si></sst>" % (_MAIN.encode(), b"x" * length)
    with zipfile.ZipFile(BytesIO(content)) as whole:
        parts = {name: whole.read(name) for name in whole.namelist()}
    parts["xl/sharedStrings.xml"] = text
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return packed.getvalue()


def filled(cell: str, columns: int) -> bytes:
    """A row of so many equal cells."""
    return ",".join([cell] * columns).encode() + b"\n"


def many_files(count: int) -> bytes:
    """An archive of small files."""
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for number in range(count):
            archive.writestr(f"{number}.csv", b"a,b\n1,2\n")
    return packed.getvalue()


def old_workbook(sheets: int = 1, last: tuple[int, int] = (65_535, 255)) -> bytes:
    """An XLS whose sheets have a cell in the first and one in the last place."""
    book = xlwt.Workbook()
    for number in range(sheets):
        page = book.add_sheet(str(number))
        page.write(0, 0, "a")
        page.write(*last, "b")
    packed = BytesIO()
    book.save(packed)
    return packed.getvalue()


_LINE = csv_file(["100000000000000001", "ann", "2025-01-02 09:01:02"])
_HEAD = csv_file(HEADER)
_PART = _LINE * (MEGABYTE // len(_LINE))
_CELL = b'<c t="inlineStr"><is><t>%s</t></is></c>'


@cache
def _large_zip() -> bytes:
    return streamed_zip("a.csv", [_HEAD, *[_PART] * 600])


@cache
def _large_workbook() -> bytes:
    return workbook("xl/media/a.png", [bytes(MEGABYTE)] * 1126)


ATTACKS: dict[str, Callable[[], bytes]] = {
    "zip of a 600 MB CSV": _large_zip,
    "the same, stated as 1 KB": lambda: understated(_large_zip(), 1000),
    "workbook of 1.1 GiB": _large_workbook,
    "the same, stated as 1 KB in its list": lambda: understated(_large_workbook(), 1000),
    "one line of 32 MB": lambda: _HEAD + b"x" * (32 * MEGABYTE),
    "one line of 32 MB, nothing else": lambda: b"x" * (32 * MEGABYTE),
    "one line of 32 MB of commas": lambda: b"," * (32 * MEGABYTE),
    "header and one line of 32 MB of commas": lambda: _HEAD + b"," * (32 * MEGABYTE),
    "one quoted cell of 64 MB in short lines": lambda: (
        _HEAD + b'1,"' + b"x\n" * (32 * MEGABYTE) + b'",2\n'
    ),
    "100,000 columns": lambda: filled("a", 100_000) + filled("1", 100_000) * 20,
    "100,000 columns after many rows": lambda: (
        _HEAD + _LINE * 200_000 + filled("1", 100_000) + _LINE * 200_000
    ),
    "64 MB of blank lines after a header": lambda: _HEAD + b"\n" * (64 * MEGABYTE) + b"1,2,3",
    "64 MB of empty cells": lambda: filled("", 900) * (64 * MEGABYTE // 900),
    "64 MB of nothing in UTF-16": lambda: b"\xff\xfe" + b"\n\0" * (32 * MEGABYTE) + b"a\0",
    "archive in archive": lambda: streamed_zip(
        "b.zip", [streamed_zip("a.csv", [_HEAD, *[_PART] * 100])]
    ),
    "archive of 10,000 files": lambda: many_files(10_000),
    "sheet said to be A1:XFD1048576": lambda: sheet(
        b'<row r="1"><c r="A1"><v>1</v></c></row>',
        dimension=b'<dimension ref="A1:XFD1048576"/>',
    ),
    "cells in A1 and XFD1048576": lambda: sheet(
        b'<row r="1"><c r="A1"><v>1</v></c></row>'
        b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    ),
    "the same in single quotes and small letters": lambda: sheet(
        b"<row><c r = 'a1'><v>1</v></c></row><row><c s='0'r='xf1048576'><v>1</v></c></row>"
    ),
    "a row far down, its cells without a place": lambda: sheet(
        b"<row>" + b"<c><v>1</v></c>" * 900 + b"</row>",
        b'<row r="1000000"><c><v>1</v></c></row>',
    ),
    "10,000 full rows in one column of places": lambda: sheet(
        b'<row r="1"><c r="A1"><v>1</v></c></row>' * 1000
        + b"<row>"
        + b"<c/>" * 900
        + b"<c><v>1</v></c></row>",
        times=100,
    ),
    "a column no sheet has": lambda: sheet(b'<row><c r="ZZZZZZ1"><v>1</v></c></row>'),
    "16,384 columns, 2,000 rows": lambda: sheet(
        b"<row>" + b"<c><v>1</v></c>" * 16_384 + b"</row>", times=2_000
    ),
    "one row of 16,384 columns, 200,000 of one": lambda: sheet(
        b"<row>" + b"<c><v>1</v></c>" * 16_384 + b"</row>" + b"<row><c><v>1</v></c></row>" * 200_000
    ),
    "a cell of 64 MB": lambda: sheet(b"<row>" + _CELL % (b"x" * 64 * MEGABYTE) + b"</row>"),
    "a shared string of 30,000 characters, 500,000 times": lambda: strings(30_000, 500_000),
    "a shared string of 64 MB, 100 times": lambda: strings(64 * MEGABYTE, 1000),
    "old workbook, 40 sheets, two cells each": lambda: old_workbook(40),
    "JSON of 64 MB": lambda: b'{"sessions":[' + b"{}," * (20 * MEGABYTE) + b"{}]}",
    "JSON of 16 MB": lambda: b'{"sessions":[' + b"{}," * (5 * MEGABYTE) + b"{}]}",
    "a chat with 25 million page breaks": lambda: (
        b"ann 2025-01-02 09:01:02\nhi\n" * 200 + b"\f\n" * 12_500_000
    ),
    "JSON nested deep": lambda: b'{"sessions":' + b"[" * 100_000,
    "1,000,000 file heads in 46 MB": lambda: b"PK\3\4" + b"PK\1\2" * 1_000_000,
}
