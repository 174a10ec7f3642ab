"""The metric families that are measured against other tools, and the files they read."""

from collections.abc import Callable
from pathlib import Path

import polars as pl

from benchmarks.worlds import tables
from metrics.chats.conversations import conversations
from metrics.chats.reply import chat_counts
from metrics.measure import measure
from metrics.sales.inquiry import agent_counts
from store.schemas import DSR_DIMENSIONS
from store.settings import ShopSettings
from store.shop_tables import ShopTables

DSR_IDS = tuple(f"dsr_{name}" for name in DSR_DIMENSIONS)
COUNTS = ("numerator", "denominator")


def reply(shop: ShopTables) -> pl.LazyFrame:
    """Numerator and denominator of the reply metrics per agent and day, from rounds."""
    settings = ShopSettings()
    return chat_counts(conversations(shop, settings), settings, per_agent=True)


def inquiry(shop: ShopTables) -> pl.LazyFrame:
    """Inquiries and those that paid, attributed, per agent and inquiry day."""
    days = shop.coverage.filter(table="messages")["day"].sort().to_list()
    return agent_counts(shop, ShopSettings(), days[0], days[-1])


def unit_price(shop: ShopTables) -> pl.LazyFrame:
    """Money paid and distinct buyers per natural month."""
    rows = measure(shop, ShopSettings(), ids=("unit_price",), by="month")
    return rows.select("start", *COUNTS)


def refund(shop: ShopTables) -> pl.LazyFrame:
    """Refund cases retained and decided, by number and by amount, per day of asking."""
    ids = ("refund_retention", "refund_retention_amount")
    rows = measure(shop, ShopSettings(), ids=ids, by="day")
    return rows.filter(pl.col("denominator") > 0).select("metric", "start", *COUNTS)


def dsr(shop: ShopTables) -> pl.LazyFrame:
    """Stars and ratings of the last 180 days, three a buyer and month, per day and dimension."""
    rows = measure(shop, ShopSettings(), ids=DSR_IDS, by="day")
    return rows.filter(pl.col("denominator") > 0).select("metric", "start", *COUNTS)


#: Each family, and the columns that name its rows.
FAMILIES: dict[str, tuple[Callable[[ShopTables], pl.LazyFrame], tuple[str, ...]]] = {
    "reply": (reply, ("day", "agent")),
    "inquiry": (inquiry, ("day", "agent")),
    "unit_price": (unit_price, ("start",)),
    "refund": (refund, ("metric", "start")),
    "dsr": (dsr, ("metric", "start")),
}
#: What each family cannot do without reading: columns by table, the sort key first.
READS: dict[str, dict[str, tuple[str, ...]]] = {
    "reply": {"messages": ("buyer", "sent_at", "sender", "agent")},
    "inquiry": {
        "messages": ("buyer", "sent_at", "sender", "agent"),
        "orders": ("buyer", "created_at", "order_id", "paid_at", "paid_fen"),
    },
    "unit_price": {"orders": ("buyer", "paid_at", "paid_fen", "paid_is_net", "pieces")},
    "refund": {
        "refunds": ("order_id", "asked_at", "outcome", "kind", "amount_fen", "paid_fen", "buyer")
    },
    "dsr": {
        "ratings": ("order_id", "rated_at", "buyer", "nth", *DSR_DIMENSIONS),
        "orders": ("order_id", "received_at", "status", "buyer"),
    },
}


def ours(family: str, folder: Path) -> pl.DataFrame:
    """One family's figures by this product."""
    count, _ = FAMILIES[family]
    return count(tables(folder)).collect()


def limit(family: str, folder: Path) -> None:
    """Read a family's columns and sort each table once by its key, and nothing more."""
    for table, (key, *rest) in READS[family].items():
        rows = pl.scan_parquet(folder / f"{table}.parquet").select(key, *rest)
        rows.sort(key, *rest[:1]).collect()
