from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from metrics.measure import measure
from metrics.sales.spend import spending
from store.settings import ShopSettings
from store.shop_tables import ShopTables
from tests.frames import shop_tables

MAY_1, MAY_31, JUNE_2 = date(2024, 5, 1), date(2024, 5, 31), date(2024, 6, 2)
NINE = datetime(2024, 5, 1, 9)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
DEFAULT, NET = ShopSettings(), ShopSettings(unit_price_without_refunded=True)
IDS = ("unit_price", "order_price", "pieces_per_buyer", "piece_price", "cross_sell_rate")


def order(
    order_id: str, buyer: str | None, yuan: int, at: datetime | None = NINE, **more: Any
) -> dict[str, Any]:
    row = {"order_id": order_id, "buyer": buyer, "created_at": at or NINE, "paid_at": at}
    return row | {"paid_fen": yuan * 100, **more}


def item(order_id: str, item_id: str | None, quantity: int = 1, **more: Any) -> dict[str, Any]:
    line = f"{order_id}-{item_id}-{sorted(more.items())}"
    row = {"order_id": order_id, "item_order_id": line, "item_id": item_id}
    return row | {"quantity": quantity, **more}


def figure(
    metric_id: str,
    tables: ShopTables,
    rules: ShopSettings = DEFAULT,
    *,
    first: date | None = MAY_1,
    last: date | None = MAY_1,
) -> tuple[Any, ...]:
    """Value, numerator, denominator and note of a period."""
    row = measure(tables, rules, ids=[metric_id], first=first, last=last)
    return row.select("value", "numerator", "denominator", "note").collect().row(0)


TWO = [order("1", "ann", 30), order("2", "ann", 10), order("3", "bob", 20)]


@pytest.mark.parametrize(
    ("orders", "rules", "expected"),
    [
        pytest.param(TWO, DEFAULT, (30.0, 60, 2, ""), id="two orders of one buyer, one buyer"),
        pytest.param(
            [*TWO, order("4", "cid", 99, None)], DEFAULT, (30.0, 60, 2, ""), id="unpaid is not paid"
        ),
        pytest.param(
            [*TWO, order("4", "cid", 99, NINE + DAY)], DEFAULT, (30.0, 60, 2, ""), id="paid later"
        ),
        pytest.param(
            [order("1", "ann", 30, NINE, created_at=NINE - DAY)],
            DEFAULT,
            (30.0, 30, 1, ""),
            id="dated by payment, not by creation",
        ),
        pytest.param(
            [order("1", "ann", 0), order("2", "bob", 10)],
            DEFAULT,
            (5.0, 10, 2, ""),
            id="a gift has a buyer too",
        ),
        pytest.param(
            [order("1", None, 30), order("2", None, 10)],
            DEFAULT,
            (None, 0, 0, "no_buyer"),
            id="no buyer column",
        ),
        pytest.param(
            [*TWO, order("4", None, 99)],
            DEFAULT,
            (30.0, 60, 2, "some_no_buyer"),
            id="orders without a buyer are left out of both",
        ),
        pytest.param(
            [order("1", "a**n", 30), order("2", "a**n", 10)],
            DEFAULT,
            (40.0, 40, 1, "masked_buyer"),
            id="blurred names are told",
        ),
        pytest.param(
            [order("1", "ann", 30, refund_fen=1000), order("2", "bob", 10, refund_fen=1000)],
            DEFAULT,
            (20.0, 40, 2, ""),
            id="refunds stay in",
        ),
        pytest.param(
            [order("1", "ann", 30, refund_fen=1000), order("2", "bob", 10, refund_fen=1000)],
            NET,
            (20.0, 20, 1, ""),
            id="without refunded: who has nothing left is no buyer",
        ),
        pytest.param(
            [order("1", "ann", 30, refund_fen=1000, paid_is_net=True), order("2", "bob", 10)],
            NET,
            (20.0, 40, 2, "paid_is_net"),
            id="a net column is not reduced twice",
        ),
        pytest.param(
            [order("1", "ann", 30, refund_fen=3000)],
            NET,
            (None, 0, 0, "no_rows"),
            id="all back leaves nothing",
        ),
    ],
)
def test_unit_price(
    orders: list[dict[str, Any]], rules: ShopSettings, expected: tuple[Any, ...]
) -> None:
    tables = shop_tables(orders=orders, covers={"orders": (MAY_1, MAY_31)})
    assert figure("unit_price", tables, rules) == expected


@pytest.mark.parametrize(
    ("refunds", "left"),
    [
        pytest.param([("1", "success", 5, "仅退款")], 55.0, id="refunds of the refund file"),
        pytest.param([("1-x-[]", "success", 5, "仅退款")], 55.0, id="of a sub-order"),
        pytest.param([("1", "closed", 5, "仅退款")], 60.0, id="closed is not paid back"),
        pytest.param([("1", "open", 5, "仅退款")], 60.0, id="open is not paid back yet"),
        pytest.param([("1", "success", 5, "天猫换货")], 60.0, id="exchanged is not paid back"),
    ],
)
def test_refunds_come_from_the_refund_file(refunds: list[tuple[Any, ...]], left: float) -> None:
    rows = [
        {"refund_id": str(i), "order_id": to, "asked_at": NINE, "outcome": outcome, "kind": kind}
        | {"amount_fen": yuan * 100}
        for i, (to, outcome, yuan, kind) in enumerate(refunds)
    ]
    tables = shop_tables(orders=TWO, order_items=[item("1", "x")], refunds=rows)
    assert figure("unit_price", tables, NET)[1] == left


def test_a_month_counts_its_buyers_once() -> None:
    orders = [order("1", "ann", 30), order("2", "ann", 10, NINE + DAY), order("3", "bob", 20)]
    tables = shop_tables(orders=orders)
    days = measure(tables, DEFAULT, ids=["unit_price"], by="day").collect()
    month = measure(tables, DEFAULT, ids=["unit_price"], by="month").collect()
    assert days["denominator"].to_list() == [2, 1]
    assert month["denominator"].to_list() == [2]
    assert month["value"].to_list() == [30.0]


def test_months_are_clipped_to_the_days_asked_for() -> None:
    orders = [order("1", "ann", 30, datetime(2024, 4, 1)), order("2", "ann", 10, NINE)]
    orders += [order("3", "bob", 20, datetime(2024, 6, 2, 23))]
    month = measure(
        shop_tables(orders=orders),
        DEFAULT,
        ids=["order_price"],
        by="month",
        first=date(2024, 4, 2),
        last=JUNE_2,
    ).collect()
    assert month.select("start", "end", "value", "denominator", "note").rows() == [
        (date(2024, 4, 2), date(2024, 4, 30), None, 0, "no_rows"),
        (date(2024, 5, 1), date(2024, 5, 31), 10.0, 1, ""),
        (date(2024, 6, 1), date(2024, 6, 2), 20.0, 1, ""),
    ]


def test_a_file_without_buyers_and_pieces_still_has_a_price_per_order() -> None:
    orders = [
        order("1", None, 30, paid_is_net=True),
        order("2", None, 0, refund_fen=1000, paid_is_net=True),
        order("3", None, 0, None, paid_is_net=True),
    ]
    tables = shop_tables(orders=orders)
    assert figure("order_price", tables) == (15.0, 30, 2, "paid_is_net")
    assert figure("unit_price", tables) == (None, 0, 0, "no_buyer;paid_is_net")
    assert figure("pieces_per_buyer", tables) == (None, 0, 0, "no_buyer")
    assert figure("piece_price", tables) == (None, 0, 0, "no_pieces;paid_is_net")
    assert figure("cross_sell_rate", tables) == (None, 0, 0, "no_buyer")
    assert figure("refund_rate", tables, last=MAY_1) == (None, None, None, "immature")


def test_a_two_line_order_is_one_order() -> None:
    tables = shop_tables(
        orders=[order("1", "ann", 30)], order_items=[item("1", "x"), item("1", "y")]
    )
    assert figure("order_price", tables)[:3] == (30.0, 30, 1)
    assert figure("pieces_per_buyer", tables)[:3] == (2.0, 2, 1)
    assert figure("piece_price", tables)[:3] == (15.0, 30, 2)


def test_pieces_of_the_order_come_before_those_of_its_items() -> None:
    orders = [order("1", "ann", 30, pieces=5), order("2", "bob", 10), order("3", "cid", 10)]
    tables = shop_tables(orders=orders, order_items=[item("1", "x", 9), item("2", "x", 3)])
    assert figure("pieces_per_buyer", tables)[:3] == (4.0, 8, 2)
    assert figure("piece_price", tables)[:3] == (5.0, 40, 8)


@pytest.mark.parametrize(
    ("items", "pair"),
    [
        pytest.param([item("1", "x"), item("1", "y")], (1, 1), id="two items of one order"),
        pytest.param([item("1", "x"), item("2", "y")], (1, 1), id="two items of two orders"),
        pytest.param([item("1", "x"), item("2", "x", 7)], (0, 1), id="one item twice"),
        pytest.param([item("1", "x"), item("3", "y")], (0, 2), id="two buyers"),
        pytest.param(
            [item("1", None, merchant_code="m", title="t"), item("2", None, title="t")],
            (1, 1),
            id="merchant code before title",
        ),
        pytest.param([item("1", "x"), item("9", "y")], (0, 1), id="an order that is not known"),
    ],
)
def test_cross_sell_rate(items: list[dict[str, Any]], pair: tuple[int, int]) -> None:
    tables = shop_tables(orders=TWO, order_items=items)
    assert figure("cross_sell_rate", tables)[1:3] == pair


def said(buyer: str, sender: str, at: datetime, agent: str = "") -> dict[str, Any]:
    return {"buyer": buyer, "sender": sender, "sent_at": at, "agent": agent}


CHATS = [
    said("ann", "buyer", NINE - HOUR),
    said("ann", "agent", NINE - HOUR, "Li"),
    said("bob", "agent", NINE - HOUR, "Wu"),
]


def test_agents_get_the_orders_owed_to_them() -> None:
    tables = shop_tables(orders=TWO, messages=CHATS)
    agents = measure(
        tables, DEFAULT, ids=["unit_price", "order_price"], by="agent", first=MAY_1, last=MAY_1
    ).collect()
    assert agents.select("metric", "agent", "value", "numerator", "denominator").rows() == [
        ("unit_price", "Li", 40.0, 40, 1),
        ("unit_price", "Wu", 20.0, 20, 1),
        ("order_price", "Li", 20.0, 40, 2),
        ("order_price", "Wu", 20.0, 20, 1),
    ]


def test_served_and_silent_sales_add_up() -> None:
    tables = shop_tables(orders=[*TWO, order("4", None, 40)], messages=CHATS)
    cut = spending(tables, DEFAULT, first=MAY_1, last=MAY_1, cut="served").collect()
    assert cut.select("slice", "orders", "buyers", "amount", "unit_price").rows() == [
        ("served", 2, 1, 40.0, 40.0),
        ("silent", 1, 1, 20.0, 20.0),
        ("unknown", 1, 0, 40.0, None),
    ]
    assert cut["amount_share"].to_list() == [0.4, 0.2, 0.4]


def test_returning_means_an_earlier_payment_in_the_data() -> None:
    orders = [order("1", "ann", 30, NINE - DAY), order("2", "ann", 10), order("3", "bob", 20)]
    tables = shop_tables(orders=[*orders, order("4", "bob", 5, NINE)])
    cut = spending(tables, DEFAULT, first=MAY_1, last=MAY_1, cut="returning").collect()
    assert cut.select("slice", "orders", "amount").rows() == [
        ("new", 2, 25.0),
        ("returning", 1, 10.0),
    ]


def sales(
    day: date, scope: str, agent: str, yuan: int | None, users: int | None, layout: str = "b"
) -> dict[str, Any]:
    row = {"day": day, "scope": scope, "agent": agent, "layout": layout}
    return row | {"sales_fen": None if yuan is None else yuan * 100, "sales_users": users}


def test_without_orders_the_service_tables_tell_and_say_so() -> None:
    rows = [
        sales(MAY_1, "shop", "", 100, 4),
        sales(MAY_1, "agent", "Li", 60, 3),
        sales(MAY_1, "agent", "Wu", 50, 2),
        sales(MAY_1 + DAY, "agent", "Li", 20, 1),
        # Of two layouts the first that tells counts, column by column.
        sales(MAY_1 + DAY, "agent", "Li", None, 9, "a"),
        sales(MAY_1 + DAY, "peer_mean", "", 999, 1),
    ]
    tables = shop_tables(service_days=rows)
    note = "feed_service_days;days_summed"
    assert figure("unit_price", tables, last=MAY_1 + DAY) == (120 / 13, 120, 13, note)
    agents = measure(tables, DEFAULT, ids=["unit_price"], by="agent").collect()
    assert agents.select("agent", "numerator", "denominator").rows() == [
        ("Li", 80, 12),
        ("Wu", 50, 2),
    ]
    assert figure("order_price", tables) == (None, None, None, "no_orders")


buyers = st.sampled_from(["ann", "bob", "cid", "d**", None])


def possible(row: dict[str, Any]) -> dict[str, Any]:
    """The store takes no order that got more back than it paid."""
    back = row["refund"]
    return row | {"refund": back if back is None or row["net"] else min(back, row["fen"])}


an_order = st.fixed_dictionaries(
    {
        "buyer": buyers,
        "paid": st.one_of(st.none(), st.integers(-30, 80)),
        "fen": st.integers(0, 5000),
        "refund": st.one_of(st.none(), st.integers(0, 6000)),
        "net": st.booleans(),
        "pieces": st.one_of(st.none(), st.integers(1, 5)),
        "items": st.lists(
            st.tuples(st.sampled_from(["x", "y", "z"]), st.integers(1, 3)), max_size=3
        ),
    }
).map(possible)


def by_hand(
    orders: list[dict[str, Any]], first: date, last: date, rules: ShopSettings
) -> dict[str, tuple[float, int]]:
    """Numerator and denominator of each metric, in plain loops."""
    span = [row for row in orders if row["at"] and first <= row["at"].date() <= last]
    money: dict[str, int] = defaultdict(int)
    pieces: dict[str, int] = defaultdict(int)
    kinds: dict[str, set[str]] = defaultdict(set)
    amount = pieced_amount = all_pieces = 0
    # Where no order of a day tells of refunds, nobody knows what is left of them.
    telling = {row["at"].date() for row in span if row["net"] or row["refund"] is not None}
    for row in span:
        buyer, left = row["buyer"], row["fen"]
        amount += row["fen"]
        if rules.unit_price_without_refunded and not row["net"]:
            left = max(0, left - (row["refund"] or 0))
        count = row["pieces"] or (sum(n for _, n in row["items"]) or None)
        if count:
            pieced_amount += row["fen"]
            all_pieces += count
        if buyer is None:
            continue
        if not rules.unit_price_without_refunded or row["at"].date() in telling:
            money[buyer] += left
        if count:
            pieces[buyer] += count
        if row["items"]:
            kinds[buyer] |= {name for name, _ in row["items"]}
    spent = [fen for fen in money.values() if fen or not rules.unit_price_without_refunded]
    return {
        "unit_price": (sum(spent) / 100, len(spent)),
        "order_price": (amount / 100, len(span)),
        "pieces_per_buyer": (sum(pieces.values()), len(pieces)),
        "piece_price": (pieced_amount / 100, all_pieces),
        "cross_sell_rate": (sum(len(names) > 1 for names in kinds.values()), len(kinds)),
    }


@settings(max_examples=60, deadline=None)
@given(
    st.lists(an_order, max_size=12),
    st.sampled_from([DEFAULT, NET]),
    st.sampled_from(["period", "day", "month"]),
)
def test_spend_matches_counting_by_hand(
    drawn: list[dict[str, Any]], rules: ShopSettings, by: Any
) -> None:
    orders, items = [], []
    for i, row in enumerate(drawn):
        at = None if row["paid"] is None else datetime(2024, 5, 30) + row["paid"] * HOUR
        row["at"] = at
        orders.append(
            order(str(i), row["buyer"], 0, at)
            | {"paid_fen": row["fen"], "refund_fen": row["refund"]}
            | {"paid_is_net": row["net"], "pieces": row["pieces"]}
        )
        items += [item(str(i), name, n, title=str(k)) for k, (name, n) in enumerate(row["items"])]
    first, last = date(2024, 5, 30), date(2024, 6, 1)
    tables = shop_tables(orders=orders, order_items=items, covers={"orders": (first, last)})
    rows = measure(tables, rules, ids=IDS, first=first, last=last, by=by).collect()
    assert rows.height == len(IDS) * {"period": 1, "month": 2, "day": 3}[by]
    for row in rows.iter_rows(named=True):
        numerator, denominator = by_hand(drawn, row["start"], row["end"], rules)[row["metric"]]
        assert (row["numerator"], row["denominator"]) == (pytest.approx(numerator), denominator)
        assert row["value"] == (pytest.approx(numerator / denominator) if denominator else None)
