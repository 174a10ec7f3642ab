"""A number that the files cannot tell of is none, and says which column is missing; never 0."""

from datetime import date, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from exports.layouts import load_layouts
from metrics.catalog import BY_ID, METRICS, NOTES
from metrics.kit.metric import Metric
from metrics.kit.needs import Need
from metrics.measure import measure
from metrics.views.rows import rows_behind
from store.settings import ShopSettings
from store.shop_tables import ShopTables
from tests.frames import shop_tables

FIRST, LAST = date(2025, 3, 1), date(2025, 4, 20)
NINE = datetime(2025, 3, 1, 9)
HOUR, DEFAULT = timedelta(hours=1), ShopSettings()
Rows = list[dict[str, Any]]
#: What a row says whose file has not the column, where that is not null.
BLANK: dict[str, dict[str, Any]] = {"outcome": {"outcome": "open", "status_text": None}}


def order(name: str, buyer: str) -> dict[str, Any]:
    return {
        "order_id": name,
        "buyer": buyer,
        "created_at": NINE + HOUR,
        "paid_at": NINE + 2 * HOUR,
        "shipped_at": NINE + 5 * HOUR,
        "paid_fen": 3000,
        "refund_fen": 0,
        "pieces": 2,
    }


def item(name: str, order: str) -> dict[str, Any]:
    times = {"created_at": NINE + HOUR, "paid_at": NINE + 2 * HOUR, "shipped_at": NINE + 5 * HOUR}
    what = {"item_id": name, "merchant_code": name, "title": name, "quantity": 2}
    ids = {"order_id": order, "item_order_id": f"i{name}"}
    return ids | what | times | {"paid_fen": 3000, "refund_fen": 0}


def chat() -> Rows:
    line = {"sent_at": NINE, "sender": "buyer", "agent": "li", "buyer": "ann"}
    return [line, line | {"sent_at": NINE + HOUR / 60, "sender": "agent"}]


def shop(*feeds: str) -> dict[str, Rows]:
    """A shop in which every metric of these tables has a value."""
    tables: dict[str, Rows] = {
        "messages": chat(),
        "orders": [order("1", "ann"), order("2", "bob")],
        "order_items": [item("x", "1"), item("y", "2")],
        "refunds": [
            {
                "refund_id": "r1",
                "order_id": "1",
                "asked_at": NINE + 9 * HOUR,
                "ended_at": NINE + 10 * HOUR,
                "outcome": "success",
                "amount_fen": 1000,
                "paid_fen": 3000,
            }
        ],
        "ratings": [
            {"order_id": "1", "rated_at": NINE, "buyer": "ann"}
            | {"description": 5, "service": 4, "logistics": 3}
        ],
        "service_days": [
            {
                "day": FIRST,
                "agent": "li",
                "consult_users": 20,
                "received_users": 10,
                "unreplied_users": 1,
                "reply_rate": 0.9,
                "avg_response_s": 30.0,
                "reply_3min_rate": 0.8,
                "first_response_s": 20.0,
                "slow_users": 2,
                "buyer_messages": 30,
                "agent_messages": 33,
                "qa_ratio": 1.1,
                "inquiry_users": 8,
                "inquiry_users_today": 8,
                "ordered_users": 6,
                "paid_users_today": 3,
                "paid_users_final": 4,
                "conv_today": 0.4,
                "conv_final": 0.5,
                "sales_fen": 9000,
                "sales_users": 4,
            }
        ],
    }
    return {name: tables[name] for name in feeds}


def opened(rows: dict[str, Rows]) -> ShopTables:
    return shop_tables(covers=dict.fromkeys(rows, (FIRST, LAST)), **rows)


def without(rows: dict[str, Rows], *columns: tuple[str, str]) -> dict[str, Rows]:
    """The same tables from files that lack some columns."""
    lacking = {name: list(found) for name, found in rows.items()}
    for table, column in columns:
        if table not in rows:
            continue
        blank = BLANK.get(column, {column: None})
        lacking[table] = [row | blank for row in lacking[table]]
    return lacking


def figure(metric: Metric, tables: ShopTables, **asked: Any) -> dict[str, Any]:
    rows = measure(tables, DEFAULT, ids=[metric.id], first=FIRST, last=FIRST, **asked)
    return rows.collect().row(0, named=True)


#: The platforms whose headings stand in the notes.
NAMED = ("taobao", "jd", "pinduoduo", "douyin", "shopify")
FILES = ("messages", "orders", "order_items", "refunds", "ratings")
CASES = [
    pytest.param(metric, need, id=f"{metric.id}-{need.reason}-{need.columns[0][1]}")
    for metric in METRICS
    for need in metric.needs
]


def feeds_of(metric: Metric, need: Need) -> dict[str, Rows]:
    """The tables that a need speaks of."""
    if need.columns[0][0] == "service_days":
        return shop("service_days")
    return shop(*FILES) if need.reason != "untold_refunds" else shop(*FILES[:3])


@pytest.mark.parametrize(("metric", "need"), CASES)
def test_without_a_column_there_is_no_number_but_its_name(metric: Metric, need: Need) -> None:
    rows = feeds_of(metric, need)
    assert figure(metric, opened(rows))["value"] is not None
    tables = opened(without(rows, *need.columns))
    told = figure(metric, tables)
    assert told["value"] is None
    assert need.reason in told["note"].split(";"), told["note"]
    assert not told["numerator"], told
    days = measure(tables, DEFAULT, ids=[metric.id], by="day").collect()
    assert days["value"].null_count() == days.height


@pytest.mark.parametrize(("metric", "need"), CASES)
def test_one_of_the_columns_is_enough(metric: Metric, need: Need) -> None:
    """But for those that are only read together."""
    if metric.id == "inquiry_conversion" and need.reason != "no_payment_time":
        return
    rows = feeds_of(metric, need)
    for kept in (column for column in need.columns if column[0] in rows):
        tables = opened(without(rows, *(column for column in need.columns if column != kept)))
        assert figure(metric, tables)["value"] is not None, kept


@pytest.mark.parametrize(("metric", "need"), CASES)
def test_no_row_behind_it_counts(metric: Metric, need: Need) -> None:
    if need.columns[0][0] == "service_days":
        return
    tables = opened(without(feeds_of(metric, need), *need.columns))
    behind = rows_behind(metric.id, tables, DEFAULT, first=FIRST, last=LAST).collect()
    assert behind.filter("counted").is_empty()
    assert behind.filter(pl.col("left_out").eq_missing("not_paid")).is_empty()


#: Whose headings the sentences name; the import names those of every file (``intake.lacking``).
NAMED = ("taobao", "jd", "pinduoduo", "douyin", "shopify")


def test_every_reason_names_the_columns_as_the_layouts_spell_them() -> None:
    unnamed = []
    for layout in (each for each in load_layouts() if each.platform in NAMED):
        for need in {need for metric in METRICS for need in metric.needs}:
            headings = [
                heading.casefold()
                for table, column in need.columns
                # That there is no refund file is said in so many words.
                if table == layout.table and (table, need.reason) != ("refunds", "untold_refunds")
                if column in layout.fields
                # No order is without an address.
                if layout.fields[column].shape != "email_hash"
                for heading in layout.fields[column].spellings
            ]
            named = any(heading in NOTES[need.reason].casefold() for heading in headings)
            # Performance tables have a name for everything on each platform, and a note names the
            # commonest ones; the import tells every file's own heading (``intake.lacking``).
            told_by_note = layout.platform in NAMED and layout.table != "service_days"
            hashed = (layout.platform, need.reason) == ("shopify", "no_buyer")
            if headings and not named and told_by_note and not hashed:
                unnamed.append((layout.id, need.reason, headings))
    assert unnamed == []


@pytest.mark.parametrize("metric", METRICS, ids=lambda each: each.id)
def test_a_metric_says_what_it_needs_of_each_feed(metric: Metric) -> None:
    """Chat lines need nothing: each of their columns is part of what makes a line."""
    told = {table for need in metric.needs for table, _column in need.columns}
    chat_alone = metric.id in ("response_time_tool", "response_time_median", "response_time_p90")
    assert told or chat_alone
    assert {need.reason for need in metric.needs} <= NOTES.keys()


@pytest.mark.parametrize("metric_id", ["response_time_tool", "response_time_median"])
def test_what_only_chat_lines_tell_says_so(metric_id: str) -> None:
    told = figure(BY_ID[metric_id], opened(shop("service_days")))
    assert (told["value"], told["note"]) == (None, "chat_only;feed_service_days")


def test_chats_without_orders_say_that_orders_are_missing() -> None:
    told = figure(BY_ID["inquiry_conversion"], opened(shop("messages")))
    assert (told["value"], told["note"]) == (None, "no_orders")


def test_inquiries_of_days_without_payment_times_are_left_out() -> None:
    """One file of two lacks the column: its days are unknown, the other's are not."""
    later = NINE + timedelta(days=10)
    rows = shop("messages", "orders")
    second = [line | {"sent_at": line["sent_at"] + timedelta(days=10)} for line in rows["messages"]]
    bought = order("3", "ann") | {"created_at": later + HOUR, "paid_at": None}
    rows = {"messages": rows["messages"] + second, "orders": [*rows["orders"], bought]}
    asked = measure(opened(rows), DEFAULT, ids=["inquiry_conversion"], first=FIRST, last=LAST)
    told = asked.collect().row(0, named=True)
    assert (told["value"], told["numerator"], told["denominator"]) == (1.0, 1, 1)
    assert "some_no_payment_time" in told["note"]


def test_a_refund_without_an_amount_is_not_money_kept() -> None:
    rows = without(shop("refunds"), ("refunds", "amount_fen"))
    told = figure(BY_ID["refund_retention_amount"], opened(rows))
    assert (told["value"], told["denominator"]) == (None, 0)
