from datetime import datetime
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from store.settings import Attribution, ShopSettings
from tests.frames import MAY_1, NINE, shop_tables
from tests.metrics.chat_lines import DAY, HOUR, MINUTE, SECOND, Line, attributed, lines

ASKS: Line = ("ann", "buyer", "li", NINE)
LI: Line = ("ann", "agent", "li", NINE + MINUTE)
WU: Line = ("ann", "agent", "wu", NINE + HOUR)
ORDERED, PAID = NINE + 2 * MINUTE, NINE + 2 * HOUR


def owed(
    chat: list[Line],
    *,
    buyer: str | None = "ann",
    created_at: datetime | None = ORDERED,
    paid_at: datetime | None = PAID,
    **choices: Any,
) -> tuple[str | None, bool | None]:
    order = {"order_id": "o1", "buyer": buyer, "created_at": created_at, "paid_at": paid_at}
    tables = shop_tables(messages=lines(*chat), orders=[order])
    found = attributed(tables, ShopSettings(**choices)).collect()
    return found.select("agent", "served").row(0)


@pytest.mark.parametrize(
    ("rule", "agent"),
    [
        pytest.param("order", "li", id="last to write before the order"),
        pytest.param("payment", "wu", id="last to write before the payment"),
        pytest.param("order_first", "li", id="the order comes first"),
    ],
)
def test_the_rule_chooses_the_agent(rule: Attribution, agent: str) -> None:
    assert owed([ASKS, LI, WU], attribution=rule) == (agent, True)


def test_payment_decides_where_nobody_wrote_before_the_order() -> None:
    assert owed([ASKS, WU], attribution="order_first") == ("wu", True)
    assert owed([ASKS, WU], attribution="order") == (None, True)


@pytest.mark.parametrize(
    ("chat", "expected"),
    [
        pytest.param([], (None, False), id="silent"),
        pytest.param([ASKS], (None, True), id="asked, nobody wrote"),
        pytest.param([LI], ("li", False), id="agent wrote first, buyer never"),
        pytest.param([("ann", "agent", "li", ORDERED)], ("li", False), id="the order's second"),
        pytest.param(
            [("ann", "agent", "li", PAID + SECOND)], (None, False), id="after the payment"
        ),
        pytest.param(
            [("ann", "agent", "li", MAY_1 - 3 * DAY)], ("li", False), id="midnight three days ago"
        ),
        pytest.param(
            [("ann", "agent", "li", MAY_1 - 3 * DAY - SECOND)], (None, False), id="a second older"
        ),
        pytest.param(
            [("ann", "buyer", "", MAY_1 - 3 * DAY)], (None, True), id="asked three days ago"
        ),
        pytest.param(
            [("ann", "buyer", "", MAY_1 - 3 * DAY - SECOND)], (None, False), id="asked earlier"
        ),
        pytest.param([("ann", "buyer", "", PAID)], (None, True), id="asked in the paying second"),
        pytest.param([("ann", "buyer", "", PAID + SECOND)], (None, False), id="asked after paying"),
        pytest.param([("ann", "robot", "li", NINE)], (None, False), id="a robot sells nothing"),
        pytest.param([("bob", "agent", "li", NINE)], (None, False), id="wrote to someone else"),
        pytest.param(
            [("ann", "agent", "wu", NINE), ("ann", "agent", "li", NINE)],
            ("wu", False),
            id="same second: last by name",
        ),
    ],
)
def test_attributed(chat: list[Line], expected: tuple[str | None, bool]) -> None:
    assert owed(chat) == expected


def test_unpaid_orders_have_an_agent_but_are_neither_served_nor_silent() -> None:
    assert owed([ASKS, LI], paid_at=None) == ("li", None)


@pytest.mark.parametrize("buyer", [None, "a**n"])
def test_an_unknown_buyer_is_owed_to_nobody(buyer: str | None) -> None:
    assert owed([("a**n", "buyer", "li", NINE)], buyer=buyer) == (None, None)


def test_settings_leave_out_robots_and_filtered_buyers() -> None:
    assert owed([ASKS, LI], robot_agents=("li",)) == (None, True)
    assert owed([ASKS, LI], filtered_buyers=("ann",)) == (None, False)


hours = st.integers(0, 6 * 24).map(lambda count: MAY_1 + count * HOUR)
a_line = st.tuples(
    st.sampled_from(["ann", "bob"]),
    st.sampled_from(["buyer", "agent", "robot"]),
    st.sampled_from(["li", "wu"]),
    hours,
)
#: Nobody pays before ordering.
moments = st.lists(hours, min_size=2, max_size=2).map(sorted) | st.tuples(
    hours | st.none(), st.none()
)
an_order = st.tuples(st.sampled_from(["ann", "bob", None]), moments).map(
    lambda order: (order[0], *order[1])
)


@given(
    st.lists(a_line, max_size=12),
    st.lists(an_order, max_size=5),
    st.sampled_from(["order", "payment", "order_first"]),
)
@settings(max_examples=80, deadline=None)
def test_attributed_matches_searching_by_hand(
    chat: list[Line],
    orders: list[tuple[str | None, datetime | None, datetime | None]],
    rule: Attribution,
) -> None:
    def last(sender: str, buyer: str, moment: datetime | None) -> Line | None:
        if moment is None:
            return None
        opens = datetime.combine(moment.date() - 3 * DAY, datetime.min.time())
        written = [
            line for line in chat if line[:2] == (buyer, sender) and opens <= line[3] <= moment
        ]
        return max(written, key=lambda line: (line[3], line[2]), default=None)

    expected: list[tuple[str, str | None, bool | None]] = []
    for i, (buyer, created, paid) in enumerate(orders):
        agent = served = None
        if buyer:
            moments = {"order": [created], "payment": [paid], "order_first": [created, paid]}[rule]
            hits = [hit for moment in moments if (hit := last("agent", buyer, moment))]
            agent = hits[0][2] if hits else None
            served = None if paid is None else last("buyer", buyer, paid) is not None
        expected.append((f"o{i}", agent, served))
    rows = [
        {"order_id": f"o{i}", "buyer": buyer, "created_at": created, "paid_at": paid}
        for i, (buyer, created, paid) in enumerate(orders)
    ]
    tables = shop_tables(messages=lines(*chat), orders=rows)
    found = attributed(tables, ShopSettings(attribution=rule)).collect()
    assert found.rows() == expected
