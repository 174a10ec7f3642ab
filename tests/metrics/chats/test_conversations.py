"""Condensed chat lines give the figures that the lines themselves give."""

from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from metrics.agents.load import load_by_hour, workload
from metrics.kit.periods import By
from metrics.measure import measure
from metrics.sales.inquiry import with_returning
from metrics.sales.settled import returning, sellers, served
from metrics.views.rows import rows_behind
from store.settings import Attribution, ShopSettings
from store.shop_tables import ShopTables
from tests.frames import MAY_1, condensed, shop_tables
from tests.metrics.chat_lines import attributed

IDS = ("inquiry_conversion", "reply_rate", "response_time_platform", "response_time_median")
DAYS = 6
#: The days lie in two months, which are kept apart.
START = datetime(2024, 4, 28)
SPAN = (START.date(), START.date() + timedelta(days=DAYS - 1))
CUT = {"first": date(2024, 4, 30), "last": SPAN[1]}


def kept(tables: ShopTables, *robots: str) -> ShopTables:
    """The same shop as a store would open it."""
    return condensed(tables, ShopSettings(robot_agents=robots))


moments = st.integers(0, DAYS * 24 * 12 - 1).map(lambda five: START + timedelta(minutes=5 * five))
chat_lines = st.fixed_dictionaries(
    {
        "buyer": st.sampled_from(["ann", "bob"]),
        "sent_at": moments,
        "sender": st.sampled_from(["buyer", "buyer", "agent", "agent", "robot", "system"]),
        "agent": st.sampled_from(["li", "wu", "auto"]),
    }
) | st.fixed_dictionaries(
    {
        "buyer": st.sampled_from(["ann", "bob"]),
        "sent_at": moments,
        "sender": st.just("buyer"),
        "agent": st.just(""),
    }
)
orders = st.fixed_dictionaries(
    {
        "buyer": st.sampled_from(["ann", "bob", "a*n", None]),
        "created_at": moments,
        "wait": st.none() | st.integers(0, 3000),
    }
)


def shop(chat: list[dict[str, Any]], bought: list[dict[str, Any]]) -> ShopTables:
    numbered = [row | {"text": str(nth)} for nth, row in enumerate(chat)]
    placed = [
        {
            "order_id": f"o{nth}",
            "buyer": row["buyer"],
            "created_at": row["created_at"],
            "paid_at": paid_at(row),
            "paid_fen": 100,
        }
        for nth, row in enumerate(bought)
    ]
    covers = {"messages": SPAN, "orders": SPAN}
    return shop_tables(messages=numbered, orders=placed, covers=covers)


def paid_at(row: dict[str, Any]) -> datetime | None:
    return None if row["wait"] is None else row["created_at"] + timedelta(minutes=row["wait"])


def figures(tables: ShopTables, rules: ShopSettings, by: By) -> pl.DataFrame:
    spend = () if by != "agent" else ("unit_price",)
    rows = measure(tables, rules, ids=(*IDS, *spend, "slow_conversations"), by=by)
    cut = measure(tables, rules, ids=(*IDS, "answer_ratio"), **CUT, by=by)
    return pl.concat([rows, cut]).collect()


@settings(max_examples=40, deadline=None)
@given(
    chat=st.lists(chat_lines, max_size=25),
    bought=st.lists(orders, max_size=6),
    robots=st.sampled_from([(), ("auto",)]),
    by=st.sampled_from(["day", "agent"]),
    filtered=st.sampled_from([(), ("bob",)]),
    counts=st.booleans(),
    moment=st.sampled_from(["order", "payment", "order_first"]),
)
def test_condensed_lines_count_the_same(
    chat: list[dict[str, Any]],
    bought: list[dict[str, Any]],
    robots: tuple[str, ...],
    by: By,
    filtered: tuple[str, ...],
    counts: bool,
    moment: Attribution,
) -> None:
    tables = shop(chat, bought)
    rules = ShopSettings(
        robot_agents=robots,
        filtered_buyers=filtered,
        robot_counts_as_reply=counts,
        attribution=moment,
        after_sale_days=1,
    )
    opened = condensed(tables, rules)
    assert_frame_equal(figures(opened, rules, by), figures(tables, rules, by))
    owed = (attributed(each, rules).collect() for each in (opened, tables))
    assert_frame_equal(*owed)
    for facts in (settled, asked, partial(workload, **CUT), partial(load_by_hour, **CUT)):
        assert_frame_equal(*(facts(each, rules).collect() for each in (opened, tables)))


def settled(tables: ShopTables, rules: ShopSettings) -> pl.LazyFrame:
    """Whom the orders of some days are owed to, and what was known of their buyers."""
    found = tables.orders.select("order_id")
    for told in (sellers, served, returning):
        found = found.join(told(tables, rules, **CUT), on="order_id", how="left", validate="1:1")
    return found.sort("order_id")


def asked(tables: ShopTables, rules: ShopSettings) -> pl.LazyFrame:
    return with_returning(tables, rules, **CUT).sort("buyer", "day")


@pytest.mark.parametrize("metric", ["inquiry_conversion", "reply_rate", "within_three_minutes"])
def test_rows_behind_condensed_figures_are_the_same(metric: str) -> None:
    chat = [
        {"buyer": "ann", "sent_at": MAY_1, "sender": "buyer", "agent": ""},
        {"buyer": "ann", "sent_at": MAY_1, "sender": "agent", "agent": "wu"},
        {"buyer": "ann", "sent_at": MAY_1, "sender": "agent", "agent": "li"},
        {"buyer": "bob", "sent_at": MAY_1 + timedelta(days=1), "sender": "buyer", "agent": "li"},
    ]
    tables = shop(chat, [{"buyer": "ann", "created_at": MAY_1 + timedelta(hours=1), "wait": 5}])
    first, last = SPAN
    found = [
        rows_behind(metric, each, ShopSettings(), first=first, last=last).collect()
        for each in (kept(tables), tables)
    ]
    assert_frame_equal(*found, check_row_order=False)


def test_frames_of_other_robots_are_not_used() -> None:
    chat = [
        {"buyer": "ann", "sent_at": MAY_1, "sender": "buyer", "agent": "auto"},
        {"buyer": "ann", "sent_at": MAY_1 + timedelta(1), "sender": "agent", "agent": "auto"},
    ]
    tables, rules = shop(chat, []), ShopSettings(robot_agents=("auto",))
    assert_frame_equal(figures(kept(tables), rules, "day"), figures(tables, rules, "day"))


def test_of_one_second_the_last_by_name_wrote_last() -> None:
    second = MAY_1 + timedelta(hours=1)
    chat = [
        {"buyer": "ann", "sent_at": second, "sender": "agent", "agent": name}
        for name in ("li", "wu", "amy")
    ]
    later = {"buyer": "ann", "sender": "agent", "sent_at": second + timedelta(minutes=5)}
    bought = [{"buyer": "ann", "created_at": second + timedelta(minutes=10), "wait": None}]
    for name in ("li", "wu", "amy"):
        tables = shop([*chat, later | {"agent": name}], bought)
        assert attributed(kept(tables), ShopSettings()).collect()["agent"].to_list() == [name]
