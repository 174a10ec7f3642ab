"""How much one file may hold: what is larger is refused before it is read.

Whatever is read is held in memory for a while, and one upload must not end the server for
everybody. The figures beside the limits come from smaller files, scaled; the largest exports known
stay far below all.
"""

from exports.errors import (
    TooLargeError,
    TooLongError,
    TooManyCellsError,
    TooManyColumnsError,
    TooManyLinesError,
)

MEGABYTE = 2**20

#: Bytes of a text file, or of all files of an archive. Three million chat lines are 250 MB and
#: take six times that while they are read. ``server.maxUploadSize`` in .streamlit/config.toml
#: says the same, so that nobody uploads what is then refused; from 512 on Streamlit prints "1GB".
MAX_BYTES = 500 * MEGABYTE
#: Bytes of a workbook's parts, which are never held as a whole: 200,000 orders of 50 columns are
#: 500 MB of XML.
MAX_WORKBOOK_BYTES = 1024 * MEGABYTE
#: Files of an archive: a year of days is as many in two archives.
MAX_MEMBERS = 200
#: Columns of a table: no export has 200. Headings are compared with those of every layout.
MAX_COLUMNS = 1_000
#: Cells of a text table, 16 bytes each even where empty: a million rows of 50 columns, twice
#: what three million chat lines have.
MAX_CELLS = 50_000_000
#: Cells of a sheet from its first to its last, some 100 bytes each while it is read: a full sheet
#: of 1,048,576 rows has room for 15 columns, and 200,000 orders take 11 million.
MAX_SHEET_CELLS = 16_000_000
#: Lines of a copied chat, some 100 bytes each while it is read: three million messages have nine.
MAX_LINES = 20_000_000
#: Characters of a line or a cell: 32 times what Excel holds. Longer ones take up to 200 bytes for
#: each of theirs.
MAX_LENGTH = MEGABYTE
#: Bytes of a JSON file; parsed it takes up to 25 times as much.
MAX_JSON_BYTES = 16 * MEGABYTE
#: Characters that the cells of a workbook repeat from its list of texts, each of them a copy.
MAX_REPEATED = 1024 * MEGABYTE


def check_size(file: str, size: int, limit: int | None = None) -> None:
    """Refuse a file of more bytes than ``limit``, or else than ``MAX_BYTES``.

    Raises:
        TooLargeError: If it is larger.
    """
    limit = MAX_BYTES if limit is None else limit
    if size > limit:
        raise TooLargeError(file=file, found=-(-size // MEGABYTE), limit=limit // MEGABYTE)


def check_lines(file: str, content: bytes) -> None:
    """Refuse a text with a line that is longer than anybody's.

    Only every millionth byte is looked at, and from there back to the last end of a line.

    Raises:
        TooLongError: If a line is longer than ``MAX_LENGTH`` bytes.
    """
    start = 0
    while len(content) - start > MAX_LENGTH:
        window = start, start + MAX_LENGTH + 1
        end = content.rfind(b"\n", *window)
        if end < 0:
            end = content.rfind(b"\r", *window)
        if end < 0:
            row = max(content.count(b"\n", 0, start), content.count(b"\r", 0, start)) + 1
            raise TooLongError(file=file, row=row, limit=MAX_LENGTH)
        start = end + 1


def check_count(file: str, text: str) -> None:
    """Refuse a text of too many lines, by whatever ends them.

    Raises:
        TooManyLinesError: If there are more than ``MAX_LINES``.
    """
    found = sum(map(text.count, "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"))
    if found > MAX_LINES:
        raise TooManyLinesError(file=file, found=found, limit=MAX_LINES)


def check_columns(file: str, row: int, columns: int) -> None:
    """Refuse a row that is wider than any export.

    Raises:
        TooManyColumnsError: If it has more than ``MAX_COLUMNS`` cells.
    """
    if columns > MAX_COLUMNS:
        raise TooManyColumnsError(file=file, row=row, found=columns, limit=MAX_COLUMNS)


def check_cells(file: str, rows: int, columns: int, limit: int | None = None) -> None:
    """Refuse a table with room for more cells than ``limit`` (``MAX_CELLS``), filled or not.

    Raises:
        TooManyCellsError: If it has.
    """
    limit = MAX_CELLS if limit is None else limit
    if rows * columns > limit:
        raise TooManyCellsError(
            file=file, rows=rows, columns=columns, found=rows * columns, limit=limit
        )
