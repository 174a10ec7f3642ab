"""Sample shops as the metrics see them, without the way through files."""

from typing import Any

import polars as pl

from sample_data.plan import Plan
from sample_data.world import draw_world
from store.schemas import FED_TABLES, Coverage
from store.shop_tables import ShopTables


def drawn_shop(plan: Plan) -> ShopTables:
    """A shop drawn by the generator; every table covers every day of the plan."""
    frames = draw_world(plan).frames
    lazy: dict[str, Any] = {
        name: schema.create_empty().lazy() for name, schema in FED_TABLES.items()
    }
    for name, frame in frames.items():
        schema = FED_TABLES[name]
        absent = [column for column in schema.column_names() if column not in frame.columns]
        whole = frame.with_columns(pl.lit(None).alias(column) for column in absent)
        lazy[name] = schema.cast(whole.with_columns(shop=pl.lit(plan.shop))).lazy()
    days = pl.date_range(plan.first_day, plan.last_day, eager=True)
    rows = [(name, day, True) for name in frames for day in days]
    coverage = pl.DataFrame(rows, schema=Coverage.create_empty().schema, orient="row")
    return ShopTables(shop=plan.shop, coverage=Coverage.validate(coverage, cast=True), **lazy)
