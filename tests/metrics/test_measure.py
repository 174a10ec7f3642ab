from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from metrics.catalog import BY_ID, METRIC_IDS, NOTES
from metrics.kit.coverage import covered_days, covered_span, final_until
from metrics.measure import COLUMNS, measure
from metrics.views.rows import LEFT_OUT, ROWS, rows_behind
from store.settings import ConversionWindow, ShopSettings
from store.shop_tables import ShopTables
from tests.frames import coverage, shop_tables

DEFAULT = ShopSettings()
MAY_1 = date(2024, 5, 1)
NINE = datetime(2024, 5, 1, 9)
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


def small_shop() -> ShopTables:
    """Twenty covered days; everything happens on the first."""
    tables: dict[str, Any] = {
        "messages": [
            {"buyer": "ann", "sent_at": NINE, "sender": "buyer", "agent": "Li"},
            {"buyer": "ann", "sent_at": NINE + MINUTE, "sender": "agent", "agent": "Li"},
        ],
        "orders": [
            {"order_id": "1", "buyer": "ann", "created_at": NINE, "paid_at": NINE + 2 * MINUTE}
            | {"paid_fen": 1000, "pieces": 2, "shipped_at": NINE + 2 * MINUTE}
        ],
        "order_items": [
            {"order_id": "1", "item_order_id": "1", "item_id": "x", "paid_at": NINE + 2 * MINUTE}
        ],
        "refunds": [
            {"refund_id": "r", "order_id": "1", "asked_at": NINE + 3 * MINUTE, "amount_fen": 400}
            | {"outcome": "success", "ended_at": NINE + 4 * MINUTE}
        ],
        "ratings": [
            {"order_id": "1", "rated_at": NINE, "description": 5, "service": 4, "logistics": 3}
        ],
    }
    return shop_tables(covers=dict.fromkeys(tables, (MAY_1, MAY_1 + 19 * DAY)), **tables)


#: Numerator and denominator of each metric in the small shop, by hand.
BY_HAND: dict[str, tuple[float | None, float]] = {
    "inquiry_conversion": (1, 1),
    "reply_rate": (1, 1),
    "response_time_platform": (60, 1),
    "response_time_tool": (60, 1),
    "response_time_median": (None, 1),
    "response_time_p90": (None, 1),
    "within_three_minutes": (1, 1),
    "first_response_time": (60, 1),
    "answer_ratio": (1, 1),
    "slow_conversations": (0, 1),
    "unit_price": (10, 1),
    "order_price": (10, 1),
    "pieces_per_buyer": (2, 1),
    "piece_price": (10, 2),
    "cross_sell_rate": (0, 1),
    "same_day_shipping_rate": (1, 1),
    "refund_retention": (0, 1),
    "refund_retention_amount": (0, 4),
    "refund_rate": (1, 1),
    "refund_handling_time": (60, 1),
    "dsr_description": (5, 1),
    "dsr_service": (4, 1),
    "dsr_logistics": (3, 1),
}


def test_every_metric_by_period() -> None:
    rows = measure(small_shop(), DEFAULT).collect()
    assert rows.columns == list(COLUMNS)
    assert rows["metric"].to_list() == list(METRIC_IDS) == list(BY_HAND)
    found = {row[0]: row[1:] for row in rows.select("metric", "numerator", "denominator").rows()}
    assert found == BY_HAND
    assert rows["immature"].to_list() == [False] * len(METRIC_IDS)
    assert set(rows["start"]) == {MAY_1}
    assert set(rows["end"]) == {MAY_1 + 19 * DAY}


@pytest.mark.parametrize("by", ["period", "day", "month", "agent"])
def test_the_columns_do_not_depend_on_what_is_there(by: Any) -> None:
    for tables in (small_shop(), shop_tables()):
        rows = measure(tables, DEFAULT, by=by).collect()
        assert rows.schema == pl.Schema(COLUMNS)
        assert {code for note in rows["note"] for code in note.split(";") if code} <= set(NOTES)


def test_agents_have_rows_of_their_own_and_no_score() -> None:
    rows = measure(small_shop(), DEFAULT, by="agent").collect()
    assert set(rows["agent"]) == {"Li"}
    left_out = {"refund_rate", "dsr_description", "dsr_service", "dsr_logistics"}
    assert set(METRIC_IDS) - set(rows["metric"]) == left_out


def test_without_any_file_every_metric_says_why() -> None:
    rows = measure(shop_tables(), DEFAULT).collect()
    assert rows["metric"].to_list() == list(METRIC_IDS)
    assert rows["value"].null_count() == len(METRIC_IDS)
    reasons = {row[0]: row[1] for row in rows.select("metric", "note").rows()}
    assert reasons["reply_rate"] == "no_messages"
    assert reasons["unit_price"] == "no_orders"
    assert reasons["refund_retention"] == "no_refunds"
    assert reasons["dsr_service"] == "no_ratings"
    assert measure(shop_tables(), DEFAULT, by="agent").collect().is_empty()


def test_without_any_file_the_days_asked_for_still_have_rows() -> None:
    span = {"first": MAY_1, "last": MAY_1 + 2 * DAY}
    rows = measure(shop_tables(), DEFAULT, ids=["dsr_service"], by="day", **span).collect()
    assert rows.select("start", "value", "note").rows() == [
        (MAY_1 + i * DAY, None, "no_ratings") for i in range(3)
    ]


def test_rows_come_in_catalogue_order_whatever_is_asked() -> None:
    rows = measure(small_shop(), DEFAULT, ids=["dsr_service", "order_price"]).collect()
    assert rows["metric"].to_list() == ["order_price", "dsr_service"]


def test_bad_arguments_are_named() -> None:
    with pytest.raises(ValueError, match="no metric \\['sales'\\]"):
        measure(small_shop(), DEFAULT, ids=["sales"])
    with pytest.raises(ValueError, match="2024-05-02 comes after the last day 2024-05-01"):
        measure(small_shop(), DEFAULT, first=MAY_1 + DAY, last=MAY_1)


def with_coverage(*rows: tuple[str, date, bool]) -> ShopTables:
    empty = shop_tables()
    return ShopTables(**{**vars(empty), "coverage": coverage(*rows)})


@pytest.mark.parametrize(
    ("metric_id", "rows", "span"),
    [
        pytest.param("reply_rate", [], None, id="no files"),
        pytest.param(
            "reply_rate",
            [("messages", MAY_1, True), ("service_days", MAY_1 + 4 * DAY, True)],
            (MAY_1, MAY_1 + 4 * DAY),
            id="feeds fill each other's gaps",
        ),
        pytest.param(
            "reply_rate",
            [("messages", MAY_1, True), ("messages", MAY_1 + DAY, False)],
            (MAY_1, MAY_1),
            id="a running day is not the last",
        ),
        pytest.param(
            "reply_rate", [("messages", MAY_1, False)], (MAY_1, MAY_1), id="only a running day"
        ),
        pytest.param(
            "inquiry_conversion",
            [
                (name, MAY_1 + i * DAY, True)
                for name, i in (("messages", 0), ("messages", 1), ("orders", 1))
            ],
            (MAY_1 + DAY, MAY_1 + DAY),
            id="inquiries need chats and orders of the day",
        ),
        pytest.param(
            "dsr_service",
            [("ratings", MAY_1, True), ("rating_snapshots", MAY_1 + DAY, True)],
            (MAY_1, MAY_1),
            id="the best feed of the scores stands alone",
        ),
    ],
)
def test_covered_span(metric_id: str, rows: list[Any], span: tuple[date, date] | None) -> None:
    assert covered_span(with_coverage(*rows), BY_ID[metric_id]) == span


def test_a_day_without_a_file_is_missing_inside_the_span() -> None:
    tables = with_coverage(("orders", MAY_1, True), ("orders", MAY_1 + 2 * DAY, True))
    assert covered_days(tables, BY_ID["order_price"])["day"].to_list() == [MAY_1, MAY_1 + 2 * DAY]
    days = measure(tables, DEFAULT, ids=["order_price"], by="day").collect()
    assert days.select("denominator", "note").rows() == [
        (0, "no_rows"),
        (None, "no_file"),
        (0, "no_rows"),
    ]


def test_a_refund_rate_waits_for_the_refund_file() -> None:
    tables = with_coverage(("orders", MAY_1 + 30 * DAY, True), ("refunds", MAY_1 + 20 * DAY, True))
    assert final_until(tables, BY_ID["refund_rate"]) == MAY_1 + 6 * DAY
    assert final_until(tables, BY_ID["order_price"]) == MAY_1 + 30 * DAY
    assert final_until(tables, BY_ID["dsr_service"]) is None


@pytest.mark.parametrize(("window", "days"), [("same_day", 0), ("next_day", 1), ("final", 4)])
def test_an_inquiry_is_final_when_the_shops_window_has_closed(
    window: ConversionWindow, days: int
) -> None:
    settings = ShopSettings(conversion_window=window)
    tables = with_coverage(("messages", MAY_1 + 9 * DAY, True), ("orders", MAY_1 + 9 * DAY, True))
    final = MAY_1 + (9 - days) * DAY
    assert final_until(tables, BY_ID["inquiry_conversion"], settings) == final


@pytest.mark.parametrize("window", ["same_day", "next_day", "final"])
def test_the_rows_wait_as_long_as_the_number(window: ConversionWindow) -> None:
    settings = ShopSettings(conversion_window=window)
    asks = [
        {"buyer": "ann", "sent_at": datetime(2024, 5, day, 9), "sender": "buyer", "agent": "li"}
        for day in range(1, 11)
    ]
    bought = [
        {"order_id": f"o{day}", "buyer": "bob", "created_at": datetime(2024, 5, day)}
        for day in (1, 10)
    ]
    tables = shop_tables(messages=asks, orders=bought)
    span: dict[str, Any] = {"first": MAY_1, "last": MAY_1 + 9 * DAY}
    counted = measure(tables, settings, ids=["inquiry_conversion"], **span).collect()
    rows = rows_behind("inquiry_conversion", tables, settings, **span).collect()
    assert counted["denominator"].item() == rows["counted"].sum()


@pytest.mark.parametrize("metric_id", ["response_time_median", "response_time_p90"])
def test_a_day_without_answers_has_no_middle_wait(metric_id: str) -> None:
    tables = with_coverage(("messages", MAY_1, True))
    days = measure(tables, DEFAULT, ids=[metric_id], by="day").collect()
    assert days.select("value", "numerator", "denominator").rows() == [(None, None, 0)]


@pytest.mark.parametrize(
    ("ids", "tables", "fed"),
    [
        (
            ("refund_retention", "refund_rate"),
            {"orders": [{"order_id": "1", "paid_at": NINE, "refund_fen": 5}]},
            ["refund_rate"],
        ),
        (
            ("unit_price", "order_price"),
            {"service_days": [{"day": MAY_1, "sales_fen": 900, "sales_users": 1}]},
            ["unit_price"],
        ),
    ],
    ids=["no refund file", "no order file"],
)
def test_a_metric_without_files_takes_no_other_ones_number_away(
    ids: tuple[str, ...], tables: dict[str, Any], fed: list[str]
) -> None:
    shop = shop_tables(**tables)
    rows = measure(shop, DEFAULT, ids=ids, first=MAY_1, last=MAY_1, by="day").collect()
    assert rows.filter(pl.col("value").is_not_null())["metric"].to_list() == fed


@pytest.mark.parametrize("metric_id", METRIC_IDS)
@pytest.mark.parametrize("agent", [None, "Li"])
def test_as_many_rows_lie_behind_a_number_as_it_counts(metric_id: str, agent: str | None) -> None:
    span: dict[str, Any] = {"first": MAY_1, "last": MAY_1 + 19 * DAY}
    rows = rows_behind(metric_id, small_shop(), DEFAULT, **span, agent=agent).collect()
    assert rows.schema == pl.Schema(ROWS)
    assert rows["left_out"].is_null().to_list() == rows["counted"].to_list()
    counted = rows["counted"].sum()
    if agent and metric_id in ("refund_rate", "dsr_description", "dsr_service", "dsr_logistics"):
        assert rows.is_empty()
    elif metric_id == "slow_conversations":
        assert rows["left_out"].to_list() == ["not_slow"]
    else:
        assert counted == 1


@pytest.mark.parametrize(
    ("metric_id", "tables", "left_out"),
    [
        (
            "order_price",
            {"orders": [{"order_id": "1", "created_at": NINE, "status": "unpaid"}]},
            "not_paid",
        ),
        ("order_price", {"orders": [{"order_id": "1", "paid_at": NINE}]}, "no_amount"),
        (
            "unit_price",
            {"orders": [{"order_id": "1", "paid_at": NINE, "paid_fen": 1}]},
            "no_buyer",
        ),
        (
            "piece_price",
            {"orders": [{"order_id": "1", "paid_at": NINE, "paid_fen": 1}]},
            "no_pieces",
        ),
        (
            "cross_sell_rate",
            {"orders": [{"order_id": "1", "buyer": "a", "paid_at": NINE, "paid_fen": 1}]},
            "no_items",
        ),
        (
            "refund_retention",
            {"refunds": [{"refund_id": "1", "order_id": "1", "asked_at": NINE}]},
            "refund_open",
        ),
        (
            "refund_retention_amount",
            {
                "refunds": [
                    {"refund_id": "1", "order_id": "1", "asked_at": NINE, "outcome": "closed"}
                ]
            },
            "no_amount",
        ),
        (
            "dsr_service",
            {"ratings": [{"order_id": "1", "rated_at": NINE, "comment": "好"}]},
            "no_stars",
        ),
        (
            "dsr_service",
            {"ratings": [{"order_id": "1", "rated_at": NINE, "logistics": 5}]},
            "not_rated",
        ),
        (
            "first_response_time",
            {"messages": [{"buyer": "a", "sent_at": NINE, "sender": "buyer"}]},
            "unanswered",
        ),
        (
            "response_time_platform",
            {"messages": [{"buyer": "a", "sent_at": NINE - 2 * 60 * MINUTE, "sender": "buyer"}]},
            "outside_hours",
        ),
        (
            "reply_rate",
            {"messages": [{"buyer": "spam", "sent_at": NINE, "sender": "buyer"}]},
            "filtered_buyer",
        ),
    ],
)
def test_what_is_left_out_says_why(metric_id: str, tables: dict[str, Any], left_out: str) -> None:
    rules = ShopSettings(filtered_buyers=("spam",))
    rows = rows_behind(metric_id, shop_tables(**tables), rules, first=MAY_1, last=MAY_1).collect()
    assert rows["left_out"].to_list() == [left_out]
    assert left_out in LEFT_OUT


def test_young_cohorts_are_left_out_of_a_period_but_not_of_their_own_day() -> None:
    refund = {"refund_id": "1", "order_id": "1", "asked_at": NINE, "outcome": "closed"}
    tables = shop_tables(refunds=[refund], covers={"refunds": (MAY_1, MAY_1 + 13 * DAY)})

    def left_out(last: date) -> list[str | None]:
        rows = rows_behind("refund_retention", tables, DEFAULT, first=MAY_1, last=last)
        return rows.collect()["left_out"].to_list()

    assert left_out(MAY_1 + DAY) == ["not_final"]
    assert left_out(MAY_1) == [None]


def test_everything_asked_for_holds_the_payments_after_the_last_order() -> None:
    """An export of May's orders ends with payments of the first days of June."""
    orders = [
        {"order_id": "1", "created_at": datetime(2024, 5, 31), "paid_at": datetime(2024, 5, 31)},
        {"order_id": "2", "created_at": datetime(2024, 5, 31), "paid_at": datetime(2024, 6, 1)},
    ]
    rows = [{**order, "paid_fen": 1000} for order in orders]
    tables = shop_tables(orders=rows)
    seen = [("orders", date(2024, 5, 31), True), ("orders", date(2024, 6, 1), False)]
    tables = replace(tables, coverage=coverage(*seen))
    result = measure(tables, ShopSettings(), ids=["order_price"]).collect()
    assert result.select("end", "numerator", "denominator", "note").rows() == [
        (date(2024, 6, 1), 20.0, 2.0, "part_days")
    ]
    daily = measure(tables, ShopSettings(), ids=["order_price"], by="day").collect()
    assert daily["immature"].to_list() == [False, True]
