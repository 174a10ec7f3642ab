# ruff: noqa: E501  (one case a line: read as a table)
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.work.chats import last_lines
from metrics.work.lists import WORK, WORK_KINDS, WorkKind, work
from metrics.work.orders import tells_of_shipping
from store.settings import ShopSettings
from tests.frames import MAY_1, NINE, shop_tables

AS_OF = date(2024, 5, 1)
MIDNIGHT = datetime(2024, 5, 2)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def line(sender: str, at: datetime, text: str = "…", *, buyer: str = "ann") -> dict[str, Any]:
    return {"buyer": buyer, "sender": sender, "agent": "li", "sent_at": at, "text": text}


ASKS = line("buyer", NINE, "这款有货吗")
ORDER = {"order_id": "o1", "buyer": "ann", "created_at": NINE, "total_fen": 9900}
PAID = {**ORDER, "status": "paid"} | dict.fromkeys(("created_at", "paid_at"), NINE - 2 * DAY)
#: What tells that the shop's files know of shipping.
SENT = {**ORDER, "order_id": "o0", "status": "shipped", "paid_at": NINE, "shipped_at": NINE + HOUR}
REFUND = {"refund_id": "r1", "order_id": "o1", "asked_at": NINE, "amount_fen": 9900}
REVIEW = {"buyer": "a**n", "rated_at": NINE, "text": "质量太差", "rating_class": "差评"}
RATING = {"order_id": "o1", "rated_at": NINE, "description": 5, "logistics": 2}


@pytest.mark.parametrize(
    ("kind", "tables", "expected"),
    [
        pytest.param("unanswered", {"messages": [ASKS]}, [("ann|2024-05-01", "nobody_answered", 15.0)], id="nobody answered"),
        pytest.param("unanswered", {"messages": [ASKS, line("robot", NINE)]}, [("ann|2024-05-01", "robot_only", 15.0)], id="a robot alone"),
        pytest.param("unanswered", {"messages": [ASKS, line("agent", NINE)]}, [], id="answered"),
        pytest.param("unanswered", {"messages": [ASKS, line("agent", NINE + DAY)]}, [], id="answered next morning"),
        pytest.param("unanswered", {"messages": [ASKS, line("agent", NINE + DAY, buyer="bob")]}, [("ann|2024-05-01", "nobody_answered", 15.0)], id="next morning another buyer was answered"),
        pytest.param("unanswered", {"messages": [line("buyer", NINE - DAY)]}, [], id="another day's question"),
        pytest.param("unpaid_order", {"orders": [{**ORDER, "status": "unpaid"}]}, [("o1", "closes_in_hours", 9.0)], id="24 hours after 09:00 is 9 hours after midnight"),
        pytest.param("unpaid_order", {"orders": [{**ORDER, "status": "unpaid", "created_at": MAY_1}]}, [], id="closed at midnight"),
        pytest.param("unpaid_order", {"orders": [{**ORDER, "paid_at": NINE}]}, [], id="paid"),
        pytest.param("late_shipment", {"orders": [SENT, {**PAID, "ship_by": MIDNIGHT - HOUR}]}, [("o1", "late_hours", 1.0)], id="an hour late"),
        pytest.param("late_shipment", {"orders": [SENT, {**PAID, "ship_by": MIDNIGHT}]}, [], id="in time until midnight"),
        pytest.param("late_shipment", {"orders": [SENT, PAID], "order_items": [{"order_id": "o1", "item_order_id": "i1", "ship_by": MIDNIGHT - 2 * HOUR}]}, [("o1", "late_hours", 2.0)], id="the item's promise stands in"),
        pytest.param("late_shipment", {"orders": [SENT, PAID]}, [("o1", "late_by_usual", 15.0)], id="48 hours where no promise is named"),
        pytest.param("late_shipment", {"orders": [SENT, {**PAID, "paid_at": MIDNIGHT - 2 * DAY}]}, [], id="48 hours are not over"),
        pytest.param("late_shipment", {"orders": [PAID, {**PAID, "order_id": "o2", "status": "unpaid", "paid_at": None}]}, [], id="the files tell of payment only"),
        pytest.param("late_shipment", {"orders": [{**PAID, "status": "part_shipped"}]}, [("o1", "late_by_usual", 15.0)], id="a status tells of shipping"),
        pytest.param("open_refund", {"refunds": [{**REFUND, "due_at": MIDNIGHT + HOUR}]}, [("r1", "refund_waits", 1.0)], id="decides itself in an hour"),
        pytest.param("open_refund", {"refunds": [{**REFUND, "step_in": "客服已经介入"}]}, [("r1", "complaint", 33.0)], id="a complaint has 48 hours"),
        pytest.param("open_refund", {"refunds": [{**REFUND, "outcome": "closed"}]}, [], id="decided"),
        pytest.param("bad_rating", {"ratings": [RATING]}, [("o1|20240501090000|0", "low_rating;logistics", 2.0)], id="the lowest dimension names it"),
        pytest.param("bad_rating", {"ratings": [{**RATING, "description": 2, "comment": "客服不理人"}]}, [("o1|20240501090000|0", "low_rating;service", 2.0)], id="of two lowest the words decide"),
        pytest.param("bad_rating", {"ratings": [{**RATING, "description": 2}]}, [("o1|20240501090000|0", "low_rating;other", 2.0)], id="two lowest and no words"),
        pytest.param("bad_rating", {"ratings": [{**RATING, "comment": "客服不理人"}]}, [("o1|20240501090000|0", "low_rating;logistics", 2.0)], id="the stars come before the words"),
        pytest.param("bad_rating", {"ratings": [{**RATING, "buyer": "ann"}], "messages": [line("agent", NINE + HOUR)]}, [], id="answered since"),
        pytest.param("bad_rating", {"ratings": [{**RATING, "buyer": "ann"}], "messages": [line("agent", MIDNIGHT + HOUR)]}, [], id="answered the next day"),
        pytest.param("bad_rating", {"ratings": [RATING], "orders": [ORDER], "messages": [line("agent", NINE + HOUR)]}, [], id="answered, the order tells the buyer"),
        pytest.param("bad_rating", {"ratings": [{**RATING, "buyer": "ann"}], "messages": [line("agent", NINE - HOUR)]}, [("o1|20240501090000|0", "low_rating;logistics", 2.0)], id="spoken to before is no answer"),
        pytest.param("bad_rating", {"ratings": [{**RATING, "buyer": "ann"}], "messages": [line("robot", NINE + HOUR)]}, [("o1|20240501090000|0", "low_rating;logistics", 2.0)], id="a robot does not answer a rating"),
        pytest.param("bad_rating", {"reviews": [REVIEW]}, [("review|a**n|20240501090000|", "bad_review;product", None)], id="a bad review"),
        pytest.param("bad_rating", {"reviews": [{**REVIEW, "rating_class": "中评", "text": "…"}]}, [("review|a**n|20240501090000|", "neutral_review;other", None)], id="a neutral review that says nothing"),
        pytest.param("bad_rating", {"reviews": [{**REVIEW, "rating_class": "好评"}]}, [], id="praise"),
        pytest.param("bad_rating", {"reviews": [{**REVIEW, "rating_class": None}]}, [], id="a review without a class"),
        pytest.param("bad_rating", {"reviews": [REVIEW], "ratings": [{**RATING, "buyer": "ann"}]}, [("o1|20240501090000|0", "low_rating;logistics", 2.0)], id="rating and review of one moment are one"),
        pytest.param("bad_rating", {"reviews": [REVIEW], "ratings": [{**RATING, "buyer": "bob"}]}, [("o1|20240501090000|0", "low_rating;logistics", 2.0), ("review|a**n|20240501090000|", "bad_review;product", None)], id="another buyer's review stays"),
        pytest.param("bad_rating", {"ratings": [{**RATING, "logistics": 4}]}, [], id="four stars are fine"),
        pytest.param("bad_rating", {"ratings": [{**RATING, "rated_at": MIDNIGHT - 3 * DAY - HOUR}]}, [], id="too long ago"),
        pytest.param("after_sale_closing", {"orders": [{**ORDER, "received_at": NINE - 14 * DAY}], "refunds": [{**REFUND, "outcome": "closed"}]}, [("o1", "refund_was_closed", 9.0)], id="15 days after receipt"),
        pytest.param("after_sale_closing", {"orders": [{**ORDER, "received_at": NINE - 14 * DAY}]}, [], id="nobody complained"),
        pytest.param("lost_inquiry", {"messages": [ASKS]}, [("ann|2024-05-01", "asked_stock", None)], id="asked about stock and left"),
        pytest.param("lost_inquiry", {"messages": [ASKS], "orders": [{**ORDER, "created_at": NINE + HOUR}]}, [], id="ordered"),
    ],
)  # fmt: skip
def test_work(
    kind: WorkKind, tables: dict[str, Any], expected: list[tuple[str, str, float | None]]
) -> None:
    result = work(kind, shop_tables(**tables), ShopSettings(), as_of=AS_OF).collect()
    assert result.select("subject", "reason", "number").rows() == expected


@pytest.mark.parametrize(
    ("orders", "told"),
    [
        pytest.param([], False, id="no orders"),
        pytest.param([{"status": "paid"}], False, id="payment alone"),
        pytest.param([{"status": "closed"}], False, id="closed without shipping"),
        pytest.param([{"status": "paid", "shipped_at": NINE}], True, id="a shipping time"),
        pytest.param([{"status": "paid"}, {"status": "part_shipped"}], True, id="part of one"),
        pytest.param([{"status": "paid"}, {"status": "shipped"}], True, id="on its way"),
        pytest.param([{"status": "paid"}, {"status": "finished"}], True, id="finished"),
    ],
)
def test_files_tell_of_shipping(orders: list[dict[str, Any]], told: bool) -> None:
    rows = [ORDER | order | {"order_id": str(n)} for n, order in enumerate(orders)]
    assert tells_of_shipping(shop_tables(orders=rows)).collect()["told"].item() is told


def test_the_shop_sets_when_an_unpaid_order_closes() -> None:
    tables = shop_tables(orders=[{**ORDER, "status": "unpaid", "created_at": NINE - DAY}])
    for hours, left in ((24, []), (48, [9.0])):
        rules = ShopSettings(unpaid_close_hours=hours)
        listed = work("unpaid_order", tables, rules, as_of=AS_OF).collect()
        assert listed["hours_left"].to_list() == left


def test_the_warmest_lost_inquiry_comes_first() -> None:
    bob = line("buyer", NINE, "多少钱？今天能发货吗", buyer="bob")
    result = work(
        "lost_inquiry", shop_tables(messages=[ASKS, bob]), ShopSettings(), as_of=AS_OF
    ).collect()
    assert result.select("buyer", "warmth", "reason").rows() == [
        ("bob", 2, "asked_price;asked_delivery"),
        ("ann", 1, "asked_stock"),
    ]


def test_of_equally_warm_buyers_the_newest_comes_first() -> None:
    earlier = line("buyer", NINE - HOUR, "有货吗", buyer="bob")
    tables = shop_tables(messages=[earlier, ASKS])
    listed = work("lost_inquiry", tables, ShopSettings(), as_of=AS_OF).collect()
    assert listed["buyer"].to_list() == ["ann", "bob"]


def test_the_nearest_deadline_comes_first_and_an_unknown_one_last() -> None:
    refunds = [
        {**REFUND, "refund_id": name, "due_at": due}
        for name, due in (("none", None), ("later", MIDNIGHT + DAY), ("soon", MIDNIGHT + HOUR))
    ]
    listed = work("open_refund", shop_tables(refunds=refunds), ShopSettings(), as_of=AS_OF)
    assert listed.select("subject", "hours_left", "age_hours").collect().rows() == [
        ("soon", 1.0, 15.0),
        ("later", 24.0, 15.0),
        ("none", None, 15.0),
    ]


@pytest.mark.parametrize(
    ("lines", "agent"),
    [
        pytest.param([line("agent", NINE)], "li", id="who last wrote to the buyer"),
        pytest.param([line("agent", NINE), {**line("agent", NINE + HOUR), "agent": "wu"}], "wu", id="the later of two"),
        pytest.param([line("robot", NINE)], None, id="a robot is nobody"),
        pytest.param([line("agent", NINE - 31 * DAY)], None, id="too long ago"),
        pytest.param([line("agent", MIDNIGHT)], None, id="the next day"),
        pytest.param([line("agent", NINE, buyer="bob")], None, id="to another buyer"),
    ],
)  # fmt: skip
def test_an_order_belongs_to_who_last_wrote(lines: list[dict[str, Any]], agent: str | None) -> None:
    tables = shop_tables(orders=[{**ORDER, "status": "unpaid"}], messages=lines)
    listed = work("unpaid_order", tables, ShopSettings(), as_of=AS_OF).collect()
    assert listed["agent"].to_list() == [agent]


@given(
    st.lists(st.tuples(*[st.none() | st.integers(1, 5)] * 3).filter(any), max_size=6),
    st.sampled_from([None, "…", "快递太慢", "质量差，客服不理"]),
)
@settings(max_examples=60, deadline=None)
def test_bad_ratings_are_those_a_loop_finds(
    stars: list[tuple[int | None, int | None, int | None]], comment: str | None
) -> None:
    rows = [
        {"order_id": str(n), "rated_at": NINE, "comment": comment}
        | dict(zip(("description", "service", "logistics"), three, strict=True))
        for n, three in enumerate(stars)
    ]
    words = {None: "other", "…": "other", "快递太慢": "logistics", "质量差，客服不理": "service"}
    expected = []
    for n, three in enumerate(stars):
        said = [each for each in three if each is not None]
        if not said or min(said) > 3:
            continue
        lowest = [
            name
            for name, each in zip(("product", "service", "logistics"), three, strict=True)
            if each == min(said)
        ]
        about = lowest[0] if len(lowest) == 1 else words[comment]
        expected.append((str(n), f"low_rating;{about}", float(min(said))))
    listed = work("bad_rating", shop_tables(ratings=rows), ShopSettings(), as_of=AS_OF)
    assert listed.select("order_id", "reason", "number").collect().rows() == expected


@pytest.mark.parametrize("kind", WORK_KINDS)
def test_an_empty_shop_has_no_work(kind: WorkKind) -> None:
    result = work(kind, shop_tables(), ShopSettings(), as_of=AS_OF).collect()
    assert result.schema == WORK
    assert result.is_empty()


def test_last_lines_are_the_end_of_the_talk() -> None:
    lines = [line("buyer", NINE + n * HOUR, str(n)) for n in range(4)]
    tables = shop_tables(messages=lines)
    buyers = tables.messages.select("buyer")
    assert last_lines(tables, buyers, lines=2).collect().rows() == [
        (
            "ann",
            [{"sender": "buyer", "sent_at": NINE + n * HOUR, "text": str(n)} for n in (2, 3)],
        )
    ]
