from collections import defaultdict
from datetime import date, datetime
from statistics import quantiles
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.chats.reply import METRICS, QUANTILES, SUMMED, measured
from metrics.kit.periods import By
from store.settings import ShopSettings
from tests.frames import MAY_1, NINE, shop_tables
from tests.metrics.chat_lines import DAY, MINUTE, SECOND, Line, a_line, buyer_days, lines

FIRST, LAST = date(2024, 5, 1), date(2024, 5, 3)
IDS = (*SUMMED, *QUANTILES)
ASKS: Line = ("ann", "buyer", "li", NINE)
#: Value, numerator, denominator; the value may be ``pytest.approx``.
Counted = tuple[Any, float | None, float | None]


def reply(
    chat: list[Line],
    *,
    service: list[dict[str, Any]] | None = None,
    covers: dict[str, tuple[date, date]] | None = None,
    by: By = "period",
    **choices: Any,
) -> dict[tuple[str, Any], Counted]:
    """(metric, day or agent or None) → value, numerator, denominator."""
    covers = {"messages": (FIRST, LAST)} if covers is None else covers
    tables = shop_tables(messages=lines(*chat), service_days=service or [], covers=covers)
    frame = measured(
        tables, ShopSettings(**choices), metrics=METRICS, first=FIRST, last=LAST, by=by
    )
    key = {"day": "start", "month": "start", "agent": "agent", "period": None}[by]
    return {
        (row["metric"], row[key] if key else None): (
            row["value"],
            row["numerator"],
            row["denominator"],
        )
        for row in frame.collect().to_dicts()
    }


def shop(metric: str, chat: list[Line], **choices: Any) -> Counted:
    return reply(chat, **choices)[metric, None]


def after(wait: int, *, opened_at: datetime = NINE) -> list[Line]:
    """A question answered after so many seconds."""
    return [("ann", "buyer", "li", opened_at), ("ann", "agent", "li", opened_at + wait * SECOND)]


ROBOT: Line = ("ann", "robot", "li", NINE + SECOND)


@pytest.mark.parametrize(
    ("chat", "expected"),
    [
        pytest.param(after(60), (1.0, 1, 1), id="answered"),
        pytest.param([ASKS], (0.0, 0, 1), id="not answered"),
        pytest.param(after(0), (1.0, 1, 1), id="same second"),
        pytest.param(
            [("ann", "agent", "li", NINE - SECOND), ASKS], (0.0, 0, 1), id="a greeting is no answer"
        ),
        pytest.param(
            after(1, opened_at=MAY_1 + DAY - SECOND), (0.0, 0, 1), id="midnight is too late"
        ),
        pytest.param(
            after(1, opened_at=MAY_1 + DAY - 2 * SECOND), (1.0, 1, 1), id="last second of the day"
        ),
        pytest.param([ASKS, ROBOT], (1.0, 1, 1), id="a robot answers"),
        pytest.param(
            [ASKS, ("ann", "system", "", NINE + SECOND)], (0.0, 0, 1), id="a system line does not"
        ),
        pytest.param(
            [ASKS, ("ann", "buyer", "wu", NINE), ("bob", "buyer", "li", NINE)],
            (0.0, 0, 2),
            id="people are counted, not messages",
        ),
        pytest.param(
            [*after(1), ("ann", "buyer", "li", NINE + DAY)], (0.5, 1, 2), id="counts again next day"
        ),
        pytest.param([("ann", "agent", "li", NINE)], (None, 0, 0), id="nobody wrote"),
        pytest.param([], (None, 0, 0), id="no lines"),
    ],
)
def test_reply_rate(chat: list[Line], expected: Counted) -> None:
    assert shop("reply_rate", chat) == expected


def test_reply_rate_by_humans_only() -> None:
    assert shop("reply_rate", [ASKS, ROBOT], robot_counts_as_reply=False) == (0.0, 0, 1)


def test_filtered_buyers_are_not_received() -> None:
    chat = [ASKS, ("ad", "buyer", "li", NINE)]
    assert shop("reply_rate", chat, filtered_buyers=("ad",)) == (0.0, 0, 1)


TRANSFER = [ASKS, ("ann", "buyer", "wu", NINE + MINUTE), ("ann", "agent", "wu", NINE + 2 * MINUTE)]


def test_a_transfer_without_an_answer_stays_with_the_first_agent() -> None:
    agents = reply(TRANSFER, by="agent")
    assert agents["reply_rate", "li"] == (0.0, 0, 1)
    assert agents["reply_rate", "wu"] == (1.0, 1, 1)
    assert agents["response_time_platform", "li"] == (120.0, 120, 1)
    assert agents["first_response_time", "wu"] == (120.0, 120, 1)
    assert shop("reply_rate", TRANSFER) == (1.0, 1, 1)


def test_a_robot_answers_for_the_agent_it_writes_under() -> None:
    chat = [ASKS, ("ann", "buyer", "wu", NINE), ROBOT]
    agents = reply(chat, by="agent")
    assert agents["reply_rate", "li"] == (1.0, 1, 1)
    assert agents["reply_rate", "wu"] == (0.0, 0, 1)


@pytest.mark.parametrize(
    ("metric", "wait", "expected"),
    [
        pytest.param("response_time_platform", 599, (599.0, 599, 1), id="platform under the cap"),
        pytest.param("response_time_platform", 600, (600.0, 600, 1), id="platform at the cap"),
        pytest.param("response_time_platform", 601, (600.0, 600, 1), id="platform over the cap"),
        pytest.param("response_time_tool", 599, (599.0, 599, 1), id="tool under"),
        pytest.param("response_time_tool", 600, (None, 0, 0), id="tool at 600 is out"),
        pytest.param("within_three_minutes", 180, (1.0, 1, 1), id="three minutes"),
        pytest.param("within_three_minutes", 181, (0.0, 0, 1), id="a second more"),
        pytest.param("first_response_time", 601, (601.0, 601, 1), id="first is not capped"),
        pytest.param("response_time_median", 601, (601.0, None, 1), id="nor is the median"),
    ],
)
def test_edges_of_a_wait(metric: str, wait: int, expected: Counted) -> None:
    assert shop(metric, after(wait)) == expected


@pytest.mark.parametrize(
    ("chat", "platform", "quick"),
    [
        pytest.param([ASKS], (600.0, 600, 1), (0.0, 0, 1), id="unanswered counts the cap"),
        pytest.param([ASKS, ROBOT], (None, 0, 0), (0.0, 0, 1), id="robot alone"),
        pytest.param(
            after(5, opened_at=MAY_1), (None, 0, 0), (None, 0, 0), id="at night it does not count"
        ),
    ],
)
def test_platform_average(chat: list[Line], platform: Counted, quick: Counted) -> None:
    found = reply(chat)
    assert found["response_time_platform", None] == platform
    assert found["within_three_minutes", None] == quick


def test_the_tools_count_the_night_too() -> None:
    assert shop("response_time_tool", after(5, opened_at=MAY_1)) == (5.0, 5, 1)


def test_quantiles_interpolate() -> None:
    chat = [
        line
        for i, wait in enumerate((10, 20, 40))
        for line in after(wait, opened_at=NINE + i * DAY)
    ]
    assert shop("response_time_median", chat) == (20.0, None, 3)
    assert shop("response_time_p90", chat) == (pytest.approx(36.0), None, 3)


def slow(times: int, wait: int) -> list[Line]:
    return [line for i in range(times) for line in after(wait, opened_at=NINE + 10 * i * MINUTE)]


@pytest.mark.parametrize(
    ("chat", "expected"),
    [
        pytest.param(slow(3, 121), (1.0, 1, 1), id="three slow rounds"),
        pytest.param(slow(3, 120), (0.0, 0, 1), id="120 seconds are not slow"),
        pytest.param(slow(2, 121), (0.0, 0, 1), id="two are not enough"),
        pytest.param([*slow(2, 121), ("ann", "buyer", "li", NINE + 9 * MINUTE * 9)], (0.0, 0, 1),
                     id="an unanswered one does not count"),
        pytest.param([("ann", "agent", "li", NINE)], (None, 0, 0), id="nobody received"),
    ],
)  # fmt: skip
def test_slow_conversations(chat: list[Line], expected: Counted) -> None:
    assert shop("slow_conversations", chat) == expected


def test_answer_ratio_counts_lines() -> None:
    chat = [*after(1), *after(2), ROBOT, ("bob", "buyer", "", NINE)]
    assert shop("answer_ratio", chat) == (pytest.approx(2 / 3), 2, 3)
    assert reply(chat, by="agent")["answer_ratio", "li"] == (1.0, 2, 2)


def test_days_without_a_file_are_null_and_say_so() -> None:
    tables = shop_tables(messages=lines(*after(5)), covers={"messages": (FIRST, date(2024, 5, 2))})
    rows = measured(
        tables, ShopSettings(), metrics=METRICS[:1], first=FIRST, last=LAST, by="day"
    ).collect()
    told = rows.sort("start").select("value", "denominator", "note").rows()
    assert told == [
        (1.0, 1.0, "feed_messages"),
        (None, 0.0, "no_rows;feed_messages"),
        (None, None, "no_file"),
    ]


def test_a_month_is_clipped_to_the_span() -> None:
    tables = shop_tables(messages=lines(*after(5, opened_at=datetime(2024, 4, 30, 23, 59, 50))))
    rows = measured(
        tables, ShopSettings(), metrics=METRICS[:1], first=date(2024, 4, 29), last=FIRST, by="month"
    ).collect()
    assert rows.sort("start").select("start", "end", "value").rows() == [
        (date(2024, 4, 29), date(2024, 4, 30), 1.0),
        (FIRST, FIRST, None),
    ]


# --- the twin ---------------------------------------------------------------------------------


def by_hand(chat: list[Line], *, robots: bool, agents: bool) -> dict[tuple[str, Any], list[float]]:
    """(metric, (day, agent)) → [numerator, denominator], and the waits of the quantiles."""
    sums: dict[tuple[str, Any], list[float]] = defaultdict(lambda: [0, 0])
    valid = ("agent", "robot") if robots else ("agent",)

    def add(metric: str, key: Any, numerator: float, denominator: float) -> None:
        sums[metric, key][0] += numerator
        sums[metric, key][1] += denominator

    for talk in buyer_days(chat):
        day = talk[0][3].date()
        for _, sender, agent, _ in talk:
            if sender in ("agent", "buyer") and (agent or not agents):
                key = (day, agent if agents else None)
                add("answer_ratio", key, sender == "agent", sender == "buyer")
        asked = [line for line in talk if line[1] == "buyer"]
        receivers: set[str | None] = {line[2] for line in asked if line[2]} if agents else {None}
        for receiver in receivers if asked else ():
            t0 = min(line[3] for line in asked if receiver in (None, line[2]))
            replies = [
                line
                for line in talk
                if line[1] in valid and receiver in (None, line[2]) and line[3] >= t0
            ]
            add("reply_rate", (day, receiver), bool(replies), 1)
            add("slow_conversations", (day, receiver), 0, 1)
        slow_rounds: dict[Any, int] = defaultdict(int)
        opening, first = None, True
        for i, line in enumerate([*talk, None]):
            if line and line[1] == "buyer" and opening is None:
                opening = i
            if opening is None or (line and line[1] != "agent"):
                continue
            _, _, agent, at = talk[opening]
            wait = (line[3] - at).total_seconds() if line else None
            if agent or not agents:
                key = (day, agent if agents else None)
                in_hours = 8 <= at.hour < 23
                robot_only = wait is None and any(one[1] == "robot" for one in talk[opening:])
                if in_hours:
                    add("within_three_minutes", key, wait is not None and wait <= 180, 1)
                if in_hours and not robot_only:
                    add("response_time_platform", key, 600 if wait is None else min(wait, 600), 1)
                if wait is not None and wait < 600:
                    add("response_time_tool", key, wait, 1)
                if wait is not None:
                    sums["waits", key].append(wait)
                    slow_rounds[key] += wait > 120
            if wait is not None and line and first:
                add("first_response_time", (day, line[2] if agents else None), wait, 1)
            opening, first = None, False
        for key, count in slow_rounds.items():
            add("slow_conversations", key, count >= 3, 0)
    return sums


def expected_rows(chat: list[Line], *, robots: bool, by: By) -> dict[tuple[str, Any], Counted]:
    merged: dict[tuple[str, Any], list[float]] = defaultdict(lambda: [0, 0])
    for (metric, (day, agent)), numbers in by_hand(
        chat, robots=robots, agents=by == "agent"
    ).items():
        key = {"agent": agent, "day": day, "period": None}[by]
        if metric == "waits":
            merged[metric, key] += numbers[2:]
        else:
            merged[metric, key][0] += numbers[0]
            merged[metric, key][1] += numbers[1]
    rows: dict[tuple[str, Any], Counted] = {}
    for (metric, key), (numerator, denominator, *waits) in merged.items():
        if metric == "waits":
            tenths = quantiles(waits * 1, n=10, method="inclusive") if len(waits) > 1 else waits * 9
            for name, tenth in zip(QUANTILES, (tenths[4], tenths[8]), strict=True):
                rows[name, key] = (pytest.approx(tenth), None, len(waits))
            continue
        value: float | None = None if not denominator else numerator / denominator
        if metric == "slow_conversations" and denominator:
            value = numerator
        rows[metric, key] = (pytest.approx(value), numerator, denominator)
    return rows


@given(st.lists(a_line, max_size=20), st.booleans(), st.sampled_from(["period", "day", "agent"]))
@settings(max_examples=100, deadline=None)
def test_every_metric_matches_reading_the_chats(chat: list[Line], robots: bool, by: By) -> None:
    found = reply(chat, by=by, robot_counts_as_reply=robots)
    expected = expected_rows(chat, robots=robots, by=by)
    empty = [(None, 0.0, 0.0), (None, None, 0.0)]
    assert {key: row for key, row in found.items() if row not in empty} == {
        key: row for key, row in expected.items() if row[1:] != (0, 0)
    }


def test_agents_have_no_shop_row() -> None:
    assert {agent for _, agent in reply(TRANSFER, by="agent")} == {"li", "wu"}


def test_the_frame_names_its_types() -> None:
    tables = shop_tables()
    frame = measured(tables, ShopSettings(), metrics=METRICS, first=FIRST, last=LAST, by="period")
    assert frame.collect_schema()["value"] == pl.Float64
    assert frame.collect()["note"].to_list() == ["no_file"] * len(IDS)
