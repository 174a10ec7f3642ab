"""How many rows lie behind a number, by which rule, and the newest of them."""

from datetime import date, timedelta
from typing import Any

from metrics.views.row_lists import newest_rows, rows_by_rule
from store.settings import ShopSettings
from tests.frames import NINE, shop_tables

MINUTE = timedelta(minutes=1)
DAY = date(2024, 5, 1)
RULES = ShopSettings(filtered_buyers=("spam",))


def asked(buyer: str, nth: int) -> list[dict[str, Any]]:
    """A question and its answer, so many minutes after nine."""
    line = {"buyer": buyer, "agent": "joy"}
    at = NINE + nth * MINUTE
    return [
        line | {"sent_at": at, "sender": "buyer"},
        line | {"sent_at": at + MINUTE / 2, "sender": "agent"},
    ]


TABLES = shop_tables(
    messages=[
        line for nth, name in enumerate(["ann", "bea", "cat", "spam"]) for line in asked(name, nth)
    ]
)
ASKED: dict[str, Any] = {"metric_id": "reply_rate", "first": DAY, "last": DAY}


def test_rows_are_counted_by_rule() -> None:
    by_rule = rows_by_rule(TABLES, RULES, **ASKED).collect()
    assert by_rule.rows() == [(True, None, 3), (False, "filtered_buyer", 1)]


def test_only_the_newest_of_the_rows_asked_for_are_listed() -> None:
    newest = newest_rows(TABLES, RULES, **ASKED, counted=True, most=2).collect()
    assert newest["buyer"].to_list() == ["cat", "bea"]
    left = newest_rows(TABLES, RULES, **ASKED, counted=False, most=2).collect()
    assert left["buyer"].to_list() == ["spam"]
