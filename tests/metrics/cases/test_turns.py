from datetime import datetime, timedelta
from typing import Any

import pytest

from metrics.cases.turns import turns
from tests.frames import NINE, shop_tables

SECOND = timedelta(seconds=1)


def line(sender: str, seconds: int, text: str = "…", *, buyer: str = "ann") -> dict[str, Any]:
    agent = "li" if sender != "buyer" else ""
    at = NINE + seconds * SECOND
    return {"buyer": buyer, "sender": sender, "agent": agent, "sent_at": at, "text": text}


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        pytest.param(
            [line("buyer", 0, "在吗"), line("buyer", 5, "有货吗"), line("agent", 30, "有")],
            [("buyer", "在吗\n有货吗", None), ("agent", "有", 30)],
            id="lines in a row are one turn, the wait runs from the first",
        ),
        pytest.param(
            [line("buyer", 0, "在吗"), line("robot", 1, "您好"), line("agent", 9, "在的")],
            [("buyer", "在吗", None), ("agent", "在的", 9)],
            id="a robot is passed over",
        ),
        pytest.param(
            [line("agent", 0, "您好"), line("buyer", 0, "在吗")],
            [("buyer", "在吗", None), ("agent", "您好", 0)],
            id="of one second the buyer is first",
        ),
        pytest.param(
            [line("agent", 0, "亲，活动"), line("buyer", 9, "好")],
            [("agent", "亲，活动", None), ("buyer", "好", None)],
            id="an agent who opens has no wait",
        ),
    ],
)
def test_turns(lines: list[dict[str, Any]], expected: list[tuple[str, str, int | None]]) -> None:
    result = turns(shop_tables(messages=lines).messages).collect()
    assert result.select("side", "text", "wait_s").rows() == expected


def test_midnight_and_another_buyer_open_another_conversation() -> None:
    midnight = datetime(2024, 5, 2)
    lines = [
        line("buyer", 0),
        {**line("agent", 0), "sent_at": midnight},
        line("agent", 60, buyer="bob"),
    ]
    result = turns(shop_tables(messages=lines).messages).collect()
    assert result.select("buyer", "turn", "wait_s", "closes").rows() == [
        ("ann", 0, None, True),
        ("ann", 0, None, True),
        ("bob", 0, None, True),
    ]
