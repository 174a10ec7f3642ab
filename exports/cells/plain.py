"""What stands in a cell once what Excel and the platforms put around it is gone.

Whole columns at a time; quirks Q4, Q5, Q8 and Q17 of docs/exports.md.
"""

from dataclasses import dataclass

import polars as pl

#: Cells that mean "nothing here" (Q5, Q8, Q17).
NULL_WORDS = ("", "null", "NULL", "Null", "-", "--", "—", "#NULL!", "#N/A", "暂无数据", "暂无")
#: So many rows per different word make it worth while to look at each word once.
_FEW_WORDS = 100
#: "Not settled yet": null too, but the reader remarks on it (Q17).
UNSETTLED = "延迟统计"
_GUARDED = r"^[\s=\"'`\x{FEFF}]|[\s\x{FEFF}]$"


@dataclass(frozen=True)
class Column:
    """One column read: its values, and which cells said something unreadable."""

    values: pl.Series
    #: Reason code of the cells in ``bad``.
    reason: str
    bad: pl.Series
    #: Which cells read 延迟统计; None where none does.
    unsettled: pl.Series | None = None
    #: Times without seconds.
    coarse: int = 0
    #: Set where the column alone does not tell a rate from a percentage.
    guessed: str = ""


def plain(cells: pl.Series) -> pl.Series:
    """The cells without Excel's guards and blanks around them; null where they say nothing."""
    if each_once(cells).str.contains(_GUARDED).any():
        text = pl.col(cells.name)
        cells = (
            cells.to_frame()
            .select(text.str.strip_chars(" \t\r\n\u3000\u00a0\ufeff"))
            .select(
                pl.when(text.str.starts_with('="') | text.str.starts_with('"'))
                .then(text.str.strip_prefix("=").str.strip_chars('"'))
                .otherwise(text.str.strip_prefix("'"))
            )
            .select(text.str.strip_chars(" \t\r\n\u3000\u00a0\ufeff"))
            .to_series()
        )
    silent = cells.is_in(NULL_WORDS)
    return cells.set(silent, None) if silent.any() else cells


def each_once(cells: pl.Series) -> pl.Series:
    """Every different cell once where a column repeats few words, else the column as it is."""
    different: int = cells.to_frame().select(pl.first().approx_n_unique()).item()
    return cells.unique() if different * _FEW_WORDS <= cells.len() else cells


def settled(cells: pl.Series) -> tuple[pl.Series, pl.Series | None]:
    """The plain cells without 延迟统计, and which cells read that; None where none does."""
    text = plain(cells)
    late = (text == UNSETTLED).fill_null(False)
    return (text.set(late, None), late) if late.any() else (text, None)
