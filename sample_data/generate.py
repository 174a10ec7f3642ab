"""Generate a sample shop: its export files and the truth about them."""

import json
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from sample_data.chat_files import write_messages
from sample_data.order_files import write_items, write_orders
from sample_data.performance_files import write_performance
from sample_data.plan import DEFAULT_LAST_DAY, Plan
from sample_data.rating_files import (
    write_ratings,
    write_reviews,
    write_snapshots,
    write_workbook,
)
from sample_data.refund_files import write_refunds
from sample_data.tables import STATUS_TEXTS, order_states
from sample_data.truth import Facts, truth_rows
from sample_data.truth_chats import inquiry_facts, read_chats, reply_facts
from sample_data.truth_sales import (
    dsr_facts,
    new_sums,
    refund_facts,
    shipping_facts,
    spend_facts,
    window_sums,
)
from sample_data.world import World, draw_world

#: Beyond so many rows the truth is not counted row by row: no truth.json, no derived tables.
MOST_TRUE_ROWS = 400_000
#: Days with a workbook of the agents' performance, counted from the last.
PERFORMANCE_DAYS = 5
SNAPSHOT_WEEKS = 8


def generate(
    out: Path,
    *,
    days: int = 200,
    orders_per_day: float = 30.0,
    seed: int = 11,
    messages: int | None = None,
    last_day: date = DEFAULT_LAST_DAY,
    chat_days: int | None = 65,
    shop: str = "示例店",
) -> list[Path]:
    """Write a sample shop's export files into a folder; the same arguments give the same bytes.

    Args:
        out: Folder; made if missing. Files of the same names are replaced.
        days: Days of trade, ending on ``last_day``.
        orders_per_day: Orders a day, on average; Double 11 has several times as many.
        seed: Another seed is another shop.
        messages: Chat lines wanted; never more, and nearly as many. Unset: about 13 per order.
        last_day: Last day of trade, over when the files were made.
        chat_days: Chat lines of so many last days only; None for all days, which is also what
            ``messages`` brings.
        shop: Name of the shop in the files.

    Returns:
        The export files in the order a person would upload them, then ``truth.json`` where the
        shop is small enough to be counted row by row.
    """
    plan = Plan(
        days=days,
        orders_per_day=orders_per_day,
        seed=seed,
        messages=messages,
        last_day=last_day,
        chat_days=chat_days if messages is None else None,
        shop=shop,
    )
    out.mkdir(parents=True, exist_ok=True)
    return write_world(out, draw_world(plan))


def write_world(out: Path, world: World) -> list[Path]:
    """Write the files of a shop that has been drawn."""
    frames, stamp = world.frames, f"{world.plan.last_day + timedelta(days=1):%Y%m%d}"
    paths = [
        *write_orders(out, frames["orders"], stamp),
        *write_items(out, item_report(world), stamp),
        *write_messages(out, frames["messages"]),
    ]
    if frames["refunds"].height:
        paths += write_refunds(out, refund_report(world), stamp)
    if frames["ratings"].height:
        paths += write_ratings(out, frames["ratings"], stamp)
    if sum(frame.height for frame in frames.values()) > MOST_TRUE_ROWS:
        return paths
    facts = true_facts(frames)
    paths += _derived_files(out, world, facts)
    truth = out / "truth.json"
    lines = (json.dumps(row, ensure_ascii=False) for row in truth_rows(facts))
    truth.write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="utf-8")
    return [*paths, truth]


def true_facts(frames: dict[str, pl.DataFrame]) -> dict[str, Facts]:
    """The facts behind every metric that these tables can tell."""
    messages, orders, items = frames["messages"], frames["orders"], frames["order_items"]
    chats = read_chats(messages) if messages.height else None
    facts: dict[str, Facts] = {}
    if chats is not None:
        facts["inquiry_conversion"] = inquiry_facts(chats, orders)
        facts |= reply_facts(chats)
    facts |= spend_facts(chats, orders, items)
    facts |= shipping_facts(chats, orders, items, frames["refunds"])
    if frames["refunds"].height:
        facts |= refund_facts(chats, frames["refunds"], orders, items)
    if frames["ratings"].height:
        facts |= dsr_facts(frames["ratings"], orders)
    return facts


def item_report(world: World) -> pl.DataFrame:
    """The sub-orders with what only their report prints: the payable amount and the status."""
    states = order_states(world.plan, world.orders)[world.items.order]
    return world.frames["order_items"].with_columns(
        payable_fen=pl.Series(world.items.paid_fen),
        status_text=pl.Series(STATUS_TEXTS).gather(states),
    )


def refund_report(world: World) -> pl.DataFrame:
    """The applications with the title of what was bought."""
    titles = world.frames["order_items"]["title"].gather(world.refunds.item)
    return world.frames["refunds"].with_columns(title=titles)


def rated_items(world: World) -> pl.DataFrame:
    """The ratings with the first item of their order."""
    first_item = np.searchsorted(world.items.order, world.ratings.order)
    items = world.frames["order_items"].select("item_id", "title", "sku_text")[first_item]
    return pl.concat([world.frames["ratings"], items], how="horizontal")


def review_report(world: World) -> pl.DataFrame:
    """The ratings with words and the class the platform gives them."""
    worst = pl.min_horizontal("description", "service", "logistics")
    rating_class = (
        pl.when(worst <= 2).then(pl.lit("差评")).when(worst == 3).then(pl.lit("中评"))
    ).otherwise(pl.lit("好评"))
    return rated_items(world).with_columns(rating_class=rating_class).drop_nulls("comment")


def _derived_files(out: Path, world: World, facts: dict[str, Facts]) -> list[Path]:
    """Files that are made of sums: performance tables, scores, reviews."""
    last, paths = world.plan.last_day, []
    if "reply_rate" in facts and "inquiry_conversion" in facts:
        covered = facts["reply_rate"]
        recent = [last - timedelta(days=n) for n in range(PERFORMANCE_DAYS)]
        recent = [day for day in recent if covered.first <= day <= covered.last]
        settled = last - timedelta(days=5)
        if recent and covered.first <= settled:
            paths += write_performance(out, facts, days=recent[::-1], shop_day=settled)
    if "dsr_service" in facts:
        weeks = [last - timedelta(days=7 * n) for n in range(SNAPSHOT_WEEKS)][::-1]
        copied = last - timedelta(days=1)
        scores = {
            key: sums for day in (*weeks, copied) for key, sums in window_sums(facts, day).items()
        }
        paths += write_snapshots(out, scores, weeks)
        items = rated_items(world).filter(pl.col("rated_at").dt.date() == copied)
        paths += write_workbook(out, scores, new_sums(facts), items, copied)
        paths += write_reviews(out, review_report(world))
    return paths
