"""Orders by the day they were settled: whom they are owed to, and what was known of their buyer.

To find these means to join every order with every chat line and every earlier order, so a store
keeps what is found (``recipe``); without a store it is found on the spot.
"""

from datetime import date
from functools import partial

import polars as pl

from metrics.chats.attribution import (
    CONVERSION_DAYS,
    MOMENTS,
    moment_agents,
    selling_agents,
    served_orders,
)
from metrics.chats.conversations import conversations
from metrics.kit.days import during, on_days
from metrics.kit.needs import settled_on
from store.settings import ShopSettings
from store.shop_tables import Frames, Recipe, ShopTables, Source


def sellers(
    tables: ShopTables,
    settings: ShopSettings,
    /,
    *,
    first: date | None = None,
    last: date | None = None,
    among: pl.LazyFrame | None = None,
) -> pl.LazyFrame:
    """The agents of ``selling_agents``, for orders settled (paid, else created) on some days.

    Args:
        tables: The shop's tables.
        settings: Filtered buyers, robots, and which moment of an order counts.
        first: First day; unset: from the beginning.
        last: Last day, included; unset: to the end.
        among: The only orders that are asked for, by ``order_id``; unset: all of these days.
    """
    kept = _kept(tables, settings, first, last)
    if kept is None:
        orders = tables.orders.filter(settled_on(first, last))
        if among is not None:
            orders = orders.join(among, on="order_id", how="semi")
        return selling_agents(orders, conversations(tables, settings, last=last), settings)
    if among is not None:
        kept = kept.join(among, on="order_id", how="semi")
    agents = [f"{moment}_agent" for moment in MOMENTS[settings.attribution]]
    return kept.select("order_id", agent=pl.coalesce(agents)).drop_nulls("agent")


def served(
    tables: ShopTables, settings: ShopSettings, /, *, first: date, last: date
) -> pl.LazyFrame:
    """As ``served_orders``, for the orders paid on some days, both included."""
    kept = _kept(tables, settings, first, last)
    if kept is None:
        orders = tables.orders.filter(during("paid_at", first, last))
        talks = conversations(tables, settings, first=first - CONVERSION_DAYS, last=last)
        return served_orders(orders, talks)
    return kept.select("order_id", "served").drop_nulls("served")


def returning(
    tables: ShopTables, settings: ShopSettings, /, *, first: date, last: date
) -> pl.LazyFrame:
    """Whether each order paid on some days, both included, had an earlier paid one of its buyer.

    Returns:
        One row per paid order of a known buyer, in no order: ``order_id``, ``returning``.
    """
    kept = _kept(tables, settings, first, last)
    if kept is None:
        return _returning(tables.orders.filter(during("paid_at", first, last)), tables)
    return kept.select("order_id", "returning").drop_nulls("returning")


def _returning(paid: pl.LazyFrame, tables: ShopTables, *, last: date | None = None) -> pl.LazyFrame:
    paid = paid.select("order_id", "buyer", "paid_at").drop_nulls().cache()
    earliest = earliest_payments(tables, paid, last=last)
    return paid.join(earliest, on="buyer", validate="m:1").select(
        "order_id", returning=pl.col("first_paid_at") < pl.col("paid_at")
    )


def earliest_payments(
    tables: ShopTables, buyers: pl.LazyFrame, /, *, last: date | None = None
) -> pl.LazyFrame:
    """The first payment of each of some buyers in the data, up to some day.

    Args:
        tables: The shop's tables.
        buyers: Whose: ``buyer``.
        last: Last day of payment, included; unset: all there are.

    Returns:
        One row per buyer who paid, in no order: ``buyer``, ``first_paid_at``.
    """
    paid = tables.orders.select("buyer", "paid_at").filter(during("paid_at", None, last))
    paid = paid.drop_nulls().join(buyers, on="buyer", how="semi")
    return paid.group_by("buyer").agg(first_paid_at=pl.col("paid_at").min())


def recipe(settings: ShopSettings, /) -> Recipe:
    """How a store keeps what ``sellers``, ``served`` and ``returning`` read.

    One frame, ``sales``: a row per order with a time, by ``day`` (of payment, else creation):
    ``order_id``, ``buyer``, ``created_at_agent`` and ``paid_at_agent`` (the agent who wrote last
    before that moment), ``served`` and ``returning`` (null where not paid or the buyer is not
    known).
    """
    return Recipe(
        "sales",
        edition=1,
        rules=settings.robot_agents,
        frames=("sales",),
        # An order may have been created, and talked about, long before it was paid.
        sources=(
            Source("orders", ("paid_at", "created_at")),
            Source("orders", ("paid_at",), before=None),
            Source("messages", ("sent_at",), before=None),
        ),
        make=partial(_sales, settings.robot_agents),
    )


def _sales(robot_agents: tuple[str, ...], tables: ShopTables, first: date, last: date) -> Frames:
    rules = ShopSettings(robot_agents=robot_agents)
    columns = ("order_id", "buyer", "created_at", "paid_at")
    orders = tables.orders.select(columns).filter(settled_on(first, last)).cache()
    rows = orders.select("order_id", "buyer", day=pl.coalesce("paid_at", "created_at").dt.date())
    talks = conversations(tables, rules, last=last)
    near = conversations(tables, rules, first=first - CONVERSION_DAYS, last=last)
    for told in (
        moment_agents(orders, talks, MOMENTS["order_first"]),
        served_orders(orders, near),
        _returning(orders, tables, last=last),
    ):
        rows = rows.join(told, on="order_id", how="left", validate="1:1")
    return {"sales": rows.sort("day")}


def _kept(
    tables: ShopTables, settings: ShopSettings, first: date | None, last: date | None
) -> pl.LazyFrame | None:
    """Rows of the kept frame of some days, as if filtered buyers had never written."""
    kept = tables.condensed.get(recipe(settings))
    if kept is None:
        return None
    rows = kept["sales"].filter(on_days(first, last))
    if not settings.filtered_buyers:
        return rows
    unheard = pl.col("buyer").is_in(settings.filtered_buyers).fill_null(False)
    found = [f"{moment}_agent" for moment in MOMENTS["order_first"]]
    return rows.with_columns(
        *(pl.when(~unheard).then(name).alias(name) for name in found),
        # Where nobody could tell, still nobody can.
        served=pl.when(pl.col("served").is_not_null()).then(pl.col("served") & ~unheard),
    )
