from datetime import date, timedelta

import pytest
from polars.testing import assert_frame_equal

from metrics.forecast.backtest import BACKTEST_COLUMNS, backtest
from metrics.forecast.scores import forecast
from metrics.ratings.counted import DSR_WINDOW
from tests.metrics.fitted import SETTINGS, all_five, inputs, little_shop, rating

ORIGINS = [date(2024, 6, 20), date(2024, 7, 4)]


def test_a_row_per_origin_horizon_and_dimension() -> None:
    steps: list[tuple[int, int]] = []
    result = backtest(
        inputs(**little_shop(seed=1)),
        SETTINGS,
        origins=[*ORIGINS[::-1], ORIGINS[0]],
        horizons=(7, 1),
        progress=lambda done, every: steps.append((done, every)),
    )
    assert dict(result.schema) == BACKTEST_COLUMNS
    assert result.select("origin", "horizon_days", "dimension").rows() == [
        (origin, ahead, dimension)
        for origin in ORIGINS
        for ahead in (1, 7)
        for dimension in ("description", "service", "logistics")
    ]
    assert steps == [(1, 2), (2, 2)]


def test_fact_persistence_and_expiry_only_by_hand() -> None:
    """1★ on 1 January leaves; 5★ on the 2nd and 3rd stay; 2★ comes on the day it leaves."""
    leaves = date(2024, 1, 1) + DSR_WINDOW
    late = rating(DSR_WINDOW.days, (2, None, None))
    rows = [rating(0, (1, None, None)), *all_five([1, 2]), late]
    eve = leaves - timedelta(days=1)
    result = backtest(inputs(ratings=rows), SETTINGS, origins=[eve], horizons=(1, 7))
    own = result.filter(dimension="description")
    first = own.row(0, named=True)
    assert first["persistence"] == pytest.approx(11 / 3)
    assert first["expiry_only"] == 5.0
    assert first["actual"] == 4.0
    # A week on is beyond the newest rating: nobody knows yet.
    assert own.row(1, named=True)["actual"] is None


def test_a_backtest_is_the_forecast_of_its_day() -> None:
    shop = inputs(**little_shop(seed=2))
    past = backtest(shop, SETTINGS, origins=ORIGINS[:1], horizons=(5,))
    now = forecast(shop, SETTINGS, as_of=ORIGINS[0], horizon=5)
    columns = ["dimension", "mean", "low_80", "high_80", "low_95", "high_95"]
    day = ORIGINS[0] + timedelta(days=5)
    assert_frame_equal(past.select(columns), now.filter(day=day).select(columns))


def test_no_origin_and_no_ratings_give_an_empty_table() -> None:
    shop = inputs(**little_shop(seed=1))
    assert backtest(shop, SETTINGS, origins=[]).height == 0
    assert dict(backtest(inputs(), SETTINGS, origins=ORIGINS).schema) == BACKTEST_COLUMNS
