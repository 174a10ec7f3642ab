import zipfile
from io import BytesIO

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exports.errors import (
    ArchiveError,
    BrokenFileError,
    EmptyFileError,
    EncodingError,
    EncryptedFileError,
    NotATableError,
    UnclosedQuoteError,
)
from exports.files import text_tables, workbooks
from exports.files.sheets import read_sheets
from tests.exports.small_files import csv_file, xlsx_file, zip_file

TABLE = [["a", "b"], ["1", "2"]]
#: The archive's list of files says that version 9.9 of zip is needed.
LATER_ZIP = zip_file({"a.csv": b"a,b"}).replace(b"PK\1\2\x14\3\x14", b"PK\1\2\x14\3\x63")
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ROWS = [("a", "b"), ("1", "2")]


def rows(content: bytes) -> list[tuple[str | None, ...]]:
    (sheet,) = read_sheets("file", content)
    assert set(sheet.cells.dtypes) == {pl.String}
    return sheet.cells.rows()


@pytest.mark.parametrize("separator", [",", "\t", ";"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "gbk"])
def test_every_encoding_and_separator(encoding: str, separator: str) -> None:
    table = [["订单编号", "标题"], ["1", "甲"]]
    content = csv_file(*table, encoding=encoding, separator=separator)
    assert rows(content) == [("订单编号", "标题"), ("1", "甲")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param('a,b\n1,"x\ny"\n3,4\n', "a,b 1,x\ny 3,4", id="quoted newline"),
        pytest.param('a,b\n1,"say""x"""\n', 'a,b 1,say"x"', id="quoted quote"),
        pytest.param('a,b\n1,5"nail\n2,x\n', 'a,b 1,5"nail 2,x', id="stray quote"),
        pytest.param("title\n\na,b\n1,2\n", "title, , a,b 1,2", id="title and blank line"),
        pytest.param("a,b\n1\n2,3\n", "a,b 1, 2,3", id="short row"),
        pytest.param("a,b\n1,2,3\n", "a,b, 1,2,3", id="long row"),
        pytest.param("a,b\n\n1,2\n", "a,b , 1,2", id="blank line counts"),
        pytest.param("a,b\r1,2\r", "a,b 1,2", id="old line ends"),
        pytest.param("a,b\r\n1,2\r\n\r\n", "a,b 1,2", id="blank lines at the end"),
        pytest.param("a,b\n1,2", "a,b 1,2", id="no newline at the end"),
        pytest.param("a,b\n", "a,b", id="header only"),
    ],
)
def test_rows_stand_where_a_spreadsheet_shows_them(text: str, expected: str) -> None:
    """``expected`` has rows apart by spaces, cells by commas."""
    found = rows(text.encode())
    while not any(found[-1]):
        found.pop()
    wanted = [tuple(cell or None for cell in row.split(",")) for row in expected.split(" ")]
    assert found == wanted


def test_a_blank_line_far_down_keeps_its_row() -> None:
    table = [["a", "b"], *[["1", "2"]] * 60]
    found = rows(csv_file(*table) + b"\r\n3,4\r\n")
    assert (len(found), found[61], found[62]) == (63, (None, None), ("3", "4"))


CELL = st.text(st.characters(codec="gb18030", exclude_characters="\0"), max_size=6)


@settings(max_examples=80, deadline=None)
@given(
    table=st.integers(2, 4).flatmap(
        lambda width: st.lists(
            st.lists(CELL, min_size=width, max_size=width), min_size=1, max_size=6
        )
    ),
    encoding=st.sampled_from(["utf-8", "gb18030"]),
)
def test_the_fast_and_the_slow_way_read_the_same_cells(
    table: list[list[str]], encoding: str
) -> None:
    content = csv_file(*table, encoding=encoding)
    head = text_tables._Head(",", [], len(table[0]), 0)
    fast = text_tables._fast_cells("a.csv", content, encoding, head)
    slow = text_tables._slow_cells("a.csv", content, encoding, ",")
    if fast is not None:
        filled = slow.head(fast.height)
        assert fast.rows() == filled.rows()
        assert (
            not slow.slice(fast.height)
            .select(pl.any_horizontal(pl.all().is_not_null()))
            .to_series()
            .any()
        )


def test_every_sheet_of_a_workbook_and_no_empty_one() -> None:
    found = read_sheets("a.xlsx", xlsx_file({"一": TABLE, "空": [], "二": TABLE}))
    assert [(sheet.sheet, sheet.cells.rows()) for sheet in found] == [("一", ROWS), ("二", ROWS)]


def test_rows_and_columns_left_empty_keep_their_place() -> None:
    found = read_sheets("a.xlsx", xlsx_file({"一": [[], [None, "a"], [None, "1"]]}))
    assert found[0].cells.rows() == [(None, None), (None, "a"), (None, "1")]


def test_files_of_an_archive_carry_its_name() -> None:
    content = zip_file({"b/c.csv": csv_file(*TABLE), "d.xlsx": xlsx_file({"一": TABLE})})
    found = read_sheets("a.zip", content)
    assert [(sheet.file_name, sheet.sheet) for sheet in found] == [
        ("a.zip/b/c.csv", ""),
        ("a.zip/d.xlsx", "一"),
    ]


def test_names_in_gbk_of_an_archive_made_on_windows() -> None:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("name.csv", csv_file(*TABLE))
    # Python writes no name in GBK; it is put in afterwards, over one of as many bytes.
    content = packed.getvalue().replace(b"name", "订单".encode("gbk"))
    assert read_sheets("a.zip", content)[0].file_name == "a.zip/订单.csv"


def test_what_systems_leave_in_archives_is_no_file() -> None:
    content = zip_file(
        {"a.csv": csv_file(*TABLE), "__MACOSX/._a.csv": b"x", ".DS_Store": b"x", "~$a.xlsx": b"x"}
    )
    assert len(read_sheets("a.zip", content)) == 1


@pytest.mark.parametrize(
    ("content", "error", "words"),
    [
        pytest.param(b"", EmptyFileError, "empty", id="nothing"),
        pytest.param(b" \r\n\t", EmptyFileError, "empty", id="blanks"),
        pytest.param(xlsx_file({"一": []}), EmptyFileError, "empty", id="empty sheet"),
        pytest.param(zip_file({}), EmptyFileError, "empty", id="empty archive"),
        pytest.param(b"%PDF-1.7 ...", NotATableError, "a PDF", id="pdf"),
        pytest.param(b"<!DOCTYPE html><html>", NotATableError, "a web page", id="web page"),
        pytest.param(b"<table><tr>", NotATableError, "a web page", id="html table named xls"),
        pytest.param(b"\x89PNG\r\n", NotATableError, "a picture", id="picture"),
        pytest.param(b"a\x00\x01\x02b", NotATableError, "binary", id="binary"),
        pytest.param(xlsx_file({"一": TABLE})[:200], BrokenFileError, "damaged", id="cut off"),
        pytest.param(OLE + b"x" * 600, BrokenFileError, "damaged", id="no BIFF"),
        pytest.param(LATER_ZIP, BrokenFileError, "damaged", id="a zip Python is too old for"),
        pytest.param(
            OLE + bytes(600) + "EncryptedPackage".encode("utf-16-le"),
            EncryptedFileError,
            "password",
            id="xlsx with a password",
        ),
        pytest.param(
            zip_file({"inner.zip": zip_file({"a.csv": b"a,b"})}),
            ArchiveError,
            "an archive inside the archive",
            id="archive in archive",
        ),
        pytest.param(
            zip_file({f"{at}.csv": b"a,b" for at in range(201)}),
            ArchiveError,
            "201 files",
            id="too many files",
        ),
    ],
)  # fmt: skip
def test_what_is_no_table_is_refused_in_words(
    content: bytes, error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        read_sheets("file.csv", content)


def test_an_archive_with_a_password() -> None:
    content = bytearray(zip_file({"a.csv": b"a,b\n1,2\n"}))
    for magic, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(magic) + flags] |= 1
    with pytest.raises(EncryptedFileError, match="password"):
        read_sheets("a.zip", bytes(content))


def test_blocks_join_without_a_seam(monkeypatch: pytest.MonkeyPatch) -> None:
    """The character that stands between words while they are decoded may stand in one, too."""
    monkeypatch.setattr(text_tables, "_BLOCK_BYTES", 256)
    table = [
        ["编号", "话"],
        *([f"甲{row % 7}", "乙\0\n丙" if row == 50 else "丁"] for row in range(99)),
    ]
    head = text_tables._Head(",", [["title"]], 2, 1)
    content = b"title\r\n" + csv_file(*table, encoding="gb18030")
    found = text_tables._fast_cells("a.csv", content, "gb18030", head)
    assert found is not None
    assert found.rows() == [("title", None), *map(tuple, table)]


def test_half_a_character_far_down_is_no_text() -> None:
    content = csv_file(*[["甲", "乙"]] * 60_000, encoding="gb18030") + b"\x81,1\r\n"
    with pytest.raises(EncodingError):
        read_sheets("chat.csv", content)


@pytest.mark.parametrize("rows", [2, 200_000], ids=["few rows", "many rows"])
def test_an_unclosed_quote_swallows_nothing_unseen(rows: int) -> None:
    content = 'a,b\n1,"x\n' + "2,y\n" * rows
    with pytest.raises(UnclosedQuoteError, match="row 2"):
        read_sheets("chat.csv", content.encode())


@pytest.mark.parametrize(
    ("content", "may"),
    [
        pytest.param(xlsx_file({"一": [["1" * 19, 12.5]]}), False, id="a text"),
        pytest.param(xlsx_file({"一": [["a"]], "二": [[123456789012345678]]}), True, id="a number"),
        pytest.param(xlsx_file({"一": [[1e21]]}), True, id="a number with an exponent"),
        pytest.param(xlsx_file({"一": [[123456789012345]]}), False, id="fifteen digits are kept"),
        pytest.param(OLE, True, id="xls is not looked into"),
    ],
)
def test_only_a_workbook_with_long_numbers_is_read_twice(content: bytes, may: bool) -> None:
    assert workbooks._may_hold_long_numbers(content) is may
