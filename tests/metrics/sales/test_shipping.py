"""The same-day shipping rate: by hand, order by order."""

from datetime import date, datetime
from typing import Any

import pytest

from metrics.measure import measure
from metrics.views.rows import LEFT_OUT, rows_behind
from store.settings import ShopSettings
from store.shop_tables import ShopTables
from tests.frames import shop_tables

RATE = "same_day_shipping_rate"
MAY_1, MAY_2, MAY_31 = date(2024, 5, 1), date(2024, 5, 2), date(2024, 5, 31)
COVERS = dict.fromkeys(("orders", "refunds"), (MAY_1, MAY_31))
Row = dict[str, Any]


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2024, 5, day, hour, minute)


def order(paid: datetime | None, shipped: datetime | None, number: str = "1", **more: Any) -> Row:
    state = "finished" if shipped else "paid"
    row = {"order_id": number, "buyer": "ann", "created_at": paid, "paid_at": paid}
    return row | {"paid_fen": 1000, "shipped_at": shipped, "status": state} | more


#: Another order, paid at noon of the day and never shipped, so that there is a denominator.
LATE = order(at(1, 12), None, "late")


def shop(*orders: Row, covers: dict[str, tuple[date, date]] = COVERS, **tables: Any) -> ShopTables:
    return shop_tables(orders=orders, covers=covers, **tables)


def rate(tables: ShopTables, *, last: date = MAY_1, **rules: Any) -> tuple[Any, ...]:
    """Numerator and denominator of 1 May, or of the days up to another."""
    settings = ShopSettings(**rules)
    rows = measure(tables, settings, ids=[RATE], first=MAY_1, last=last).collect()
    return rows.select("numerator", "denominator").row(0)


def why(tables: ShopTables, number: str = "1") -> str | None:
    rows = rows_behind(RATE, tables, ShopSettings(), first=MAY_1, last=MAY_1).collect()
    said: str | None = rows.filter(subject=number)["left_out"].item()
    return said


@pytest.mark.parametrize(
    ("paid", "shipped", "in_time"),
    [
        pytest.param(at(1, 9), at(1, 23, 59), True, id="the same day"),
        pytest.param(at(1, 9), at(2, 0), False, id="after midnight"),
        pytest.param(at(1, 15, 59), at(2, 0), False, id="paid a minute before the cut-off"),
        pytest.param(at(1, 16), at(2, 23, 59), True, id="paid at the cut-off: due the next day"),
        pytest.param(at(1, 16), at(3, 0), False, id="the day after the next is late"),
        pytest.param(at(1, 16), at(1, 17), True, id="earlier than due"),
        pytest.param(at(1, 9), None, False, id="not shipped at all"),
    ],
)
def test_an_order_is_due_on_its_day_or_the_next(
    paid: datetime, shipped: datetime | None, in_time: bool
) -> None:
    # A third order tells that the files do hold shipping times.
    tables = shop(order(paid, shipped), LATE, order(at(1, 8), at(1, 9), "told"))
    assert rate(tables) == (1 + in_time, 3)


def test_the_cut_off_is_the_shops() -> None:
    tables = shop(order(at(1, 12), at(2, 9)))
    assert rate(tables) == (0, 1)
    assert rate(tables, shipping_cutoff_hour=12) == (1, 1)


PAID_BACK = {"refund_id": "r", "asked_at": at(1, 10), "ended_at": at(1, 11), "outcome": "success"}


@pytest.mark.parametrize(
    ("one", "refunds", "left_out"),
    [
        pytest.param({}, [{"amount_fen": 1000}], "refunded_first", id="wholly, not shipped"),
        pytest.param({}, [{"amount_fen": 999}], None, id="in part: it is still to be shipped"),
        pytest.param(
            {},
            [{"amount_fen": 400}, {"amount_fen": 600, "refund_id": "s"}],
            "refunded_first",
            id="bit by bit",
        ),
        pytest.param(
            {}, [{"amount_fen": 1000, "order_id": "i"}], "refunded_first", id="by its sub-order"
        ),
        pytest.param({}, [{"amount_fen": 1000, "outcome": "open"}], None, id="only asked for"),
        pytest.param(
            {}, [{"amount_fen": 1000, "kind": "换货", "order_id": "1"}], None, id="exchanged"
        ),
        pytest.param(
            {"shipped_at": at(1, 12), "status": "closed"},
            [{"amount_fen": 1000}],
            "refunded_first",
            id="shipped after the money was back",
        ),
        pytest.param(
            {"shipped_at": at(1, 10), "status": "closed"},
            [{"amount_fen": 1000}],
            None,
            id="shipped first",
        ),
        pytest.param({"status": "closed"}, [], "refunded_first", id="paid, closed, never shipped"),
        pytest.param({"refund_fen": 1000}, [], "refunded_first", id="the order file tells it"),
        pytest.param(
            {"paid_fen": 0, "refund_fen": 1000, "paid_is_net": True},
            [],
            "refunded_first",
            id="the paid column is net",
        ),
        pytest.param({"paid_fen": 0, "refund_fen": 0}, [], None, id="a gift is no refund"),
    ],
)
def test_what_was_refunded_before_it_was_shipped_is_left_out(
    one: Row, refunds: list[Row], left_out: str | None
) -> None:
    tables = shop(
        order(at(1, 9), None, **one),
        order(at(1, 8), at(1, 9), "told"),
        order_items=[{"order_id": "1", "item_order_id": "i"}],
        refunds=[PAID_BACK | {"order_id": "1"} | refund for refund in refunds],
    )
    assert why(tables) == left_out
    assert rate(tables)[1] == (1 if left_out else 2)


def test_only_a_due_day_that_is_over_counts() -> None:
    tables = shop(
        order(at(1, 9), None),
        order(at(1, 16), at(1, 17), "2"),
        covers={"orders": (MAY_1, MAY_1)},
    )
    rows = measure(tables, ShopSettings(), ids=[RATE], by="day").collect()
    assert rows.select("numerator", "denominator", "immature").row(0) == (0, 1, True)
    assert why(tables, "2") == "not_due"
    # A period waits for the whole day.
    assert rate(tables) == (None, None)


def test_files_without_shipping_times_tell_no_rate() -> None:
    tables = shop(order(at(1, 9), None, status="finished"), LATE)
    rows = measure(tables, ShopSettings(), ids=[RATE], first=MAY_1, last=MAY_1).collect()
    told = rows.select("value", "denominator", "note").row(0)
    assert told == (None, 0, "no_shipping_times")
    assert why(tables) == why(tables, "late") == "no_shipping_time"
    # Another month's file may hold them: what is still on the shelf must not stand alone.
    other = order(at(9, 9), at(9, 10), "other")
    assert rate(shop(order(at(1, 9), None, status="finished"), LATE, other)) == (0, 0)


def test_an_order_that_was_shipped_at_an_unknown_time_is_left_out() -> None:
    told = order(at(1, 9), at(1, 10), "told")
    tables = shop(order(at(1, 9), None, status="shipped"), told, LATE)
    assert why(tables) == "no_shipping_time"
    assert rate(tables) == (1, 2)


def test_items_tell_where_the_order_does_not() -> None:
    items = [
        {"order_id": "1", "item_order_id": "a", "shipped_at": at(1, 10), "status": "shipped"},
        {"order_id": "1", "item_order_id": "b", "shipped_at": at(2, 10), "status": "shipped"},
    ]
    tables = shop(order(at(1, 9), None, status="shipped"), order_items=items)
    # The order has left with its last item.
    assert rate(tables) == (0, 1)
    half = [items[0], items[1] | {"shipped_at": None, "status": "paid"}]
    assert rate(shop(order(at(1, 9), None, status="part_shipped"), order_items=half)) == (0, 1)
    closed = [items[0], items[1] | {"shipped_at": None, "status": "closed"}]
    assert rate(shop(order(at(1, 9), None, status="shipped"), order_items=closed)) == (1, 1)


def test_a_sale_belongs_to_who_sold_it() -> None:
    asked = {"buyer": "ann", "agent": "li", "sent_at": at(1, 7)}
    messages = [asked | {"sender": "buyer"}, asked | {"sender": "agent", "sent_at": at(1, 8)}]
    tables = shop(order(at(1, 9), at(1, 10)), order(None, None, "2"), messages=messages)
    rows = measure(tables, ShopSettings(), ids=[RATE], first=MAY_1, last=MAY_2, by="agent")
    assert rows.select("agent", "numerator", "denominator").collect().rows() == [("li", 1, 1)]


def test_every_reason_has_words() -> None:
    assert {"refunded_first", "no_shipping_time", "not_due"} <= LEFT_OUT.keys()
