from datetime import datetime

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from metrics.chats.conversations import contacts, received
from metrics.chats.reception import AGENT, BUYER, ROBOT, SYSTEM, ordered_lines
from metrics.chats.rounds import rounds
from store.settings import ShopSettings
from tests.frames import MAY_1, NINE, shop_tables
from tests.metrics.chat_lines import DAY, SECOND, Line, a_line, lines

WHO = {"buyer": BUYER, "robot": ROBOT, "system": SYSTEM, "agent": AGENT}
TEXT = pl.col("buyer", "agent").cast(pl.String)


def ordered(chat: list[Line]) -> pl.DataFrame:
    messages = shop_tables(messages=lines(*chat)).messages
    return ordered_lines(messages, ShopSettings()).with_columns(TEXT).collect()


def test_packing_a_line_loses_nothing() -> None:
    times = [datetime(1970, 1, 1), NINE.replace(microsecond=1), datetime(2254, 12, 31, 23, 59, 59)]
    chat = [
        (f"buyer {i}", sender, f"agent {i}", at)
        for i, (sender, at) in enumerate((sender, at) for sender in WHO for at in times)
    ]
    found = ordered(chat).select("buyer", "who", "agent", "sent_at")
    assert sorted(found.rows()) == sorted((b, WHO[s], a, at) for b, s, a, at in chat)


def test_a_second_is_read_buyer_first_and_agent_last() -> None:
    chat: list[Line] = [("ann", sender, "li", NINE) for sender in ("agent", "system", "robot")]
    found = ordered([*chat, ("ann", "buyer", "li", NINE)])
    assert found["who"].to_list() == [BUYER, ROBOT, SYSTEM, AGENT]


def test_the_last_line_of_each_buyer_day_closes_it() -> None:
    chat: list[Line] = [("ann", "buyer", "li", NINE + i * SECOND) for i in range(2)]
    found = ordered([*chat, ("ann", "buyer", "li", NINE + DAY), ("bob", "buyer", "li", MAY_1)])
    assert found.sort("buyer", "sent_at")["closes"].to_list() == [False, True, True, True]


@given(st.lists(a_line, max_size=14).flatmap(lambda chat: st.tuples(
    st.just(chat), st.permutations(chat)
)))  # fmt: skip
@settings(max_examples=50, deadline=None)
def test_the_order_of_the_file_does_not_matter(chats: tuple[list[Line], list[Line]]) -> None:
    one, other = (
        rounds(ordered(chat).lazy()).sort("buyer", "opened_at").collect() for chat in chats
    )
    assert_frame_equal(one, other)


ASKS: Line = ("ann", "buyer", "li", NINE)


@pytest.mark.parametrize(
    ("chat", "expected"),
    [
        pytest.param([ASKS], {"li": False}, id="asked"),
        pytest.param([ASKS, ("ann", "agent", "wu", NINE)], {"li": False}, id="another answered"),
        pytest.param([ASKS, ("ann", "agent", "li", NINE)], {"li": True}, id="the same second"),
        pytest.param(
            [ASKS, ("ann", "agent", "li", NINE - SECOND)], {"li": False}, id="wrote before"
        ),
        pytest.param([ASKS, ("ann", "agent", "li", NINE + DAY)], {"li": False}, id="next day"),
        pytest.param([("ann", "agent", "li", NINE)], {}, id="buyer never wrote"),
        pytest.param([("ann", "buyer", "", NINE)], {}, id="addressed to nobody known"),
        pytest.param(
            [ASKS, ("ann", "buyer", "", NINE + SECOND), ("ann", "agent", "wu", NINE + 2 * SECOND)],
            {"li": False},
            id="an unaddressed line goes to the agent before it",
        ),
    ],
)
def test_agents_receive_those_who_write_to_them(
    chat: list[Line], expected: dict[str, bool]
) -> None:
    messages = shop_tables(messages=lines(*chat)).messages
    found = received(contacts(ordered_lines(messages, ShopSettings())), ShopSettings())
    names = found.with_columns(TEXT).collect()
    assert dict(names.select("agent", "answered").rows()) == expected
