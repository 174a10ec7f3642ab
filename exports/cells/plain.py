"""What stands in a cell once what Excel and the platforms put around it is gone.

Whole columns at a time; quirks Q4, Q5, Q8 and Q17 of docs/exports.md.
"""

import unicodedata
from dataclasses import dataclass

import polars as pl

#: Cells that mean "nothing here" (Q5, Q8, Q17).
NULL_WORDS = ("", "null", "NULL", "Null", "-", "--", "—", "#NULL!", "#N/A", "暂无数据", "暂无")
#: So many rows per different word make it worth while to look at each word once.
_FEW_WORDS = 100
#: "Not settled yet": null too, but the reader remarks on it (Q17).
UNSETTLED = "延迟统计"
#: What numbers, times and ids are written with elsewhere: digits of other scripts, full-width
#: letters and signs, minus signs, commas, stops, colons, blanks, and marks that print nothing.
_FOREIGN = (
    r"[[\p{Nd}&&[^0-9]]\p{Cf}[\p{Zs}&&[^ ]]\x{FF01}-\x{FF5E}"
    r"\x{2010}-\x{2015}\x{2212}\x{FE63}\x{FE58}\x{060C}\x{066A}-\x{066C}\x{2236}\x{3002}\x{FF61}]"
)
_SIGNS = {
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63", "-"),
    **{"\u066b": ".", "\u3002": ".", "\uff61": ".", "\u066c": ",", "\u060c": ","},
    **{"\u066a": "%", "\u2236": ":"},
}
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
    #: Of the cells in ``bad`` those whose day and month cannot be told apart; None where none.
    unclear: pl.Series | None = None
    #: Where times say their offset: ``utc`` and ``offset`` (minutes), the ends of every day.
    offsets: pl.DataFrame | None = None
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


def folded(cells: pl.Series) -> pl.Series:
    """The cells with what numbers, times and ids are made of as ASCII; not for free text.

    >>> folded(pl.Series(["１，１０６．００", "١٠١", "−५", "12\u00a0000"])).to_list()
    ['1,106.00', '101', '-5', '12 000']
    """
    foreign = cells.str.contains(_FOREIGN).fill_null(False)
    if not foreign.any():
        return cells
    at = foreign.arg_true()
    words = cells.gather(at)
    letters = words.str.extract_all(_FOREIGN).explode().unique()
    return cells.clone().scatter(at, words.str.replace_many({one: _folded(one) for one in letters}))


def _folded(letter: str) -> str:
    if letter in _SIGNS:
        return _SIGNS[letter]
    digit = unicodedata.decimal(letter, None)
    if digit is not None:
        return str(digit)
    if "\uff01" <= letter <= "\uff5e":
        return chr(ord(letter) - 0xFEE0)
    # Digits of a newer Unicode than Python's stay, and are no number then.
    kind = unicodedata.category(letter)
    return {"Cf": "", "Zs": " "}.get(kind, letter)


def each_once(cells: pl.Series) -> pl.Series:
    """Every different cell once where a column repeats few words, else the column as it is."""
    different: int = cells.to_frame().select(pl.first().approx_n_unique()).item()
    return cells.unique() if different * _FEW_WORDS <= cells.len() else cells


def settled(cells: pl.Series) -> tuple[pl.Series, pl.Series | None]:
    """The plain, folded cells without 延迟统计, and which cells read that; None where none does."""
    text = plain(folded(cells))
    late = (text == UNSETTLED).fill_null(False)
    return (text.set(late, None), late) if late.any() else (text, None)
