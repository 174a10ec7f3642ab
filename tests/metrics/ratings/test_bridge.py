from datetime import date, timedelta
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.ratings.bridge import bridge_rows, change_bridge
from metrics.ratings.counted import DSR_WINDOW
from metrics.ratings.expiry import counted_spans, entries_of_ratings
from tests.metrics.fitted import DAY, JAN_1, SETTINGS, Row, Traded, inputs, rating, traded

FIRST = date(2024, 1, 1)


def bridge(rows: list[Row], orders: list[Row], before: date, after: date) -> pl.DataFrame:
    spans = counted_spans(inputs(ratings=rows, orders=orders).ratings, SETTINGS)
    return change_bridge(entries_of_ratings(spans), before, after)


def test_new_raises_and_expired_lowers() -> None:
    """Before: 1, 5 (mean 3). After: 5, 4 (mean 4.5): + (4 - 3)/2 new, - (1 - 3)/2 expired."""
    given = {0: 1, 10: 5, DSR_WINDOW.days: 4}
    rows = [rating(day, (stars, None, None)) for day, stars in given.items()]
    parts = bridge(rows, [], FIRST + DSR_WINDOW - DAY, FIRST + DSR_WINDOW)
    assert parts.select("part", "ratings", "stars", "hundredths").rows() == [
        ("new", 1, 4, 50.0),
        ("expired", 1, 1, 100.0),
        ("capped", 0, 0, 0.0),
    ]
    assert parts.select("score_before", "score_after").row(0) == (3.0, 4.5)


def test_the_capped_bar_is_the_rating_that_was_pushed_out() -> None:
    completed = [3, 3, 3, 2]
    rows = [rating(10 + nth, (5 - nth, 5, 5)) | {"order_id": f"o{nth}"} for nth in range(4)]
    orders = [
        {"order_id": f"o{nth}", "buyer": "ann", "received_at": JAN_1 + at * DAY}
        for nth, at in enumerate(completed)
    ]
    parts = bridge(rows, orders, date(2024, 1, 13), date(2024, 1, 14))
    assert parts.filter(dimension="description").select("part", "ratings", "stars").rows() == [
        ("new", 1, 2),
        ("expired", 0, 0),
        ("capped", 1, 3),
    ]


def test_no_ratings_before_means_no_bridge() -> None:
    rows = [rating(5, (5, 5, 5))]
    assert bridge(rows, [], FIRST, FIRST + timedelta(days=10)).height == 0


STARS = st.none() | st.integers(1, 5)


@given(
    ratings=st.lists(
        st.tuples(
            st.integers(0, 260),
            st.tuples(STARS, STARS, STARS).filter(any),
            st.sampled_from(["ann", "bob", None]),
            st.integers(0, 9),
        ),
        max_size=30,
    ),
    before=st.integers(0, 270),
    days=st.integers(0, 60),
)
@settings(max_examples=80, deadline=None)
def test_the_parts_add_up_to_the_change_exactly(
    ratings: list[Traded],
    before: int,
    days: int,
) -> None:
    rows, orders = traded(ratings)
    first, last = FIRST + timedelta(days=before), FIRST + timedelta(days=before + days)
    spans = counted_spans(inputs(ratings=rows, orders=orders).ratings, SETTINGS)
    parts = change_bridge(entries_of_ratings(spans), first, last)
    behind = bridge_rows(spans, first, last)
    for dimension in ("description", "service", "logistics"):
        counted = [
            [
                row[dimension]
                for row in spans.to_dicts()
                if row["since"] <= day < row["until"] and row[dimension] is not None
            ]
            for day in (first, last)
        ]
        own = parts.filter(dimension=dimension)
        if not all(counted):
            assert not own.height
            continue
        was, now = (Fraction(sum(stars), len(stars)) for stars in counted)
        split = [Fraction(*row) for row in own.select("numerator", "denominator").rows()]
        assert sum(split) == now - was
        for part, count in own.select("part", "ratings").rows():
            assert behind.filter(part=part)[dimension].count() == count


@pytest.mark.parametrize("dimension", ["description", "logistics"])
def test_rows_behind_a_bar_name_the_order(dimension: str) -> None:
    rows = [rating(0, (1, 2, 3)), rating(5, (5, 5, 5))]
    spans = counted_spans(inputs(ratings=rows).ratings, SETTINGS)
    behind = bridge_rows(spans, date(2024, 1, 2), date(2024, 1, 7))
    assert behind.select("part", "order_id", dimension).rows() == [("new", "rated 5", 5)]
