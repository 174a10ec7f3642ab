"""Chats built by hand, and their reading order."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import hypothesis.strategies as st
import polars as pl

from metrics.chats.attribution import selling_agents, served_orders
from metrics.chats.conversations import conversations
from store.settings import ShopSettings
from store.shop_tables import ShopTables
from tests.frames import MAY_1

SECOND, MINUTE, HOUR, DAY = (
    timedelta(seconds=1),
    timedelta(minutes=1),
    timedelta(hours=1),
    timedelta(days=1),
)
#: (buyer, sender, agent, time)
Line = tuple[str, str, str, datetime]


def lines(*rows: Line) -> list[dict[str, Any]]:
    """Rows of ``messages``; the text tells repeated lines apart."""
    keys = ("buyer", "sender", "agent", "sent_at")
    return [dict(zip(keys, row, strict=True)) | {"text": str(i)} for i, row in enumerate(rows)]


def attributed(tables: ShopTables, settings: ShopSettings) -> pl.LazyFrame:
    """Every order with the agent it is owed to and whether it was served, by its number."""
    talks = conversations(tables, settings)
    answer = tables.orders.select("order_id")
    for told in (
        selling_agents(tables.orders, talks, settings),
        served_orders(tables.orders, talks),
    ):
        answer = answer.join(told, on="order_id", how="left", validate="1:1")
    return answer.sort("order_id")


def in_reading_order(chat: Iterable[Line]) -> list[Line]:
    """By time; in one second buyer, robot, system, agent; then a fixed order of the agents."""
    ranks = ("buyer", "robot", "system", "agent")

    def key(line: Line) -> tuple[datetime, int, int]:
        _, sender, agent, at = line
        return at, ranks.index(sender), pl.Series([agent]).hash()[0] // 2**48 if agent else 0

    return sorted(chat, key=key)


def addressed(chat: Sequence[Line]) -> list[Line]:
    """One buyer-day in reading order, with the agent of each buyer line filled in."""
    filled = []
    for i, (buyer, sender, agent, at) in enumerate(chat):
        if sender == "buyer" and not agent:
            before = [line[2] for line in chat[:i] if line[2]]
            after = [line[2] for line in chat[i:] if line[2]]
            agent = before[-1] if before else after[0] if after else ""
        filled.append((buyer, sender, agent, at))
    return filled


def buyer_days(chat: Iterable[Line]) -> list[list[Line]]:
    """The lines of each buyer and day, ready to be read."""
    groups: dict[tuple[str, Any], list[Line]] = {}
    for line in in_reading_order(chat):
        groups.setdefault((line[0], line[3].date()), []).append(line)
    return [addressed(group) for group in groups.values()]


# Few buyers, agents and moments, so that lines meet in one second and at every edge.
EDGES = [
    0, 1, 8 * 3600 - 1, 8 * 3600, 9 * 3600, 9 * 3600 + 119, 9 * 3600 + 120, 9 * 3600 + 121,
    9 * 3600 + 180, 9 * 3600 + 181, 9 * 3600 + 599, 9 * 3600 + 600, 9 * 3600 + 601,
    9 * 3600 + 900, 23 * 3600 - 1, 23 * 3600, 86400 - 1,
]  # fmt: skip
moments = st.tuples(st.integers(0, 2), st.sampled_from(EDGES) | st.integers(9 * 3600, 10 * 3600))
a_line = st.tuples(
    st.sampled_from(["ann", "bob"]),
    st.sampled_from(["buyer", "buyer", "agent", "agent", "robot", "system"]),
    st.sampled_from(["", "li", "wu"]),
    moments.map(lambda moment: MAY_1 + moment[0] * DAY + moment[1] * SECOND),
).map(lambda line: (line[0], line[1], line[2] or "li" * (line[1] == "agent"), line[3]))
