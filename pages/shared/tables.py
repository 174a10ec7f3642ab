"""Tables on screen, and the same tables as files."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Literal

import polars as pl
import streamlit as st

from pages.shared import wording
from told.language import DASH
from told.tables import DIGITS, Column, csv_bytes, on_screen, xlsx_bytes

#: Rows from which the browser takes the width of a column.
ROWS_MEASURED = 10
#: Pixels of a letter, of a cell's edges, and of the widest column made to measure.
LETTER, EDGES, WIDEST = 7.5, 20, 240
#: Pixels of a column of days.
DAY_WIDTH = 104
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def show(
    frame: pl.DataFrame,
    /,
    columns: Sequence[Column],
    *,
    key: str,
    alt: str,
    file_name: str,
    height: Literal["auto", "content"] = "auto",
    on_pick: Callable[[int, str], None] | None = None,
) -> None:
    """The table under its headings, with buttons that save exactly what it shows.

    Args:
        frame: Collected rows, in the order shown.
        columns: What to show, in this order; headings must differ.
        key: Page-prefixed, for the table and its buttons.
        alt: What the table is, for screen readers.
        file_name: Without its ending.
        height: As high as its rows, with "auto" up to ten of them.
        on_pick: Called with the row's place in ``frame`` and the column's name when a person
            picks a cell.
    """
    names = {column.label: column.name for column in columns}
    st.dataframe(
        on_screen(frame, columns),
        hide_index=True,
        column_config={column.label: _config(column, frame[column.name]) for column in columns},
        height=height,
        placeholder=DASH,
        key=f"{key}_table",
        on_select=partial(_picked, f"{key}_table", names, on_pick) if on_pick else "ignore",
        selection_mode="single-cell",
        alt=alt,
    )
    downloads(frame, columns, key=key, file_name=file_name)


def _picked(table: str, names: dict[str, str], on_pick: Callable[[int, str], None]) -> None:
    cells = st.session_state[table].selection.cells
    if cells:
        row, label = cells[0]
        on_pick(row, names[label])


def downloads(
    frame: pl.DataFrame, /, columns: Sequence[Column], *, key: str, file_name: str
) -> None:
    """Two buttons that save a table as CSV and as XLSX; the bytes are made when asked for."""
    _, tongue = wording.words(), wording.tongue()
    with st.container(horizontal=True, gap="small"):
        st.download_button(
            _("Save as CSV"),
            lambda: csv_bytes(frame, columns, language=tongue),
            file_name=f"{file_name}.csv",
            mime="text/csv",
            icon=":material/download:",
            type="tertiary",
            key=f"{key}_csv",
            on_click="ignore",
        )
        st.download_button(
            _("Save as XLSX"),
            lambda: xlsx_bytes(frame, columns, language=tongue),
            file_name=f"{file_name}.xlsx",
            mime=XLSX,
            icon=":material/download:",
            type="tertiary",
            key=f"{key}_xlsx",
            on_click="ignore",
        )


def text_width(heading: str, texts: pl.Series) -> int | None:
    """Pixels of a column that the browser would cut: it measures the heading and a few rows.

    None where it need not be told, or where the text is so long that it is cut in any case.
    """
    # A Chinese character is as wide as two letters; it takes three bytes.
    cells = pl.Series([heading], dtype=pl.String).extend(texts).str
    letters = ((cells.len_chars() + cells.len_bytes()) / 2).fill_null(0).to_list()
    seen, unseen = letters[: 1 + ROWS_MEASURED], letters[1 + ROWS_MEASURED :]
    if not unseen or max(unseen) <= max(seen):
        return None
    width = EDGES + LETTER * max(unseen)
    return round(width) if width <= WIDEST else None


def _config(column: Column, cells: pl.Series) -> Any:
    configs = st.column_config
    match column.kind:
        case "share":
            return configs.NumberColumn(format=f"%.{DIGITS['share']}f%%")
        case "day":
            # Wide enough for its text: a crowded table narrows what has no width of its own.
            return configs.DateColumn(format="YYYY-MM-DD", width=DAY_WIDTH)
        case "time":
            return configs.DatetimeColumn(format="YYYY-MM-DD HH:mm:ss")
        case "text":
            return configs.TextColumn(width=text_width(column.label, cells.cast(pl.String)))
        case _:
            return configs.NumberColumn(format=f"%,.{DIGITS[column.kind]}f")
