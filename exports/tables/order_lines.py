"""Which lines of an order file are no data, and which order a line without an id belongs to."""

import polars as pl

from exports.cells.body import Body
from exports.cells.headings import normal_header
from exports.cells.plain import plain
from exports.layouts import Layout
from exports.result import Remark


def without_notes(body: Body, rows: pl.DataFrame, layout: Layout) -> pl.DataFrame:
    """Leaves out notes and footers, which their first cell or their order id tells.

    Args:
        body: The lines under the header; the notes among them are let go.
        rows: The same lines with the cells beyond the last heading.
        layout: What the platform writes there.
    """
    if not layout.notes:
        return rows
    cells = [body.rows.to_series(0), *(body.rows[name] for name in _order_ids(body, layout))]
    note = pl.repeat(False, body.rows.height, eager=True)
    for text in layout.notes:
        for cell in cells:
            note |= _reads(cell.str.strip_chars(), text).fill_null(False)
    if not note.any():
        return rows
    body.remarks.append(Remark("notes", {"count": int(note.sum())}))
    body.keep(~note)
    return rows.filter(~note)


def with_order_ids(body: Body, layout: Layout) -> None:
    """Gives lines that do not repeat the order id the id of the order they belong to."""
    for told in _order_ids(body, layout)[:1]:
        ids = plain(body.rows[told]).alias(told)
        if layout.continues:
            ids = _carried_down(ids, body, layout)
        if layout.same_order and normal_header(layout.same_order) in body.rows.columns:
            shared = body.rows[normal_header(layout.same_order)].alias("shared")
            first = pl.col(told).drop_nulls().first().over("shared")
            alike = pl.DataFrame([ids, shared]).select(
                pl.when(pl.col("shared").is_null()).then(told).otherwise(first).alias(told)
            )
            ids = ids.zip_with(ids.is_not_null(), alike.to_series())
        body.rows = body.rows.with_columns(ids)


def _carried_down(ids: pl.Series, body: Body, layout: Layout) -> pl.Series:
    """A line that is blank in its order's id and time belongs to the order above it."""
    times = layout.spelled("created_at") if "created_at" in layout.fields else ()
    told = pl.repeat(False, ids.len(), eager=True)
    for name in times:
        if name in body.rows.columns:
            told |= plain(body.rows[name]).is_not_null()
    return ids.zip_with(ids.is_not_null() | told, ids.forward_fill())


def _reads(cells: pl.Series, text: str) -> pl.Series:
    word = text.strip("*")
    if text.startswith("*"):
        return cells.str.contains(word, literal=True)
    return cells.str.starts_with(word) if text.endswith("*") else cells == word


def _order_ids(body: Body, layout: Layout) -> list[str]:
    spelled = layout.spelled("order_id") if "order_id" in layout.fields else ()
    return [name for name in spelled if name in body.rows.columns]
