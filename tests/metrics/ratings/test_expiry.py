from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.forecast.scores import entries_of
from metrics.ratings.counted import DSR_WINDOW
from metrics.ratings.dsr import dsr
from metrics.ratings.expiry import (
    counted_spans,
    entries_of_ratings,
    expiry_calendar,
    known_part,
    scores_on,
)
from opening import forecast_inputs
from store.schemas import DSR_DIMENSIONS
from store.settings import ShopSettings
from tests.frames import shop_tables
from tests.metrics.fitted import (
    DAY,
    JAN_1,
    SETTINGS,
    Row,
    Traded,
    inputs,
    rating,
    traded,
)

RATED = date(2024, 1, 1)


@pytest.mark.parametrize(
    ("offset", "counts"),
    [
        pytest.param(-1, False, id="the day before"),
        pytest.param(0, True, id="the day it is given"),
        pytest.param(DSR_WINDOW.days - 1, True, id="the last day of its window"),
        pytest.param(DSR_WINDOW.days, False, id="the day it leaves"),
    ],
)
def test_a_rating_counts_for_its_window(offset: int, counts: bool) -> None:
    entries = entries_of(inputs(ratings=[rating(0, (5, 4, 3))]), SETTINGS)
    day = RATED + timedelta(days=offset)
    assert scores_on(entries, day, day)["ratings"].to_list() == [int(counts)] * 3


@pytest.mark.parametrize(
    ("given_on", "leaves"),
    [
        pytest.param(datetime(2024, 1, 15), date(2024, 7, 15), id="six months on"),
        pytest.param(datetime(2024, 8, 31), date(2025, 3, 1), id="no 31 February"),
        pytest.param(datetime(2024, 2, 29), date(2024, 8, 29), id="leap day"),
    ],
)
def test_six_calendar_months(given_on: datetime, leaves: date) -> None:
    rows = [rating(0, (5, 5, 5)) | {"rated_at": given_on}]
    spans = counted_spans(inputs(ratings=rows).ratings, ShopSettings(dsr_window="months"))
    assert spans["until"].to_list() == [leaves]


def test_each_dimension_has_its_own_denominator() -> None:
    rows = [rating(0, (5, None, 1)), rating(1, (4, 3, None)), rating(2, (None, None, 3))]
    entries = entries_of(inputs(ratings=rows), SETTINGS)
    today = scores_on(entries, date(2024, 1, 3), date(2024, 1, 3))
    assert today.select("ratings", "stars", "score").rows() == [
        (2, 9, 4.5),
        (1, 3, 3.0),
        (2, 4, 2.0),
    ]


def test_the_calendar_says_what_leaves_and_what_is_left() -> None:
    rows = [rating(0, (1, None, None)), rating(1, (5, None, None)), rating(1, (4, None, None))]
    rows[2]["order_id"] = "other"
    entries = entries_of(inputs(ratings=rows), SETTINGS)
    leaves = RATED + DSR_WINDOW
    calendar = expiry_calendar(entries, leaves - DAY, 3)
    assert calendar.rows() == [
        (leaves, "description", 1, 1, 2, 4.5, 1.0),
        (leaves + DAY, "description", 2, 9, 0, None, 4.5),
        (leaves + 2 * DAY, "description", 0, 0, 0, None, None),
    ]


def bought(order_id: str, received: datetime, **more: object) -> Row:
    return {"order_id": order_id, "buyer": "ann", "received_at": received} | more


MAY_31 = datetime(2024, 5, 31, 12)


@pytest.mark.parametrize(
    ("received", "counted"),
    [
        pytest.param([MAY_31] * 3, [True] * 3, id="three of one month"),
        pytest.param([MAY_31] * 4, [True] * 3 + [False], id="the fourth of one month"),
        pytest.param([MAY_31] * 3 + [MAY_31 + DAY], [True] * 4, id="the month turns"),
        pytest.param(
            [MAY_31 - DAY] * 3 + [MAY_31 - 2 * DAY],
            [True, True, False, True],
            id="completed first, rated last: the third is pushed out",
        ),
    ],
)
def test_a_buyer_counts_three_times_a_month(received: list[datetime], counted: list[bool]) -> None:
    rated = datetime(2024, 6, 5)
    rows = [
        rating(0, (5, 5, 5)) | {"order_id": f"o{nth}", "rated_at": rated + nth * DAY}
        for nth in range(len(received))
    ]
    orders = [bought(f"o{nth}", moment) for nth, moment in enumerate(received)]
    spans = counted_spans(inputs(ratings=rows, orders=orders).ratings, SETTINGS)
    day = date(2024, 6, 20)
    assert ((spans["since"] <= day) & (spans["until"] > day)).to_list() == counted
    assert spans["left_by"].to_list() == ["window" if each else "monthly_cap" for each in counted]


def test_a_rating_pushed_out_counted_until_then() -> None:
    received = [MAY_31 - DAY] * 3 + [MAY_31 - 2 * DAY]
    rows = [
        rating(0, (5, 5, 5)) | {"order_id": f"o{nth}", "rated_at": MAY_31 + nth * DAY}
        for nth in range(4)
    ]
    orders = [bought(f"o{nth}", moment) for nth, moment in enumerate(received)]
    spans = counted_spans(inputs(ratings=rows, orders=orders).ratings, SETTINGS)
    assert spans.select("since", "until").row(2) == (date(2024, 6, 2), date(2024, 6, 3))


@pytest.mark.parametrize(
    ("order", "counts"),
    [
        pytest.param({"buyer": "a**n"}, True, id="a blurred name has no cap"),
        pytest.param({"buyer": None}, True, id="nor has a missing one"),
        pytest.param({"status": "closed"}, False, id="a closed trade never counts"),
    ],
)
def test_who_is_capped_and_what_is_closed(order: Row, counts: bool) -> None:
    rows = [rating(nth, (5, 5, 5)) | {"order_id": f"o{nth}"} for nth in range(5)]
    orders = [bought(f"o{nth}", JAN_1) | order for nth in range(5)]
    spans = counted_spans(inputs(ratings=rows, orders=orders).ratings, SETTINGS)
    assert (spans["since"] < spans["until"]).to_list() == [counts] * 5


STARS = st.none() | st.integers(1, 5)
RATINGS = st.lists(
    st.tuples(
        st.integers(0, 400),
        st.tuples(STARS, STARS, STARS).filter(any),
        st.sampled_from(["ann", "bob", None]),
        st.integers(0, 6) | st.integers(170, 190),
    ),
    max_size=25,
)


RULES = st.builds(
    ShopSettings,
    dsr_day=st.sampled_from(["rated", "trade"]),
    dsr_window=st.sampled_from(["days", "months"]),
)


@given(ratings=RATINGS, horizon=st.integers(1, 40), rules=RULES)
@settings(max_examples=80, deadline=None)
def test_todays_score_is_the_one_of_the_dsr_page(
    ratings: list[Traded],
    horizon: int,
    rules: ShopSettings,
) -> None:
    rows, orders = traded(ratings)
    tables = shop_tables(ratings=rows, orders=orders)
    last = RATED + timedelta(days=400)
    ahead = last + timedelta(days=horizon)
    entries = entries_of_ratings(counted_spans(forecast_inputs(tables, rules).ratings, rules))
    part = known_part(entries, last, horizon)
    for at in (0, horizon):
        day = (last, ahead)[at > 0]
        page = dsr(tables, rules, first=day, last=day).collect()
        if not page.height:
            continue
        assert page["dimension"].to_list() == list(DSR_DIMENSIONS)
        assert part.ratings[:, at].tolist() == page["count"].to_list()
        assert part.stars[:, at].tolist() == page["stars"].to_list()
