from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.chats.reception import ordered_lines
from metrics.chats.rounds import rounds
from store.settings import ShopSettings
from tests.frames import MAY_1, NINE, shop_tables
from tests.metrics.chat_lines import DAY, HOUR, MINUTE, SECOND, Line, a_line, buyer_days, lines

ASKS: Line = ("ann", "buyer", "li", NINE)


def rows_of(chat: list[Line], **choices: Any) -> list[dict[str, Any]]:
    messages = shop_tables(messages=lines(*chat)).messages
    return rounds(ordered_lines(messages, ShopSettings(**choices))).collect().to_dicts()


def waits(chat: list[Line], **choices: Any) -> list[tuple[str, float | None, str]]:
    return [(row["agent"], row["wait_s"], row["state"]) for row in rows_of(chat, **choices)]


LATE: Line = ("ann", "buyer", "li", MAY_1 + DAY - SECOND)


@pytest.mark.parametrize(
    ("chat", "expected"),
    [
        pytest.param([], [], id="nobody wrote"),
        pytest.param([ASKS], [("li", None, "unanswered")], id="no answer"),
        pytest.param(
            [ASKS, ("ann", "agent", "li", NINE + MINUTE)], [("li", 60.0, "answered")], id="answered"
        ),
        pytest.param(
            [ASKS, ("ann", "agent", "li", NINE)], [("li", 0.0, "answered")], id="same second"
        ),
        pytest.param(
            [ASKS, ("ann", "robot", "li", NINE)], [("li", None, "robot_only")], id="robot alone"
        ),
        pytest.param(
            [ASKS, ("ann", "robot", "li", NINE - SECOND)],
            [("li", None, "unanswered")],
            id="a robot's greeting before it",
        ),
        pytest.param(
            [ASKS, ("ann", "robot", "li", NINE + DAY)],
            [("li", None, "unanswered")],
            id="a robot next day",
        ),
        pytest.param(
            [ASKS, ("bob", "robot", "li", NINE + SECOND)],
            [("li", None, "unanswered")],
            id="a robot to someone else",
        ),
        pytest.param(
            [ASKS, ("ann", "system", "li", NINE)], [("li", None, "unanswered")], id="system line"
        ),
        pytest.param(
            [
                ASKS,
                ("ann", "robot", "li", NINE + SECOND),
                ("ann", "agent", "li", NINE + 2 * SECOND),
            ],
            [("li", 2.0, "answered")],
            id="robot, then a human",
        ),
        pytest.param(
            [
                ASKS,
                ("ann", "buyer", "li", NINE + MINUTE),
                ("ann", "agent", "li", NINE + 2 * MINUTE),
            ],
            [("li", 120.0, "answered")],
            id="timed from the first of several lines",
        ),
        pytest.param(
            [ASKS]
            + [("ann", "agent", "li", NINE + i * MINUTE) for i in (1, 2)]
            + [("ann", "buyer", "li", NINE + 3 * MINUTE), ("ann", "agent", "wu", NINE + HOUR)],
            [("li", 60.0, "answered"), ("li", 57 * 60.0, "answered")],
            id="two rounds",
        ),
        pytest.param(
            [
                ASKS,
                ("ann", "buyer", "wu", NINE + MINUTE),
                ("ann", "agent", "wu", NINE + 2 * MINUTE),
            ],
            [("li", 120.0, "answered")],
            id="transfer: the round stays with the first agent",
        ),
        pytest.param(
            [LATE, ("ann", "agent", "li", MAY_1 + DAY)],
            [("li", None, "unanswered")],
            id="midnight closes nothing",
        ),
        pytest.param(
            [
                LATE,
                ("ann", "agent", "li", MAY_1 + DAY),
                ("ann", "buyer", "li", MAY_1 + DAY + SECOND),
            ],
            [("li", None, "unanswered"), ("li", None, "unanswered")],
            id="next morning opens a new round",
        ),
        pytest.param(
            [("ann", "buyer", "", NINE), ("ann", "agent", "li", NINE + SECOND)],
            [("li", 1.0, "answered")],
            id="addressed to the next line's agent",
        ),
        pytest.param(
            [
                ("ann", "agent", "wu", NINE - SECOND),
                ("ann", "buyer", "", NINE),
                ("ann", "agent", "li", NINE + SECOND),
            ],
            [("wu", 1.0, "answered")],
            id="addressed to the previous line's agent",
        ),
        pytest.param(
            [("ann", "agent", "wu", NINE - DAY), ("ann", "buyer", "", NINE)],
            [("", None, "unanswered")],
            id="yesterday's agent is not asked",
        ),
    ],
)
def test_rounds(chat: list[Line], expected: list[tuple[str, float | None, str]]) -> None:
    assert waits(chat) == expected


@pytest.mark.parametrize(
    ("clock", "inside"),
    [
        pytest.param((7, 59, 59), False, id="a second before eight"),
        pytest.param((8, 0, 0), True, id="eight"),
        pytest.param((22, 59, 59), True, id="last second"),
        pytest.param((23, 0, 0), False, id="eleven at night"),
    ],
)
def test_platform_hours(clock: tuple[int, int, int], inside: bool) -> None:
    (row,) = rows_of([("ann", "buyer", "li", datetime(2024, 5, 1, *clock))])
    assert row["in_platform_hours"] is inside


def test_settings_rename_robots_and_leave_out_filtered_buyers() -> None:
    chat = [ASKS, ("ann", "agent", "auto", NINE + SECOND), ("bob", "buyer", "li", NINE)]
    chosen = waits(chat, robot_agents=("auto",), filtered_buyers=("bob",))
    assert chosen == [("li", None, "robot_only")]


@given(st.lists(a_line, max_size=14))
@settings(max_examples=100, deadline=None)
def test_rounds_match_reading_the_chat(chat: list[Line]) -> None:
    expected: list[tuple[Any, ...]] = []
    for talk in buyer_days(chat):
        opening, first = None, True
        for i, (_, sender, agent, at) in enumerate(talk):
            if sender == "buyer" and opening is None:
                opening = i
            if sender == "agent" and opening is not None:
                buyer, _, asked, opened_at = talk[opening]
                wait = (at - opened_at).total_seconds()
                expected.append((buyer, opened_at, asked, agent, wait, "answered", first))
                opening, first = None, False
        if opening is not None:
            buyer, _, asked, opened_at = talk[opening]
            robot = any(line[1] == "robot" for line in talk[opening:])
            state = "robot_only" if robot else "unanswered"
            expected.append((buyer, opened_at, asked, None, None, state, first))
    columns = ("buyer", "opened_at", "agent", "replier", "wait_s", "state", "first")
    found = [tuple(row[name] for name in columns) for row in rows_of(chat)]
    assert sorted(found, key=str) == sorted(expected, key=str)
