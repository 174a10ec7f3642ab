from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.catalog import BY_ID
from metrics.chats import reply
from metrics.chats.conversations import conversations
from metrics.chats.service_feed import feed_days, newest_peers, peers, service_counts, side_by_side
from metrics.kit.periods import By
from metrics.sales import inquiry
from store.settings import ShopSettings
from tests.frames import NINE, coverage, shop_tables
from tests.metrics.chat_lines import SECOND, Line, lines

DAY_1, DAY_2, DAY_3 = (date(2024, 5, day) for day in (1, 2, 3))
ASKS: Line = ("ann", "buyer", "li", NINE)
Row = dict[str, Any]


def shop_row(day: date = DAY_1, **columns: Any) -> Row:
    return {"day": day, "scope": "shop", **columns}


def agent_row(agent: str, day: date = DAY_1, **columns: Any) -> Row:
    return {"day": day, "scope": "agent", "agent": agent, **columns}


def counted(
    metric: str, *rows: Row, per_agent: bool = False, **choices: Any
) -> dict[Any, tuple[float | None, float | None]]:
    """Day, or agent → numerator and denominator."""
    tables = shop_tables(service_days=rows)
    frame = service_counts(tables.service_days, per_agent=per_agent, **choices).collect()
    return {
        row["agent" if per_agent else "day"]: (
            row[f"{metric}:numerator"],
            row[f"{metric}:denominator"],
        )
        for row in frame.to_dicts()
    }


@pytest.mark.parametrize(
    ("metric", "columns", "pair"),
    [
        pytest.param(
            "reply_rate", {"received_users": 10, "unreplied_users": 1}, (9, 10), id="rate"
        ),
        pytest.param(
            "reply_rate", {"received_users": 7, "reply_rate": 0.85}, (6, 7), id="rate, rounded"
        ),
        pytest.param(
            "reply_rate",
            {"consult_users": 60, "received_users": 44, "unreplied_users": 50, "reply_rate": 0.5},
            (22, 44),
            id="unanswered of all who consulted: the printed rate",
        ),
        pytest.param(
            "reply_rate",
            {"consult_users": 60, "received_users": 44, "unreplied_users": 50},
            (None, None),
            id="unanswered of all who consulted, no rate",
        ),
        pytest.param("reply_rate", {"reply_rate": 0.85}, (None, None), id="a rate of nobody"),
        pytest.param("reply_rate", {"received_users": 7}, (None, None), id="no rate"),
        pytest.param(
            "response_time_platform",
            {"received_users": 4, "avg_response_s": 30.0},
            (120, 4),
            id="average",
        ),
        pytest.param(
            "within_three_minutes",
            {"received_users": 4, "reply_3min_rate": 0.75},
            (3, 4),
            id="three minutes",
        ),
        pytest.param(
            "first_response_time",
            {"received_users": 4, "first_response_s": 5.0},
            (20, 4),
            id="first response",
        ),
        pytest.param(
            "slow_conversations", {"received_users": 4, "slow_users": 1}, (1, 4), id="slow"
        ),
        pytest.param(
            "answer_ratio",
            {"buyer_messages": 8, "agent_messages": 12, "qa_ratio": 9.0, "received_users": 4},
            (12, 8),
            id="lines",
        ),
        pytest.param(
            "answer_ratio",
            {"agent_messages": 12, "qa_ratio": 1.5, "received_users": 4},
            (6, 4),
            id="ratio by buyers",
        ),
        pytest.param(
            "inquiry_conversion",
            {"inquiry_users": 10, "paid_users_final": 3, "conv_final": 0.9},
            (3, 10),
            id="paid",
        ),
        pytest.param(
            "inquiry_conversion", {"inquiry_users": 10, "conv_final": 0.26}, (3, 10), id="by rate"
        ),
    ],
)
def test_columns_become_counts(
    metric: str, columns: Row, pair: tuple[float | None, float | None]
) -> None:
    assert counted(metric, shop_row(**columns)) == {DAY_1: pair}


def test_same_day_inquiries_have_their_own_columns() -> None:
    row = shop_row(inquiry_users=10, paid_users_final=5, inquiry_users_today=8, paid_users_today=2)
    assert counted("inquiry_conversion", row, window="same_day") == {DAY_1: (2, 8)}
    assert counted("inquiry_conversion", row, window="next_day") == {DAY_1: (None, None)}


LI = agent_row("li", received_users=10, unreplied_users=2)
WU = agent_row("wu", received_users=30, unreplied_users=0)


def test_the_shop_is_its_own_row_else_the_sum_of_its_agents() -> None:
    own = shop_row(received_users=35, unreplied_users=1)
    assert counted("reply_rate", LI, WU) == {DAY_1: (38, 40)}
    assert counted("reply_rate", LI, WU, own) == {DAY_1: (34, 35)}
    assert counted("reply_rate", LI, WU, own, per_agent=True) == {"li": (8, 10), "wu": (30, 30)}


def test_a_shop_row_that_does_not_tell_leaves_it_to_the_agents() -> None:
    assert counted("reply_rate", LI, WU, shop_row(inquiry_users=9)) == {DAY_1: (38, 40)}


def test_columns_come_from_the_first_sheet_that_fills_them() -> None:
    first = shop_row(layout="a", received_users=10)
    second = shop_row(layout="b", received_users=99, unreplied_users=1)
    assert counted("reply_rate", second, first) == {DAY_1: (9, 10)}


def test_peers_are_never_counted() -> None:
    peer = {"day": DAY_1, "scope": "peer_mean", "received_users": 999, "unreplied_users": 9}
    assert counted("reply_rate", peer) == {}
    assert counted("reply_rate", LI, peer) == {DAY_1: (8, 10)}


def test_peers_are_kept_apart() -> None:
    tables = shop_tables(
        service_days=[
            {"day": DAY_1, "scope": "peer_best", "reply_rate": 1.0, "avg_response_s": 9.0},
            {"day": DAY_1, "scope": "peer_mean", "reply_rate": 0.9},
            {"day": DAY_2, "scope": "peer_mean", "reply_rate": 0.8},
            LI,
        ]
    )
    assert peers(tables.service_days, first=DAY_1, last=DAY_1).collect().rows() == [
        ("reply_rate", DAY_1, "peer_best", 1.0),
        ("reply_rate", DAY_1, "peer_mean", 0.9),
        ("response_time_platform", DAY_1, "peer_best", 9.0),
    ]
    newest = newest_peers(tables.service_days, first=DAY_1, last=DAY_2).collect()
    assert newest.select("metric", "scope", "value").rows() == [
        ("reply_rate", "peer_best", 1.0),
        ("reply_rate", "peer_mean", 0.8),
        ("response_time_platform", "peer_best", 9.0),
    ]


Covered = tuple[str, date, bool]
CHAT, TABLE = ("messages", DAY_1, True), ("service_days", DAY_1, True)


@pytest.mark.parametrize(
    ("covered", "feed"),
    [
        pytest.param([CHAT, TABLE], ["messages"], id="chat lines win"),
        pytest.param([TABLE], ["service_days"], id="performance table alone"),
        pytest.param(
            [("messages", DAY_1, False), TABLE], ["service_days"], id="half a day of chat"
        ),
        pytest.param([("messages", DAY_1, False)], ["messages"], id="half a day is all there is"),
        pytest.param([], [], id="no file"),
    ],
)
def test_the_feed_of_a_day(covered: list[Covered], feed: list[str]) -> None:
    tables = replace(shop_tables(), coverage=coverage(*covered))
    assert feed_days(tables, "reply")["feed"].to_list() == feed


def test_inquiries_need_the_orders_too() -> None:
    tables = shop_tables(
        covers={
            "messages": (DAY_1, DAY_2),
            "orders": (DAY_2, DAY_3),
            "service_days": (DAY_1, DAY_1),
        }
    )
    assert feed_days(tables, "inquiry").select("day", "feed").rows() == [
        (DAY_1, "service_days"),
        (DAY_2, "messages"),
    ]


def test_feeds_fill_each_others_days() -> None:
    answer: Line = ("ann", "agent", "li", NINE + SECOND)
    late = agent_row("li", DAY_2, received_users=3, unreplied_users=1)
    tables = shop_tables(messages=lines(ASKS, answer), service_days=[LI, late])
    rows = reply.measured(
        tables, ShopSettings(), metrics=[BY_ID["reply_rate"]], first=DAY_1, last=DAY_3, by="day"
    ).collect()
    columns = ("value", "numerator", "denominator", "note")
    assert rows.sort("start").select(columns).rows() == [
        (1.0, 1, 1, "feed_messages"),
        (pytest.approx(2 / 3), 2, 3, "feed_service_days"),
        (None, None, None, "no_file"),
    ]
    whole = reply.measured(
        tables, ShopSettings(), metrics=[BY_ID["reply_rate"]], first=DAY_1, last=DAY_2, by="period"
    ).collect()
    assert whole.select(columns).rows() == [(0.75, 3, 4, "feed_messages;feed_service_days")]


def test_medians_need_chat_lines() -> None:
    tables = shop_tables(service_days=[LI])
    rows = reply.measured(
        tables,
        ShopSettings(),
        metrics=[BY_ID["response_time_median"]],
        first=DAY_1,
        last=DAY_1,
        by="period",
    ).collect()
    assert rows.select("value", "note").rows() == [(None, "chat_only;feed_service_days")]


def test_inquiries_of_the_tables_wait_for_maturity() -> None:
    rows = [
        shop_row(day, inquiry_users=10, paid_users_final=3)
        for day in (DAY_1, date(2024, 5, 2), date(2024, 5, 5))
    ]
    tables = shop_tables(service_days=rows)
    measured = inquiry.measured(
        tables,
        ShopSettings(),
        metrics=[BY_ID["inquiry_conversion"]],
        first=DAY_1,
        last=DAY_2,
        by="day",
    ).collect()
    assert measured.sort("start").select("value", "immature").rows() == [(0.3, False), (0.3, True)]


def test_both_feeds_side_by_side() -> None:
    tables = shop_tables(
        messages=lines(ASKS), service_days=[shop_row(received_users=2, unreplied_users=1)]
    )
    talks = conversations(tables, ShopSettings())
    chat = reply.chat_counts(talks, ShopSettings(), per_agent=False)
    service = service_counts(tables.service_days, per_agent=False)
    rows = side_by_side(chat, service, metrics=("reply_rate",)).collect()
    assert rows.rows() == [("reply_rate", DAY_1, None, 0.0, 0.5, -0.5, 1.0, 2.0)]


# --- the twin ---------------------------------------------------------------------------------

count = st.none() | st.integers(0, 20)
share = st.none() | st.integers(0, 10).map(lambda tenths: tenths / 10)
a_sheet = st.fixed_dictionaries(
    {
        "day": st.sampled_from([DAY_1, DAY_2]),
        "agent": st.sampled_from(["", "li", "wu"]),
        "layout": st.sampled_from(["a", "b"]),
        "received_users": count,
        "unreplied_users": count,
        "reply_rate": share,
        "avg_response_s": count,
        "slow_users": count,
        "buyer_messages": count,
        "agent_messages": count,
        "qa_ratio": share,
    }
)


def _scoped(row: Row) -> Row:
    """Its scope, and as many who consulted as went unanswered: that many there must be."""
    return {"scope": "agent" if row["agent"] else "shop", "consult_users": row["unreplied_users"]}


sheets = st.lists(
    a_sheet, max_size=6, unique_by=lambda row: (row["day"], row["agent"], row["layout"])
).map(lambda rows: [row | _scoped(row) for row in rows])
Pair = tuple[float, float] | None


def _rate(row: Row) -> Pair:
    received = row["received_users"]
    unreplied = row["unreplied_users"]
    if received is not None and unreplied is not None and unreplied <= received:
        return received - row["unreplied_users"], received
    if received is not None and row["reply_rate"] is not None:
        return round(row["reply_rate"] * received), received
    return None


def _weighed(column: str) -> Callable[[Row], Pair]:
    def pair(row: Row) -> Pair:
        received, value = row["received_users"], row[column]
        return None if received is None or value is None else (value * received, received)

    return pair


def _ratio(row: Row) -> Pair:
    if row["buyer_messages"] is not None and row["agent_messages"] is not None:
        return row["agent_messages"], row["buyer_messages"]
    return _weighed("qa_ratio")(row)


def _slow(row: Row) -> Pair:
    if row["slow_users"] is None or row["received_users"] is None:
        return None
    return row["slow_users"], row["received_users"]


PAIRS = {
    "reply_rate": _rate,
    "response_time_platform": _weighed("avg_response_s"),
    "answer_ratio": _ratio,
    "slow_conversations": _slow,
}


@given(sheets, st.sampled_from(sorted(PAIRS)), st.sampled_from(["period", "day", "agent"]))
@settings(max_examples=80, deadline=None)
def test_the_tables_match_adding_up_by_hand(rows: list[Row], metric: str, by: By) -> None:
    merged: dict[tuple[date, str], Row] = {}
    for row in sorted(rows, key=lambda row: str(row["layout"])):
        own = merged.setdefault((row["day"], row["agent"]), dict.fromkeys(row))
        own |= {name: value for name, value in row.items() if own[name] is None}
    expected: dict[Any, list[float]] = {}
    for day in (DAY_1, DAY_2):
        pairs: dict[Any, tuple[float, float]] = {
            agent: pair
            for (when, agent), row in merged.items()
            if when == day and (pair := PAIRS[metric](row))
        }
        if by != "agent":
            agents = {agent: pair for agent, pair in pairs.items() if agent}
            own_pair = [pairs[""]] if "" in pairs else list(agents.values())
            pairs = {day if by == "day" else "": (
                sum(pair[0] for pair in own_pair), sum(pair[1] for pair in own_pair)
            )}  # fmt: skip
        for key, pair in pairs.items():
            if key or by != "agent":
                total = expected.setdefault(key, [0, 0])
                total[0] += pair[0]
                total[1] += pair[1]
    tables = shop_tables(service_days=rows, covers={"service_days": (DAY_1, DAY_2)})
    frame = reply.measured(
        tables, ShopSettings(), metrics=[BY_ID[metric]], first=DAY_1, last=DAY_2, by=by
    ).collect()
    name = {"agent": "agent", "day": "start"}.get(by)
    found = {
        row[name] if name else "": pytest.approx([row["numerator"], row["denominator"]])
        for row in frame.to_dicts()
    }
    empty = [0, 0]
    assert {key: pair for key, pair in found.items() if pair != empty} == {
        key: pair for key, pair in expected.items() if pair != empty
    }
