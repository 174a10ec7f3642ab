"""What is read off the frames that a store keeps is what the rows themselves give."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from functools import cache, partial
from random import Random
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from metrics.agents.units import agent_units
from metrics.catalog import METRIC_IDS
from metrics.forecast.inputs import forecast_inputs
from metrics.measure import measure
from metrics.ratings.counted import ratings_judged
from metrics.refunds.cuts import described_cases, handling_by_tier, open_refunds
from metrics.sales.spend import spending
from metrics.views.rows import rows_behind
from store.settings import ShopSettings
from store.shop_tables import ShopTables
from tests.frames import condensed, shop_tables
from tests.metrics.fitted import DAY, Row, little_shop

RULES = ShopSettings(filtered_buyers=("b3",), robot_agents=("auto",))
#: Part of the shop's eighty days, over the end of a month.
SPAN: Any = {"first": date(2024, 1, 20), "last": date(2024, 3, 10)}
Facts = Callable[[ShopTables], pl.LazyFrame]


@cache
def shops() -> tuple[ShopTables, ShopTables]:
    """The same shop without and with what a store keeps."""
    dice = Random(5)
    rows: dict[str, Any] = {**little_shop(seed=5, days=80, a_day=3)}
    messages: list[Row] = []
    items: list[Row] = []
    for nth, order in enumerate(rows["orders"]):
        order |= {"paid_fen": dice.randint(1000, 9000), "pieces": dice.choice([None, 1, 2])}
        order |= {"refund_fen": dice.choice([None, 0, 400, order["paid_fen"]])}
        for part in range(dice.choice([1, 2])):
            own = {"order_id": order["order_id"], "item_order_id": f"i{nth}.{part}"}
            item = own | {"item_id": f"p{dice.randrange(4)}", "quantity": 1, "paid_fen": 500}
            items.append(item | {"paid_at": order["paid_at"], "created_at": order["created_at"]})
        asked_at = order["paid_at"] - dice.uniform(-0.1, 5) * DAY
        agent = dice.choice(["li", "wu", "auto", ""])
        said = {"buyer": order["buyer"], "agent": agent, "text": f"{nth}"}
        messages.append(said | {"sent_at": asked_at, "sender": "buyer"})
        if agent:
            waited = timedelta(seconds=dice.randint(1, 900))
            messages.append(said | {"sent_at": asked_at + waited, "sender": "agent"})
    for nth, refund in enumerate(rows["refunds"]):
        if nth % 2:
            refund["order_id"] = "i" + refund["order_id"][1:] + ".0"
        refund["outcome"] = dice.choice(["success", "closed", "open"])
        refund["amount_fen"] = 400
    plain = shop_tables(**rows, messages=messages, order_items=items)
    return plain, condensed(plain, RULES)


def same(facts: Facts) -> None:
    """Both shops tell the same, and something."""
    plain, kept = (facts(tables).collect() for tables in shops())
    assert plain.height > 0
    assert_frame_equal(kept, plain, check_row_order=False)


@pytest.mark.parametrize("by", ["period", "day", "month", "agent"])
def test_every_metric(by: str) -> None:
    same(lambda tables: measure(tables, RULES, ids=METRIC_IDS, by=by, **SPAN))  # type: ignore[arg-type]
    same(lambda tables: measure(tables, RULES, ids=METRIC_IDS, by=by))  # type: ignore[arg-type]


@pytest.mark.parametrize("metric_id", METRIC_IDS)
def test_the_rows_behind_every_metric(metric_id: str) -> None:
    same(lambda tables: rows_behind(metric_id, tables, RULES, **SPAN))


@pytest.mark.parametrize("name", ["ratings", "trades", "refunds", "waits"])
def test_what_a_forecast_reads(name: str) -> None:
    same(lambda tables: forecast_inputs(tables, RULES)[name].lazy())


@pytest.mark.parametrize(
    "facts",
    [
        pytest.param(lambda tables: ratings_judged(tables, RULES), id="ratings"),
        pytest.param(lambda tables: described_cases(tables, RULES, **SPAN), id="cases"),
        pytest.param(partial(handling_by_tier, **SPAN), id="handling"),
        pytest.param(
            lambda tables: open_refunds(
                tables, RULES, now=datetime.combine(SPAN["last"], time.max)
            ),
            id="open refunds",
        ),
        pytest.param(
            lambda tables: spending(tables, RULES, **SPAN, cut="returning"), id="returning"
        ),
        pytest.param(lambda tables: spending(tables, RULES, **SPAN, cut="served"), id="served"),
        pytest.param(lambda tables: agent_units(tables, RULES, **SPAN), id="agents"),
    ],
)
def test_what_pages_cut(facts: Facts) -> None:
    same(facts)
