"""Both feeds on the same days."""

from datetime import date, timedelta
from typing import Any

import pytest

from metrics.views.feeds_compared import compared, shared_days
from store.settings import ShopSettings
from tests.frames import MAY_1, NINE, shop_tables

FIRST, LAST = date(2024, 5, 1), date(2024, 5, 31)
SPAN: dict[str, Any] = {"first": FIRST, "last": LAST}
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
RULES = ShopSettings()


def said(buyer: str, sender: str, minutes: int, day: int = 0) -> dict[str, Any]:
    at = NINE + day * DAY + minutes * MINUTE
    return {"buyer": buyer, "sender": sender, "agent": "li", "sent_at": at}


def printed(day: int, **columns: Any) -> dict[str, Any]:
    return {"day": (MAY_1 + day * DAY).date(), "agent": "li", **columns}


CHATS = [
    said("a", "buyer", 0),
    said("a", "agent", 1),
    said("b", "buyer", 0),
    said("c", "buyer", 0, 1),
]


def test_only_days_and_metrics_that_both_know_are_compared() -> None:
    tables = shop_tables(
        messages=CHATS,
        service_days=[
            printed(0, received_users=4, unreplied_users=1),
            # The table does not know the second day, nor any response time.
            printed(2, received_users=9, unreplied_users=0),
        ],
        covers={"service_days": (FIRST, FIRST)},
    )
    rows = compared(tables, RULES, subject="reply", **SPAN).collect()
    columns = ("metric", "day", "agent", "messages", "service_days", "difference")
    assert rows.select(columns).rows() == [("reply_rate", None, None, 0.5, 0.75, -0.25)]
    assert rows.select("messages_n", "service_days_n").rows() == [(2, 4)]


def test_sums_over_days_and_agents() -> None:
    tables = shop_tables(
        messages=CHATS,
        service_days=[
            printed(0, received_users=2, unreplied_users=1),
            printed(1, received_users=2, unreplied_users=0),
            printed(1, received_users=5, unreplied_users=0) | {"agent": "wu"},
        ],
    )
    per_agent = compared(tables, RULES, subject="reply", **SPAN, by="agent").collect()
    assert per_agent.select("agent", "messages", "service_days").rows() == [("li", 1 / 3, 0.75)]
    days = compared(tables, RULES, subject="reply", **SPAN, by="day").collect()
    assert days.select("day", "messages", "service_days").rows() == [
        (FIRST, 0.5, 0.5),
        (FIRST + DAY, 0.0, 1.0),
    ]


@pytest.mark.parametrize("final", [0, 1])
def test_inquiries_are_compared_once_both_are_final(final: int) -> None:
    tables = shop_tables(
        messages=[said("a", "buyer", 0), said("b", "buyer", 0)],
        orders=[
            {
                "order_id": "1",
                "buyer": "a",
                "created_at": NINE + MINUTE,
                "paid_at": NINE + MINUTE,
            }
        ],
        service_days=[printed(0, inquiry_users=4, paid_users_final=1)],
        covers={
            "messages": (FIRST, FIRST + 9 * DAY),
            "orders": (FIRST, FIRST + 9 * DAY),
            "service_days": (FIRST, FIRST + (3 + final) * DAY),
        },
    )
    days = shared_days(tables, RULES, subject="inquiry", **SPAN)
    assert days["day"].to_list() == [FIRST] * final
    rows = compared(tables, RULES, subject="inquiry", **SPAN).collect()
    expected = [("inquiry_conversion", 0.5, 0.25, 0.25)] * final
    assert rows.select("metric", "messages", "service_days", "difference").rows() == expected
