"""Writing text files the way the platform does: its own quoting, GBK, CRLF."""

from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO
from pathlib import Path

import polars as pl

#: Rows turned into text at a time, so that a file of millions needs little memory.
ROWS_AT_A_TIME = 250_000


def slices(rows: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """The rows in pieces of bounded size; one empty piece for no rows."""
    yield from rows.iter_slices(ROWS_AT_A_TIME) if rows.height else [rows]


def guarded(column: str) -> pl.Expr:
    """``="123"``: how the platform keeps Excel from rounding an id; ``=""`` for none."""
    return pl.concat_str(pl.lit('="'), pl.col(column).fill_null(""), pl.lit('"'))


def quoted(column: str) -> pl.Expr:
    """``"text"``; an empty cell for none."""
    return pl.concat_str(pl.lit('"'), pl.col(column), pl.lit('"')).fill_null("")


def moment(column: str) -> pl.Expr:
    """A time as exports write it; an empty cell for none."""
    return pl.col(column).dt.strftime("%Y-%m-%d %H:%M:%S").fill_null("")


def yuan(column: str) -> pl.Expr:
    """Whole fen as yuan with two decimals; an empty cell for none."""
    fen = pl.col(column)
    cents = (fen % 100).cast(pl.String).str.zfill(2)
    return pl.concat_str((fen // 100).cast(pl.String), pl.lit("."), cents).fill_null("")


def number(column: str) -> pl.Expr:
    """A whole number; an empty cell for none."""
    return pl.col(column).cast(pl.String).fill_null("")


def write_platform_csv(path: Path, headers: Sequence[str], pieces: Iterable[pl.DataFrame]) -> None:
    """Write cells that carry their own quotes, in GBK, one header line first."""
    with path.open("wb") as file:
        file.write((",".join(headers) + "\r\n").encode("gb18030"))
        for piece in pieces:
            text = BytesIO()
            piece.write_csv(text, include_header=False, quote_style="never", line_terminator="\r\n")
            file.write(text.getvalue().decode("utf-8").encode("gb18030"))


def write_template_csv(path: Path, rows: pl.DataFrame, *, encoding: str = "utf-8-sig") -> None:
    """Write a plain CSV with quotes only where needed: UTF-8 with BOM, or GBK."""
    with path.open("wb") as file:
        file.write("".encode(encoding))
        for piece, first in zip(slices(rows), [True] + [False] * rows.height, strict=False):
            text = BytesIO()
            piece.write_csv(text, include_header=first, datetime_format="%Y-%m-%d %H:%M:%S")
            written = text.getvalue()
            if not encoding.startswith("utf-8"):
                written = written.decode("utf-8").encode(encoding)
            file.write(written)
