"""What cannot be is emptied or set aside, and nothing else is touched."""

from datetime import date, datetime
from pathlib import Path
from typing import Any

import dataframely as dy
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from exports.reasons import REASONS
from exports.result import row_schema
from store.door import RESTS_ON_IMPOSSIBLE, admit, admitted, emptied_reasons, rules_of
from store.schemas import CONTRADICTED, FED_TABLES, RESTING, SAYING
from store.tables import scan
from store.uploads import of_cell, preview, rejected, uploads, withdraw
from tests.frames import DEFAULTS
from tests.store.feeds import SHOP, reading, upload

MAY_1 = date(2024, 5, 1)
NINE = datetime(2024, 5, 1, 9)
#: What a row of each table is at least.
LEAST: dict[str, dict[str, Any]] = {
    "messages": {"buyer": "ann", "sent_at": NINE, "sender": "buyer", "text": "在吗"},
    "service_days": {"day": MAY_1, "agent": "li", "layout": "a"},
    "orders": {"order_id": "1"},
    "order_items": {"order_id": "1", "item_order_id": "1-1"},
    "refunds": {"refund_id": "7", "order_id": "1", "asked_at": NINE},
    "ratings": {"order_id": "1", "rated_at": NINE, "logistics": 5},
    "rating_days": {"day": MAY_1, "dimension": "service", "score": 4.8},
    "rating_snapshots": {"day": MAY_1, "dimension": "service"},
    "reviews": {"buyer": "ann", "rated_at": NINE, "text": "好"},
}
RESTS = RESTS_ON_IMPOSSIBLE
Cells = dict[str, Any]


def rows_of(table: str, *cells: Cells) -> pl.DataFrame:
    return reading(table, [{**LEAST[table], **one} for one in cells]).rows


# --- one bad row per rule -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "cells", "told"),
    [
        pytest.param(
            "service_days",
            {"received_users": 44, "unreplied_users": 50, "reply_rate": 0.5},
            [
                ("unreplied_users", "50", "unanswered_within_consulted"),
                ("reply_rate", "0.5", RESTS),
            ],
            id="more unanswered than received",
        ),
        pytest.param(
            "service_days",
            {"consult_users": 49, "received_users": 60, "unreplied_users": 50},
            [("unreplied_users", "50", "unanswered_within_consulted")],
            id="more unanswered than consulted, which comes before received",
        ),
        pytest.param(
            "service_days",
            {"consult_users": -1, "received_users": 44, "unreplied_users": 50},
            [
                ("consult_users", "-1", "below_zero"),
                ("unreplied_users", "50", "unanswered_within_consulted"),
            ],
            id="where consulted cannot be, received counts",
        ),
        pytest.param(
            "service_days",
            {"inquiry_users": 9, "ordered_users": 10, "paid_users_final": 8, "conv_final": 0.8},
            [("ordered_users", "10", "ordered_within_inquiries")],
            id="more ordered than inquired",
        ),
        pytest.param(
            "service_days",
            {"inquiry_users": 9, "ordered_users": 5, "paid_users_final": 8, "conv_final": 0.8},
            [("paid_users_final", "8", "paid_within_ordered"), ("conv_final", "0.8", RESTS)],
            id="more paid than ordered",
        ),
        pytest.param(
            "service_days",
            {"inquiry_users": 9, "paid_users_final": 10, "conv_final": 1.0, "conv_today": 0.5},
            [("paid_users_final", "10", "paid_within_inquiries"), ("conv_final", "1.0", RESTS)],
            id="more paid than inquired",
        ),
        pytest.param(
            "service_days",
            {"inquiry_users_today": 3, "paid_users_today": 4, "conv_today": 1.0, "conv_final": 0.5},
            [
                ("paid_users_today", "4", "paid_today_within_inquiries"),
                ("conv_today", "1.0", RESTS),
            ],
            id="more paid on the day than inquired on it",
        ),
        pytest.param(
            "service_days",
            {"satisfaction": 1.2, "reply_3min_rate": -0.1},
            [
                ("reply_3min_rate", "-0.1", "impossible_share"),
                ("satisfaction", "1.2", "impossible_share"),
            ],
            id="shares outside 0-1",
        ),
        pytest.param(
            "service_days",
            {"first_response_s": -1.0, "avg_response_s": float("nan"), "slow_users": -3},
            [
                ("first_response_s", "-1.0", "below_zero"),
                ("avg_response_s", "NaN", "below_zero"),
                ("slow_users", "-3", "below_zero"),
            ],
            id="durations and counts below 0",
        ),
        pytest.param(
            "service_days",
            {"paid_amount_final_fen": -5},
            [("paid_amount_final_fen", "-0.05", "below_zero")],
            id="an amount paid below 0, told in yuan",
        ),
        pytest.param(
            "orders",
            {"total_fen": 10_000, "paid_fen": 9_000, "refund_fen": 9_001},
            [("refund_fen", "90.01", "refunded_within_paid")],
            id="more refunded than paid",
        ),
        pytest.param(
            "orders",
            {"total_fen": 9_000, "paid_fen": 0, "refund_fen": 9_001, "paid_is_net": True},
            [("refund_fen", "90.01", "refunded_within_paid")],
            id="net of refunds: more refunded than the total",
        ),
        pytest.param(
            "orders",
            {"paid_fen": -100, "refund_fen": 50},
            [("paid_fen", "-1.0", "below_zero")],
            id="paid below 0",
        ),
        pytest.param(
            "orders",
            {"status": "sleeping"},
            [("status", "sleeping", "impossible_word")],
            id="a word outside the list",
        ),
        pytest.param(
            "order_items",
            {"price_fen": 5_000, "quantity": 1, "paid_fen": 4_000, "refund_fen": 4_500},
            [("refund_fen", "45.0", "refunded_within_paid")],
            id="more refunded than the item paid",
        ),
        pytest.param(
            "refunds",
            {"paid_fen": 4_000, "amount_fen": 4_500},
            [("amount_fen", "45.0", "refunded_within_paid")],
            id="more asked back than the order paid",
        ),
        pytest.param(
            "ratings",
            {"description": 0, "service": 6, "logistics": 5},
            [("description", "0", "impossible_stars"), ("service", "6", "impossible_stars")],
            id="stars outside 1-5",
        ),
        pytest.param(
            "rating_days",
            {"score": 4.9, "count": -1},
            [("count", "-1", "below_zero")],
            id="a score of fewer than no rating",
        ),
        pytest.param(
            "rating_snapshots",
            {"score": 0.5, "five_star_gap": 7, "industry_mean": 4.7, "raters": 9},
            [("score", "0.5", "impossible_score"), ("five_star_gap", "7", RESTS)],
            id="a headline score under one",
        ),
    ],
)
def test_one_impossible_cell_is_emptied_with_what_rests_on_it(
    table: str, cells: Cells, told: list[tuple[str, str, str]]
) -> None:
    fine = rows_of(table, {})
    given = pl.concat([rows_of(table, cells).with_columns(source_row=pl.lit(9, pl.Int64)), fine])
    passed = admit(given, table)
    assert passed.faults.select("column", "value", "reason").rows() == told
    assert passed.faults.select("source_row", "falls").unique().rows() == [(9, False)]
    emptied = {column: DEFAULTS[table].get(column) for column, _, _ in told}
    emptied |= {"status": "unknown"} if "status" in emptied else {}
    expected = given.row(0, named=True) | emptied
    assert passed.rows.to_dicts() == [expected, *fine.to_dicts()]


@pytest.mark.parametrize(
    ("table", "cells"),
    [
        pytest.param(
            "service_days",
            {"consult_users": 60, "received_users": 44, "unreplied_users": 50},
            id="unanswered among all who consulted",
        ),
        pytest.param(
            "service_days",
            {"sales_fen": 100, "refund_amount_fen": 900, "net_sales_fen": -800},
            id="a day that paid back more than it sold",
        ),
        pytest.param(
            "service_days",
            {"inquiry_users": 2, "paid_users_today": 3, "inquiry_users_today": 4},
            id="windows that are not one are not compared",
        ),
        pytest.param(
            "orders",
            {"total_fen": 9_000, "paid_fen": 0, "refund_fen": 9_000, "paid_is_net": True},
            id="net of refunds, refunded in full",
        ),
        pytest.param(
            "orders",
            {"total_fen": 9_000, "paid_fen": 1_000, "refund_fen": 8_000},
            id="one order that reads net in a file too mixed to tell",
        ),
        pytest.param("orders", {"refund_fen": 9_000}, id="nothing known of what was paid"),
        pytest.param(
            "order_items",
            {"price_fen": 500, "quantity": 2, "paid_fen": 0, "refund_fen": 1_000},
            id="an item net of its refund",
        ),
        pytest.param("rating_days", {"score": None, "count": 0}, id="no rating, no score"),
        pytest.param("rating_days", {"score": 4.9, "count": None}, id="a score, count unknown"),
        pytest.param("ratings", {"logistics": None, "service": 1}, id="one dimension rated"),
        pytest.param("ratings", {"logistics": None, "comment": "好"}, id="nothing but words"),
    ],
)
def test_what_can_be_passes_untouched(table: str, cells: Cells) -> None:
    given = rows_of(table, cells)
    passed = admit(given, table)
    assert passed.faults.is_empty()
    assert_frame_equal(passed.rows, given)


@pytest.mark.parametrize(
    ("table", "cells", "fault"),
    [
        pytest.param("orders", {"order_id": None}, ("order_id", "missing_value"), id="no id"),
        pytest.param("refunds", {"asked_at": None}, ("asked_at", "missing_value"), id="no day"),
        pytest.param(
            "messages", {"sender": "cat"}, ("sender", "unknown_word"), id="nobody we know wrote"
        ),
        pytest.param(
            "messages",
            {"sender": "agent", "agent": ""},
            ("agent", "agent_named_when_an_agent_wrote"),
            id="an agent without a name",
        ),
        pytest.param("ratings", {"nth": -1}, ("nth", "breaks_rule"), id="a number in the key"),
        pytest.param(
            "ratings", {"logistics": None}, ("description", "missing_value"), id="nothing rated"
        ),
        pytest.param("rating_days", {"score": None}, ("score", "missing_value"), id="no score"),
        pytest.param(
            "rating_days",
            {"score": None, "count": 3},
            ("score", "missing_value"),
            id="no score of 3",
        ),
    ],
)
def test_a_row_falls_only_with_its_key_or_day_or_all_that_it_says(
    table: str, cells: Cells, fault: tuple[str, str]
) -> None:
    given = reading(table, [LEAST[table], LEAST[table] | cells])
    passed = admitted(given)
    assert_frame_equal(passed.rows, given.rows.head(1))
    assert passed.rejected.select("source_row", "column", "reason").rows() == [(3, *fault)]
    assert passed.emptied.is_empty()


@pytest.mark.parametrize(
    ("table", "cells", "told"),
    [
        pytest.param(
            "ratings", {"logistics": 6}, [("logistics", "6", "impossible_stars")], id="six stars"
        ),
        pytest.param(
            "rating_days",
            {"score": 5.1, "count": 3},
            [("score", "5.1", "impossible_score"), ("count", "3", RESTS)],
            id="a daily score over five",
        ),
        pytest.param(
            "rating_days",
            {"score": 4.9, "count": 0},
            [("score", "4.9", "score_rests_on_ratings"), ("count", "0", RESTS)],
            id="a score of no rating",
        ),
    ],
)
def test_a_row_that_lost_all_it_said_goes_with_the_cell(
    table: str, cells: Cells, told: list[tuple[str, str, str]]
) -> None:
    given = reading(table, [LEAST[table], LEAST[table] | cells])
    passed = admitted(given)
    assert_frame_equal(passed.rows, given.rows.head(1))
    assert passed.rejected.select("column", "value", "reason").rows() == told[:1]
    assert passed.emptied.is_empty()


# --- any frame ----------------------------------------------------------------------------------

WORDS = st.sampled_from(["", "buyer", "agent", "service", "shop", "template", "unpaid", "cat"])


def cell(column: dy.Column) -> st.SearchStrategy[Any]:
    """Anything that the column's type can hold, mostly near the bounds."""
    small = st.integers(-2, 7)
    match column.dtype:
        case pl.Boolean():
            return st.none() | st.booleans()
        case pl.String():
            return st.none() | WORDS
        case pl.Date():
            return st.none() | st.dates(MAY_1, date(2024, 5, 3))
        case pl.Datetime():
            return st.none() | st.datetimes(NINE, datetime(2024, 5, 1, 9, 0, 2)).map(
                lambda moment: moment.replace(microsecond=0)
            )
        case pl.Float64():
            odd = st.sampled_from([float("nan"), float("inf"), -0.5, 0.5, 1.5])
            return st.none() | odd | small.map(float)
        case _:
            return st.none() | small


def any_rows(table: str) -> st.SearchStrategy[list[Cells]]:
    columns = FED_TABLES[table].columns()
    row = {name: cell(column) for name, column in columns.items() if name != "shop"}
    return st.lists(st.fixed_dictionaries(row), max_size=6)


def says_something(row: Cells, table: str) -> Cells:
    """The cells of a row without which it says nothing, those that cannot be emptied."""
    match table:
        case "ratings":
            stars = ("description", "service", "logistics")
            given = {name: row[name] if row[name] in range(1, 6) else None for name in stars}
            return given | {"comment": row["comment"]}
        case "rating_days":
            score, count = row["score"], row["count"]
            if score is None:
                return {"score": None, "count": 0 if count == 0 else None}
            return {"score": score if 1 <= score <= 5 and count != 0 else None, "count": None}
        case _:
            return {}


def is_possible(row: Cells, table: str) -> bool:
    """Whether the row has what it cannot be without, by the twin's own reading of the schema."""
    schema = FED_TABLES[table]
    bare = dict.fromkeys(row) | DEFAULTS[table]
    needed = [*schema.primary_key(), "asked_at", "order_id"]
    bare |= says_something(row, table)
    alone = {
        **{name: value for name, value in bare.items() if name in schema.column_names()},
        **{name: row[name] for name in needed if name in row},
        "shop": SHOP,
    }
    return schema.is_valid(pl.DataFrame([alone], schema=schema.create_empty().schema))


@pytest.mark.parametrize("table", FED_TABLES)
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_any_frame_comes_out_as_the_schema_wants_it(table: str, data: st.DataObject) -> None:
    drawn = data.draw(any_rows(table))
    rows = [row | {"source_row": nth} for nth, row in enumerate(drawn, 2)]
    given_rows = pl.DataFrame(rows, schema=row_schema(table))
    passed = admit(given_rows, table)
    schema = FED_TABLES[table]
    once = passed.rows.with_columns(shop=pl.lit(SHOP)).unique(schema.primary_key(), keep="last")
    assert schema.is_valid(once.select(schema.column_names()))
    # No row with a possible key is lost.
    possible = [row["source_row"] for row in rows if is_possible(row, table)]
    assert passed.rows["source_row"].to_list() == possible
    # What is not told is untouched; what is told of a row that stays says something else now.
    told = set(passed.faults.filter(~pl.col("falls")).select("source_row", "column").iter_rows())
    before = {row["source_row"]: row for row in given_rows.to_dicts()}
    for row in passed.rows.to_dicts():
        nth = row["source_row"]
        changed = {name for name in row if repr(row[name]) != repr(before[nth][name])}
        assert changed == {column for at, column in told if at == nth}


def test_every_rule_is_applied_and_its_reason_has_a_sentence() -> None:
    for table, schema in FED_TABLES.items():
        stated = {name for name in vars(schema) if hasattr(getattr(schema, name), "make")}
        assert stated == {*CONTRADICTED.get(table, {}), *SAYING.get(table, {})}, table
        for column, resting in RESTING.get(table, {}).items():
            assert {column, *resting} <= set(schema.column_names())
        assert {rule.reason for rule in rules_of(table)} <= set(REASONS)
    assert emptied_reasons() <= set(REASONS)


# --- through the store --------------------------------------------------------------------------


def test_cells_emptied_are_counted_and_kept_until_their_upload_goes(store: Path) -> None:
    bad = {"received_users": 44, "unreplied_users": 50, "reply_rate": 0.5, "layout": "a"}
    given = reading("service_days", [{**LEAST["service_days"], **bad}])
    (seen,) = preview(store, [given], shop=SHOP)
    assert (seen.new, seen.set_aside, seen.emptied) == (1, 0, 2)
    upload_id = upload(store, given, sha="a")
    columns = ("received_users", "unreplied_users", "reply_rate")
    assert scan(store, "service_days", SHOP).select(columns).collect().rows() == [(44, None, None)]
    assert uploads(store).select("rows_accepted", "rows_rejected").rows() == [(1, 0)]
    lines = rejected(store, upload_id).filter(of_cell())
    assert lines.select("table", "source_row", "column", "value").rows() == [
        ("service_days", 2, "unreplied_users", "50"),
        ("service_days", 2, "reply_rate", "0.5"),
    ]
    withdraw(store, upload_id)
    assert rejected(store).is_empty()


def test_a_row_that_falls_at_the_door_is_set_aside(store: Path) -> None:
    nameless = {**LEAST["messages"], "sender": "agent", "agent": ""}
    given = reading("messages", [LEAST["messages"], nameless])
    (seen,) = preview(store, [given], shop=SHOP)
    assert (seen.new, seen.set_aside, seen.emptied) == (1, 1, 0)
    upload(store, given, sha="a")
    assert uploads(store).select("rows_accepted", "rows_rejected").rows() == [(1, 1)]
    assert rejected(store).filter(of_cell()).is_empty()
