"""XLSX and XLS: every sheet as text cells (calamine through fastexcel)."""

import zipfile
from io import BytesIO
from typing import Any

import fastexcel
import polars as pl
import pyarrow as pa
from pyarrow.compute import match_substring_regex

from exports.errors import BrokenFileError, EncryptedFileError

#: A number of 16 digits or more has passed through a float: Excel keeps 15.
_TOO_MANY_DIGITS = r"^-?\d{16,}(\.0*)?$"
#: Such a number in the XML of a sheet, where a text stands elsewhere: in a list, or in ``<t>``.
_LONG_NUMBER = r"v>\s*-?(?:[0-9]{16}|[0-9](?:\.[0-9]*)?[eE]\+?(?:1[5-9]|[2-9][0-9]|[0-9]{3}))"
_XML_PART = 4 * 2**20
#: Longer than any number is written.
_OVERLAP = 256


def workbook_cells(file_name: str, content: bytes) -> list[tuple[str, pl.DataFrame]]:
    """Every sheet's name and cells.

    Dates arrive as ``yyyy-mm-dd HH:MM:SS``, numbers in plain digits. calamine reads the cells
    themselves and not the sheet's stated size, so a sheet that says ``A1`` is read whole.

    Raises:
        EncryptedFileError: If the workbook wants a password.
        BrokenFileError: If it cannot be opened.
    """
    try:
        reader: Any = fastexcel.read_excel(content)
        sheets = [(name, _cells(reader, name)) for name in reader.sheet_names]
        long = {name: places for name, cells in sheets if (places := _long_columns(cells))}
        if not long or not _may_hold_long_numbers(content):
            return sheets
        return [
            (name, _with_damaged_numbers(reader, name, cells, long.get(name, [])))
            for name, cells in sheets
        ]
    except fastexcel.FastExcelError as error:
        if "password" in str(error).lower():
            raise EncryptedFileError(file=file_name) from error
        raise BrokenFileError(file=file_name) from error
    except BaseException as error:
        # calamine panics on some damaged workbooks; a panic is no Exception and has no class to
        # import, only this module's name.
        if type(error).__module__ != "pyo3_runtime":
            raise
        raise BrokenFileError(file=file_name) from error


def _cells(reader: Any, name: str) -> pl.DataFrame:
    sheet = reader.load_sheet(name, header_row=None, skip_rows=0, dtypes="string")
    cells: pl.DataFrame = sheet.to_polars()
    if not cells.width:
        return pl.DataFrame()
    offset = sheet.selected_columns[0].absolute_index
    cells = cells.select(
        pl.Series(f"column_{offset + place}", column.replace("", None))
        for place, column in enumerate(cells.iter_columns())
    )
    left = [pl.lit(None, pl.String).alias(f"column_{place}") for place in range(offset)]
    return cells.select(*left, *cells.columns)


def _may_hold_long_numbers(content: bytes) -> bool:
    """Whether a number of 16 digits may stand in a workbook, rather than only texts like it.

    Its XML is looked at as a whole, for reading the sheets once more takes several times as long.
    """
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            parts = archive.namelist()
            if "xl/workbook.xml" not in parts:
                return True
            return any(_holds_long_number(archive, part) for part in parts if part.endswith(".xml"))
    except Exception:  # no archive, or one that calamine reads and zipfile does not
        return True


def _holds_long_number(archive: zipfile.ZipFile, part: str) -> bool:
    seen = b""
    with archive.open(part) as xml:
        while read := xml.read(_XML_PART):
            seen = seen[-_OVERLAP:] + read
            found = match_substring_regex(pa.array([seen], pa.binary()), _LONG_NUMBER)[0].as_py()
            # A null byte tells of UTF-16, which the pattern does not read.
            if found or b"\0" in read:
                return True
    return False


def _long_columns(cells: pl.DataFrame) -> list[int]:
    return [
        place
        for place, column in enumerate(cells.iter_columns())
        if column.str.contains(_TOO_MANY_DIGITS).any()
    ]


def _with_damaged_numbers(
    reader: Any, name: str, cells: pl.DataFrame, long: list[int]
) -> pl.DataFrame:
    """Writes long *numbers* the way Excel shows them, so that no id reader takes them for ids.

    An id of 17 digits stored as a number has lost its last digits; as text it is whole. Read as
    booleans, number cells give a value and text cells none.
    """
    if not long:
        return cells
    numbers: pl.DataFrame = reader.load_sheet(
        name,
        header_row=None,
        skip_rows=0,
        use_columns=long,
        dtypes=dict.fromkeys(long, "boolean"),
    ).to_polars()
    damaged = [
        pl.when(numbers.to_series(at).is_not_null() & pl.nth(place).str.contains(_TOO_MANY_DIGITS))
        .then(_scientific(pl.nth(place)))
        .otherwise(pl.nth(place))
        .alias(cells.columns[place])
        for at, place in enumerate(long)
    ]
    return cells.with_columns(damaged)


def _scientific(digits: pl.Expr) -> pl.Expr:
    whole = digits.str.strip_prefix("-").str.split(".").list.first()
    exponent = (whole.str.len_chars() - 1).cast(pl.String)
    return pl.format("{}.{}E+{}", whole.str.slice(0, 1), whole.str.slice(1, 5), exponent)
