"""How good the forecast would have been: the same forecast from many past days, against fact."""

from collections.abc import Callable, Sequence
from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl

from metrics.expiry import counted_spans
from metrics.forecast import ForecastInputs, fitted
from metrics.pending import day_number
from metrics.score_forecast import QUANTILES
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


def scores_on(spans: pl.DataFrame, first: date, last: date) -> pl.DataFrame:
    """The score of each day as the platform counted it on that day.

    A rating counts on the days of its span (``counted_spans``), so a rating that a later one
    pushed out under the monthly cap still counts on the days before.

    Returns:
        ``day, dimension, actual`` (null without ratings).
    """
    start, length = day_number(first), (last - first).days + 1
    since = spans["since"].cast(pl.Int32).to_numpy().astype(np.int64) - start
    until = spans["until"].cast(pl.Int32).to_numpy().astype(np.int64) - start
    enter, leave = np.clip(since, 0, length), np.clip(until, 0, length)
    frames = []
    for name in DSR_DIMENSIONS:
        stars = spans[name].cast(pl.Float64).fill_null(0).to_numpy()
        sums, counts = (
            (
                np.bincount(enter, weights=weight, minlength=length + 1)
                - np.bincount(leave, weights=weight, minlength=length + 1)
            ).cumsum()[:length]
            for weight in (stars, (stars > 0) * 1.0)
        )
        score = np.divide(sums, counts, out=np.full(length, np.nan), where=counts > 0.5)
        frames.append(
            pl.DataFrame(
                {
                    "day": pl.date_range(first, last, eager=True),
                    "dimension": [name] * length,
                    "actual": score,
                }
            )
        )
    return pl.concat(frames).with_columns(pl.col("actual").fill_nan(None))


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
    order = {name: at for at, name in enumerate(DSR_DIMENSIONS)}
    if not forecasts.height:
        return pl.DataFrame(schema=BACKTEST_COLUMNS)
    newest = inputs.ratings["rated_at"].dt.date().max()
    first = forecasts["origin"].min()
    assert isinstance(newest, date)
    assert isinstance(first, date)
    actual = scores_on(counted_spans(inputs.ratings, settings), first, max(newest, first))
    return (
        forecasts.with_columns(day=pl.col("origin") + pl.duration(days="horizon_days"))
        .join(actual, on=["day", "dimension"], how="left", validate="m:1")
        .select(pl.col("expiry_only").fill_nan(None), pl.exclude("expiry_only"))
        .select(*BACKTEST_COLUMNS)
        .sort(
            "origin",
            "horizon_days",
            pl.col("dimension").replace_strict(order, return_dtype=pl.Int8),
        )
    )
