"""CSV and its kin: encoding and separator told from the content, cells as text."""

import codecs
import csv
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import StringIO
from itertools import islice
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.csv as arrow_csv

from exports.errors import EncodingError, UnclosedQuoteError

_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_ENCODINGS = ("utf-8", "gb18030")
_SEPARATORS = (",", "\t", ";")
_HEAD_BYTES = 256 * 1024
_HEAD_ROWS = 40
_SLOW_ROWS = 100_000
_BLOCK_BYTES = 8 * 2**20
#: A cell may be long (a whole chat in one cell), a broken quote must not swallow a file unseen.
csv.field_size_limit(2**27)


@dataclass(frozen=True)
class _Head:
    """What the first rows tell of a text table."""

    separator: str
    #: Rows before the first from which on all looked-at rows are equally wide.
    lead: list[list[str]]
    width: int
    #: Lines (not rows: a quoted cell may hold several) that the lead takes.
    lead_lines: int


def decoded(file_name: str, content: bytes) -> str:
    """The text of a file: UTF-8 with or without BOM, UTF-16 with BOM, else GB18030, strictly.

    Raises:
        EncodingError: If none of them fits every byte.
    """
    if content.startswith(_UTF16):
        encodings: tuple[str, ...] = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise EncodingError(file=file_name)


def text_cells(file_name: str, content: bytes) -> pl.DataFrame:
    """The cells of a text table, as wide as its widest row.

    Large regular files go through pyarrow, which reads GB18030 as fast as UTF-8; a file with
    rows of unequal width is read row by row.

    Raises:
        EncodingError: If the text is in no known encoding.
        UnclosedQuoteError: If a quotation mark swallows the rows after it.
    """
    if content.startswith(_UTF16):
        content = decoded(file_name, content).encode()
    content = content.removeprefix(codecs.BOM_UTF8)
    for encoding in _ENCODINGS:
        try:
            head = _head(content, encoding)
            cells = _fast_cells(content, encoding, head)
            if cells is None:
                cells = _slow_cells(content.decode(encoding), head.separator)
        except UnicodeDecodeError:
            continue
        if _swallows(content, cells):
            raise UnclosedQuoteError(file=file_name, row=cells.height)
        return cells
    raise EncodingError(file=file_name)


def _swallows(content: bytes, cells: pl.DataFrame) -> bool:
    """Whether the last row runs over lines because a quotation mark is never closed."""
    if content.count(b'"') % 2 == 0 or cells.width < 2:
        return False
    return any("\n" in cell for cell in cells.row(-1) if cell)


def _head(content: bytes, encoding: str) -> _Head:
    start = content[:_HEAD_BYTES]
    whole = len(start) == len(content)
    text = codecs.getincrementaldecoder(encoding)().decode(start, final=whole)
    candidates = [_head_by(text, separator, whole) for separator in _SEPARATORS]
    return max(candidates, key=lambda head: head.width)


def _head_by(text: str, separator: str, whole: bool) -> _Head:
    reader = csv.reader(StringIO(text, newline=""), delimiter=separator)
    rows: list[list[str]] = []
    ends: list[int] = []
    try:
        for row in islice(reader, _HEAD_ROWS):
            rows.append(row)
            ends.append(reader.line_num)
    except csv.Error:
        return _Head(separator, [], 1, 0)
    if not whole and len(rows) < _HEAD_ROWS:
        rows, ends = rows[:-1], ends[:-1]  # the last one may be cut
    widths = [len(row) for row in rows if row]
    if not widths:
        return _Head(separator, [], 1, 0)
    width = Counter(widths).most_common(1)[0][0]
    lead = max((at + 1 for at, row in enumerate(rows) if len(row) != width), default=0)
    return _Head(separator, rows[:lead], width, ends[lead - 1] if lead else 0)


def _fast_cells(content: bytes, encoding: str, head: _Head) -> pl.DataFrame | None:
    """The cells by pyarrow, or None where a row is wider or narrower than the others."""
    names = [f"column_{place}" for place in range(head.width)]
    uneven: list[int] = []

    def note(row: Any) -> str:
        uneven.append(row.actual_columns)
        return "error"

    start = _offset(content, head.lead_lines)
    if start is None or b"\r" in content[:_HEAD_BYTES].replace(b"\r\n", b""):
        return None
    end = _end(content)
    if end <= start:
        return None
    body = pa.py_buffer(content).slice(start, end - start)
    try:
        table = arrow_csv.read_csv(
            pa.BufferReader(body),
            read_options=arrow_csv.ReadOptions(
                column_names=names, encoding=encoding, block_size=_BLOCK_BYTES
            ),
            parse_options=arrow_csv.ParseOptions(
                delimiter=head.separator,
                # Only a quoted value can hold a newline; without quotes blocks parse in parallel.
                newlines_in_values=b'"' in content,
                ignore_empty_lines=False,
                invalid_row_handler=note,
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                strings_can_be_null=True,
                quoted_strings_can_be_null=True,
                null_values=[""],
            ),
        )
    except pa.ArrowInvalid as error:
        if "UTF8" in str(error):
            raise UnicodeDecodeError(encoding, b"", 0, 1, str(error)) from error
        return None
    cells: pl.DataFrame = pl.from_arrow(table)  # type: ignore[assignment]
    return pl.concat([_frame(head.lead), cells], how="diagonal") if head.lead else cells


def _offset(content: bytes, lines: int) -> int | None:
    """Where the line after the first ``lines`` begins."""
    at = 0
    for _ in range(lines):
        at = content.find(b"\n", at) + 1
        if not at:
            return None
    return at


def _end(content: bytes) -> int:
    """Where the blank lines at the end begin; found without copying the content."""
    end = len(content)
    while end and content[end - 1] in b"\r\n":
        end -= 1
    return end


def _slow_cells(text: str, separator: str) -> pl.DataFrame:
    rows = csv.reader(StringIO(text, newline=""), delimiter=separator)
    frames = [_frame(part) for part in _parts(rows)]
    return pl.concat(frames, how="diagonal") if frames else pl.DataFrame()


def _parts(rows: Iterator[list[str]]) -> Iterable[list[list[str]]]:
    while part := list(islice(rows, _SLOW_ROWS)):
        yield part


def _frame(rows: list[list[str]]) -> pl.DataFrame:
    width = max(map(len, rows), default=0)
    columns = {
        f"column_{place}": [row[place] or None if place < len(row) else None for row in rows]
        for place in range(max(width, 1))
    }
    return pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))
