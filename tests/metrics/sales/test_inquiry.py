from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.kit.periods import By
from metrics.sales.inquiry import METRICS, measured, with_returning
from store.settings import ConversionWindow, ShopSettings
from tests.frames import MAY_1, NINE, shop_tables
from tests.metrics.chat_lines import DAY, HOUR, MINUTE, SECOND, Line, lines

FIRST, LAST = date(2024, 5, 1), date(2024, 5, 31)
ASKS: Line = ("ann", "buyer", "li", NINE)
ANSWER: Line = ("ann", "agent", "li", NINE + MINUTE)
Order = dict[str, Any]


def order(
    created_at: datetime | None, paid_at: datetime | None = None, *, buyer: str | None = "ann"
) -> Order:
    row = {"buyer": buyer, "created_at": created_at, "paid_at": paid_at, "paid_fen": 1000}
    return row | {"status": "paid" if paid_at else "unpaid"}


def shop(chat: list[Line], orders: list[Order]) -> Any:
    numbered = [{"order_id": f"o{i}"} | row for i, row in enumerate(orders)]
    covers = {"messages": (FIRST, LAST), "orders": (FIRST, LAST)}
    return shop_tables(messages=lines(*chat), orders=numbered, covers=covers)


def facts(chat: list[Line], orders: list[Order], **choices: Any) -> list[dict[str, Any]]:
    tables = shop(chat, orders)
    frame = with_returning(tables, ShopSettings(**choices), first=FIRST, last=LAST)
    return frame.sort("day", "buyer").collect().to_dicts()


MIDNIGHT_OF_THE_FOURTH_DAY = MAY_1 + 4 * DAY
FULL_DAYS = 21 * DAY


@pytest.mark.parametrize(
    ("orders", "inquiry", "ordered", "paid_day"),
    [
        pytest.param([], True, False, None, id="no orders"),
        pytest.param([order(NINE, NINE)], True, True, 0, id="paid in the asking second"),
        pytest.param([order(NINE, NINE + DAY)], True, True, 1, id="paid next day"),
        pytest.param([order(NINE + HOUR)], True, True, None, id="ordered, not paid"),
        pytest.param(
            [order(NINE, MIDNIGHT_OF_THE_FOURTH_DAY - SECOND)], True, True, 3, id="last second"
        ),
        pytest.param(
            [order(NINE, MIDNIGHT_OF_THE_FOURTH_DAY)], True, True, None, id="paid too late"
        ),
        pytest.param([order(MIDNIGHT_OF_THE_FOURTH_DAY)], True, False, None, id="ordered too late"),
        pytest.param([order(NINE - HOUR, NINE + HOUR)], True, True, 0, id="an open order is paid"),
        pytest.param([order(NINE - HOUR)], True, False, None, id="an open order stays open"),
        pytest.param(
            [order(NINE - DAY, NINE - SECOND)], False, False, None, id="paid a second before"
        ),
        pytest.param([order(NINE - DAY, NINE)], True, True, 0, id="paid the same second"),
        pytest.param([order(None, NINE - FULL_DAYS)], False, False, None, id="paid 21 days before"),
        pytest.param(
            [order(None, NINE - FULL_DAYS - SECOND)], True, False, None, id="a second earlier"
        ),
        pytest.param(
            [order(NINE - DAY, NINE - DAY), order(NINE + HOUR)], True, True, None, id="buys again"
        ),
        pytest.param(
            [order(NINE - DAY, NINE - DAY), order(NINE + HOUR, NINE + 2 * DAY)],
            True,
            True,
            2,
            id="buys and pays again",
        ),
        pytest.param(
            [order(NINE - DAY, NINE - DAY), order(NINE - DAY, NINE + HOUR)],
            False,
            False,
            None,
            id="another old order is paid: after-sale",
        ),
        pytest.param([order(NINE, NINE, buyer="bob")], True, False, None, id="someone else's"),
        pytest.param([order(NINE, NINE, buyer=None)], True, False, None, id="nobody's"),
        pytest.param([order(None, NINE + HOUR)], True, True, 0, id="no creation time"),
    ],
)
def test_inquiries(orders: list[Order], inquiry: bool, ordered: bool, paid_day: int | None) -> None:
    (row,) = facts([ASKS, ("ann", "buyer", "li", NINE + 5 * HOUR)], orders)
    assert (row["inquiry"], row["ordered"], row["paid_day"]) == (inquiry, ordered, paid_day)
    assert row["first_line_at"] == NINE


def test_the_first_counting_order_is_named() -> None:
    orders = [order(NINE, NINE + 2 * HOUR), order(NINE, NINE + HOUR), order(NINE, NINE + HOUR)]
    (row,) = facts([ASKS], orders)
    assert (row["order_id"], row["paid_at"], row["amount_fen"]) == ("o1", NINE + HOUR, 1000)


def test_a_buyer_counts_again_on_another_day() -> None:
    rows = facts(
        [ASKS, ("ann", "buyer", "li", NINE + DAY)], [order(NINE + 2 * DAY, NINE + 2 * DAY)]
    )
    assert [(row["day"].day, row["paid_day"]) for row in rows] == [(1, 2), (2, 1)]


def test_returning_looks_at_the_whole_past() -> None:
    rows = facts([ASKS], [order(None, NINE - 300 * DAY)])
    assert [(row["returning"], row["paid_before"]) for row in rows] == [(True, False)]


def test_blurred_buyers_are_no_inquiries() -> None:
    bought = [order(NINE, NINE, buyer="a**n"), order(NINE - DAY, NINE - DAY, buyer="a**n")]
    (row,) = facts([("a**n", "buyer", "li", NINE)], bought)
    assert (row["inquiry"], row["paid_day"], row["returning"]) == (False, None, False)


def test_settings_move_the_after_sale_window() -> None:
    assert facts([ASKS], [order(None, NINE - 2 * DAY)], after_sale_days=1)[0]["inquiry"]


Row = tuple[float | None, float | None, float | None, bool, str]


def conversion(
    chat: list[Line],
    orders: list[Order],
    *,
    by: By = "period",
    first: date = FIRST,
    last: date = LAST,
    **choices: Any,
) -> dict[Any, Row]:
    frame = measured(
        shop(chat, orders),
        ShopSettings(**choices),
        metrics=METRICS,
        first=first,
        last=last,
        by=by,
    ).collect()
    key = {"agent": "agent", "period": "metric"}.get(by, "start")
    names = ("value", "numerator", "denominator", "immature", "note")
    return {row[key]: tuple(row[name] for name in names) for row in frame.to_dicts()}


BOB_ASKS: Line = ("bob", "buyer", "li", NINE)


@pytest.mark.parametrize(
    ("window", "share"),
    [("same_day", 0.0), ("next_day", 0.5), ("final", 0.5)],
)
def test_the_window_is_a_setting(window: ConversionWindow, share: float) -> None:
    rows = conversion(
        [ASKS, BOB_ASKS], [order(NINE, NINE + DAY)], last=FIRST, conversion_window=window
    )
    assert rows["inquiry_conversion"] == (share, share * 2, 2, False, "feed_messages")


def test_young_cohorts_stay_out_of_longer_figures() -> None:
    young = ("bob", "buyer", "li", NINE + 27 * DAY)  # 28 May, three days before the last
    chat, orders = [ASKS, young], [order(NINE, NINE)]
    rows = conversion(chat, orders)
    assert rows["inquiry_conversion"] == (1.0, 1, 1, False, "mature_part;feed_messages")
    days = conversion(chat, orders, by="day")
    assert days[date(2024, 5, 27)][3:] == (False, "no_rows;feed_messages")
    assert days[date(2024, 5, 28)] == (0.0, 0, 1, True, "immature;feed_messages")
    rows = conversion(chat, orders, first=date(2024, 5, 28))
    assert rows["inquiry_conversion"][:4] == (None, None, None, True)


def test_same_day_cohorts_are_final_at_once() -> None:
    chat = [("ann", "buyer", "li", NINE + 30 * DAY)]
    rows = conversion(chat, [], conversion_window="same_day")
    assert rows["inquiry_conversion"] == (0.0, 0, 1, False, "feed_messages")


def test_agents_share_a_buyer_but_not_the_sale() -> None:
    wu_asked: Line = ("ann", "buyer", "wu", NINE + 2 * MINUTE)
    wu_wrote: Line = ("ann", "agent", "wu", NINE + 3 * MINUTE)
    chat = [ASKS, ANSWER, wu_asked, wu_wrote]
    rows = conversion(chat, [order(NINE + HOUR, NINE + HOUR)], by="agent")
    assert {agent: row[:3] for agent, row in rows.items()} == {"li": (0, 0, 1), "wu": (1, 1, 1)}


def test_a_sale_counts_only_for_an_agent_whom_the_buyer_asked_that_day() -> None:
    wu_wrote: Line = ("ann", "agent", "wu", NINE + 3 * MINUTE)
    rows = conversion([ASKS, wu_wrote], [order(NINE + HOUR, NINE + HOUR)], by="agent")
    assert {agent: row[:3] for agent, row in rows.items()} == {"li": (0, 0, 1)}


@pytest.mark.parametrize("buyer", [None, "a**n"])
def test_without_buyers_in_the_orders_there_is_no_conversion(buyer: str | None) -> None:
    rows = conversion([ASKS], [order(NINE, NINE, buyer=buyer)])
    value, _, _, _, note = rows["inquiry_conversion"]
    assert value is None
    assert note.startswith("no_buyer;")


hours = st.integers(-30 * 24, 7 * 24).map(lambda count: MAY_1 + count * HOUR)
asking = st.integers(0, 6 * 24).map(lambda count: MAY_1 + count * HOUR)
some_lines = st.lists(
    st.tuples(
        st.sampled_from(["ann", "bob"]),
        st.sampled_from(["buyer", "buyer", "agent"]),
        st.sampled_from(["li", "wu"]),
        asking,
    ),
    max_size=10,
)
#: Nobody pays before ordering.
moments = st.lists(hours, min_size=2, max_size=2).map(sorted) | st.tuples(
    hours | st.none(), st.none()
)
some_orders = st.lists(
    st.builds(
        lambda both, buyer: order(*both, buyer=buyer),
        moments,
        st.sampled_from(["ann", "bob", None]),
    ),
    max_size=6,
)


def by_hand(chat: list[Line], orders: list[Order]) -> list[tuple[Any, ...]]:
    """(buyer, day, inquiry, ordered, paid_day, order_id) of every received buyer-day."""
    rows = []
    asked = [line for line in chat if line[1] == "buyer"]
    for buyer, day in sorted({(line[0], line[3].date()) for line in asked}):
        t0 = min(line[3] for line in asked if (line[0], line[3].date()) == (buyer, day))
        until = day + timedelta(days=3)
        own = [(f"o{i}", row) for i, row in enumerate(orders) if row["buyer"] == buyer]
        before = any(
            row["paid_at"] and t0 - timedelta(days=21) <= row["paid_at"] < t0 for _, row in own
        )

        def inside(moment: datetime | None, t0: datetime = t0, until: date = until) -> bool:
            return moment is not None and moment >= t0 and moment.date() <= until

        new = [key for key, row in own if inside(row["created_at"])]
        paid = sorted(
            (row["paid_at"], key)
            for key, row in own
            if inside(row["paid_at"]) and (not before or key in new)
        )
        paid_day = (paid[0][0].date() - day).days if paid else None
        rows.append(
            (buyer, day, not before or bool(new), bool(new or paid), paid_day,
             paid[0][1] if paid else None)
        )  # fmt: skip
    return rows


@given(some_lines, some_orders)
@settings(max_examples=80, deadline=None)
def test_inquiries_match_searching_by_hand(chat: list[Line], orders: list[Order]) -> None:
    columns = ("buyer", "day", "inquiry", "ordered", "paid_day", "order_id")
    found = [tuple(row[name] for name in columns) for row in facts(chat, orders)]
    assert sorted(found, key=str) == sorted(by_hand(chat, orders), key=str)


@given(some_lines, some_orders, st.sampled_from(["period", "day", "agent"]))
@settings(max_examples=60, deadline=None)
def test_conversion_matches_counting_by_hand(chat: list[Line], orders: list[Order], by: By) -> None:
    expected: dict[Any, list[int]] = {}
    for buyer, day, inquiry, _, paid_day, key in by_hand(chat, orders):
        if not inquiry:
            continue
        if by == "agent":
            asked = {
                line[2] for line in chat if line[:2] == (buyer, "buyer") and line[3].date() == day
            }
            for agent in asked:
                expected.setdefault(agent, [0, 0])[1] += 1
            if paid_day is not None and (seller := seller_of(chat, orders[int(key[1:])])) in asked:
                expected[seller][0] += 1
        else:
            counts = expected.setdefault(day if by == "day" else "inquiry_conversion", [0, 0])
            counts[0] += paid_day is not None
            counts[1] += 1
    found = conversion(chat, orders, by=by)
    named = not orders or any(row["buyer"] for row in orders)
    counted = {key: [row[1], row[2]] for key, row in found.items() if row[1:3] != (0, 0)}
    assert counted == (expected if named else {})


def seller_of(chat: list[Line], sold: Order) -> str | None:
    """The agent with the last line before the order, else before the payment."""
    for moment in (sold["created_at"], sold["paid_at"]):
        if moment is None:
            continue
        opens = datetime.combine(moment.date() - 3 * DAY, datetime.min.time())
        wrote = [
            (at, agent)
            for buyer, sender, agent, at in chat
            if (buyer, sender) == (sold["buyer"], "agent") and opens <= at <= moment
        ]
        if wrote:
            return max(wrote)[1]
    return None
