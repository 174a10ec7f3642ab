"""What a refusal quotes of a file's rows: headings as they stand, of values nothing that tells."""

import re
from collections.abc import Collection, Sequence

import polars as pl

from exports.cells.headings import normal_header
from exports.cells.masking import MASK, masked_text

_MOST, _LENGTH = 20, 40
#: How many rows below tell whether a row is the headings of values.
_ROWS_BELOW = 20
#: Amounts, days, times, numbers to call: no heading is made of these alone.
_VALUE = re.compile(r"\W*\d[\d\s.,:/+\-年月日%]*\W*|[^@\s]+@\S+|.*\d{7}.*", re.DOTALL)


def told_headings(rows: Sequence[Sequence[str | None]], at: int, known: Collection[str]) -> str:
    """The headings of a row, in brackets; what may be a person's is masked.

    A row that holds values, or is like the rows below it, is no row of headings: then only what
    some layout knows is quoted.

    Args:
        rows: The first rows of a sheet.
        at: The row to quote, from 0.
        known: Normalised headings of the layouts.
    """
    if not rows:
        return "[]"
    told = [" ".join(cell.split()) for cell in rows[at] if cell and cell.strip()]
    if not _is_header(told, rows[at + 1 : at + 1 + _ROWS_BELOW]):
        told = [cell if normal_header(cell) in known else MASK for cell in told]
    shown = masked_text(pl.Series(told[:_MOST], dtype=pl.String)).str.slice(0, _LENGTH).to_list()
    return "[" + ", ".join(shown) + (", …" if len(told) > _MOST else "") + "]"


def _is_header(told: Sequence[str], below: Sequence[Sequence[str | None]]) -> bool:
    if any(_VALUE.fullmatch(cell) for cell in told):
        return False
    cells = [cell.strip() for row in below for cell in row if cell and cell.strip()]
    return not cells or any(_VALUE.fullmatch(cell) for cell in cells)
