"""What reading a file gives."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from store.schemas import EVENT_TIMES, FED_TABLES

#: Columns of ``Reading.rejected`` and ``Reading.emptied``.
REJECTED = {
    "source_row": pl.Int64(),
    "column": pl.String(),
    "value": pl.String(),
    "reason": pl.String(),
    "cells": pl.String(),
}


@dataclass(frozen=True)
class Remark:
    """Something the uploader should know; its sentence is ``exports.reasons.REMARKS[code]``."""

    code: str
    params: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Reading:
    """What one sheet (or text) of a file gave for one table."""

    table: str
    #: The layout's id.
    layout: str
    file_name: str
    sheet: str
    #: The table's columns except ``shop``, plus ``shop_name`` (null where the file names none)
    #: and ``source_row`` (as a spreadsheet numbers rows).
    rows: pl.DataFrame
    #: Rows set aside, one line each: see ``REJECTED``.
    rejected: pl.DataFrame
    #: Headings no column was made of.
    unknown_headers: tuple[str, ...] = ()
    remarks: tuple[Remark, ...] = ()
    #: The shop days of the rows' own event times.
    first_day: date | None = None
    last_day: date | None = None
    #: Cells that cannot be, emptied in accepted rows: one line each, as in ``rejected``.
    emptied: pl.DataFrame = field(default_factory=lambda: no_rejected())
    #: The zone that times with an offset were brought to; None where no time says one.
    zone: str | None = None
    #: ``utc`` and ``offset`` (minutes) of such times, the ends of every day: evidence of the shop's
    #: zone. None where there is none, or the platform writes universal time to everybody.
    offsets: pl.DataFrame | None = field(default=None, repr=False)
    #: Tells faults of ``store.door`` in the file's own words; let go of with the file's cells.
    quoted: Callable[[pl.DataFrame], pl.DataFrame] | None = field(default=None, repr=False)
    #: The one currency of its amounts (ISO 4217); "" where it has none or nothing tells.
    currency: str = ""
    #: The key that buyers were named by (``store.buyer_key.fingerprint``); "" where none was.
    named_by: str = ""
    #: Our fields that the file has a heading for; none where it is no plain table.
    present: frozenset[str] = frozenset()


def row_schema(table: str) -> dict[str, pl.DataType]:
    """Columns and dtypes of ``Reading.rows`` of a table."""
    columns = dict(FED_TABLES[table].create_empty().schema)
    columns.pop("shop")
    return {**columns, "shop_name": pl.String(), "source_row": pl.Int64()}


def shaped(table: str, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with exactly the columns of ``row_schema``; what is not there is null."""
    return rows.select(
        (pl.col(name) if name in rows.columns else pl.lit(None)).cast(dtype).alias(name)
        for name, dtype in row_schema(table).items()
    )


def day_span(table: str, rows: pl.DataFrame) -> tuple[date | None, date | None]:
    """First and last shop day of the rows' event times."""
    days = pl.coalesce(EVENT_TIMES[table]).cast(pl.Date)
    first, last = rows.select(days.min().alias("first"), days.max().alias("last")).row(0)
    return first, last


def no_rejected() -> pl.DataFrame:
    """A ``rejected`` frame without rows."""
    return pl.DataFrame(schema=REJECTED)
