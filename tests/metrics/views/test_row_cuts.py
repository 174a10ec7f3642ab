"""Behind every bar, cell and slice lie as many rows as it is drawn with."""

from datetime import date, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.chats.waits import round_facts, wait_shares, waits_by_hour
from metrics.ratings.stars import MOST_STARS
from metrics.refunds.cuts import CaseCut, final_cases, retention_by
from metrics.sales.cohorts import cohorts, funnel, inquiry_hours
from metrics.sales.inquiry import with_returning, with_told_payments
from metrics.sales.spend import spending
from metrics.views.row_cuts import Cut
from metrics.views.rows import LEFT_OUT, rows_behind
from store.settings import ShopSettings
from store.shop_tables import ShopTables
from tests.frames import MAY_1, NINE, shop_tables

FIRST, LAST = date(2024, 5, 1), date(2024, 5, 3)
SPAN = {"first": FIRST, "last": LAST}
#: Files reach so far that every cohort of the span is final.
REACH = {name: (FIRST, date(2024, 5, 31)) for name in ("messages", "orders", "refunds")}
#: 2024-05-02 is a Thursday; the shop is at work then until noon.
RULES = ShopSettings.model_validate(
    {"working_hours": [{"weekdays": [4], "start": "00:00", "end": "12:00"}]}
)
MINUTE = timedelta(minutes=1)


def behind(
    metric_id: str, tables: ShopTables, cut: Cut, rules: ShopSettings = RULES
) -> pl.DataFrame:
    return rows_behind(metric_id, tables, rules, first=FIRST, last=LAST, cut=cut).collect()


def told(rows: pl.DataFrame) -> list[tuple[Any, ...]]:
    return rows.select("buyer", "left_out").rows()


def asks(*buyers: str, at: datetime = NINE) -> list[dict[str, Any]]:
    return [{"buyer": buyer, "sent_at": at, "sender": "buyer"} for buyer in buyers]


def test_a_step_names_who_was_lost_before_it_and_why() -> None:
    orders = [
        {"order_id": "1", "buyer": "pays", "created_at": NINE + MINUTE, "paid_at": NINE + MINUTE},
        {"order_id": "2", "buyer": "orders", "created_at": NINE + MINUTE},
        {"order_id": "3", "buyer": "owner", "created_at": MAY_1, "paid_at": MAY_1},
    ]
    messages = asks("pays", "orders", "looks", "owner")
    tables = shop_tables(messages=messages, orders=orders, covers=REACH)
    cases: dict[str, dict[str, str | None]] = {
        "inquiries": {"looks": None, "orders": None, "owner": "after_sale", "pays": None},
        "ordered": {"looks": "lost_before_ordering", "orders": None, "pays": None},
        "paid": {"looks": "lost_before_ordering", "orders": "ordered_not_paid", "pays": None},
    }
    for step, expected in cases.items():
        rows = behind("inquiry_conversion", tables, (("step", step),))
        assert dict(told(rows)) == expected
        assert set(rows["left_out"].drop_nulls()) <= LEFT_OUT.keys()


def test_the_funnel_waits_for_its_last_day_whatever_the_headline_counts() -> None:
    tables = shop_tables(messages=asks("a"), orders=[{"order_id": "1", "buyer": "b"}])
    rules = ShopSettings(conversion_window="same_day")
    rows = behind("inquiry_conversion", tables, (("step", "inquiries"),), rules)
    assert told(rows) == [("a", "not_final")]
    # When buyers ask is known at once.
    rows = behind("inquiry_conversion", tables, (("weekday", 3), ("hour", 9)), rules)
    assert told(rows) == [("a", None)]


def test_a_band_holds_unanswered_rounds_and_an_hour_leaves_out_the_robots() -> None:
    messages = [
        *asks("slow", "alone", "robot"),
        {"buyer": "slow", "sent_at": NINE + 2 * MINUTE, "sender": "agent", "agent": "li"},
        {"buyer": "robot", "sent_at": NINE + MINUTE, "sender": "robot"},
    ]
    tables = shop_tables(messages=messages)
    metric = "response_time_median"
    assert told(behind(metric, tables, (("band", "up_to_180"),))) == [("slow", None)]
    none = behind(metric, tables, (("band", "none"),))
    assert sorted(told(none)) == [("alone", None), ("robot", None)]
    hour = behind(metric, tables, (("hour", 9),))
    assert sorted(told(hour)) == [("alone", None), ("robot", "robot_only"), ("slow", None)]
    assert behind(metric, tables, (("hour", 9), ("working", True))).is_empty()


def test_a_bar_of_stars_holds_those_that_do_not_count() -> None:
    rated = [
        {"order_id": f"{n}", "rated_at": NINE + n * MINUTE, "buyer": "a", "service": 2, "nth": n}
        for n in range(4)
    ]
    rows = behind("dsr_service", shop_tables(ratings=rated), (("stars", 2),))
    assert rows["left_out"].to_list() == [None, None, None, "monthly_cap"]
    assert behind("dsr_service", shop_tables(ratings=rated), (("stars", 5),)).is_empty()


def test_a_cut_that_the_subject_does_not_know_is_refused() -> None:
    with pytest.raises(ValueError, match="reply has no cut by stars"):
        behind("reply_rate", shop_tables(), (("stars", 1),))


BUYERS = st.sampled_from(["ann", "bo", "cy", "d*d"])
MOMENTS = st.integers(0, 3 * 24 * 12 - 1).map(lambda step: MAY_1 + step * 5 * MINUTE)


@st.composite
def trades(draw: st.DrawFn) -> ShopTables:
    senders = st.sampled_from(["buyer", "agent", "robot"])
    lines = draw(st.lists(st.tuples(BUYERS, MOMENTS, senders), max_size=12))
    bought = draw(
        st.lists(st.tuples(st.none() | BUYERS, MOMENTS, st.none() | st.integers(0, 90)), max_size=6)
    )
    outcomes = st.sampled_from(["open", "success", "closed"])
    kinds = st.sampled_from([None, "仅退款", "退货退款", "换货"])
    reasons = st.sampled_from([None, "不喜欢", "质量问题"])
    asked = draw(
        st.lists(st.tuples(st.integers(0, 3), MOMENTS, outcomes, kinds, reasons), max_size=6)
    )
    return shop_tables(
        messages=[
            {"buyer": buyer, "sent_at": at, "sender": sender, "agent": "li", "nth": nth}
            for nth, (buyer, at, sender) in enumerate(lines)
        ],
        orders=[
            {
                "order_id": f"{n}",
                "buyer": buyer,
                "created_at": at,
                "paid_at": None if wait is None else at + wait * MINUTE,
                "paid_fen": None if wait is None else 100,
            }
            for n, (buyer, at, wait) in enumerate(bought)
        ],
        refunds=[
            {
                "refund_id": f"{n}",
                "order_id": f"{order}",
                "asked_at": at,
                "outcome": outcome,
                "kind": kind,
                "reason": reason,
                "amount_fen": 50,
            }
            for n, (order, at, outcome, kind, reason) in enumerate(asked)
        ],
        covers=REACH,
    )


@settings(max_examples=40, deadline=None)
@given(trades())
def test_as_many_rows_count_as_the_charts_draw(tables: ShopTables) -> None:
    found = with_returning(tables, RULES, **SPAN)
    alike = cohorts(with_told_payments(found, tables, RULES, FIRST, LAST))

    def counted(metric_id: str, *cut: tuple[str, str | int | bool | None]) -> int:
        return int(behind(metric_id, tables, cut)["counted"].sum())

    for returning in (False, True):
        steps = funnel(alike.filter(returning=returning)).collect().row(0, named=True)
        for step in ("inquiries", "ordered", "paid"):
            cut = (("step", step), ("returning", returning))
            assert counted("inquiry_conversion", *cut) == steps[step]
    asked = inquiry_hours(alike).filter(pl.col("inquiries") > 0).collect()
    for weekday, hour, number in asked.select("weekday", "hour", "inquiries").rows():
        assert counted("inquiry_conversion", ("weekday", weekday), ("hour", hour)) == number
    waits = round_facts(tables, RULES, **SPAN)
    for working in (False, True):
        bands = wait_shares(waits.filter("in_working_hours") if working else waits).collect()
        for band, number in bands.select("band", "rounds").rows():
            cut = (("band", band), ("working", working))
            assert counted("response_time_median", *cut) == number
    for hour, number in waits_by_hour(waits).select("hour", "rounds").collect().rows():
        rows = behind("response_time_median", tables, (("hour", hour),))
        assert rows.height == number
    for name in ("served", "returning"):
        slices = spending(tables, RULES, **SPAN, cut=name).collect()
        for part, number in slices.select("slice", "orders").rows():
            assert counted("order_price", (name, part)) == number


CASE_CUTS: tuple[CaseCut, ...] = ("tier", "reason_class", "reason", "state")


@settings(max_examples=30, deadline=None)
@given(trades(), st.sampled_from(CASE_CUTS))
def test_as_many_cases_count_as_a_slice_decided(tables: ShopTables, cut: CaseCut) -> None:
    slices = retention_by(final_cases(tables, RULES, **SPAN), cut=cut).collect()
    for part, cases, decided in slices.select("slice", "cases", "denominator").rows():
        rows = behind("refund_retention", tables, ((cut, part),))
        assert (rows.height, rows["counted"].sum()) == (cases, decided)


def test_every_mark_of_a_dimension_is_in_one_bar() -> None:
    rated = [
        {"order_id": f"{n}", "rated_at": NINE, "service": n % MOST_STARS + 1} for n in range(12)
    ]
    tables = shop_tables(ratings=rated)
    bars = [behind("dsr_service", tables, (("stars", stars),)).height for stars in range(1, 6)]
    assert bars == [3, 3, 2, 2, 2]
