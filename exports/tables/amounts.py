"""Amounts that a file tells in several columns: added, taken off, or changed only where it says."""

from collections.abc import Iterable
from functools import reduce

import polars as pl

from exports.cells import values as shapes
from exports.cells.body import Body
from exports.cells.headings import normal_header
from exports.layouts import Field, Layout
from exports.result import Remark


def reckoned(body: Body, layout: Layout, spec: Field, values: pl.Series) -> pl.Series:
    """A field's values with what the layout adds to and takes from them; null stays null.

    Args:
        body: The lines; those with an unreadable amount are set aside.
        layout: How the file writes amounts.
        spec: The field.
        values: Its own cells, read.
    """
    for name in _there(body, spec.plus):
        values = values + _amounts(body, layout, name)
    for name in _there(body, spec.minus):
        less = _amounts(body, layout, name)
        values = values - less
        if spec is layout.fields.get("paid_fen") and (less != 0).any():
            params = {"column": body.spelled[name].strip(), "count": int((less != 0).sum())}
            body.remarks.append(Remark("paid_less", {"total": spec.spellings[0], **params}))
    for part in spec.plus_where:
        for decides in _there(body, (part.where,)):
            says = body.rows[decides].str.strip_chars().is_in(part.words).fill_null(False)
            for name in _there(body, part.headings):
                values = values + _amounts(body, layout, name).set(~says, 0)
    return _unless_zero(body, layout, spec, values)


def _unless_zero(body: Body, layout: Layout, spec: Field, values: pl.Series) -> pl.Series:
    """0 where all of the columns that would tell of a change read 0, null where all are blank."""
    told = _there(body, spec.unless_zero)
    if not spec.unless_zero:
        return values
    if not told:
        return values.new_from_index(0, 0).extend_constant(None, values.len())
    blank = reduce(pl.Series.__and__, (body.rows[name].is_null() for name in told))
    zero = reduce(pl.Series.__and__, (_amounts(body, layout, name) == 0 for name in told))
    return values.set(zero, 0).set(blank, None)


def _amounts(body: Body, layout: Layout, name: str) -> pl.Series:
    column = shapes.money(body.rows[name], thousands=layout.thousands)
    body.set_aside(column.bad, name, column.reason)
    return column.values.fill_null(0)


def _there(body: Body, headings: Iterable[str]) -> list[str]:
    return [name for name in map(normal_header, headings) if name in body.rows.columns]
