"""The generator's bookkeeping: right on rows a person can count, and equal to the product's."""

import json
from collections import defaultdict
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from metrics.catalog import METRIC_IDS
from metrics.measure import measure
from sample_data import SHOP_FILES
from sample_data.generate import true_facts
from sample_data.truth import added, counted, months, quantile, truth_rows
from sample_data.truth_chats import inquiry_facts, read_chats, reply_facts
from sample_data.truth_sales import counted_ratings, crossed, per_buyer, refund_facts
from store.settings import ShopSettings
from tests.sample_data.reading import read_shop, shop_tables_of

NINE = datetime(2024, 5, 1, 9)
Row = dict[str, Any]


def after(seconds: int) -> datetime:
    return NINE + timedelta(seconds=seconds)


def chats(*lines: tuple[int, str, str]) -> pl.DataFrame:
    """Lines of one buyer: seconds after nine, sender, agent."""
    return pl.DataFrame(
        [("ann", after(at), sender, agent) for at, sender, agent in lines],
        schema=["buyer", "sent_at", "sender", "agent"],
        orient="row",
    )


@pytest.mark.parametrize(
    ("lines", "metric", "expected"),
    [
        pytest.param(
            [(0, "buyer", "a"), (30, "agent", "a")], "reply_rate", (1.0, 1, 1), id="answered"
        ),
        pytest.param(
            [(0, "buyer", "a"), (1, "robot", "a")], "reply_rate", (1.0, 1, 1), id="robot answers"
        ),
        pytest.param(
            [(0, "buyer", "a"), (1, "system", "a")], "reply_rate", (0.0, 0, 1), id="system does not"
        ),
        pytest.param(
            [(5, "buyer", "a"), (0, "agent", "a")], "reply_rate", (0.0, 0, 1), id="line before"
        ),
        pytest.param(
            [(0, "buyer", "a"), (9, "buyer", "a"), (30, "agent", "a")],
            "response_time_platform",
            (30.0, 30, 1),
            id="timed from the first question",
        ),
        pytest.param(
            [(0, "buyer", "a"), (700, "agent", "a"), (800, "buyer", "a")],
            "response_time_platform",
            (600.0, 1200, 2),
            id="capped, and open counts 600",
        ),
        pytest.param(
            [(0, "buyer", "a"), (1, "robot", "a")],
            "response_time_platform",
            (None, 0, 0),
            id="robot only is in neither part",
        ),
        pytest.param(
            [(0, "buyer", "a"), (600, "agent", "a"), (700, "buyer", "a"), (710, "agent", "a")],
            "response_time_tool",
            (10.0, 10, 1),
            id="600 seconds are too long",
        ),
        pytest.param(
            [(0, "buyer", "a"), (180, "agent", "a"), (200, "buyer", "a"), (381, "agent", "a")],
            "within_three_minutes",
            (0.5, 1, 2),
            id="180 is within, 181 not",
        ),
        pytest.param(
            [
                (n * 200 + s, who, "a")
                for n in range(3)
                for s, who in ((0, "buyer"), (121, "agent"))
            ],
            "slow_conversations",
            (1.0, 1, 1),
            id="three slow rounds",
        ),
        pytest.param(
            [(0, "buyer", "a"), (5, "agent", "a")], "answer_ratio", (1.0, 1, 1), id="line for line"
        ),
    ],
)
def test_reply_facts(lines: list[tuple[int, str, str]], metric: str, expected: Any) -> None:
    facts = reply_facts(read_chats(chats(*lines)))[metric]
    assert facts.together([fact for _, fact in facts.shop]) == expected


def test_a_line_without_an_agent_takes_the_neighbours() -> None:
    facts = reply_facts(read_chats(chats((0, "buyer", ""), (5, "buyer", "a"), (9, "agent", "a"))))
    assert [fact for _, fact in facts["reply_rate"].agents["a"]] == [(1, 1)]
    assert [fact for _, fact in facts["response_time_platform"].agents["a"]] == [(9.0, 1)]


@pytest.mark.parametrize(
    ("orders", "expected"),
    [
        pytest.param([(600, 660)], (1.0, 1, 1), id="paid the same day"),
        pytest.param([(3 * 86_400, 3 * 86_400 + 9)], (1.0, 1, 1), id="paid on the third day after"),
        pytest.param([(600, 4 * 86_400)], (0.0, 0, 1), id="paid on the fourth day after"),
        pytest.param([(600, None)], (0.0, 0, 1), id="never paid"),
        pytest.param([(-86_400, -86_000)], (None, 0, 0), id="after sale"),
        pytest.param([(-86_400, -86_000), (600, 660)], (1.0, 1, 1), id="after sale, buys again"),
        pytest.param([(-22 * 86_400, -22 * 86_400 + 9)], (0.0, 0, 1), id="bought long ago"),
        pytest.param([(-600, 60)], (1.0, 1, 1), id="ordered before, pays now"),
    ],
)
def test_inquiry_facts(orders: list[tuple[int, int | None]], expected: Any) -> None:
    rows = [
        (str(n), "ann", after(made), None if paid is None else after(paid))
        for n, (made, paid) in enumerate(orders)
    ]
    bought = pl.DataFrame(
        rows,
        schema={
            "order_id": pl.String,
            "buyer": pl.String,
            "created_at": pl.Datetime,
            "paid_at": pl.Datetime,
        },
        orient="row",
    )
    facts = inquiry_facts(read_chats(chats((0, "buyer", "a"), (30, "agent", "a"))), bought)
    assert facts.together([fact for _, fact in facts.shop]) == expected


def test_ratings_beyond_the_third_of_a_month_and_of_closed_trades_do_not_count() -> None:
    days = [datetime(2024, 5, day) for day in (1, 2, 3, 4, 5)]
    orders = pl.DataFrame(
        {
            "order_id": list("abcde"),
            "received_at": days,
            "status": ["finished", "closed", "finished", "finished", "finished"],
        }
    )
    ratings = pl.DataFrame(
        {
            "order_id": list("abcde"),
            "rated_at": [day + timedelta(days=1) for day in days],
            "nth": [0] * 5,
            "buyer": ["ann"] * 5,
            "description": [5, 1, None, 3, 2],
            "service": [5, 1, 4, 3, 2],
            "logistics": [5, 1, 4, 3, 2],
        }
    )
    assert sorted(counted_ratings(ratings, orders), key=lambda row: row[0]) == [
        (date(2024, 5, 2), {"description": 5, "service": 5, "logistics": 5}),
        (date(2024, 5, 4), {"service": 4, "logistics": 4}),
        (date(2024, 5, 5), {"description": 3, "service": 3, "logistics": 3}),
    ]


@pytest.mark.parametrize(
    ("applications", "expected"),
    [
        pytest.param([("closed", "仅退款")], (1.0, 1, 1), id="closed"),
        pytest.param([("success", "仅退款")], (0.0, 0, 1), id="paid back"),
        pytest.param([("success", "换货")], (1.0, 1, 1), id="exchanged"),
        pytest.param(
            [("closed", "仅退款"), ("success", "仅退款")], (0.0, 0, 1), id="applied again"
        ),
        pytest.param([("closed", "仅退款"), ("open", "仅退款")], (None, 0, 0), id="not decided"),
    ],
)
def test_refund_facts(applications: list[tuple[str, str]], expected: Any) -> None:
    refunds = pl.DataFrame(
        [
            ("s1", NINE + timedelta(days=n), NINE + timedelta(days=n, hours=1), outcome, kind, 100)
            for n, (outcome, kind) in enumerate(applications)
        ],
        schema=["order_id", "asked_at", "ended_at", "outcome", "kind", "amount_fen"],
        orient="row",
    )
    orders = pl.DataFrame({"order_id": ["p"], "buyer": ["ann"]})
    items = pl.DataFrame(
        {"item_order_id": ["s1"], "order_id": ["p"], "created_at": [NINE], "paid_at": [NINE]}
    )
    facts = refund_facts(None, refunds, orders, items)["refund_retention"]
    assert facts.together([fact for _, fact in facts.shop]) == expected


def test_ways_to_bring_facts_together() -> None:
    assert added([(1, 2), (2, 2)]) == (0.75, 3, 4)
    assert added([]) == (None, 0, 0)
    assert counted([(1, 0), (0, 4)]) == (1.0, 1, 4)
    assert counted([]) == (None, 0, 0)
    assert quantile(0.5)([4.0, 1.0, 2.0]) == (2.0, None, 3)
    assert quantile(0.9)([0.0, 10.0]) == (9.0, None, 2)
    assert quantile(0.5)([]) == (None, None, 0)
    assert per_buyer([("ann", 3), ("ben", 1), ("ann", 2)]) == (3.0, 6, 2)
    bought = [("ann", frozenset("x")), ("ann", frozenset("y")), ("ben", frozenset("x"))]
    assert crossed(bought) == (0.5, 1, 2)
    assert months(date(2024, 1, 30), date(2024, 2, 2))[0] == (date(2024, 1, 30), date(2024, 1, 31))


def committed_truth() -> list[Row]:
    rows: list[Row] = json.loads((SHOP_FILES / "truth.json").read_text(encoding="utf-8"))
    return rows


def test_the_committed_truth_is_that_of_the_committed_files() -> None:
    assert truth_rows(true_facts(read_shop(SHOP_FILES)[0])) == committed_truth()


def test_truth_speaks_of_every_metric() -> None:
    rows = committed_truth()
    for by in ("period", "month"):
        assert {row["metric"] for row in rows if row["by"] == by} == set(METRIC_IDS)
    silent = {"refund_rate", "dsr_description", "dsr_service", "dsr_logistics"}
    assert {row["metric"] for row in rows if row["by"] == "agent"} == set(METRIC_IDS) - silent


def test_months_and_agents_add_up() -> None:
    sums: dict[tuple[str, str], float] = defaultdict(float)
    for row in committed_truth():
        sums[row["metric"], row["by"]] += row["denominator"]
    for metric in ("response_time_platform", "within_three_minutes", "order_price", "answer_ratio"):
        assert sums[metric, "month"] == sums[metric, "period"]
    # A round belongs to one agent, and by day every round has one.
    rounds = "response_time_platform"
    assert 0.99 < sums[rounds, "agent"] / sums[rounds, "period"] <= 1
    assert sums["order_price", "agent"] < sums["order_price", "period"]


def test_a_ratio_is_its_numerator_over_its_denominator() -> None:
    for row in committed_truth():
        if row["numerator"] is not None and row["metric"] != "slow_conversations":
            expected = row["numerator"] / row["denominator"] if row["denominator"] else None
            assert same(row["value"], expected), row


@pytest.mark.parametrize("folder", ["small", "committed"])
@pytest.mark.parametrize("by", ["period", "month", "day", "agent"])
def test_the_product_says_the_same(folder: str, by: Any, small_shop: Path) -> None:
    shop = small_shop if folder == "small" else SHOP_FILES
    rows = json.loads((shop / "truth.json").read_text(encoding="utf-8"))
    true = {key(row): row for row in rows if row["by"] == by}
    measured = measure(shop_tables_of(shop), ShopSettings(), by=by).collect().to_dicts()
    found = {key(row): row for row in measured}
    assert set(true) <= set(found)
    if by != "day":
        assert set(found) == set(true)
    for name, row in true.items():
        for column in ("value", "numerator", "denominator"):
            assert same(found[name][column], row[column]), (name, column)
        for column in ("unit", "immature"):
            assert found[name][column] == row[column], (name, column)


def same(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return one == pytest.approx(other, rel=1e-9)


def key(row: Row) -> tuple[str, str, str, str | None]:
    return row["metric"], str(row["start"]), str(row["end"]), row["agent"]
