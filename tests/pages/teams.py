"""A small shop with a team: three agents alike, one who leaves questions and makes buyers wait."""

from datetime import date, timedelta
from typing import Any

from tests.pages.shops import DAY, HOUR, MAY_1, MINUTE

ALIKE, LAGS = ("ann", "bea", "cat"), "dan"
SECOND = timedelta(seconds=1)


def team(days: int = 12) -> dict[str, list[dict[str, Any]]]:
    """Every day four buyers write to each agent.

    ann, bea and cat answer all within the minute and the first of their buyers pays 20 yuan. dan
    leaves two without an answer and answers one after seven minutes with a blunt refusal.
    """
    shop: dict[str, list[dict[str, Any]]] = {"messages": [], "orders": []}
    for day in range(days):
        for place, agent in enumerate((*ALIKE, LAGS)):
            for n in range(4):
                buyer = f"{agent}-buyer-{day:02}-{n}"
                at = MAY_1 + day * DAY + (9 + n) * HOUR + place * MINUTE
                line = {"buyer": buyer, "agent": agent}
                shop["messages"].append(
                    {**line, "sender": "buyer", "sent_at": at, "text": "有红色吗"}
                )
                if agent == LAGS and n > 1:
                    continue
                slow = agent == LAGS and n == 1
                answer = "没有" if slow else "亲，您好，有现货的"
                wait = 7 * MINUTE if slow else (20 + 7 * n + day) * SECOND
                shop["messages"].append(
                    {**line, "sender": "agent", "sent_at": at + wait, "text": answer}
                )
                if n == 0:
                    paid = at + 10 * MINUTE
                    shop["orders"].append(
                        {"order_id": f"o-{buyer}", "buyer": buyer, "created_at": paid,
                         "paid_at": paid, "paid_fen": 2000, "pieces": 1, "title": "红杯子"}
                    )  # fmt: skip
    return shop


def performance(days: int = 12) -> list[dict[str, Any]]:
    """The same team as the platform's performance table tells it, without a chat line."""
    return [
        {"day": date(2024, 5, 1) + timedelta(days=day), "agent": agent, "received_users": 40,
         "unreplied_users": 20 if agent == LAGS else 1, "avg_response_s": 30.0 + day % 3,
         "inquiry_users": 30, "paid_users_final": 12}
        for day in range(days)
        for agent in (*ALIKE, LAGS)
    ]  # fmt: skip
