"""What was known of an order at a moment: lateness, refunds, waits, its product and buyer.

The same function serves the ratings a model learns from (moment = just when each was given) and
the orders it speaks of (moment = now), so that both are described by the same words.
"""

from datetime import timedelta

import numpy as np
import polars as pl

from metrics.forecast.inputs import ForecastInputs
from store.schemas import DSR_DIMENSIONS

#: Taobao's promise where the file has none: shipped within 48 hours of payment (guide).
USUAL_PROMISE = timedelta(hours=48)
_DAY_SECONDS = 86_400.0
#: The usual transit is read off so many orders.
_TYPICAL = 20_000
#: Earlier ratings that a product's, and a buyer's, own mean is blended with.
_PRODUCT_WORTH = 20.0
_BUYER_WORTH = 4.0


def with_facts(rows: pl.DataFrame, inputs: ForecastInputs) -> pl.DataFrame:
    """Adds to each row what was known of its order at the row's moment.

    Args:
        rows: Any frame with ``trade`` (null where unknown) and ``at``.
        inputs: As known on the day of the forecast.

    Returns:
        The rows in their order with ``late_days`` (beyond the promise; so far, where not
        shipped), ``transit_days`` (shipping to completion against the shop's median), ``refund``
        ("none", "open", "refunded", "refused": the latest application), ``wait_s`` (longest
        wait for an answer that was over by then, 0 if none), ``item``, ``trade_buyer`` and
        ``trade_paid_at``.
    """
    trades = _trades_of(rows["trade"], inputs.trades)
    # An order that ended without a shipping time was sent who knows when; so was every order of
    # a shop whose files name none. Any other one that is not sent yet is late by now.
    over = (pl.col("done") <= pl.col("at")).fill_null(False)
    unsent = ~over & pl.lit(inputs.trades["shipped_at"].is_not_null().any())
    sent = pl.col("shipped") <= pl.col("at")
    shipped = pl.when(sent).then("shipped").when(unsent).then("at")
    late = (shipped - pl.col("promised")).dt.total_seconds() / _DAY_SECONDS
    typical = trades.filter(pl.col("done").is_not_null()).head(_TYPICAL).select(_transit())
    usual = typical.to_series().median()
    return (
        pl.concat([rows.drop("item", strict=False), trades], how="horizontal")
        .with_row_index("row")
        .with_columns(
            late_days=late.clip(0).fill_null(0.0),
            transit_days=pl.when(over)
            .then(_transit() - (usual if isinstance(usual, float) else 0.0))
            .fill_null(0.0)
            .clip(-5, 10),
        )
        .drop("shipped", "done", "promised")
        .pipe(_with_refund, inputs.refunds)
        .pipe(_with_wait, inputs.waits)
        .drop("row")
    )


def _trades_of(wanted: pl.Series, trades: pl.DataFrame) -> pl.DataFrame:
    """What is read of each wanted trade, null where it is unknown; trades are sorted by number."""
    keys = trades["trade"].to_numpy()
    number = wanted.fill_null(-1).to_numpy()
    place = np.searchsorted(keys, number)
    found = place < len(keys)
    found[found] = keys[place[found]] == number[found]
    at = pl.select(pl.when(pl.Series(found)).then(pl.Series(place.astype(np.int64)))).to_series()
    columns = trades.select("item", "buyer", "paid_at", "shipped_at", "received_at", "ship_by")
    return columns.select(pl.all().gather(at)).select(
        "item",
        shipped="shipped_at",
        done="received_at",
        trade_buyer="buyer",
        trade_paid_at="paid_at",
        promised=pl.coalesce("ship_by", pl.col("paid_at") + USUAL_PROMISE),
    )


def _transit() -> pl.Expr:
    return (pl.col("done") - pl.col("shipped")).dt.total_seconds() / _DAY_SECONDS


def _with_refund(rows: pl.DataFrame, refunds: pl.DataFrame) -> pl.DataFrame:
    outcome = pl.col("outcome").replace_strict(
        {"success": "refunded", "closed": "refused", "open": "open"}
    )
    ended = (pl.col("ended_at") <= pl.col("at")).fill_null(False)
    latest = (
        rows.select("row", "trade", "at")
        .join(refunds, on="trade", how="inner")
        .filter(pl.col("asked_at") <= pl.col("at"))
        .sort("row", "asked_at")
        .unique("row", keep="last", maintain_order=True)
        .select("row", refund=pl.when(ended).then(outcome).otherwise(pl.lit("open")))
    )
    return rows.join(
        latest, on="row", how="left", maintain_order="left", validate="1:1"
    ).with_columns(pl.col("refund").fill_null("none"))


def _with_wait(rows: pl.DataFrame, waits: pl.DataFrame) -> pl.DataFrame:
    longest = (
        rows.select("row", "trade", moment="at")
        .join(waits, on="trade", how="inner")
        .filter(pl.col("at") <= pl.col("moment"))
        .group_by("row")
        .agg(wait_s=pl.col("wait_s").max())
    )
    return rows.join(
        longest, on="row", how="left", maintain_order="left", validate="1:1"
    ).with_columns(pl.col("wait_s").fill_null(0.0))


def with_earlier_stars(ratings: pl.DataFrame, means: dict[str, float]) -> pl.DataFrame:
    """Adds how the product and the buyer were rated before each rating.

    Args:
        ratings: With ``item``, ``buyer`` and stars, oldest first.
        means: The shop's mean stars per dimension, which thin histories are blended with.

    Returns:
        The ratings with ``product_<dimension>`` and ``buyer_stars``: distance from the shop's
        mean in stars, 0 where nothing is known.
    """
    earlier = {
        name: _distance(
            pl.col(name).cast(pl.Int64).fill_null(0).cum_sum().over("item") - _given(name),
            pl.col(name).is_not_null().cast(pl.Int64).cum_sum().over("item")
            - pl.col(name).is_not_null(),
            mean,
            _PRODUCT_WORTH,
        ).alias(f"product_{name}")
        for name, mean in means.items()
    }
    total, count = _whole_rating(means)
    of_buyer = _distance(
        total.cum_sum().over("buyer") - total,
        count.cum_sum().over("buyer") - count,
        0.0,
        _BUYER_WORTH,
    ).alias("buyer_stars")
    return ratings.with_columns(
        *(
            pl.when(pl.col("item").is_not_null()).then(column).otherwise(0.0).alias(column_name)
            for column_name, column in ((f"product_{name}", earlier[name]) for name in means)
        ),
        pl.when(pl.col("buyer").is_not_null()).then(of_buyer).otherwise(0.0).alias("buyer_stars"),
    )


def with_history(
    orders: pl.DataFrame, ratings: pl.DataFrame, means: dict[str, float]
) -> pl.DataFrame:
    """Adds the same columns to orders, from all ratings known; ``ratings`` carry ``item``."""
    products = (
        ratings.filter(pl.col("item").is_not_null())
        .group_by("item")
        .agg(
            _distance(
                pl.col(name).cast(pl.Int64).sum(), pl.col(name).count(), mean, _PRODUCT_WORTH
            ).alias(f"product_{name}")
            for name, mean in means.items()
        )
    )
    total, count = _whole_rating(means)
    buyers = (
        ratings.filter(pl.col("buyer").is_not_null())
        .group_by(trade_buyer="buyer")
        .agg(buyer_stars=_distance(total.sum(), count.sum(), 0.0, _BUYER_WORTH))
    )
    columns = [*(f"product_{name}" for name in means), "buyer_stars"]
    return (
        orders.join(products, on="item", how="left", maintain_order="left", validate="m:1")
        .join(buyers, on="trade_buyer", how="left", maintain_order="left", validate="m:1")
        .with_columns(pl.col(columns).fill_null(0.0))
    )


def _given(name: str) -> pl.Expr:
    return pl.col(name).cast(pl.Int64).fill_null(0)


def _whole_rating(means: dict[str, float]) -> tuple[pl.Expr, pl.Expr]:
    """A rating's distance from the shop's means over its dimensions, in whole millistars.

    Whole numbers add up to the same sum in any order, so that a forecast can be repeated bit by
    bit.
    """
    distances = [
        ((pl.col(name) - mean) * 1000).round().cast(pl.Int64).fill_null(0)
        for name, mean in means.items()
    ]
    given = pl.sum_horizontal(pl.col(name).is_not_null().cast(pl.Int64) for name in means)
    total = pl.sum_horizontal(distances) / 1000 / pl.max_horizontal(given, 1)
    return (total * 1000).round().cast(pl.Int64), (given > 0).cast(pl.Int64) * 1000


def _distance(total: pl.Expr, count: pl.Expr, mean: float, worth: float) -> pl.Expr:
    scale = 1000.0 if mean == 0.0 else 1.0
    return (total - count * mean) / (count + worth * scale)


def means_of(ratings: pl.DataFrame) -> dict[str, float]:
    """Mean stars per dimension that has any rating."""
    sums = ratings.select(pl.col(DSR_DIMENSIONS).cast(pl.Int64).sum()).row(0)
    counts = ratings.select(pl.col(DSR_DIMENSIONS).count()).row(0)
    return {
        name: total / count
        for name, total, count in zip(DSR_DIMENSIONS, sums, counts, strict=True)
        if count
    }
