from datetime import date, datetime, time

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.chats.waits import WAIT_BANDS, WAIT_EDGES, round_facts, wait_shares, waits_by_hour
from store.settings import ShopSettings, WorkingBlock
from tests.frames import NINE, shop_tables
from tests.metrics.chat_lines import DAY, HOUR, SECOND, Line, a_line, lines

FIRST, LAST = date(2024, 5, 1), date(2024, 5, 3)


def facts(chat: list[Line], *blocks: WorkingBlock) -> pl.LazyFrame:
    choices = ShopSettings(working_hours=blocks) if blocks else ShopSettings()
    return round_facts(shop_tables(messages=lines(*chat)), choices, first=FIRST, last=LAST)


def after(wait: int, opened_at: datetime = NINE) -> list[Line]:
    return [("ann", "buyer", "li", opened_at), ("ann", "agent", "li", opened_at + wait * SECOND)]


def test_there_is_a_band_for_every_edge_and_two_more() -> None:
    assert len(WAIT_BANDS) == len(WAIT_EDGES) + 2


@pytest.mark.parametrize(
    ("wait", "band"),
    [
        (0, "up_to_15"), (15, "up_to_15"), (16, "up_to_30"), (30, "up_to_30"), (31, "up_to_60"),
        (60, "up_to_60"), (61, "up_to_180"), (180, "up_to_180"), (181, "up_to_600"),
        (600, "up_to_600"), (601, "longer"),
    ],
)  # fmt: skip
def test_edges_belong_to_the_shorter_band(wait: int, band: str) -> None:
    rows = wait_shares(facts(after(wait))).collect().rows()
    assert rows == [(name, int(name == band), 1, float(name == band)) for name in WAIT_BANDS]


def test_no_human_answer_is_a_band_of_its_own() -> None:
    chat = [("ann", "buyer", "li", NINE), ("ann", "robot", "li", NINE), *after(5, NINE + DAY)]
    rows = wait_shares(facts(chat), by="day").collect()
    assert rows.filter(pl.col("rounds") > 0).rows() == [
        (date(2024, 5, 1), "none", 1, 1, 1.0),
        (date(2024, 5, 2), "up_to_15", 1, 1, 1.0),
    ]


def test_without_rounds_no_share() -> None:
    assert wait_shares(facts([])).collect()["share"].to_list() == [None] * len(WAIT_BANDS)


@given(st.lists(a_line, max_size=16))
@settings(max_examples=40, deadline=None)
def test_shares_match_sorting_the_waits_by_hand(chat: list[Line]) -> None:
    rounds = facts(chat).collect()
    expected = dict.fromkeys(WAIT_BANDS, 0)
    for wait in rounds["wait_s"]:
        edges = [edge.total_seconds() for edge in WAIT_EDGES]
        fits = [i for i, edge in enumerate(edges) if wait is not None and wait <= edge]
        expected["none" if wait is None else WAIT_BANDS[fits[0]] if fits else "longer"] += 1
    rows = wait_shares(rounds.lazy()).collect()
    assert dict(rows.select("band", "rounds").rows()) == expected
    assert rows["total"].to_list() == [len(rounds)] * len(WAIT_BANDS)


def test_hours_of_the_day() -> None:
    chat = [*after(10), *after(300, NINE + DAY), ("bob", "buyer", "li", NINE + 2 * HOUR)]
    rows = waits_by_hour(facts(chat)).collect()
    assert rows["hour"].to_list() == list(range(24))
    assert rows.row(9) == (9, 2, 2, 155.0, 155.0, 0.5)
    assert rows.row(11) == (11, 1, 0, 600.0, None, 0.0)
    assert rows.row(3) == (3, 0, 0, None, None, None)


MORNING = WorkingBlock(weekdays=(3,), start=time(9), end=time(12))  # 1 May 2024 is a Wednesday
EVENING = WorkingBlock(start=time(18), end=time(0))


@pytest.mark.parametrize(
    ("at", "inside"),
    [
        pytest.param(NINE - SECOND, False, id="before"),
        pytest.param(NINE, True, id="first second"),
        pytest.param(NINE + 3 * HOUR - SECOND, True, id="last second"),
        pytest.param(NINE + 3 * HOUR, False, id="the break"),
        pytest.param(NINE + 9 * HOUR, True, id="second shift"),
        pytest.param(NINE + 15 * HOUR - SECOND, True, id="up to midnight"),
        pytest.param(NINE + DAY, False, id="another weekday"),
    ],
)
def test_split_shifts(at: datetime, inside: bool) -> None:
    rounds = facts([("ann", "buyer", "li", at)], MORNING, EVENING).collect()
    assert rounds["in_working_hours"].to_list() == [inside]
