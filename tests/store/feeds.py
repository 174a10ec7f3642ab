"""Readings of literal rows, as ``exports`` would give them."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from exports.result import Reading, day_span, no_rejected, row_schema
from store.tables import scan
from store.uploads import commit
from tests.frames import DEFAULTS

SHOP = "晨光旗舰店"


def reading(
    name: str, rows: Iterable[Mapping[str, Any]], *, layout: str = "test", **more: Any
) -> Reading:
    """A reading of rows in file order; the first data row of a file is row 2."""
    # Not `tests.frames.table`: a file may hold one key twice.
    full = [{**DEFAULTS[name], **row, "source_row": nth} for nth, row in enumerate(rows, 2)]
    frame = pl.DataFrame(full, schema=row_schema(name))
    first, last = day_span(name, frame)
    parts: dict[str, Any] = {
        "file_name": "file.csv",
        "sheet": "",
        "rejected": no_rejected(),
        "first_day": first,
        "last_day": last,
    }
    return Reading(table=name, layout=layout, rows=frame, **(parts | more))


def set_aside(*rows: int) -> pl.DataFrame:
    """Rejected rows of these numbers."""
    return no_rejected().vstack(
        pl.DataFrame(
            [(row, "订单编号", "1.2E+18", "scientific_id", "{}") for row in rows],
            schema=no_rejected().schema,
            orient="row",
        )
    )


def upload(store: Path, *readings: Reading, sha: str, shop: str = SHOP, **more: Any) -> str:
    """Commit readings as one file whose content is ``sha``."""
    return commit(
        store,
        readings,
        shop=shop,
        file_name=f"{sha}.csv",
        sha256=sha.ljust(64, "0"),
        uploaded_by="test",
        **more,
    )


def order_rows(store: Path, *columns: str, shop: str = SHOP) -> list[tuple[Any, ...]]:
    """The current orders, by id."""
    named = ("order_id", *columns)
    rows = scan(store, "orders", shop, provenance=True).select(named)
    return rows.sort("order_id").collect().rows()
