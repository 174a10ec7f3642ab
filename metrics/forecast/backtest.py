"""How good the forecast would have been: the same forecast from many past days, against fact."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import polars as pl

from metrics.forecast.bands import QUANTILES
from metrics.forecast.scores import ForecastInputs, entries_of, fitted, newest_day
from metrics.kit.order import place_in
from metrics.ratings.expiry import scores_on
from store.schemas import DSR_DIMENSIONS
from store.settings import ShopSettings

Floats = npt.NDArray[np.float64]

HORIZONS = (1, 7, 15, 30)
BACKTEST_COLUMNS: dict[str, pl.DataType] = {
    "origin": pl.Date(),
    "horizon_days": pl.Int64(),
    "dimension": pl.String(),
    **{
        name: pl.Float64()
        for name in (
            "mean",
            "low_80",
            "high_80",
            "low_95",
            "high_95",
            "actual",
            "persistence",
            "expiry_only",
        )
    },
}


def backtest(
    inputs: ForecastInputs,
    settings: ShopSettings,
    /,
    *,
    origins: Sequence[date],
    horizons: Sequence[int] = HORIZONS,
    progress: Callable[[int, int], None] | None = None,
) -> pl.DataFrame:
    """The forecast from each origin beside what came, and beside two naive ones.

    Args:
        inputs: Collected frames with everything the files know.
        settings: The shop's rules.
        origins: Days to forecast from; each sees only what was known when it was over.
        horizons: Days ahead, 1 to 90.
        progress: Called after each origin with (done, all).

    Returns:
        Columns ``BACKTEST_COLUMNS``: ``actual`` is the score of the day (null where it lies
        beyond the newest rating), ``persistence`` the origin's own score, ``expiry_only`` the
        score if nothing new had come (null where nothing is left); by origin, horizon and
        dimension.
    """
    wanted = sorted(set(horizons))
    frames = []
    for done, origin in enumerate(sorted(set(origins)), start=1):
        frames.append(_from_origin(inputs, settings, origin, wanted))
        if progress is not None:
            progress(done, len(set(origins)))
    forecasts = pl.concat([pl.DataFrame(schema=_FORECASTS), *frames])
    return _beside_actual(forecasts, inputs, settings)


_FORECASTS = {name: kind for name, kind in BACKTEST_COLUMNS.items() if name != "actual"}


def _from_origin(
    inputs: ForecastInputs, settings: ShopSettings, origin: date, horizons: list[int]
) -> pl.DataFrame:
    fit = fitted(inputs, settings, as_of=origin, horizon=max(horizons))
    at = np.array(horizons)
    frames = []
    for name in fit.dimensions:
        path = fit.path(name)
        place = DSR_DIMENSIONS.index(name)
        columns = {
            "mean": path.mean[at - 1],
            **{column: path.quantile(share)[at - 1] for column, share in QUANTILES.items()},
            "persistence": np.full(len(at), path.today),
            "expiry_only": fit.known.score[place, at],
        }
        frames.append(
            pl.DataFrame(
                {
                    "origin": [origin] * len(at),
                    "horizon_days": at,
                    "dimension": [name] * len(at),
                    **columns,
                },
                schema_overrides=_FORECASTS,
            ).select(*_FORECASTS)
        )
    return pl.concat([pl.DataFrame(schema=_FORECASTS), *frames])


def _beside_actual(
    forecasts: pl.DataFrame, inputs: ForecastInputs, settings: ShopSettings
) -> pl.DataFrame:
    if not forecasts.height:
        return pl.DataFrame(schema=BACKTEST_COLUMNS)
    newest = newest_day(inputs)
    first = forecasts["origin"].min()
    assert isinstance(first, date)
    actual = scores_on(entries_of(inputs, settings), first, max(newest or first, first)).rename(
        {"score": "actual"}
    )
    return (
        forecasts.with_columns(day=pl.col("origin") + pl.duration(days="horizon_days"))
        .join(actual, on=["day", "dimension"], how="left", validate="m:1")
        .with_columns(pl.col(pl.Float64).fill_nan(None))
        .select(*BACKTEST_COLUMNS)
        .sort(
            "origin",
            "horizon_days",
            place_in(DSR_DIMENSIONS, "dimension"),
        )
    )


def summary(tested: pl.DataFrame) -> pl.DataFrame:
    """Errors and coverage of a backtest per horizon, over all dimensions.

    Args:
        tested: As :func:`backtest` returns it; rows without an actual score are passed over.

    Returns:
        One row per horizon, nearest first: ``horizon_days``, ``forecasts`` (count), ``error``,
        ``persistence_error`` and ``expiry_error`` (root mean squares, stars), ``within_80`` and
        ``within_95`` (shares 0-1 of the actual scores inside the bands).
    """

    def error(column: str) -> pl.Expr:
        return ((pl.col(column) - pl.col("actual")) ** 2).mean().sqrt()

    def within(width: str) -> pl.Expr:
        return pl.col("actual").is_between(f"low_{width}", f"high_{width}").mean()

    return (
        tested.drop_nulls("actual")
        .group_by("horizon_days")
        .agg(
            forecasts=pl.len(),
            error=error("mean"),
            persistence_error=error("persistence"),
            expiry_error=error("expiry_only"),
            within_80=within("80"),
            within_95=within("95"),
        )
        .sort("horizon_days")
    )


def beside_facts(tested: pl.DataFrame, *, dimension: str, ahead: int) -> pl.DataFrame:
    """The backtest's forecasts of one dimension from so many days ahead, by the day forecast.

    Returns:
        Rows of :func:`backtest` with ``day`` (origin + horizon), oldest first.
    """
    mine = tested.filter(pl.col("dimension") == dimension, pl.col("horizon_days") == ahead)
    return mine.with_columns(day=pl.col("origin") + timedelta(days=ahead)).sort("day")
