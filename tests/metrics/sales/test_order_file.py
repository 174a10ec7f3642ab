"""What an order file says by itself."""

from datetime import date, datetime
from typing import Any

import pytest

from metrics.sales.order_file import order_totals
from tests.frames import shop_tables

MAY = {"first": date(2024, 5, 1), "last": date(2024, 5, 31)}
#: Created in May: one never paid, one paid whole, one with 4 of 10 yuan given back.
ORDERS: list[dict[str, Any]] = [
    {"order_id": "1", "created_at": datetime(2024, 5, 1)},
    {"order_id": "2", "created_at": datetime(2024, 5, 31, 23, 59, 59), "paid": 2000},
    {"order_id": "3", "created_at": datetime(2024, 5, 2), "paid": 1000, "refund_fen": 400},
    {"order_id": "4", "created_at": datetime(2024, 6, 1), "paid": 9900},
]


def totals(*, net: bool, refunds: bool = True) -> tuple[object, ...]:
    orders = []
    for row in ORDERS:
        order = dict(row)
        back = order.pop("refund_fen", 0)
        if refunds:
            order["refund_fen"] = back
        if paid := order.pop("paid", None):
            kept = paid - back if net else paid
            order |= {"paid_fen": kept, "paid_is_net": net, "paid_at": datetime(2024, 6, 2)}
        orders.append(order)
    tables = shop_tables(orders=orders)
    assert order_totals(tables).collect()["orders"].item() == len(ORDERS)
    first, last, *sums = order_totals(tables, **MAY).collect().row(0)
    assert (first, last) == (date(2024, 5, 1), date(2024, 5, 31))
    return tuple(sums)


@pytest.mark.parametrize("net", [True, False], ids=["paid is net", "paid is gross"])
def test_what_was_paid_and_given_back(net: bool) -> None:
    assert totals(net=net) == (3, 1, 2, 30.0, 26.0, 1, 4.0)


def test_a_file_without_a_refund_column_says_nothing_of_refunds() -> None:
    assert totals(net=False, refunds=False) == (3, 1, 2, 30.0, None, None, None)
