"""Writing workbooks that come out the same, byte for byte, every time."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

import xlsxwriter

Cell = str | int | float | None
#: A workbook takes no more rows; longer tables are written as CSV.
MOST_ROWS = 100_000
_CREATED = datetime(2025, 1, 1)


def write_xlsx(path: Path, sheets: dict[str, Iterable[Sequence[Cell]]]) -> None:
    """Write one sheet per entry: rows of cells, the header among them."""
    with xlsxwriter.Workbook(
        path, {"strings_to_numbers": False, "strings_to_formulas": False}
    ) as book:
        book.set_properties({"created": _CREATED})
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for place, row in enumerate(rows):
                sheet.write_row(place, 0, row)
