"""One currency a shop: which one the amounts of a file are in, and the rows in another."""

import polars as pl

from exports.cells.body import Body
from exports.cells.currencies import signed
from exports.cells.set_aside import Aside
from exports.layouts import Layout
from exports.result import Remark
from exports.tables.known import KnownBefore


def in_one_currency(
    body: Body, layout: Layout, columns: dict[str, pl.Series], before: KnownBefore
) -> str:
    """Sets rows in another currency than the shop's aside; takes the column out of ``columns``.

    A row names its currency in a column, or by the sign in its amounts where the layout has
    neither such a column nor a currency of its own; a row of an order that names none has its
    order's. What still has none is in what the uploader says, else in the file's commonest, else
    in the platform's own. A shop whose currency is not known has the commonest of the file, counted
    by orders; of two that are met equally often the first.

    Returns:
        The currency of the rows that stay; "" where the file has no amounts or none is named.
    """
    named = _named(body, layout, columns)
    amounts = any(columns[name].count() for name in _money(layout) if name in columns)
    if not amounts and not named.count():
        return ""
    orders = columns.get("order_id", body.source_row)
    rows = pl.DataFrame({"order": orders, "named": named})
    commonest = _commonest(rows)
    rows = rows.with_columns(
        code=pl.coalesce(
            "named",
            # Rows without an id, which are set aside anyway, are no order.
            pl.when(pl.col("order").is_not_null()).then(
                pl.col("named").drop_nulls().first().over("order")
            ),
            pl.lit(before.said_currency or commonest or layout.currency or before.currency),
        )
    )
    chosen = before.currency or before.said_currency or commonest or layout.currency
    if chosen:
        # Where the uploader says another than the shop's, no row can be in both.
        disagrees = before.said_currency not in ("", chosen)
        other = pl.lit(before.said_currency if disagrees else None)
        code = pl.when(pl.col("code") != chosen).then("code").otherwise(other)
        _set_aside(body, layout, rows.select("order", code=code), chosen)
    return chosen


def _named(body: Body, layout: Layout, columns: dict[str, pl.Series]) -> pl.Series:
    """What each row itself says its currency is."""
    nothing = pl.Series([None], dtype=pl.String).new_from_index(0, body.rows.height)
    own = columns.pop("currency", nothing)
    if own.count() or layout.currency:
        return own
    headings = [
        heading
        for name in _money(layout)
        for heading in layout.spelled(name)
        if heading in body.rows.columns
    ]
    signs = [signed(body.rows[heading]) for heading in dict.fromkeys(headings)]
    return pl.select(pl.coalesce(*signs)).to_series() if signs else nothing


def _money(layout: Layout) -> list[str]:
    return [name for name, field in layout.fields.items() if field.shape == "money"]


def _commonest(rows: pl.DataFrame) -> str:
    named = rows.drop_nulls("named").unique(["order", "named"], maintain_order=True)
    counts = named.group_by("named", maintain_order=True).len()
    most_first = counts.sort("len", descending=True, maintain_order=True)
    return next(iter(most_first["named"]), "")


def _set_aside(body: Body, layout: Layout, rows: pl.DataFrame, chosen: str) -> None:
    """The rows that have a ``code`` (another than the chosen one), and the rest of their orders."""
    wrong = rows["code"].is_not_null()
    if not wrong.any():
        return
    at, codes = wrong.arg_true(), rows["code"].filter(wrong)
    spelled = layout.spelled("currency") if "currency" in layout.fields else ()
    heading = next((body.spelled[name] for name in spelled if name in body.spelled), "")
    body.aside.append(Aside(at, heading, codes, "other_currency"))
    listed = ", ".join(sorted(codes.unique()))
    params = {"currency": chosen, "others": listed, "count": at.len()}
    body.remarks.append(Remark("other_currency", params))
    broken = rows["order"].is_in(rows["order"].filter(wrong).drop_nulls().implode())
    rest = (broken.fill_null(False) & ~wrong).arg_true()
    if rest.len():
        blank = pl.Series([""]).new_from_index(0, rest.len())
        body.aside.append(Aside(rest, "", blank, "other_line_set_aside"))
