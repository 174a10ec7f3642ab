"""What an import leaves out of the tables: rows set aside, and single cells of rows it takes."""

import polars as pl
import streamlit as st

from exports.reasons import REASONS
from pages.records.parts.staging import Staged
from pages.shared import tables, wording
from told.tables import Column


def waiting_cells(waiting: list[Staged]) -> None:
    """The cells of waiting files that will be emptied, with the reason in words."""
    _ = wording.words()
    parts = [
        reading.emptied.select(pl.lit(staged.name).alias("file"), pl.all())
        for staged in waiting
        for reading in staged.readings
        if reading.emptied.height
    ]
    if not parts:
        return
    cells = pl.concat(parts)
    title = _("{n} cells will be emptied: what they say cannot be. Their rows are taken").format(
        n=wording.count(cells.height)
    )
    with st.expander(title, icon=":material/ink_eraser:"):
        show(cells, key="uploads_waiting_cells", name="emptied", cells=True)


def show(lines: pl.DataFrame, /, *, key: str, name: str, cells: bool = False) -> None:
    """Lines of ``rejected`` as a table, to be downloaded and mended.

    Args:
        lines: Rows set aside or cells emptied, with the ``file`` where they are of several.
        key: The table's own.
        name: Of the file to download.
        cells: Whether they tell of single cells.
    """
    _ = wording.words()
    reasons = {code: _(sentence) for code, sentence in REASONS.items()}
    tables.show(
        lines.with_columns(pl.col("reason").replace(reasons)),
        [
            *([Column("file", _("File"))] if "file" in lines.columns else []),
            Column("source_row", _("Row"), "count"),
            Column("column", _("Column")),
            Column("value", _("Value")),
            Column("reason", _("Reason")),
            Column("cells", _("Cells of the row")),
        ],
        key=key,
        alt=_("Cells emptied") if cells else _("Rows set aside"),
        file_name=name,
    )
