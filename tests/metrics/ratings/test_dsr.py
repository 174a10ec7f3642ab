from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from metrics.measure import measure
from metrics.ratings.counted import DSR_WINDOW, ratings_judged
from metrics.ratings.dsr import dsr, star_mix
from store.schemas import DSR_DIMENSIONS
from store.settings import ShopSettings
from tests.frames import shop_tables

TODAY = date(2024, 7, 1)
NOON = datetime(2024, 7, 1, 12)
DAY = timedelta(days=1)
DEFAULT, MONTHS = ShopSettings(), ShopSettings(dsr_window="months")
BY_TRADE = ShopSettings(dsr_day="trade")
BY_TRADE_MONTHS = ShopSettings(dsr_day="trade", dsr_window="months")
#: Days ago of the first day of today's window.
OLDEST = DSR_WINDOW.days - 1
#: First day of today's window: so many days, or six calendar months.
FIRST_DAYS = {"days": TODAY - OLDEST * DAY, "months": date(2024, 1, 2)}


def test_the_window_is_that_of_the_seller_page() -> None:
    """The one other place to change with the constant."""
    assert timedelta(days=180) == DSR_WINDOW


def rating(order: str, at: datetime, stars: int | None = 5, **more: Any) -> dict[str, Any]:
    return {"order_id": order, "rated_at": at, "service": stars, **more}


def service(rules: ShopSettings = DEFAULT, **tables: Any) -> tuple[float | None, ...]:
    """Stars, count and score of the service today."""
    scores = dsr(shop_tables(**tables), rules, first=TODAY, last=TODAY)
    (row,) = scores.filter(dimension="service").select("stars", "count", "score").collect().rows()
    return row


@pytest.mark.parametrize(
    ("rows", "rules", "expected"),
    [
        pytest.param([("a", 0, 4)], DEFAULT, (4, 1, 4.0), id="one rating"),
        pytest.param([("a", 0, 5), ("b", 0, 2)], DEFAULT, (7, 2, 3.5), id="mean of one day"),
        pytest.param([("a", 0, 5), ("b", OLDEST, 1)], DEFAULT, (6, 2, 3.0), id="the oldest day"),
        pytest.param([("a", 0, 5), ("b", OLDEST + 1, 1)], DEFAULT, (5, 1, 5.0), id="a day more"),
        pytest.param([("a", 0, 5), ("b", -1, 1)], DEFAULT, (5, 1, 5.0), id="tomorrow is unknown"),
        # Six calendar months before 1 July end with 1 January, 182 days ago in a leap year.
        pytest.param([("a", 0, 5), ("b", 181, 1)], MONTHS, (6, 2, 3.0), id="2 January is inside"),
        pytest.param([("a", 0, 5), ("b", 182, 1)], MONTHS, (5, 1, 5.0), id="1 January is out"),
    ],
)
def test_the_window(
    rows: list[tuple[str, int, int]], rules: ShopSettings, expected: tuple[float | None, ...]
) -> None:
    ratings = [rating(order, NOON - ago * DAY, stars) for order, ago, stars in rows]
    assert service(rules, ratings=ratings) == expected


@pytest.mark.parametrize(
    ("last", "first"),
    [
        (date(2024, 8, 31), date(2024, 3, 1)),
        (date(2023, 8, 31), date(2023, 3, 1)),
        (date(2024, 8, 29), date(2024, 3, 1)),
        (date(2024, 12, 31), date(2024, 7, 1)),
        (date(2024, 7, 1), date(2024, 1, 2)),
    ],
)
def test_six_months_begin_after_the_same_day_six_months_ago(last: date, first: date) -> None:
    assert 181 <= (last - first).days + 1 <= 184
    at = datetime(first.year, first.month, first.day)
    tables = shop_tables(ratings=[rating("in", at, 1), rating("out", at - DAY, 5)])
    scores = dsr(tables, MONTHS, first=last, last=last).filter(dimension="service").collect()
    assert scores["count"].to_list() == [1]


def test_a_skipped_dimension_is_not_five_and_has_its_own_denominator() -> None:
    ratings = [
        rating("a", NOON, 4, description=5, logistics=None),
        rating("b", NOON, None, description=3),
        rating("c", NOON, None, description=4),
    ]
    scores = dsr(shop_tables(ratings=ratings), DEFAULT, first=TODAY, last=TODAY).collect()
    assert scores.select("dimension", "stars", "count", "score").rows() == [
        ("description", 12, 3, 4.0),
        ("service", 4, 1, 4.0),
        ("logistics", 0, 0, None),
    ]


def order(order_id: str, received: datetime | None, **more: Any) -> dict[str, Any]:
    return {"order_id": order_id, "buyer": "ann", "received_at": received, **more}


JUNE_30 = datetime(2024, 6, 30, 23, 59, 59)


@pytest.mark.parametrize(
    ("orders", "left_out"),
    [
        pytest.param(
            [order(name, NOON) for name in "abcd"],
            {"d": "monthly_cap"},
            id="the fourth of a month is left out",
        ),
        pytest.param(
            [order("a", JUNE_30), *(order(name, JUNE_30 + DAY) for name in "bcd")],
            {},
            id="three in July beside one of June",
        ),
        pytest.param(
            [order("a", NOON + DAY), *(order(name, NOON) for name in "bcd")],
            {"a": "monthly_cap"},
            id="in order of completion, not of rating",
        ),
        pytest.param(
            [order("a", NOON, status="closed"), *(order(name, NOON) for name in "bcd")],
            {"a": "trade_closed"},
            id="a closed trade uses nothing up",
        ),
        pytest.param(
            [order(name, NOON, buyer="a**n") for name in "abcd"], {}, id="a blurred name has no cap"
        ),
        pytest.param([order(name, NOON, buyer=None) for name in "abcd"], {}, id="no name, no cap"),
        pytest.param([], {}, id="unknown orders of unknown buyers"),
    ],
)
def test_which_ratings_count(orders: list[dict[str, Any]], left_out: dict[str, str]) -> None:
    # Rated in the order a, b, c, d.
    ratings = [rating(name, NOON + i * DAY) for i, name in enumerate("abcd")]
    judged = ratings_judged(shop_tables(orders=orders, ratings=ratings), DEFAULT).collect()
    found = judged.drop_nulls("left_out").select("order_id", "left_out").rows()
    assert dict(found) == left_out


def test_without_orders_the_rating_time_stands_for_completion() -> None:
    days = [datetime(2024, 6, 30), *(datetime(2024, 7, day) for day in (1, 2, 3, 4))]
    ratings = [rating(str(i), at, buyer="ann") for i, at in enumerate(days)]
    judged = ratings_judged(shop_tables(ratings=ratings), DEFAULT).collect()
    assert judged.filter(left_out="monthly_cap")["order_id"].to_list() == ["4"]


@pytest.mark.parametrize("named", ["", "a", "ab", "abc", "abcd"])
def test_who_rated_is_told_by_the_rating_or_its_order(named: str) -> None:
    orders = [order(name, NOON) for name in "abcd"]
    ratings = [
        rating(name, NOON + i * DAY, buyer="ann" if name in named else None)
        for i, name in enumerate("abcd")
    ]
    judged = ratings_judged(shop_tables(orders=orders, ratings=ratings), DEFAULT).collect()
    assert judged.filter(left_out="monthly_cap")["order_id"].to_list() == ["d"]


def test_a_rating_without_stars_uses_no_place_of_the_month_up() -> None:
    ratings = [rating("a", NOON, None, buyer="ann", comment="好")]
    ratings += [rating(name, NOON + DAY, buyer="ann") for name in "bcd"]
    judged = ratings_judged(shop_tables(ratings=ratings), DEFAULT).collect()
    assert judged.drop_nulls("left_out").select("order_id", "left_out").rows() == [
        ("a", "no_stars")
    ]


def test_a_shop_may_let_ratings_leave_by_the_trade_day() -> None:
    orders = [order("a", NOON - DSR_WINDOW)]
    ratings = [rating("a", NOON - DSR_WINDOW + 10 * DAY, 1)]
    assert service(DEFAULT, orders=orders, ratings=ratings) == (1, 1, 1.0)
    assert service(BY_TRADE, orders=orders, ratings=ratings) == (0, 0, None)


@pytest.mark.parametrize(
    ("rated", "ended", "counts"),
    [
        pytest.param(0, OLDEST, True, id="the trade's last day"),
        pytest.param(0, OLDEST + 1, False, id="given after its trade has left"),
        pytest.param(OLDEST, OLDEST, True, id="given on the day of the trade"),
        pytest.param(-1, 30, False, id="of an old trade, given tomorrow"),
        pytest.param(3, 0, True, id="given before the trade ended"),
        pytest.param(OLDEST + 1, 0, True, id="given long before the trade ended"),
    ],
)
def test_by_trade_day_a_rating_enters_when_given_and_leaves_by_its_trade(
    rated: int, ended: int, counts: bool
) -> None:
    orders, ratings = [order("a", NOON - ended * DAY)], [rating("a", NOON - rated * DAY)]
    assert service(BY_TRADE, orders=orders, ratings=ratings)[1] == int(counts)


def test_a_late_rating_changes_no_day_before_it_was_given() -> None:
    orders = [order("a", NOON - 9 * DAY), order("b", NOON - 9 * DAY)]
    ratings = [rating("a", NOON - 8 * DAY, 5), rating("b", NOON, 1)]
    tables = shop_tables(orders=orders, ratings=ratings)
    scores = dsr(tables, BY_TRADE, first=TODAY - DAY, last=TODAY).filter(dimension="service")
    assert scores.select("count", "score").collect().rows() == [(1, 5.0), (2, 3.0)]


def rated_day(ago: int, score: float | None, count: int | None, **more: Any) -> dict[str, Any]:
    more = {"dimension": "service", "score": score, "count": count, **more}
    return {"day": TODAY - ago * DAY, **more}


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param(
            [rated_day(0, 4.9, 31), rated_day(1, 5.0, 9)], (197, 40, 4.925), id="stars are whole"
        ),
        pytest.param(
            [rated_day(OLDEST, 1.0, 1), rated_day(OLDEST + 1, 5.0, 9)], (1, 1, 1.0), id="window"
        ),
        pytest.param([rated_day(0, None, 0), rated_day(1, 4.0, 1)], (4, 1, 4.0), id="nobody rated"),
        pytest.param(
            [
                rated_day(0, 4.0, 1, source="workbook_items", item_id="i"),
                rated_day(0, 2.0, 1, source="workbook_items", item_id="j"),
                rated_day(0, 5.0, None, source="workbook_days"),
            ],
            (6, 2, 3.0),
            id="items are summed where the shop's row has no count",
        ),
        pytest.param(
            [rated_day(0, 3.0, 2), rated_day(0, 5.0, 9, source="workbook_items", item_id="i")],
            (6, 2, 3.0),
            id="the template comes before the workbook",
        ),
        pytest.param(
            [rated_day(0, 3.0, 2), rated_day(0, 5.0, 9, item_id="i")],
            (6, 2, 3.0),
            id="the shop's row comes before its items",
        ),
    ],
)
def test_daily_scores(rows: list[dict[str, Any]], expected: tuple[float | None, ...]) -> None:
    assert service(rating_days=rows) == expected


SNAPSHOT = {"day": TODAY, "dimension": "service", "score": 4.71, "raters": 5210}


def test_rating_rows_come_before_daily_scores_and_those_before_the_printed_one() -> None:
    days, rows = [rated_day(0, 3.0, 2)], [rating("a", NOON, 1)]
    everything: dict[str, Any] = {
        "rating_snapshots": [SNAPSHOT],
        "rating_days": days,
        "ratings": rows,
    }
    assert service(**everything) == (1, 1, 1.0)
    assert service(rating_snapshots=[SNAPSHOT], rating_days=days) == (6, 2, 3.0)
    assert service(rating_snapshots=[SNAPSHOT]) == (None, 5210, 4.71)


def test_a_headline_without_its_score_does_not_speak() -> None:
    emptied = SNAPSHOT | {"day": TODAY + DAY, "score": None}
    tables = shop_tables(rating_snapshots=[SNAPSHOT, emptied])
    ask: dict[str, Any] = {"ids": ["dsr_service"], "first": TODAY, "last": TODAY + DAY}
    rows = measure(tables, DEFAULT, by="month", **ask).collect()
    assert rows.select("value", "denominator").rows() == [(4.71, 5210)]


def test_daily_scores_without_counts_leave_the_word_to_the_printed_score() -> None:
    days = [rated_day(0, 3.0, None), rated_day(1, 4.0, None)]
    assert service(rating_days=days, rating_snapshots=[SNAPSHOT]) == (None, 5210, 4.71)
    assert service(rating_days=days) == (0, 0, None)
    rows = measure(shop_tables(rating_days=days), DEFAULT, ids=["dsr_service"]).collect()
    assert rows["note"].to_list() == ["no_counts;feed_rating_days;part_window"]


def test_measured_by_period_month_and_day() -> None:
    ratings = [
        rating("a", datetime(2024, 6, 30), 1),
        rating("b", datetime(2024, 7, 1), 5),
        rating("c", datetime(2024, 7, 3), 3),
    ]
    tables = shop_tables(ratings=ratings)
    ask: dict[str, Any] = {
        "ids": ["dsr_service"],
        "first": date(2024, 6, 29),
        "last": date(2024, 7, 4),
    }
    short = "feed_ratings;part_window"

    def rows(by: Any) -> list[tuple[Any, ...]]:
        columns = "start", "value", "numerator", "denominator", "note"
        return measure(tables, DEFAULT, by=by, **ask).select(columns).collect().rows()

    assert rows("period") == [(date(2024, 6, 29), 3.0, 9, 3, short)]
    assert rows("month") == [
        (date(2024, 6, 29), 1.0, 1, 1, short),
        (date(2024, 7, 1), 3.0, 9, 3, short),
    ]
    assert rows("day") == [
        (date(2024, 6, 29), None, None, None, "no_file"),
        (date(2024, 6, 30), 1.0, 1, 1, short),
        (date(2024, 7, 1), 3.0, 6, 2, short),
        (date(2024, 7, 2), 3.0, 6, 2, short),
        (date(2024, 7, 3), 3.0, 9, 3, short),
        (date(2024, 7, 4), None, None, None, "no_file"),
    ]
    assert rows("agent") == []


def test_an_old_printed_score_speaks_for_the_month_but_not_for_the_day() -> None:
    tables = shop_tables(
        rating_snapshots=[SNAPSHOT], covers={"rating_snapshots": (TODAY, TODAY + 2 * DAY)}
    )
    ask: dict[str, Any] = {"ids": ["dsr_service"], "first": TODAY, "last": TODAY + 2 * DAY}
    month = measure(tables, DEFAULT, by="month", **ask).collect()
    assert month.select("value", "numerator", "denominator").rows() == [(4.71, None, 5210)]
    days = measure(tables, DEFAULT, by="day", **ask).collect()
    assert days["value"].to_list() == [4.71, None, None]


def test_the_star_mix_counts_each_dimension_apart() -> None:
    ratings = [rating("a", NOON, 5, logistics=1), rating("b", NOON, 5), rating("c", NOON, 2)]
    mix = star_mix(shop_tables(ratings=ratings), DEFAULT, last=TODAY).collect()
    assert mix.filter(dimension="service").select("stars", "count", "share").rows() == [
        (1, 0, 0.0),
        (2, 1, 1 / 3),
        (3, 0, 0.0),
        (4, 0, 0.0),
        (5, 2, 2 / 3),
    ]
    assert mix.filter(dimension="description")["share"].to_list() == [None] * 5
    assert mix["dimension"].unique(maintain_order=True).to_list() == list(DSR_DIMENSIONS)


stars = st.one_of(st.none(), st.integers(1, 5))
a_rating = st.fixed_dictionaries(
    {
        "hours": st.integers(-24, 24 * 190),
        "completed": st.one_of(st.none(), st.integers(-24, 24 * 190)),
        "buyer": st.sampled_from(["ann", "bob", "b*b", None]),
        "status": st.sampled_from(["finished", "closed", "unknown"]),
        "description": stars,
        "service": stars,
        "logistics": stars,
    }
)


@settings(max_examples=80, deadline=None)
@given(
    st.lists(a_rating, max_size=25),
    st.sampled_from([DEFAULT, MONTHS, BY_TRADE, BY_TRADE_MONTHS]),
    st.booleans(),
)
def test_dsr_matches_counting_by_hand(
    drawn: list[dict[str, Any]], rules: ShopSettings, with_orders: bool
) -> None:
    ratings, orders, kept = [], [], []
    for i, row in enumerate(drawn):
        order_id, at = f"o{i:02}", NOON - row["hours"] * timedelta(hours=1)
        ended = at
        given_stars = {name: row[name] for name in DSR_DIMENSIONS}
        buyer = row["buyer"]
        ratings.append(
            {"order_id": order_id, "rated_at": at, "buyer": None if with_orders else buyer}
            # Words alone are a rating too.
            | {"comment": "…", **given_stars}
        )
        closed = False
        if with_orders:
            received = row["completed"]
            if received is not None:
                ended = NOON - received * timedelta(hours=1)
            orders.append(
                order(order_id, None if received is None else ended, buyer=buyer)
                | {"status": row["status"]}
            )
            closed = row["status"] == "closed"
        if not closed and any(given_stars.values()):
            kept.append((ended, at, order_id, buyer, given_stars))
    taken: dict[tuple[Any, int, int], int] = defaultdict(int)
    counted = []
    for ended, at, _, buyer, given_stars in sorted(kept, key=lambda row: row[:3]):
        taken[buyer, ended.year, ended.month] += 1
        capped = buyer in ("ann", "bob") and taken[buyer, ended.year, ended.month] > 3
        if not capped:
            day = (ended if rules.dsr_day == "trade" else at).date()
            if at.date() <= TODAY and FIRST_DAYS[rules.dsr_window] <= day:
                counted.append(given_stars)
    tables = shop_tables(ratings=ratings, orders=orders)
    if not ratings:
        tables = shop_tables(covers={"ratings": (TODAY, TODAY)})
    for _, name, total, count, score, _ in (
        dsr(tables, rules, first=TODAY, last=TODAY).collect().rows()
    ):
        given_here = [row[name] for row in counted if row[name] is not None]
        assert (total, count) == (sum(given_here), len(given_here))
        # Of a single row polars multiplies by the inverse, which may differ in the last bit.
        assert score == (pytest.approx(total / count, rel=1e-15) if count else None)
