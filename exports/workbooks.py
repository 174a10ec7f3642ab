"""XLSX and XLS: every sheet as text cells (calamine through fastexcel)."""

from typing import Any

import fastexcel
import polars as pl

from exports.errors import BrokenFileError, EncryptedFileError

#: A number of 16 digits or more has passed through a float: Excel keeps 15.
_TOO_MANY_DIGITS = r"^-?\d{16,}(\.0*)?$"


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
        return [(name, _cells(reader, name)) for name in reader.sheet_names]
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
    return _with_damaged_numbers(reader, name, cells.select(*left, *cells.columns))


def _with_damaged_numbers(reader: Any, name: str, cells: pl.DataFrame) -> pl.DataFrame:
    """Writes long *numbers* the way Excel shows them, so that no id reader takes them for ids.

    An id of 17 digits stored as a number has lost its last digits; as text it is whole. Read as
    booleans, number cells give a value and text cells none.
    """
    long = [
        place
        for place, column in enumerate(cells.iter_columns())
        if column.str.contains(_TOO_MANY_DIGITS).any()
    ]
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
