"""Every number is the sum of its facts, however fast it was counted."""

from datetime import date, datetime
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.catalog import BY_ID, METRICS
from metrics.kit.metric import FACTS, Metric
from metrics.kit.periods import FEN_PER_UNIT, By
from metrics.measure import measure
from metrics.views.rows import rows_behind
from store.schemas import DSR_DIMENSIONS
from store.settings import DEFAULT_TARGETS, ShopSettings
from store.shop_tables import ShopTables
from tests.frames import shop_tables
from tests.metrics.chat_lines import DAY, HOUR, a_line, lines

#: The chats of ``a_line`` lie on these days.
FIRST, LAST = date(2024, 5, 1), date(2024, 5, 3)
TABLES = ("messages", "orders", "order_items", "refunds", "ratings")
Row = dict[str, Any]
moments = st.integers(0, 3 * 24 - 1).map(lambda hour: datetime(2024, 5, 1) + hour * HOUR)
buyers = st.sampled_from(["ann", "bob", "cat", "d**e", None])
stars = st.none() | st.integers(1, 5)
#: What an order paid and gave back, which is no more.
amounts = st.sampled_from(
    [(None, None), (None, 999), (0, None), (0, 0), (999, None), (999, 999), (1000, 0), (1000, 999)]
)


@st.composite
def shops(draw: st.DrawFn) -> ShopTables:
    """Chats, orders with and without items, refunds of both, and ratings, all on three days."""
    orders: list[Row] = []
    items: list[Row] = []
    for nth in range(draw(st.integers(0, 6))):
        made = draw(moments)
        paid = draw(st.none() | st.sampled_from([made, made + HOUR, made + 20 * HOUR]))
        number = {"order_id": str(nth)}
        orders.append(
            number
            | {"buyer": draw(buyers), "created_at": made, "paid_at": paid}
            | dict(zip(("paid_fen", "refund_fen"), draw(amounts), strict=True))
            | {"pieces": draw(st.sampled_from([None, 1, 2]))}
            | {"status": draw(st.sampled_from(["paid", "shipped", "closed", "unknown"]))}
            | {"shipped_at": paid and draw(st.none() | st.just(paid + 9 * HOUR))}
        )
        items += [
            number
            | {"item_order_id": f"i{nth}.{part}", "item_id": draw(st.sampled_from("xy"))}
            | {"created_at": made, "paid_at": paid, "quantity": 1}
            for part in range(draw(st.integers(0, 2)))
        ]
    named = [row["order_id"] for row in orders] + [row["item_order_id"] for row in items]
    refunds = [
        {"refund_id": f"r{nth}", "order_id": draw(st.sampled_from(named)), "asked_at": asked}
        | {"outcome": draw(st.sampled_from(["success", "closed", "open"]))}
        | {"amount_fen": draw(st.sampled_from([None, 500, 999]))}
        | {"ended_at": draw(st.none() | st.sampled_from([asked - HOUR, asked + HOUR]))}
        for nth, asked in enumerate(draw(st.lists(moments, max_size=4)) if named else [])
    ]
    ratings = [
        {"order_id": order["order_id"], "rated_at": draw(moments), "buyer": order["buyer"]}
        | {"comment": "…"}
        | {name: draw(stars) for name in DSR_DIMENSIONS}
        for order in orders
    ]
    reach = draw(st.sampled_from([0, 1, 4, 30])) * DAY
    return shop_tables(
        covers=dict.fromkeys(TABLES, (FIRST, LAST + reach)),
        # Many at once, so that buyers meet several agents on one day.
        messages=lines(
            *draw(st.lists(a_line, min_size=draw(st.sampled_from([0, 20])), max_size=30))
        ),
        orders=orders,
        order_items=items,
        refunds=refunds,
        ratings=ratings,
    )


rules = st.builds(
    ShopSettings,
    filtered_buyers=st.sampled_from([(), ("bob",)]),
    robot_agents=st.sampled_from([(), ("wu",)]),
    robot_counts_as_reply=st.booleans(),
    conversion_window=st.sampled_from(["same_day", "next_day", "final"]),
    unit_price_without_refunded=st.booleans(),
)


def sums(metric: Metric, rows: pl.DataFrame) -> tuple[float | None, float]:
    """Both counts of some facts by the contract; a quantile has its value for a numerator."""
    counted = rows.filter(pl.col("left_out").is_null())
    if metric.quantile:
        value = counted["numerator"].cast(pl.Float64).quantile(metric.quantile, "linear")
        return value, float(counted.height)
    # What a count is counted out of is all there is, not only what counts.
    whole = rows if metric.unit == "buyer_days" else counted
    fen = {count: FEN_PER_UNIT if count in metric.in_fen else 1 for count in FACTS}
    return (
        float(counted["numerator"].sum() or 0) / fen["numerator"],
        float(whole["denominator"].sum() or 0) / fen["denominator"],
    )


def said(row: Row, metric: Metric) -> tuple[float | None, float]:
    """The same of a measured row; where it waits, nothing is counted yet."""
    if metric.quantile:
        return row["value"], row["denominator"] or 0
    return row["numerator"] or 0, row["denominator"] or 0


def facts(metric: Metric, tables: ShopTables, rule: ShopSettings, row: Row, by: By) -> pl.DataFrame:
    """The facts of a measured row; a longer figure waits for days that are not final."""
    by_agent = by == "agent"
    rows = metric.facts(
        metric.id, tables, rule, first=row["start"], last=row["end"], by_agent=by_agent
    )
    if metric.open_days and by in ("period", "agent"):
        rows = rows.filter(~metric.open_days(metric, tables, rule))
    return (rows.filter(agent=row["agent"]) if by_agent else rows).collect()


@pytest.mark.parametrize("by", ["period", "day", "week", "month", "agent"])
@settings(deadline=None, max_examples=15)
@given(tables=shops(), rule=rules)
def test_a_number_is_the_sum_of_its_facts(by: Any, tables: ShopTables, rule: ShopSettings) -> None:
    measured = measure(tables, rule, first=FIRST, last=LAST, by=by).collect()
    for row in measured.to_dicts():
        metric = BY_ID[row["metric"]]
        expected = sums(metric, facts(metric, tables, rule, row, by))
        assert said(row, metric) == pytest.approx(expected), (metric.id, row)


@settings(deadline=None, max_examples=10)
@given(tables=shops(), rule=rules)
def test_no_agents_facts_are_unheard_of(tables: ShopTables, rule: ShopSettings) -> None:
    measured = measure(tables, rule, first=FIRST, last=LAST, by="agent").collect()
    told = set(measured.select("metric", "agent").rows())
    for metric in METRICS:
        rows = metric.facts(metric.id, tables, rule, first=FIRST, last=LAST, by_agent=True)
        if metric.open_days:
            rows = rows.filter(~metric.open_days(metric, tables, rule))
        counted = rows.filter(pl.col("left_out").is_null()).collect()
        agents = set(counted["agent"].drop_nulls())
        assert {(metric.id, agent) for agent in agents} <= told, metric.id


@settings(deadline=None, max_examples=10)
@given(tables=shops(), rule=rules)
def test_the_rows_behind_a_number_sum_to_it(tables: ShopTables, rule: ShopSettings) -> None:
    span: Any = {"first": FIRST, "last": LAST}
    for row in measure(tables, rule, **span).collect().to_dicts():
        metric = BY_ID[row["metric"]]
        rows = rows_behind(metric.id, tables, rule, **span).collect()
        waiting = pl.col("left_out").eq_missing("not_final")
        in_units = sums(metric, rows.filter(~waiting).with_columns(in_fen(metric)))
        assert said(row, metric) == pytest.approx(in_units), (metric.id, row)


def in_fen(metric: Metric) -> list[pl.Expr]:
    return [pl.col(count) * FEN_PER_UNIT for count in metric.in_fen]


def test_the_default_targets_are_the_metrics_own() -> None:
    assert {each.id: each.target for each in METRICS if each.target} == DEFAULT_TARGETS


@pytest.mark.parametrize("metric", METRICS, ids=lambda each: each.id)
def test_a_metric_names_settings_that_there_are(metric: Metric) -> None:
    assert set(metric.settings) <= set(ShopSettings.model_fields)
    assert "{" not in metric.told("definition") + metric.told("denominator")
