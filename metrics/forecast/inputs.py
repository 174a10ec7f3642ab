"""What a forecast reads: one row per rating, trade, refund application and wait, numbers first.

:func:`forecast_inputs` is lazy like every metric. A fitted model needs numbers, so the caller
collects its frames at once and hands them over as :class:`ForecastInputs`::

    frames = forecast_inputs(tables, settings)
    inputs = ForecastInputs(**dict(zip(frames, pl.collect_all(frames.values()))))

The frames hold everything the files know. What was known on a day is cut out of them by
:func:`known_on`, the one place that decides it.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Literal, TypeVar

import polars as pl

from metrics.forecast.waits import waits_of_trades
from metrics.kit.buyers import buyer_if_named, item_identity
from metrics.ratings.dsr import reported_days
from metrics.refunds.cases import named_orders
from store.schemas import DSR_DIMENSIONS
from store.settings import ShopSettings
from store.shop_tables import Frames, Recipe, ShopTables, Source

Frame = TypeVar("Frame", pl.DataFrame, pl.LazyFrame)
Feed = Literal["ratings", "rating_days", "rating_snapshots", "none"]


@dataclass(frozen=True)
class ForecastInputs:
    """Collected frames, oldest first; what each holds is said in :func:`forecast_inputs`."""

    ratings: pl.DataFrame
    trades: pl.DataFrame
    refunds: pl.DataFrame
    waits: pl.DataFrame
    rating_days: pl.DataFrame
    snapshots: pl.DataFrame

    @property
    def feed(self) -> Feed:
        """The best feed that has rows: rating rows, daily scores with counts, or snapshots."""
        if self.ratings.height:
            return "ratings"
        if self.rating_days.height:
            return "rating_days"
        return "rating_snapshots" if self.snapshots.height else "none"


def forecast_inputs(
    tables: ShopTables, settings: ShopSettings, as_of: date | None = None
) -> dict[str, pl.LazyFrame]:
    """The frames of :class:`ForecastInputs` by name, for the caller to collect at once.

    Args:
        tables: One shop.
        settings: The shop's settings (filtered buyers and robots matter for waits).
        as_of: Leave out rows whose event lies after this day, which makes a single forecast
            cheaper; :func:`known_on` masks again. None = everything, as a backtest needs.

    Returns:
        ``ratings``: trade (row of ``trades``, null where the order is unknown), rated_at,
        order_id, nth, buyer (null where blurred), completed_at, closed, one column of stars per
        dimension. ``trades``: trade, order_id, buyer, created_at, paid_at, shipped_at, ship_by,
        received_at, item. ``refunds``: trade, asked_at, ended_at, outcome. ``waits``: trade, at,
        wait_s. ``rating_days``: day, dimension, count, stars (sum). ``snapshots``: day,
        dimension, score, raters, target, five_star_gap.
    """
    traded = tables.condensed.get(recipe()) or _traded(tables)
    frames = traded | {
        "waits": waits_of_trades(tables, settings, traded["trades"]),
        "rating_days": _rating_days(tables),
        "snapshots": _snapshots(tables),
    }
    if as_of is None:
        return frames
    return frames | {
        "ratings": frames["ratings"].filter(pl.col("rated_at") < _midnight_after(as_of)),
    }


def recipe() -> Recipe:
    """How a store keeps ``ratings``, ``trades`` and ``refunds``: by no rule, undated."""
    return Recipe(
        "trades",
        edition=1,
        rules=(),
        frames=("ratings", "trades", "refunds"),
        sources=(Source("orders"), Source("order_items"), Source("ratings"), Source("refunds")),
        make=lambda tables, _first, _last: _traded(tables),
        apart="nothing",
    )


def _traded(tables: ShopTables) -> Frames:
    # Cached by hand: each frame reads other columns, so the optimiser would make them four times.
    trades = _trades(tables).cache()
    return {
        "ratings": _ratings(tables, trades),
        "trades": trades,
        "refunds": _refunds(tables, trades),
    }


def known_on(inputs: ForecastInputs, day: date) -> ForecastInputs:
    """The same frames as they stood when ``day`` was over.

    A rating, an order, a payment, a shipment, a completion, a refund application and its end each
    count from their own time on. A status has no time of its own: a closed trade is taken as
    closed unless the order's completion lies in the future.
    """
    end = _midnight_after(day)
    return replace(
        inputs,
        ratings=inputs.ratings.filter(pl.col("rated_at") < end).with_columns(
            completed_at=_if_known("completed_at", end),
            closed=pl.col("closed") & (pl.col("completed_at") < end).fill_null(True),
        ),
        trades=inputs.trades.filter(
            pl.coalesce("created_at", "paid_at", pl.lit(datetime.min)) < end
        ).with_columns(
            _if_known(column, end) for column in ("paid_at", "shipped_at", "received_at")
        ),
        refunds=inputs.refunds.filter(pl.col("asked_at") < end).with_columns(
            ended_at=_if_known("ended_at", end),
            outcome=pl.when(pl.col("ended_at") < end)
            .then(pl.col("outcome"))
            .otherwise(pl.lit("open")),
        ),
        waits=inputs.waits.filter(pl.col("at") < end),
        rating_days=inputs.rating_days.filter(pl.col("day") <= day),
        snapshots=inputs.snapshots.filter(pl.col("day") <= day),
    )


def _midnight_after(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time())


def _if_known(column: str, end: datetime) -> pl.Expr:
    return pl.when(pl.col(column) < end).then(pl.col(column)).alias(column)


def _trades(tables: ShopTables) -> pl.LazyFrame:
    by_value = pl.col("paid_fen").fill_null(0)
    items = (
        tables.order_items.select(
            "order_id",
            "paid_fen",
            "item_order_id",
            item=item_identity(),
        )
        .sort("order_id", by_value, "item_order_id", descending=[False, True, False])
        .unique("order_id", keep="first", maintain_order=True)
        .select("order_id", "item")
    )
    return (
        tables.orders.join(items, on="order_id", how="left", validate="m:1")
        .select(
            "order_id",
            "created_at",
            "paid_at",
            "shipped_at",
            "ship_by",
            "received_at",
            "status",
            buyer=buyer_if_named("buyer"),
            item=pl.coalesce("item", "title"),
        )
        .sort(pl.coalesce("created_at", "paid_at"), "order_id")
        .with_row_index("trade")
        .with_columns(pl.col("trade").cast(pl.Int64))
    )


def _ratings(tables: ShopTables, trades: pl.LazyFrame) -> pl.LazyFrame:
    known = trades.select(
        "trade", "order_id", "received_at", order_buyer="buyer", closed=pl.col("status") == "closed"
    )
    return (
        tables.ratings.join(known, on="order_id", how="left", validate="m:1")
        .select(
            "trade",
            "rated_at",
            "order_id",
            "nth",
            *DSR_DIMENSIONS,
            buyer=pl.coalesce(buyer_if_named("buyer"), "order_buyer"),
            completed_at=pl.col("received_at"),
            closed=pl.col("closed").fill_null(False),
        )
        .sort("rated_at", "order_id", "nth")
    )


def _refunds(tables: ShopTables, trades: pl.LazyFrame) -> pl.LazyFrame:
    """Applications by the order that each speaks of, where it is known."""
    orders = named_orders(tables, tables.refunds).select("order_id", "parent")
    # Few orders are given back: only those are looked up among millions.
    known = trades.select("trade", parent="order_id").join(orders, on="parent", how="semi")
    return (
        tables.refunds.select("refund_id", "order_id", "asked_at", "ended_at", "outcome")
        .join(orders, on="order_id", how="inner", validate="m:1")
        .join(known, on="parent", how="inner", validate="m:1")
        .sort("asked_at", "refund_id")
        .select("trade", "asked_at", "ended_at", "outcome")
    )


def _rating_days(tables: ShopTables) -> pl.LazyFrame:
    """Daily scores that carry a count, as ``metrics.ratings.dsr`` picks them."""
    return days_by_dimension(reported_days(tables))


def days_by_dimension(days: Frame, /) -> Frame:
    """Days with ``count_…`` and ``stars_…`` of each dimension, one row per dimension rated.

    Returns:
        ``day``, ``dimension``, ``count``, ``stars`` (sum), in this order.
    """
    long = [
        days.select(
            "day",
            dimension=pl.lit(name),
            count=pl.col(f"count_{name}"),
            stars=pl.col(f"stars_{name}"),
        )
        for name in DSR_DIMENSIONS
    ]
    return pl.concat(long).filter(pl.col("count") > 0).sort("day", "dimension")


def _snapshots(tables: ShopTables) -> pl.LazyFrame:
    return (
        tables.rating_snapshots.drop_nulls("score")
        .select("day", "dimension", "score", "raters", "target", "five_star_gap")
        .sort("day", "dimension")
    )
