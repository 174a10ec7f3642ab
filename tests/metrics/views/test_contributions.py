"""A change split over slices: by hand, and against plain fractions."""

from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.measure import measure
from metrics.views.contributions import CUTS, contributions, sliced
from store.settings import ShopSettings
from tests.frames import shop_tables

MONDAY = date(2024, 5, 6)
Counts = dict[str, tuple[int, int]]


def frame(slices: Counts) -> pl.LazyFrame:
    rows = [("reply_rate", "agent", name, float(k), float(n)) for name, (k, n) in slices.items()]
    names = ("metric", "cut", "slice", "numerator", "denominator")
    kinds = (pl.String, pl.String, pl.String, pl.Float64, pl.Float64)
    return pl.LazyFrame(rows, schema=dict(zip(names, kinds, strict=True)), orient="row")


def split(before: Counts, after: Counts) -> dict[str, tuple[float, float]]:
    rows = contributions(frame(before), frame(after)).select("slice", "rate", "mix").collect()
    return {name: (rate, mix) for name, rate, mix in rows.rows()}


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param(
            {"ann": (8, 10), "bob": (5, 10)},
            {"ann": (8, 10), "bob": (3, 10)},
            # Bob has half of the buyers and lost 0.2 of them.
            {"ann": (0, 0), "bob": (-0.1, 0)},
            id="one agent's own change",
        ),
        pytest.param(
            {"ann": (8, 10), "bob": (5, 10)},
            {"ann": (4, 5), "bob": (10, 20)},
            # Shares 1/2 and 1/2 became 1/5 and 4/5; the whole went 0.65 -> 0.56, middle 0.605.
            {"ann": (0, -0.3 * (0.8 - 0.605)), "bob": (0, 0.3 * (0.5 - 0.605))},
            id="only the mix moved",
        ),
        pytest.param(
            {"ann": (5, 10)},
            {"ann": (5, 10), "new": (10, 10)},
            {"ann": (0, -0.5 * (0.5 - 0.625)), "new": (0, 0.5 * (1 - 0.625))},
            id="a new slice is mix",
        ),
        pytest.param({"ann": (5, 10)}, {"ann": (0, 0)}, {}, id="a week without counts"),
    ],
)
def test_a_change_is_split_into_rate_and_mix(
    before: Counts, after: Counts, expected: dict[str, tuple[float, float]]
) -> None:
    found = split(before, after)
    assert set(found) == set(expected)
    for name, parts in expected.items():
        assert found[name] == pytest.approx(parts)


def test_the_largest_mover_comes_first() -> None:
    rows = contributions(
        frame({"ann": (9, 10), "bob": (9, 10)}), frame({"ann": (8, 10), "bob": (2, 10)})
    ).collect()
    assert rows["slice"].to_list() == ["bob", "ann"]


def plain(before: Counts, after: Counts) -> dict[str, tuple[Fraction, Fraction]]:
    """The same in fractions, slice by slice."""
    totals = [sum(n for _, n in week.values()) for week in (before, after)]
    whole = [
        Fraction(sum(k for k, _ in week.values()), total)
        for week, total in zip((before, after), totals, strict=True)
    ]
    parts = {}
    for name in before | after:
        (k0, n0), (k1, n1) = before.get(name, (0, 0)), after.get(name, (0, 0))
        if n0 + n1 == 0:
            continue
        now = Fraction(k1, n1) if n1 else Fraction(k0, n0)
        then = Fraction(k0, n0) if n0 else now
        w0, w1 = Fraction(n0, totals[0]), Fraction(n1, totals[1])
        middle = (whole[0] + whole[1]) / 2
        parts[name] = ((w0 + w1) / 2 * (now - then), (w1 - w0) * ((now + then) / 2 - middle))
    return parts


counted = st.dictionaries(
    st.sampled_from("abcde"),
    st.integers(0, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
    min_size=1,
).filter(lambda week: sum(n for _, n in week.values()) > 0)


@settings(deadline=None, max_examples=80)
@given(counted, counted)
def test_contributions_add_up_to_the_change(before: Counts, after: Counts) -> None:
    found, expected = split(before, after), plain(before, after)
    assert set(found) == set(expected)
    for name, parts in expected.items():
        assert found[name] == pytest.approx([float(part) for part in parts], abs=1e-12)
    whole = [
        Fraction(sum(k for k, _ in week.values()), sum(n for _, n in week.values()))
        for week in (before, after)
    ]
    assert sum(rate + mix for rate, mix in expected.values()) == whole[1] - whole[0]


def shop() -> dict[str, list[dict[str, Any]]]:
    """A week with two agents, an evening question nobody answered, refunds and two products."""
    nine = datetime(2024, 5, 7, 9)
    minute, day = timedelta(minutes=1), timedelta(days=1)
    messages = []
    for n, (buyer, agent, wait) in enumerate(
        [("a", "ann", 1), ("b", "bob", 5), ("c", "ann", 20), ("d", "bob", 0), ("e", "ann", 2)]
    ):
        at = nine + n * timedelta(hours=3)
        messages.append({"buyer": buyer, "agent": agent, "sent_at": at, "sender": "buyer"})
        if wait:
            answer = {"buyer": buyer, "agent": agent, "sent_at": at + wait * minute}
            messages.append({**answer, "sender": "agent"})
    orders: list[dict[str, Any]] = [
        {"order_id": str(n), "buyer": buyer, "created_at": nine, "paid_at": nine + n * day,
         "paid_fen": 1000 * (n + 1), "pieces": 1}
        for n, buyer in enumerate("aabc")
    ]  # fmt: skip
    items = [
        {"order_id": order["order_id"], "item_order_id": order["order_id"] + "i",
         "title": "socks" if order["order_id"] in "02" else "coat", "paid_at": order["paid_at"],
         "paid_fen": order["paid_fen"], "quantity": 1}
        for order in orders
    ]  # fmt: skip
    refunds = [
        {"refund_id": "r1", "order_id": "0i", "asked_at": nine, "ended_at": nine + day,
         "amount_fen": 1000, "outcome": "success", "reason": "broken"},
        {"refund_id": "r2", "order_id": "2i", "asked_at": nine, "ended_at": nine + day,
         "amount_fen": 1000, "outcome": "closed"},
    ]  # fmt: skip
    return {"messages": messages, "orders": orders, "order_items": items, "refunds": refunds}


@pytest.mark.parametrize("metric_id", CUTS)
def test_slices_are_a_partition_of_what_the_shop_counts(metric_id: str) -> None:
    week = (MONDAY, MONDAY + timedelta(days=6))
    far = (MONDAY, MONDAY + timedelta(days=60))
    covers = dict.fromkeys(("messages", "orders", "order_items", "refunds"), far)
    tables, rules = shop_tables(covers=covers, **shop()), ShopSettings()
    (whole,) = (
        measure(tables, rules, ids=[metric_id], first=week[0], last=week[1])
        .select("numerator", "denominator")
        .collect()
        .rows()
    )
    sums = (
        sliced(metric_id, tables, rules, week=MONDAY)
        .group_by("cut")
        .agg(pl.col("numerator", "denominator").sum())
        .collect()
    )
    assert whole[1] > 0
    assert {row[0]: row[1:] for row in sums.rows()} == dict.fromkeys(
        CUTS[metric_id], pytest.approx(whole)
    )
