from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from metrics.measure import measure
from metrics.refunds.cases import paid_units, refund_cases
from store.settings import ShopSettings
from store.shop_tables import ShopTables
from tests.frames import shop_tables

MAY_1 = date(2024, 5, 1)
NINE = datetime(2024, 5, 1, 9)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
#: As-of day 15 May: 1 May is 14 days old and final, 2 May is not.
COVERS = {"refunds": (MAY_1, MAY_1 + 14 * DAY)}
DEFAULT = ShopSettings()


def asked(
    order_id: str, outcome: str, yuan: int | None = 10, at: datetime = NINE, **more: Any
) -> dict[str, Any]:
    ended = None if outcome == "open" else at + 2 * HOUR
    row = {"refund_id": f"{order_id}-{at}-{outcome}-{yuan}", "order_id": order_id, "asked_at": at}
    row |= {"outcome": outcome, "amount_fen": None if yuan is None else yuan * 100}
    return row | {"ended_at": ended, "kind": "仅退款", **more}


def figure(metric_id: str, tables: ShopTables, **ask: Any) -> tuple[Any, ...]:
    """Value, numerator, denominator and note of a period, 1 May unless asked otherwise."""
    ask = {"first": MAY_1, "last": MAY_1, **ask}
    row = measure(tables, DEFAULT, ids=[metric_id], **ask)
    return row.select("value", "numerator", "denominator", "note").collect().row(0)


LATER = NINE + DAY


@pytest.mark.parametrize(
    ("rows", "state", "lost", "kept"),
    [
        pytest.param([asked("1", "closed")], "retained", 0, 1000, id="closed"),
        pytest.param([asked("1", "success")], "lost", 1000, 0, id="success"),
        pytest.param([asked("1", "open")], "open", 0, None, id="open"),
        pytest.param(
            [asked("1", "closed"), asked("1", "success", 10, LATER)],
            "lost",
            1000,
            0,
            id="asked again after closed, and paid",
        ),
        pytest.param(
            [asked("1", "closed"), asked("1", "open", 10, LATER)],
            "open",
            0,
            None,
            id="asked again after closed, still open",
        ),
        pytest.param(
            [asked("1", "closed"), asked("1", "closed", 12, LATER)],
            "retained",
            0,
            1200,
            id="closed twice is one case of the larger amount",
        ),
        pytest.param(
            [asked("1", "success", 4), asked("1", "open", 10, LATER)],
            "lost",
            400,
            600,
            id="part paid back, the rest still open",
        ),
        pytest.param(
            [asked("1", "closed", 10), asked("1", "success", 3, LATER)],
            "lost",
            300,
            700,
            id="a partial refund is lost for its amount",
        ),
        pytest.param(
            [asked("1", "success", 6), asked("1", "success", 7, LATER)],
            "lost",
            1300,
            0,
            id="two refunds of one order",
        ),
        pytest.param(
            [asked("1", "success", 10, kind="天猫换货")], "exchanged", 0, 1000, id="exchanged"
        ),
        pytest.param(
            [asked("1", "success", 10, kind="换货"), asked("1", "success", 4, LATER)],
            "lost",
            400,
            600,
            id="exchanged, then refunded after all",
        ),
        pytest.param(
            [asked("1", "success", 10, kind="换货"), asked("1", "open", 4, LATER)],
            "open",
            0,
            None,
            id="exchanged, then asked again",
        ),
        pytest.param(
            [asked("1", "closed", 10, kind="换货")], "retained", 0, 1000, id="exchange refused"
        ),
        pytest.param(
            [asked("1", "closed", None, paid_fen=900)], "retained", 0, 900, id="the price stands in"
        ),
        pytest.param([asked("1", "closed", None)], "retained", 0, None, id="no amount known"),
    ],
)
def test_what_became_of_a_case(
    rows: list[dict[str, Any]], state: str, lost: int, kept: int | None
) -> None:
    # The order of the rows in the file says nothing.
    for given_rows in (rows, rows[::-1]):
        cases = refund_cases(shop_tables(refunds=given_rows)).collect()
        assert cases.select("asked_at", "state", "lost_fen", "kept_fen").rows() == [
            (NINE, state, lost, kept)
        ]


def test_retention_counts_cases_and_the_amount_their_yuan() -> None:
    rows = [
        asked("1", "closed", 30),
        asked("2", "success", 10),
        asked("3", "success", 5, kind="换货"),
        asked("4", "open", 99),
        asked("5", "closed", 20),
        asked("5", "success", 5, LATER),
    ]
    tables = shop_tables(refunds=rows, covers=COVERS)
    assert figure("refund_retention", tables) == (0.5, 2, 4, "")
    assert figure("refund_retention_amount", tables) == (50 / 65, 50, 65, "")


def test_a_case_belongs_to_the_day_it_was_first_asked_for() -> None:
    rows = [asked("1", "closed"), asked("1", "success", 10, LATER)]
    days = measure(
        shop_tables(refunds=rows, covers=COVERS),
        DEFAULT,
        ids=["refund_retention"],
        by="day",
        first=MAY_1,
        last=MAY_1 + DAY,
    ).collect()
    assert days["denominator"].to_list() == [1, 0]


@pytest.mark.parametrize("metric_id", ["refund_retention", "refund_handling_time"])
def test_a_cohort_is_final_on_its_fourteenth_day(metric_id: str) -> None:
    rows = [asked("old", "closed"), asked("young", "closed", 10, LATER)]
    tables = shop_tables(refunds=rows, covers=COVERS)
    assert figure(metric_id, tables)[2:] == (1, "")
    assert figure(metric_id, tables, last=MAY_1 + DAY)[2:] == (1, "mature_part")
    young = figure(metric_id, tables, first=MAY_1 + DAY, last=MAY_1 + DAY)
    assert young == (None, None, None, "immature")
    days = measure(
        tables, DEFAULT, ids=[metric_id], by="day", first=MAY_1, last=MAY_1 + DAY
    ).collect()
    assert days.select("denominator", "immature", "note").rows() == [
        (1, False, ""),
        (1, True, "immature"),
    ]
    month = measure(tables, DEFAULT, ids=[metric_id], by="month").collect()
    assert month.select("denominator", "immature", "note").rows() == [(2, True, "immature")]


def test_handling_time_is_per_application_that_ended() -> None:
    rows = [
        asked("1", "closed"),
        asked("1", "success", ended_at=NINE + 4 * HOUR),
        asked("2", "open"),
        asked("3", "success", ended_at=NINE - HOUR),
    ]
    tables = shop_tables(refunds=rows, covers=COVERS)
    assert figure("refund_handling_time", tables) == (3 * 3600.0, 6 * 3600, 2, "")


def paid(order_id: str, at: datetime | None = NINE, **more: Any) -> dict[str, Any]:
    return {
        "order_id": order_id,
        "buyer": f"b{order_id}",
        "created_at": NINE,
        "paid_at": at,
        **more,
    }


def line(
    order_id: str, item_order_id: str, at: datetime | None = NINE, **more: Any
) -> dict[str, Any]:
    return {"order_id": order_id, "item_order_id": item_order_id, "paid_at": at, **more}


ORDERS = [paid("1"), paid("2"), paid("3", None)]
LINES = [line("1", "11"), line("1", "12"), line("2", "2"), line("3", "3", None)]


@pytest.mark.parametrize(
    ("refunds", "pair"),
    [
        pytest.param([asked("12", "success")], (1, 3), id="a sub-order's number"),
        pytest.param([asked("1", "success")], (2, 3), id="an order's number means all its items"),
        pytest.param([asked("2", "success")], (1, 3), id="a number that is both"),
        pytest.param([asked("12", "closed"), asked("2", "open")], (0, 3), id="not paid back"),
        pytest.param([asked("12", "success", kind="换货")], (0, 3), id="exchanged"),
        pytest.param([asked("12", "success"), asked("12", "success", 3)], (1, 3), id="twice"),
        pytest.param([asked("99", "success")], (0, 3), id="an unknown order"),
    ],
)
def test_refund_rate(refunds: list[dict[str, Any]], pair: tuple[int, int]) -> None:
    tables = shop_tables(orders=ORDERS, order_items=LINES, refunds=refunds, covers=COVERS)
    assert figure("refund_rate", tables)[1:] == (*pair, "")


def test_a_sub_order_with_its_orders_number_leaves_its_siblings_alone() -> None:
    lines = [line("1", "1"), line("1", "12")]
    tables = shop_tables(
        orders=ORDERS, order_items=lines, refunds=[asked("1", "success")], covers=COVERS
    )
    assert figure("refund_rate", tables)[1:3] == (1, 2)


def test_without_items_orders_are_counted_and_that_is_said() -> None:
    tables = shop_tables(orders=ORDERS, refunds=[asked("1", "success")], covers=COVERS)
    assert figure("refund_rate", tables) == (0.5, 1, 2, "orders_only")


def test_without_a_refund_file_the_orders_tell() -> None:
    orders = [paid("1", refund_fen=5), paid("2", refund_fen=0), paid("3"), paid("4", None)]
    span = {"orders": (MAY_1, MAY_1 + 14 * DAY)}
    assert figure("refund_rate", shop_tables(orders=orders, covers=span))[1:] == (
        1,
        2,
        "orders_only;some_untold_refunds",
    )
    lines = [line("1", "11", refund_fen=5), line("1", "12")]
    span["order_items"] = span["orders"]
    tables = shop_tables(orders=orders, order_items=lines, covers=span)
    assert figure("refund_rate", tables)[1:] == (1, 2, "")


def item(order_id: str, number: str, yuan: int | None, **more: Any) -> dict[str, Any]:
    price = None if yuan is None else yuan * 100
    return line(order_id, order_id + number, price_fen=price, quantity=1, **more)


def units(**rows: list[dict[str, Any]]) -> dict[str, bool | None]:
    covers = dict.fromkeys(rows, (MAY_1, MAY_1 + 14 * DAY))
    told = paid_units(shop_tables(**rows, covers=covers)).select("unit", "refunded").collect()
    return dict(told.sort("unit").rows())


@pytest.mark.parametrize(
    ("back_fen", "items", "refunded"),
    [
        pytest.param(0, [item("1", "a", 20)], "", id="no refund"),
        pytest.param(100, [item("1", "a", 20)], "1a", id="the only item"),
        pytest.param(2000, [item("1", "a", 30), item("1", "b", 20)], "1b", id="of just that price"),
        pytest.param(2500, [item("1", "a", 20), item("1", "b", 30)], "1b", id="the dearest"),
        pytest.param(
            4000, [item("1", "a", 20), item("1", "b", 20), item("1", "c", 20)], "1a 1b", id="two"
        ),
        pytest.param(
            4000, [item("1", "a", 30), item("1", "b", None)], "1a", id="a price is not known"
        ),
        pytest.param(
            6000, [item("1", "a", 90), item("1", "b", None)], "1a 1b", id="all that was paid"
        ),
        pytest.param(
            2000,
            [item("1", "a", 20, refund_fen=2000), item("1", "b", 20)],
            "1a",
            id="its own column wins, and nothing is left",
        ),
        pytest.param(
            4500,
            [item("1", "a", 20, refund_fen=2000), item("1", "b", 20), item("1", "c", 30)],
            "1a 1c",
            id="the rest of it",
        ),
        pytest.param(
            2000,
            [item("1", "a", 20, refund_fen=0), item("1", "b", 20, refund_fen=0)],
            "",
            id="the items know better",
        ),
    ],
)
def test_items_that_do_not_tell_take_their_orders_refund(
    back_fen: int, items: list[dict[str, Any]], refunded: str
) -> None:
    orders = [paid("1", refund_fen=back_fen, paid_fen=6000)]
    found = units(orders=orders, order_items=items)
    assert found == {row["item_order_id"]: row["item_order_id"] in refunded for row in items}


def test_a_net_order_was_refunded_whole_when_nothing_of_it_is_left() -> None:
    lines = [item("1", "a", 20), item("1", "b", 20)]
    net: dict[str, Any] = {"paid_is_net": True, "refund_fen": 2000}
    assert units(orders=[paid("1", paid_fen=0, **net)], order_items=lines) == {
        "1a": True,
        "1b": True,
    }
    assert units(orders=[paid("1", paid_fen=2000, **net)], order_items=lines) == {
        "1a": True,
        "1b": False,
    }


def test_an_application_says_better_than_its_order_which_item_it_was() -> None:
    orders = [paid("1", refund_fen=2000, paid_fen=4000), paid("2", refund_fen=2000)]
    lines = [item("1", "a", 20), item("1", "b", 20), item("2", "a", 20), item("3", "a", 20)]
    found = units(orders=orders, order_items=lines, refunds=[asked("1b", "success")])
    assert found == {"1a": False, "1b": True, "2a": True, "3a": False}


def test_what_no_file_tells_of_is_not_known() -> None:
    found = units(
        orders=[paid("1"), paid("2", refund_fen=0)], order_items=[line("1", "1"), line("2", "2")]
    )
    assert found == {"1": None, "2": False}
    orders = [paid("1"), paid("2")]
    covers = {"orders": (MAY_1, MAY_1 + 14 * DAY)}
    tables = shop_tables(orders=orders, covers=covers)
    assert figure("refund_rate", tables) == (None, 0, 0, "untold_refunds;orders_only")


an_item = st.tuples(st.integers(0, 3), st.sampled_from([None, 0, 500, 1000]), st.integers(0, 3))
#: What an order gave back (fen) and what it paid (yuan), which is no less.
a_whole = st.builds(
    lambda back, more: (back, (back or 0) // 100 + more),
    st.sampled_from([None, 0, 500, 1500, 3000]),
    st.integers(0, 30),
)


def by_hand(
    orders: list[tuple[int | None, int]],
    items: list[tuple[int, int | None, int]],
    success: set[str] | None,
) -> dict[str, bool | None]:
    """As ``units``, one order after the other."""
    found: dict[str, bool | None] = {}
    for number, (back, paid_yuan) in enumerate(orders):
        mine = {f"{number}{i:02}": it for i, it in enumerate(items) if it[0] == number}
        found |= {key: None if own is None else own > 0 for key, (_, own, _) in mine.items()}
        asked_of = success is not None and bool({str(number), *mine} & success)
        silent = sorted(key for key in mine if found[key] is None)
        if back is not None and not asked_of:
            left = back - sum(own or 0 for _, own, _ in mine.values())
            exact = [key for key in silent if mine[key][2] * 500 == left]
            dear = sorted(silent, key=lambda key: (key not in exact, -mine[key][2], key))
            for key in dear:
                found[key] = bool(back) and (left > 0 or back >= paid_yuan * 100)
                left -= mine[key][2] * 500
            if back and back >= paid_yuan * 100:
                found |= dict.fromkeys(silent, True)
        if success is not None:
            for key in mine:
                of_order = str(number) in success
                found[key] = bool(found[key]) or key in success or of_order
    return found


@settings(max_examples=60, deadline=None)
@given(
    st.lists(a_whole, min_size=4, max_size=4),
    st.lists(an_item, max_size=8),
    st.none() | st.sets(st.sampled_from(["0", "1", "000", "101", "202", "003"])),
)
def test_units_match_counting_by_hand(
    orders: list[tuple[int | None, int]],
    items: list[tuple[int, int | None, int]],
    success: set[str] | None,
) -> None:
    rows: dict[str, list[dict[str, Any]]] = {
        "orders": [
            paid(str(i), refund_fen=back, paid_fen=yuan * 100)
            for i, (back, yuan) in enumerate(orders)
        ],
        "order_items": [
            line(str(order), f"{order}{i:02}", refund_fen=own, price_fen=500, quantity=count)
            for i, (order, own, count) in enumerate(items)
        ],
    }
    if success is not None:
        # "8" is no order of theirs: a refund file that tells of nothing else.
        rows["refunds"] = [asked(number, "success") for number in sorted({*success, "8"})]
    if items:
        assert units(**rows) == by_hand(orders, items, success)


def test_items_without_times_take_their_orders() -> None:
    lines = [line("1", "11", None), line("1", "12", None), line("3", "3", None)]
    covers = {**COVERS, "orders": (MAY_1, MAY_1)}
    tables = shop_tables(
        orders=ORDERS, order_items=lines, refunds=[asked("11", "success")], covers=covers
    )
    assert not tables.has("order_items")
    assert figure("refund_rate", tables) == (0.5, 1, 2, "")


def test_an_agent_answers_for_the_refunds_of_whom_they_last_wrote_to() -> None:
    wrote = {"sender": "agent", "sent_at": NINE - HOUR}
    messages = [
        {"buyer": "b1", "agent": "Li", **wrote},
        {"buyer": "b2", "agent": "Wu", **wrote, "sent_at": NINE - 4 * DAY},
        {"buyer": "z", "agent": "Wu", **wrote},
    ]
    refunds = [asked("12", "closed", 30), asked("2", "success"), asked("9", "success", buyer="z")]
    tables = shop_tables(
        orders=ORDERS, order_items=LINES, refunds=refunds, messages=messages, covers=COVERS
    )
    ids = ["refund_retention", "refund_retention_amount", "refund_rate", "refund_handling_time"]
    agents = measure(tables, DEFAULT, ids=ids, by="agent", first=MAY_1, last=MAY_1).collect()
    assert agents.select("metric", "agent", "numerator", "denominator").rows() == [
        ("refund_retention", "Li", 1, 1),
        ("refund_retention", "Wu", 0, 1),
        ("refund_retention_amount", "Li", 30, 30),
        ("refund_retention_amount", "Wu", 0, 10),
        ("refund_handling_time", "Li", 7200, 1),
        ("refund_handling_time", "Wu", 7200, 1),
    ]


an_application = st.fixed_dictionaries(
    {
        "order": st.sampled_from(["1", "11", "12", "2", "7"]),
        "hours": st.integers(0, 40),
        "outcome": st.sampled_from(["success", "closed", "open"]),
        "yuan": st.integers(0, 50),
        "kind": st.sampled_from(["仅退款", "换货", None]),
        "took": st.integers(0, 100),
    }
)


@settings(max_examples=60, deadline=None)
@given(st.lists(an_application, max_size=10), st.sampled_from(["period", "day"]))
def test_refunds_match_counting_by_hand(drawn: list[dict[str, Any]], by: Any) -> None:
    rows = [
        {
            "refund_id": str(i),
            "order_id": row["order"],
            "asked_at": NINE + row["hours"] * HOUR,
            "outcome": row["outcome"],
            "amount_fen": row["yuan"] * 100,
            "kind": row["kind"],
            "ended_at": None
            if row["outcome"] == "open"
            else NINE + (row["hours"] + row["took"]) * HOUR,
        }
        for i, row in enumerate(drawn)
    ]
    ids = ("refund_retention", "refund_retention_amount", "refund_rate", "refund_handling_time")
    sums: dict[tuple[str, date], list[int]] = defaultdict(lambda: [0, 0])

    def add(metric_id: str, day: date, numerator: int, denominator: int) -> None:
        counts = sums[metric_id, day if by == "day" else MAY_1]
        counts[0] += numerator
        counts[1] += denominator

    for order_id in {row["order_id"] for row in rows}:
        mine = [row for row in rows if row["order_id"] == order_id]
        day = min(row["asked_at"] for row in mine).date()
        back = [r for r in mine if r["outcome"] == "success" and r["kind"] != "换货"]
        if not back and any(row["outcome"] == "open" for row in mine):
            continue
        lost = sum(row["amount_fen"] for row in back)
        kept = max(0, max(row["amount_fen"] for row in mine) - lost)
        add("refund_retention", day, not back, 1)
        add("refund_retention_amount", day, kept, kept + lost)
    for row in rows:
        if row["ended_at"]:
            seconds = (row["ended_at"] - row["asked_at"]).total_seconds()
            add("refund_handling_time", row["asked_at"].date(), int(seconds), 1)
    back_ids = {r["order_id"] for r in rows if r["outcome"] == "success" and r["kind"] != "换货"}
    for order_id, unit in (("1", "11"), ("1", "12"), ("2", "2")):
        add("refund_rate", MAY_1, unit in back_ids or order_id in back_ids, 1)
    last = MAY_1 + 2 * DAY
    until = MAY_1 + 30 * DAY
    covers = dict.fromkeys(("refunds", "orders", "order_items"), (MAY_1, until))
    tables = shop_tables(orders=ORDERS, order_items=LINES, refunds=rows, covers=covers)
    measured = measure(tables, DEFAULT, ids=ids, first=MAY_1, last=last, by=by).collect()
    assert measured.height == len(ids) * (3 if by == "day" else 1)
    for row in measured.iter_rows(named=True):
        numerator, denominator = sums[row["metric"], row["start"]]
        scale = 100 if row["metric"] == "refund_retention_amount" else 1
        assert (row["numerator"] * scale, row["denominator"] * scale) == pytest.approx(
            (numerator, denominator)
        )
        assert row["value"] == (pytest.approx(numerator / denominator) if denominator else None)
