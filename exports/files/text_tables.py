"""CSV and its kin: encoding and separator told from the content, cells as text."""

import codecs
import csv
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO, StringIO, TextIOWrapper
from itertools import islice

import polars as pl
import pyarrow as pa
import pyarrow.csv as arrow_csv
from pyarrow.compute import binary_join

from exports.errors import EncodingError, TooLongError, UnclosedQuoteError
from exports.files import limits

_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_ENCODINGS = ("utf-8", "gb18030")
_SEPARATORS = (",", "\t", ";")
_HEAD_BYTES = 256 * 1024
_HEAD_ROWS = 40
#: Columns of a table that may win over one that seems wider, and the share of equal rows in it.
_LEAST_WIDTH, _STEADY = 3, 0.9
#: Cells of a part that is read row by row; as Python's own each takes some 60 bytes.
_SLOW_CELLS = 1_000_000
#: Small enough for the words of a block to stay in the processor's cache.
_BLOCK_BYTES = 4 * 2**20
#: A row of several long cells, each quoted and of many lines.
_ROW_LENGTH = 4 * limits.MAX_LENGTH
#: Stands between the words of a column while they are decoded as one text.
_BETWEEN = b"\x00"
#: A cell may be long (a whole chat in one cell), a broken quote must not swallow a file unseen.
csv.field_size_limit(limits.MAX_LENGTH)


@dataclass(frozen=True)
class _Head:
    """What the first rows tell of a text table."""

    separator: str
    #: Rows before the first from which on all looked-at rows are equally wide.
    lead: list[list[str]]
    width: int
    #: Lines (not rows: a quoted cell may hold several) that the lead takes.
    lead_lines: int
    #: Line of the first row that is at least half as wide as the others, which is the header's.
    first_line: int = 0
    #: Whether nearly all rows from there on are equally wide.
    steady: bool = False

    @property
    def widest(self) -> int:
        """Columns of the widest row looked at."""
        return max(self.width, *map(len, self.lead), 0)


def plain_bytes(file_name: str, content: bytes) -> bytes:
    """The content as it is, or in UTF-8 where it was UTF-16 (told by its BOM).

    Raises:
        EncodingError: If UTF-16 was said and is not what follows.
        TooLargeError: If it is larger in UTF-8 than can be read.
    """
    if not content.startswith(_UTF16):
        return content
    try:
        # Once only to count, so that what is refused is never held.
        limits.check_size(file_name, sum(map(len, _in_utf8(content))))
        plain = BytesIO()
        plain.writelines(_in_utf8(content))
    except UnicodeDecodeError as error:
        raise EncodingError(file=file_name) from error
    return plain.getvalue()


def _in_utf8(content: bytes) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder("utf-16")()
    for start in range(0, len(content), _BLOCK_BYTES):
        yield decoder.decode(content[start : start + _BLOCK_BYTES]).encode()
    yield decoder.decode(b"", final=True).encode()


def decoded(file_name: str, content: bytes) -> str:
    """The text of a file: UTF-8 with or without BOM, else GB18030, strictly.

    Raises:
        EncodingError: If neither fits every byte.
    """
    for encoding in ("utf-8-sig", "gb18030"):
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
        TooManyColumnsError, TooManyCellsError, TooLongError: If it passes ``exports.files.limits``.
    """
    limits.check_lines(file_name, content)
    content = content.removeprefix(codecs.BOM_UTF8)
    for encoding in _ENCODINGS:
        try:
            head = _head(content, encoding)
            for number, row in enumerate([*head.lead, range(head.width)], start=1):
                limits.check_columns(file_name, number, len(row))
            if b'"' not in content:  # else a line may be less than a row
                limits.check_cells(file_name, content.count(b"\n"), head.widest)
            cells = _fast_cells(file_name, content, encoding, head)
            if cells is None:
                cells = _slow_cells(file_name, content, encoding, head.separator)
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
    best, *others = sorted(
        candidates, key=lambda head: (-head.width, -max(map(len, head.lead), default=0))
    )
    # Signs inside cells may be more than separators, but headings have none.
    better = [head for head in others if head.width >= _LEAST_WIDTH and head.steady]
    return next((head for head in better if head.first_line < best.first_line), best)


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
    wide = (at for at, row in enumerate(rows) if len(row) > 1 and 2 * len(row) >= width)
    first = next(wide, len(rows) - 1)
    below = [len(row) for row in rows[first:] if row]
    return _Head(
        separator,
        rows[:lead],
        width,
        lead_lines=ends[lead - 1] if lead else 0,
        first_line=ends[first - 1] if first else 0,
        steady=below.count(width) >= _STEADY * len(below),
    )


def _fast_cells(file_name: str, content: bytes, encoding: str, head: _Head) -> pl.DataFrame | None:
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
    table = pa.py_buffer(content).slice(start, end - start)
    try:
        if content.count(b"\n", start, end) * head.width > limits.MAX_CELLS:
            # Lines are no rows where a quoted cell holds several; only one column is counted.
            rows = sum(block.num_rows for block in _blocks(table, content, head, ["column_0"]))
            limits.check_cells(file_name, rows, head.width)
        cells = _joined(
            [_decoded_block(block, encoding) for block in _blocks(table, content, head)]
        )
    except pa.ArrowInvalid:
        return None
    return pl.concat([_frame(head.lead), cells], how="diagonal") if head.lead else cells


def _blocks(
    table: pa.Buffer, content: bytes, head: _Head, columns: list[str] | None = None
) -> Iterable[pa.RecordBatch]:
    names = [f"column_{place}" for place in range(head.width)]
    blocks: Iterable[pa.RecordBatch] = arrow_csv.open_csv(
        pa.BufferReader(table),
        read_options=arrow_csv.ReadOptions(column_names=names, block_size=_BLOCK_BYTES),
        parse_options=arrow_csv.ParseOptions(
            delimiter=head.separator,
            # Only a quoted value can hold a newline.
            newlines_in_values=b'"' in content,
            ignore_empty_lines=False,
        ),
        convert_options=arrow_csv.ConvertOptions(
            include_columns=columns,
            column_types=dict.fromkeys(names, pa.binary()),
            strings_can_be_null=True,
            quoted_strings_can_be_null=True,
            null_values=[""],
        ),
    )
    return blocks


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


def _slow_cells(file_name: str, content: bytes, encoding: str, separator: str) -> pl.DataFrame:
    lines = _Lines(TextIOWrapper(BytesIO(content), encoding, newline=""))
    rows = csv.reader(lines, delimiter=separator)
    count, widest = 0, 0
    frames, part, held = [], [], 0
    try:
        for row in rows:
            lines.taken = 0
            count, widest = count + 1, max(widest, len(row))
            limits.check_columns(file_name, count, len(row))
            limits.check_cells(file_name, count, widest)
            part.append(row)
            held += max(len(row), 1)
            if held > _SLOW_CELLS:
                frames.append(_frame(part))
                part, held = [], 0
    except csv.Error as error:
        if content.count(b'"') % 2:
            raise UnclosedQuoteError(file=file_name, row=count + 1) from error
        raise TooLongError(file=file_name, row=count + 1, limit=limits.MAX_LENGTH) from error
    frames += [_frame(part)] if part else []
    return pl.concat(frames, how="diagonal") if frames else pl.DataFrame()


class _Lines:
    """The lines of a text, until one row has taken too many of them."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        #: Characters since the last row ended.
        self.taken = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self.taken += len(line)
        if self.taken > _ROW_LENGTH:
            raise csv.Error("a row over too many lines")
        return line


def _frame(rows: list[list[str]]) -> pl.DataFrame:
    width = max(map(len, rows), default=0)
    columns = {
        f"column_{place}": [row[place] or None if place < len(row) else None for row in rows]
        for place in range(max(width, 1))
    }
    return pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))
