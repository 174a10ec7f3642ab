"""Tables as files: CSV and XLSX that hold what the screen shows, and nothing that runs.

One ``Column`` per column says its heading and kind; the screen, the CSV and the XLSX are all
drawn from it, so that they cannot drift apart.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, TypeVar

import polars as pl
import xlsxwriter

from told.language import Language, percent

Kind = Literal[
    "text", "share", "seconds", "hours", "money", "score", "number", "count", "day", "time"
]
#: Digits after the point of each numeric kind; a share's digits are of its percentage. Durations
#: are whole seconds, or hours, so that a column can be sorted and added up; the heading names the
#: unit. Columns of both hold seconds.
DIGITS: dict[Kind, int] = {
    "share": 1,
    "seconds": 0,
    "hours": 2,
    "money": 2,
    "score": 4,
    "number": 2,
    "count": 0,
}
Amount = TypeVar("Amount", float, pl.Expr)
_XLSX_FORMATS: dict[Kind, str] = {
    "share": "0.0%",
    "seconds": "0",
    "hours": "0.00",
    "money": "#,##0.00",
    "score": "0.0000",
    "number": "0.00",
    "count": "#,##0",
    "day": "yyyy-mm-dd",
    "time": "yyyy-mm-dd hh:mm:ss",
}
#: A cell that starts so is run as a formula by spreadsheets.
_RUNS = ("=", "+", "-", "@", "\t", "\r", "\n")


@dataclass(frozen=True)
class Column:
    """A column on screen and in files: where it comes from, its heading, its kind."""

    name: str
    label: str
    kind: Kind = "text"


def harmless(text: str) -> str:
    """Text that no spreadsheet runs as a formula.

    >>> harmless("=1+1"), harmless("旺旺"), harmless("-5")
    ("'=1+1", '旺旺', "'-5")
    """
    return f"'{text}" if text.startswith(_RUNS) else text


def in_hours(seconds: Amount) -> Amount:
    """Seconds, one value or a column, as hours.

    >>> in_hours(5400.0)
    1.5
    """
    return seconds / 3600


def shown(value: object, kind: Kind, language: Language) -> str:
    """One value as the screen and the CSV write it; "" for null, so that sums still work."""
    if value is None:
        return ""
    match kind:
        case "share":
            return percent(float(value), language, digits=1)  # type: ignore[arg-type]
        case "hours":
            return f"{in_hours(float(value)):.{DIGITS[kind]}f}"  # type: ignore[arg-type]
        case "seconds" | "money" | "score" | "number" | "count":
            return f"{value:.{DIGITS[kind]}f}"
        case "day":
            return value.isoformat() if isinstance(value, date) else str(value)
        case "time":
            if isinstance(value, datetime):
                return value.isoformat(sep=" ", timespec="seconds")
            return str(value)
        case "text":
            return harmless(str(value))


def on_screen(frame: pl.DataFrame, /, columns: Sequence[Column]) -> pl.DataFrame:
    """The columns under their headings; shares become percentages and seconds hours, as printed."""
    return frame.select(
        _printed(pl.col(column.name), column.kind).alias(column.label) for column in columns
    )


def _printed(value: pl.Expr, kind: Kind) -> pl.Expr:
    match kind:
        case "share":
            return value * 100
        case "hours":
            return in_hours(value)
        case _:
            return value


def as_text(
    frame: pl.DataFrame, /, columns: Sequence[Column], *, language: Language
) -> pl.DataFrame:
    """The table as text cells under its headings, in the order of ``columns``; null stays null."""
    return pl.DataFrame(
        {
            column.label: [
                None if value is None else shown(value, column.kind, language)
                for value in frame[column.name]
            ]
            for column in columns
        },
        schema={column.label: pl.String for column in columns},
    )


def csv_bytes(frame: pl.DataFrame, /, columns: Sequence[Column], *, language: Language) -> bytes:
    """The table as CSV; the byte-order mark lets Excel read the Chinese."""
    text = as_text(frame, columns, language=language)
    safe = text.rename({label: harmless(label) for label in text.columns})
    return b"\xef\xbb\xbf" + safe.write_csv().encode()


def xlsx_bytes(
    frame: pl.DataFrame, /, columns: Sequence[Column], *, language: Language, sheet: str = "1"
) -> bytes:
    """The table as a workbook of one sheet: numbers stay numbers, text stays text.

    Formulas and links are switched off.
    """
    return workbook_bytes([(sheet, frame, columns)], language=language)


def workbook_bytes(
    sheets: Sequence[tuple[str, pl.DataFrame, Sequence[Column]]], /, *, language: Language
) -> bytes:
    """Several tables as one workbook, a sheet each; the same tables give the same bytes.

    Args:
        sheets: Name, rows and columns of each; a name is shortened to what a sheet may be called.
        language: Of the shares in text cells.
    """
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        book.set_properties({"created": _CREATED})
        for at, (name, frame, columns) in enumerate(sheets, start=1):
            page = book.add_worksheet(_sheet_name(name, at, len(sheets)))
            _fill(book, page, frame, columns, language)
    return buffer.getvalue()


#: Stands in every workbook as its time of writing, so that bytes can be compared.
_CREATED = datetime(2020, 1, 1)
_LONGEST_SHEET_NAME = 31
_NOT_IN_SHEET_NAMES = str.maketrans("[]:*?/\\'", "        ")


def _sheet_name(name: str, at: int, sheets: int) -> str:
    """A name that spreadsheets accept; numbered where there are several, so that all differ."""
    plain = " ".join(name.translate(_NOT_IN_SHEET_NAMES).split())
    return (f"{at} {plain}" if sheets > 1 else plain)[:_LONGEST_SHEET_NAME].strip() or str(at)


def _fill(
    book: xlsxwriter.Workbook,
    page: xlsxwriter.worksheet.Worksheet,
    frame: pl.DataFrame,
    columns: Sequence[Column],
    language: Language,
) -> None:
    heading = book.add_format({"bold": True, "bottom": 1})
    page.freeze_panes(1, 0)
    for at, column in enumerate(columns):
        form = book.add_format({"num_format": _XLSX_FORMATS.get(column.kind, "General")})
        texts = [shown(value, column.kind, language) for value in frame[column.name]]
        page.write_string(0, at, harmless(column.label), heading)
        page.set_column(at, at, min(max(map(_width, [column.label, *texts])) + 2, 48))
        for row, (value, text) in enumerate(zip(frame[column.name], texts, strict=True), 1):
            if value is None:
                page.write_blank(row, at, None)
            elif column.kind == "text":
                page.write_string(row, at, text)
            elif column.kind in ("day", "time"):
                page.write_datetime(row, at, value, form)
            else:
                amount = in_hours(float(value)) if column.kind == "hours" else float(value)
                page.write_number(row, at, amount, form)


def _width(text: str) -> int:
    """Columns that a text takes: a Chinese character is two wide."""
    return sum(2 if ord(letter) > 0x2E7F else 1 for letter in text)
