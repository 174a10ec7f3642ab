"""How long something took."""

from datetime import datetime, timedelta

import polars as pl

from metrics.kit.days import hours

NINE = datetime(2024, 5, 1, 9)


def test_a_span_is_told_in_hours_to_the_second() -> None:
    ends = [NINE + timedelta(hours=1, minutes=30), NINE - timedelta(seconds=9), None]
    took = pl.DataFrame({"took": [end and end - NINE for end in ends]})
    assert took.select(hours(pl.col("took"))).to_series().to_list() == [1.5, -0.0025, None]
