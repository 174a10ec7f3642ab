"""Lines that hold the three scores side by side, as rows of one dimension each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from exports.cells.body import Body
from exports.cells.plain import Column
from exports.cells.set_aside import rejected_frame, told_lines
from exports.files.sheets import Sheet
from exports.result import Reading, Remark, day_span, shaped
from store.door import admit

#: What tells one line of the door's faults from another.
_FAULT = ("source_row", "column", "value", "reason")

#: Per dimension the (normalised) heading of each of our columns.
Headings = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class DimensionCells:
    """One dimension's column of a sheet: every line's score and, where told, its ratings."""

    dimension: str
    #: Normalised.
    heading: str
    scores: Column
    counts: Column | None = None

    def says(self) -> pl.Series:
        """Which lines tell of the dimension: by a score, or by 0 ratings."""
        scored = self.scores.values.is_not_null()
        if self.counts is None:
            return scored
        return scored | (self.counts.values == 0).fill_null(False)


def rows_by_dimension(
    body: Body, beside: pl.DataFrame, columns: Sequence[DimensionCells]
) -> pl.DataFrame:
    """One row per line and dimension it tells of; grain (``source_row``, ``dimension``).

    As in every table a line with an unreadable cell is set aside whole, and so is one that tells
    of no dimension at all.

    Args:
        body: The lines; what is found wrong with them is noted there.
        beside: What holds for every dimension of a line, one row per line of the body.
        columns: The dimensions, one at least.
    """
    silent = pl.repeat(True, body.rows.height, eager=True)
    for column in columns:
        for read in filter(None, (column.scores, column.counts)):
            body.set_aside(read.bad, column.heading, read.reason)
        silent &= ~column.says()
    body.set_aside(silent, columns[0].heading, "missing_value")
    waiting = [body.spelled[one.heading] for one in columns if one.scores.unsettled is not None]
    if waiting:
        body.remarks.append(Remark("unsettled_column", {"columns": ", ".join(waiting)}))
    good = body.good()
    parts = [
        beside.with_columns(
            column.scores.values.alias("score"),
            source_row=body.source_row,
            count=column.counts.values if column.counts else pl.lit(None, pl.Int32),
            dimension=pl.lit(column.dimension),
        ).filter(good & column.says())
        for column in columns
    ]
    return pl.concat(parts).sort("source_row", maintain_order=True)


def score_headings(columns: Sequence[DimensionCells]) -> Headings:
    """Where the scores and numbers of ratings of each dimension stand."""
    return {one.dimension: dict.fromkeys(("score", "count"), one.heading) for one in columns}


def score_reading(
    sheet: Sheet, layout: str, table: str, body: Body, rows: pl.DataFrame, headings: Headings
) -> Reading:
    """What the lines of a body gave for a table of scores.

    Args:
        sheet: Where the lines stand.
        layout: The layout's id.
        table: The table the rows are for.
        body: The lines.
        rows: The rows made of them, of one dimension each.
        headings: Where each cell of the rows stands in the lines.
    """
    rows = shaped(table, rows)
    first, last = day_span(table, rows)
    return Reading(
        table=table,
        layout=layout,
        file_name=sheet.file_name,
        sheet=sheet.sheet,
        rows=rows,
        rejected=rejected_frame(
            body.aside, body.rows, body.source_row, body.spelled, personal=frozenset()
        ),
        remarks=tuple(body.remarks),
        first_day=first,
        last_day=last,
        quoted=lambda faults: _quoted(faults, body, table, rows, headings),
    )


def _quoted(
    faults: pl.DataFrame, body: Body, table: str, rows: pl.DataFrame, headings: Headings
) -> pl.DataFrame:
    """Faults of the store's door by the file's headings, with the cells as the file has them."""
    # A fault names its line, not its dimension: that shows where each is held to the door alone.
    alone = [
        admit(part, table).faults.with_columns(
            heading=pl.col("column").replace_strict(headings[str(dimension)])
        )
        for (dimension,), part in rows.group_by("dimension", maintain_order=True)
    ]
    nth = pl.int_range(pl.len()).over(_FAULT).alias("nth")
    found = pl.concat(alone).select(*_FAULT, "heading", nth)
    told = faults.select(*_FAULT, nth).join(
        found, on=[*_FAULT, "nth"], how="left", maintain_order="left"
    )
    at, heading, value = (
        body.source_row.search_sorted(told["source_row"]),
        told["heading"],
        told["value"],
    )
    for one in heading.unique():
        value = body.rows[one].gather(at).zip_with(heading == one, value)
    spelled = heading.replace_strict({name: text.strip() for name, text in body.spelled.items()})
    lines = told.select("reason", at=at, column=spelled, value=value)
    return told_lines(lines, body.rows, body.source_row, body.spelled, personal=frozenset())
