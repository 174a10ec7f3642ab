"""CSV and its kin: encoding and separator told from the content, cells as text."""

import codecs
import csv
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import StringIO
from itertools import islice

import polars as pl
import pyarrow as pa
import pyarrow.csv as arrow_csv
from pyarrow.compute import binary_join

from exports.errors import EncodingError, UnclosedQuoteError

_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_ENCODINGS = ("utf-8", "gb18030")
_SEPARATORS = (",", "\t", ";")
_HEAD_BYTES = 256 * 1024
_HEAD_ROWS = 40
_SLOW_ROWS = 100_000
#: Small enough for the words of a block to stay in the processor's cache.
_BLOCK_BYTES = 4 * 2**20
#: Stands between the words of a column while they are decoded as one text.
_BETWEEN = b"\x00"
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

    Regular files go through pyarrow; one with rows of unequal width is read row by row.

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
    # Where notes outnumber the rows under them, every separator leaves most rows one cell wide.
    return max(candidates, key=lambda head: (head.width, max(map(len, head.lead), default=0)))


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
    """The cells by pyarrow, or None where a row is wider or narrower than the others.

    The bytes are cut into cells before they are decoded: no character of GB18030 holds the byte
    of a separator, a quotation mark or the end of a line. Block by block, so that beside the
    cells no second copy of a large file is held.
    """
    start = _offset(content, head.lead_lines)
    if start is None or b"\r" in content[:_HEAD_BYTES].replace(b"\r\n", b""):
        return None
    end = _end(content)
    if end <= start:
        return None
    names = [f"column_{place}" for place in range(head.width)]
    try:
        blocks = arrow_csv.open_csv(
            pa.BufferReader(pa.py_buffer(content).slice(start, end - start)),
            read_options=arrow_csv.ReadOptions(column_names=names, block_size=_BLOCK_BYTES),
            parse_options=arrow_csv.ParseOptions(
                delimiter=head.separator,
                # Only a quoted value can hold a newline.
                newlines_in_values=b'"' in content,
                ignore_empty_lines=False,
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.binary()),
                strings_can_be_null=True,
                quoted_strings_can_be_null=True,
                null_values=[""],
            ),
        )
        cells = _joined([_decoded_block(block, encoding) for block in blocks])
    except pa.ArrowInvalid:
        return None
    return pl.concat([_frame(head.lead), cells], how="diagonal") if head.lead else cells


def _joined(blocks: list[pl.DataFrame]) -> pl.DataFrame:
    """The blocks as one, column by column, so that no more than one column is held twice."""
    return pl.DataFrame(
        [
            pl.concat([block.drop_in_place(name) for block in blocks], rechunk=True)
            for name in blocks[0].columns
        ]
    )


def _decoded_block(block: pa.RecordBatch, encoding: str) -> pl.DataFrame:
    columns = zip(block.schema.names, block.columns, strict=True)
    return pl.select(_decoded(cells, encoding).alias(name) for name, cells in columns)


def _decoded(cells: pa.BinaryArray, encoding: str) -> pl.Expr:
    """A column as text; a cell that is met again is decoded once and shares its memory."""
    if _is_ascii(cells):
        return pl.lit(pl.Series(cells.cast(pa.string())))
    met = cells.dictionary_encode()
    return _decoded_words(met.dictionary, encoding).gather(pl.lit(pl.Series(met.indices)))


def _is_ascii(cells: pa.BinaryArray) -> bool:
    """Whether the cells read the same in every encoding."""
    content = cells.buffers()[2]
    return content is None or content.to_pybytes().isascii()


def _decoded_words(words: pa.BinaryArray, encoding: str) -> pl.Expr:
    """The words decoded all at once, which a call for each would take many times as long for."""
    together = pa.ListArray.from_arrays(pa.array([0, len(words)], pa.int32()), words)
    text = binary_join(together, _BETWEEN)[0].as_buffer().to_pybytes().decode(encoding)
    if text.count(_BETWEEN.decode()) == len(words) - 1:
        return pl.lit(text).str.split(_BETWEEN.decode()).explode()
    # A cell holds the very character that was to stand between them.
    return pl.lit(pl.Series([word.decode(encoding) for word in words.to_pylist()]))


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
