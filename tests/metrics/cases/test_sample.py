from datetime import date, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.cases.sample import STRATA, candidates, conversation, drawn, events, stage
from store.settings import ShopSettings
from tests.frames import MAY_1, NINE, shop_tables

SECOND, MINUTE, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1)
FIRST, LAST = date(2024, 5, 1), date(2024, 5, 20)
#: Files that reach far enough for every payment window to have closed.
COVERS = {"messages": (FIRST, date(2024, 5, 31)), "orders": (FIRST, date(2024, 5, 31))}


def talk(*waits: int | None, buyer: str = "ann", agent: str = "li") -> list[dict[str, Any]]:
    """Questions ten minutes apart, each answered after so many seconds, or not."""
    rows = []
    for place, wait in enumerate(waits):
        at = NINE + place * 10 * MINUTE
        rows.append({"buyer": buyer, "sender": "buyer", "agent": agent, "sent_at": at})
        if wait is not None:
            answered = {"sender": "agent", "sent_at": at + wait * SECOND}
            rows.append({"buyer": buyer, "agent": agent, **answered})
    return rows


def paid(buyer: str = "ann", **more: Any) -> dict[str, Any]:
    at = NINE + 30 * MINUTE
    return {
        "order_id": f"o-{buyer}", "buyer": buyer, "created_at": at, "paid_at": at + MINUTE,
        "paid_fen": 9900, **more,
    }  # fmt: skip


def rated(stars: int, *, after: timedelta = 5 * DAY, buyer: str = "ann") -> dict[str, Any]:
    return {"order_id": f"o-{buyer}", "rated_at": NINE + after, "service": stars}


@pytest.mark.parametrize(
    ("tables", "stratum"),
    [
        pytest.param({"messages": talk(None)}, "unanswered", id="nobody answered"),
        pytest.param({"messages": talk(20, 181)}, "slow", id="a wait over three minutes"),
        pytest.param({"messages": talk(180)}, "lost", id="three minutes are not slow, but lost"),
        pytest.param({"messages": talk(60), "orders": [paid()]}, "good", id="prompt and paid"),
        pytest.param({"messages": talk(61), "orders": [paid()]}, None, id="paid after 61 seconds"),
        pytest.param(
            {"messages": talk(20), "orders": [paid()], "ratings": [rated(3)]},
            "bad_rating",
            id="three stars",
        ),
        pytest.param(
            {"messages": talk(20), "orders": [paid()], "ratings": [rated(4)]},
            "good",
            id="four stars are not bad",
        ),
        pytest.param(
            {"messages": talk(20), "orders": [paid()], "ratings": [rated(1, after=31 * DAY)]},
            "good",
            id="a rating a month later is another story",
        ),
        pytest.param(
            {"messages": talk(None), "orders": [paid()], "ratings": [rated(1)]},
            "bad_rating",
            id="a bad rating comes before silence",
        ),
    ],
)
def test_what_kind_a_conversation_is(tables: dict[str, Any], stratum: str | None) -> None:
    other = {"orders": [paid("zoe")]} if "orders" not in tables else {}
    shop = shop_tables(covers=COVERS, **tables, **other)
    found = candidates(shop, ShopSettings(), first=FIRST, last=LAST, agent="li").collect()
    expected = [] if stratum is None else [("ann", FIRST, "li", stratum)]
    assert found.select("buyer", "day", "agent", "stratum").rows() == expected


def test_without_orders_nobody_is_called_lost() -> None:
    shop = shop_tables(messages=talk(20))
    assert candidates(shop, ShopSettings(), first=FIRST, last=LAST, agent="li").collect().is_empty()


def many(kinds: list[str], *, agent: str = "li") -> pl.DataFrame:
    rows = [(f"buyer-{n}", FIRST, agent, kind, 1.0, None) for n, kind in enumerate(kinds)]
    columns = ["buyer", "day", "agent", "stratum", "longest_s", "paid"]
    frame = pl.DataFrame(rows, schema=columns, orient="row")
    return frame.with_columns(pl.col("buyer", "agent", "stratum").cast(pl.String))


KINDS = st.lists(st.sampled_from([*STRATA]), max_size=60)


@settings(deadline=None, max_examples=60)
@given(KINDS, st.integers(1, 9999))
def test_a_sample_holds_so_many_of_each_kind(kinds: list[str], seed: int) -> None:
    found = drawn(many(kinds), agent="li", seed=seed)
    expected = [kind for kind, size in STRATA.items() for _ in range(min(size, kinds.count(kind)))]
    assert found["stratum"].to_list() == expected
    assert found.select("buyer").is_unique().all()
    shuffled = many(kinds).sample(fraction=1.0, shuffle=True, seed=seed)
    assert drawn(shuffled, agent="li", seed=seed).equals(found)


def test_the_same_seed_draws_the_same_and_another_draws_others() -> None:
    found = many(["slow"] * 40)
    one, again, other = (
        drawn(found, agent="li", seed=seed)["buyer"].to_list() for seed in (1, 1, 2)
    )
    assert one == again == ["buyer-35", "buyer-39", "buyer-24"]
    assert set(one) != set(other)


def test_a_later_upload_leaves_the_draw_alone_unless_it_takes_a_place() -> None:
    before = drawn(many(["slow"] * 40), agent="li", seed=1)["buyer"].to_list()
    after = drawn(many(["slow"] * 41), agent="li", seed=1)["buyer"].to_list()
    assert [buyer for buyer in after if buyer != "buyer-40"] == before[: 3 - ("buyer-40" in after)]


def test_only_the_agents_own() -> None:
    both = pl.concat([many(["slow"]), many(["slow"], agent="wu")])
    assert drawn(both, agent="wu", seed=1)["agent"].to_list() == ["wu"]


def test_a_conversation_with_its_waits() -> None:
    at = [NINE + n * MINUTE for n in range(6)]
    lines = [
        ("buyer", at[0], "在吗"), ("robot", at[0], "您好"), ("buyer", at[1], "有货吗"),
        ("agent", at[4], "有的"), ("agent", at[4] + SECOND, "今天发"),
        ("buyer", at[5], "发什么快递"),
    ]  # fmt: skip
    rows = [
        {"buyer": "ann", "agent": "li", "sender": who, "sent_at": when, "text": text}
        for who, when, text in lines
    ]
    shop = shop_tables(messages=[*rows, *talk(5, buyer="bob")])
    found = conversation(shop, ShopSettings(), buyer="ann", day=FIRST).collect()
    assert found.select("sender", "text", "turn", "wait_s", "open").rows() == [
        ("buyer", "在吗", 0, None, False),
        ("robot", "您好", None, None, False),
        ("buyer", "有货吗", 0, None, False),
        ("agent", "有的", 1, 240, False),
        ("agent", "今天发", 1, None, False),
        ("buyer", "发什么快递", 2, None, True),
    ]


def test_agents_whom_the_shop_calls_robots_are_robots() -> None:
    shop = shop_tables(messages=talk(5, agent="bot"))
    rules = ShopSettings(robot_agents=("bot",))
    found = conversation(shop, rules, buyer="ann", day=FIRST).collect()
    assert found["sender"].to_list() == ["buyer", "robot"]
    assert found["open"].to_list() == [True, False]


def test_what_happened_around_a_conversation() -> None:
    shop = shop_tables(
        messages=talk(5),
        orders=[paid(title="杯子"), paid("bob")],
        order_items=[{"order_id": "o-ann", "item_order_id": "i-1"}],
        refunds=[
            {"refund_id": "r1", "order_id": "i-1", "asked_at": NINE + DAY,
             "ended_at": NINE + 2 * DAY, "amount_fen": 500, "outcome": "closed", "reason": "破损"},
            {"refund_id": "r2", "order_id": "x", "asked_at": NINE, "outcome": "open"},
        ],
        ratings=[rated(2), rated(1, after=40 * DAY)],
    )  # fmt: skip
    found = events(shop, ShopSettings(), buyer="ann", day=FIRST).collect()
    assert found.select("kind", "subject", "amount", "words", "after").rows() == [
        ("ordered", "o-ann", 99.0, "杯子", True),
        ("paid", "o-ann", 99.0, "杯子", True),
        ("refund_asked", "r1", 5.0, "破损", True),
        ("refund_ended", "r1", 5.0, "closed", True),
        ("rated", "o-ann", 2.0, None, True),
    ]


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        pytest.param([], "pre_sale", id="never bought"),
        pytest.param(["ordered"], "pre_sale", id="ordered, not paid"),
        pytest.param(["ordered", "paid"], "in_sale", id="paid"),
        pytest.param(["ordered", "paid", "shipped"], "in_sale", id="on its way"),
        pytest.param(["ordered", "paid", "received"], "after_sale", id="received"),
        pytest.param(["paid", "refund_asked"], "after_sale", id="asked back"),
        pytest.param(["received", "ordered", "paid"], "in_sale", id="bought again"),
    ],
)
def test_stage(kinds: list[str], expected: str) -> None:
    story = pl.DataFrame(
        {"at": [MAY_1 + n * MINUTE for n in range(len(kinds))], "kind": kinds},
        schema={"at": pl.Datetime("us"), "kind": pl.String},
    )
    assert stage(story, datetime(2024, 5, 2)) == expected
    # What comes later does not count.
    assert stage(story, MAY_1 - SECOND) == "pre_sale"
