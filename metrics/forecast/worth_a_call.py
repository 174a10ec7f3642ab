"""Completed orders that are not rated yet, those first whose rating is likely to cost most."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta

import numpy as np
import polars as pl

from metrics.forecast.scores import FittedForecast
from store.schemas import DSR_DIMENSIONS

#: A rating can be given until 15 days after completion (guide); shown as hours left.
RATING_WINDOW = timedelta(days=15)
#: What may speak against an order, worst first. The number beside it: days late, seconds waited,
#: stars under the shop's mean; null for refunds.
REASONS = (
    "refund_refused",
    "refund_open",
    "refunded",
    "parcel_late",
    "waited",
    "product_low",
    "buyer_low",
)
_LATE_DAYS = 0.25
_LONG_WAIT_SECONDS = 120.0
_LOW_PRODUCT_STARS = 0.08
_LOW_BUYER_STARS = 0.15


def worth_a_call(fit: FittedForecast, *, most: int | None = None) -> pl.DataFrame:
    """Every pending order, ranked by what its rating is expected to cost the three scores.

    The loss of an order is its chance to be rated times the stars it is expected to fall short
    of five, over the ratings in the window, summed over the dimensions. ``tells_apart`` says
    whether the ranking means anything.

    Args:
        fit: A fitted forecast.
        most: Only the dearest so many; else every one in ``fit.pending``.

    Returns:
        One row per pending order, dearest first: ``place`` (1, 2, …), ``order_id``, ``buyer``,
        ``completed_at``, ``hours_left`` (until its rating window closes, from the end of the
        as-of day; never under 0), ``chance`` (that a counted rating still comes),
        ``expected_loss`` (stars of score), ``reasons`` (list of {code, number} of ``REASONS``),
        and per dimension ``stars_…`` (expected if it rates), ``if_5_…`` and ``if_1_…`` (effect
        of such a rating on today's score, in stars).
    """
    pending = fit.pending
    chance = _chances(fit)
    losses = np.zeros(pending.height)
    columns: dict[str, pl.Series] = {}
    for name, part in fit.dimensions.items():
        ratings, score = fit.ratings_today(name), fit.score_today(name)
        deficits = part.model.deficits(part.pending_facts)
        losses += chance * part.model.given * deficits / (ratings + 1)
        columns |= {
            f"stars_{name}": pl.Series(5 - deficits, dtype=pl.Float64),
            f"if_5_{name}": pl.Series(np.full(pending.height, (5 - score) / (ratings + 1))),
            f"if_1_{name}": pl.Series(np.full(pending.height, (1 - score) / (ratings + 1))),
        }
    end = datetime.combine(fit.as_of + timedelta(days=1), time())
    left = (pl.col("received_at") + RATING_WINDOW - end).dt.total_minutes() / 60
    return (
        pending.with_columns(
            **columns,
            chance=pl.Series(chance, dtype=pl.Float64),
            expected_loss=pl.Series(losses, dtype=pl.Float64),
        )
        .sort("expected_loss", "received_at", "order_id", descending=[True, True, False])
        .slice(0, most)
        .with_row_index("place", offset=1)
        .select(
            "place",
            "order_id",
            "buyer",
            pl.col("received_at").alias("completed_at"),
            left.clip(0).alias("hours_left"),
            "chance",
            "expected_loss",
            _reasons([name for name in DSR_DIMENSIONS if name in fit.dimensions]),
            *columns,
        )
    )


def _chances(fit: FittedForecast) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Chance of each pending order to bring a counted rating within the horizon."""
    for pool in fit.arrivals.pools:
        if pool.source == "pending" and fit.pending.height:
            return np.asarray(pool.chances.sum(axis=1)[pool.group])
    return np.zeros(fit.pending.height)


def _reasons(dimensions: Sequence[str]) -> pl.Expr:
    product = pl.min_horizontal(pl.lit(0.0), *(f"product_{name}" for name in dimensions))
    low_product, low_buyer = -product, -pl.col("buyer_stars")
    nothing = pl.lit(None, dtype=pl.Float64)
    holds = {
        "refund_refused": (pl.col("refund") == "refused", nothing),
        "refund_open": (pl.col("refund") == "open", nothing),
        "refunded": (pl.col("refund") == "refunded", nothing),
        "parcel_late": (pl.col("late_days") > _LATE_DAYS, pl.col("late_days")),
        "waited": (pl.col("wait_s") > _LONG_WAIT_SECONDS, pl.col("wait_s")),
        "product_low": (low_product > _LOW_PRODUCT_STARS, low_product),
        "buyer_low": (low_buyer > _LOW_BUYER_STARS, low_buyer),
    }
    entries = [
        pl.when(condition).then(pl.struct(pl.lit(code).alias("code"), number.alias("number")))
        for code, (condition, number) in holds.items()
    ]
    return pl.concat_list(entries).list.drop_nulls().alias("reasons")


def tells_apart(fit: FittedForecast) -> dict[str, bool]:
    """Per dimension whether the known facts foresaw low ratings in weeks not learned from."""
    return {name: part.model.tells_apart for name, part in fit.dimensions.items()}


def call_sheet(ranked: pl.DataFrame) -> pl.DataFrame:
    """The ranking as somebody who calls reads it: days and hundredths of a star.

    Args:
        ranked: As :func:`worth_a_call` returns it.

    Returns:
        One row per order, in the order given: ``order_id``, ``place``, ``reasons``, ``buyer``,
        ``days_left`` (to rate), ``loss`` (hundredths of a star expected), ``chance`` (to rate, per
        cent), ``expected`` (the lowest of the dimensions' stars), ``if_5`` and ``if_1`` (hundredths
        by which the scores move, summed over the dimensions).
    """

    def columns(prefix: str) -> list[str]:
        return [column for column in ranked.columns if column.startswith(prefix)]

    return ranked.select(
        "order_id",
        "place",
        "reasons",
        "buyer",
        days_left=pl.col("hours_left") / 24,
        loss=pl.col("expected_loss") * 100,
        chance=pl.col("chance") * 100,
        expected=pl.min_horizontal(columns("stars_")),
        if_5=pl.sum_horizontal(columns("if_5_")) * 100,
        if_1=pl.sum_horizontal(columns("if_1_")) * 100,
    )
