"""The lines of a sheet under one header, and which of them are set aside."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl

from exports.cells.headings import bare_header
from exports.cells.set_aside import Aside
from exports.result import Remark


@dataclass
class Body:
    """The data rows of a sheet, columns named by their normalised headings."""

    rows: pl.DataFrame
    #: Spreadsheet row of each.
    source_row: pl.Series
    #: Heading as the file spells it, by its normalised form.
    spelled: dict[str, str]
    remarks: list[Remark] = field(default_factory=list)
    aside: list[Aside] = field(default_factory=list)

    def keep(self, mask: pl.Series) -> None:
        """Goes on with some of the rows only; before any is set aside."""
        self.rows, self.source_row = self.rows.filter(mask), self.source_row.filter(mask)

    def set_aside(self, wrong: pl.Series, heading: str, reason: str) -> None:
        """Sets rows aside for their cell under a (normalised) heading."""
        if wrong.any():
            at = wrong.arg_true()
            cells = self.rows[heading].gather(at)
            self.aside.append(Aside(at, self.spelled[heading], cells, reason))

    def good(self) -> pl.Series:
        """Which rows nothing has set aside."""
        good = pl.repeat(True, self.rows.height, eager=True)
        for aside in self.aside:
            good = good.scatter(aside.rows, False)
        return good


def body_under(cells: pl.DataFrame, header_row: int, headers: Sequence[str]) -> Body:
    """Every line below a header, blank ones too; columns without a heading are left out.

    Args:
        cells: A sheet's text cells.
        header_row: Where the header stands, from 0.
        headers: Its headings as ``exports.cells.headings.distinct_headers`` gives them.
    """
    start = header_row + 1
    spellings = cells.row(header_row)
    places = {name: place for place, name in enumerate(headers) if name}
    rows = cells.slice(start)
    source_row = pl.int_range(start + 1, start + 1 + rows.height, dtype=pl.Int64, eager=True)
    return Body(
        rows.select(rows.to_series(place).alias(name) for name, place in places.items()),
        source_row.alias("source_row"),
        {
            name: (spellings[place] or name) + name[len(bare_header(name)) :]
            for name, place in places.items()
        },
    )
