from datetime import date, datetime, timedelta
from typing import Any

import pytest

from metrics.work import WORK, WORK_KINDS, WorkKind, last_lines, work
from store.settings import ShopSettings
from tests.frames import MAY_1, NINE, shop_tables

AS_OF = date(2024, 5, 1)
MIDNIGHT = datetime(2024, 5, 2)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def line(sender: str, at: datetime, text: str = "…", *, buyer: str = "ann") -> dict[str, Any]:
    return {"buyer": buyer, "sender": sender, "agent": "li", "sent_at": at, "text": text}


ASKS = line("buyer", NINE, "这款有货吗")
ORDER = {"order_id": "o1", "buyer": "ann", "created_at": NINE, "total_fen": 9900}
REFUND = {"refund_id": "r1", "order_id": "o1", "asked_at": NINE, "amount_fen": 9900}
RATING = {"order_id": "o1", "rated_at": NINE, "description": 5, "logistics": 2}


@pytest.mark.parametrize(
    ("kind", "tables", "expected"),
    [
        pytest.param("unanswered", {"messages": [ASKS]}, [("ann|2024-05-01", "nobody_answered", 15.0)], id="nobody answered"),
        pytest.param("unanswered", {"messages": [ASKS, line("robot", NINE)]}, [("ann|2024-05-01", "robot_only", 15.0)], id="a robot alone"),
        pytest.param("unanswered", {"messages": [ASKS, line("agent", NINE)]}, [], id="answered"),
        pytest.param("unanswered", {"messages": [line("buyer", NINE - DAY)]}, [], id="another day's question"),
        pytest.param("unpaid_order", {"orders": [{**ORDER, "status": "unpaid"}]}, [("o1", "closes_in_hours", 9.0)], id="24 hours after 09:00 is 9 hours after midnight"),
        pytest.param("unpaid_order", {"orders": [{**ORDER, "status": "unpaid", "created_at": MAY_1}]}, [], id="closed at midnight"),
        pytest.param("unpaid_order", {"orders": [{**ORDER, "paid_at": NINE}]}, [], id="paid"),
        pytest.param("late_shipment", {"orders": [{**ORDER, "status": "paid", "paid_at": NINE, "ship_by": MIDNIGHT - HOUR}]}, [("o1", "late_hours", 1.0)], id="an hour late"),
        pytest.param("late_shipment", {"orders": [{**ORDER, "status": "paid", "paid_at": NINE, "ship_by": MIDNIGHT}]}, [], id="in time until midnight"),
        pytest.param("late_shipment", {"orders": [{**ORDER, "status": "paid", "paid_at": NINE}], "order_items": [{"order_id": "o1", "item_order_id": "i1", "ship_by": MIDNIGHT - 2 * HOUR}]}, [("o1", "late_hours", 2.0)], id="the item's promise stands in"),
        pytest.param("open_refund", {"refunds": [{**REFUND, "due_at": MIDNIGHT + HOUR}]}, [("r1", "refund_waits", 1.0)], id="decides itself in an hour"),
        pytest.param("open_refund", {"refunds": [{**REFUND, "step_in": "客服已经介入"}]}, [("r1", "complaint", 33.0)], id="a complaint has 48 hours"),
        pytest.param("open_refund", {"refunds": [{**REFUND, "outcome": "closed"}]}, [], id="decided"),
        pytest.param("bad_rating", {"ratings": [RATING]}, [("o1|20240501090000|0", "low_logistics", 2.0)], id="the lowest dimension names it"),
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


def test_the_warmest_lost_inquiry_comes_first() -> None:
    bob = line("buyer", NINE, "多少钱？今天能发货吗", buyer="bob")
    result = work(
        "lost_inquiry", shop_tables(messages=[ASKS, bob]), ShopSettings(), as_of=AS_OF
    ).collect()
    assert result.select("buyer", "warmth", "reason").rows() == [
        ("bob", 2, "asked_price;asked_delivery"),
        ("ann", 1, "asked_stock"),
    ]


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
        ("ann", NINE + 3 * HOUR, "buyer: 2\nbuyer: 3")
    ]
