from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest

from metrics.forecast.in_flight import late_outlook, shipping_paces
from metrics.forecast.pools import day_number
from metrics.forecast.rating_delay import Hazard

#: Half of those that wait are sent on each of three days.
HALF = Hazard(np.array([0.5, 0.5, 0.5]), 1.0)
NOON = datetime(2024, 5, 10, 12)
TODAY = day_number(NOON.date())
DAY = timedelta(days=1)


def paces(days_ago: list[int], sent_after: list[int | None]) -> list[float]:
    paid = TODAY - np.array(days_ago, dtype=np.int64)
    sent = np.array([-1 if days is None else days for days in sent_after], dtype=np.int64)
    shipped = np.where(sent < 0, -1, paid + sent)
    return [float(pace) for pace in shipping_paces(paid, shipped, HALF, TODAY)]


@pytest.mark.parametrize(
    ("days_ago", "sent_after", "expected"),
    [
        pytest.param([], [], [1, 1, 1], id="no orders, the usual pace"),
        # Paid yesterday: two days at one half each foresaw 24 parcels; (0 + 8) ÷ (24 + 8).
        # Of today nothing is known: half-way from yesterday's 0.25 to 1.
        pytest.param([1] * 24, [None] * 24, [0.625, 0.25, 1], id="a day of which nothing was sent"),
        # 16 sent at once, where half of them were foreseen: (16 + 8) ÷ (8 + 8).
        pytest.param([0] * 16, [0] * 16, [1.5, 1, 1], id="all sent at once"),
        pytest.param([40] * 9, [None] * 9, [1, 1, 1], id="too old to be on its way"),
    ],
)
def test_orders_of_one_day_share_their_pace(
    days_ago: list[int], sent_after: list[int | None], expected: list[float]
) -> None:
    assert paces(days_ago, sent_after) == pytest.approx(expected)


def outlook(paid_days_ago: int, promised_in: int, *, unsent: bool = True) -> tuple[float, float]:
    rows = pl.DataFrame(
        {"paid_at": [NOON - paid_days_ago * DAY], "ship_by": [NOON + promised_in * DAY]}
    )
    return late_outlook(rows, np.array([unsent]), HALF, np.ones(3), TODAY).row(0)


@pytest.mark.parametrize(
    ("paid_days_ago", "promised_in", "expected"),
    [
        # Waits through day 1 with one half, then day 2 is the last.
        pytest.param(0, 1, (0.5, 1.0), id="paid today, promised for tomorrow"),
        pytest.param(0, 2, (0.25, 1.0), id="promised for the day after"),
        # One half tomorrow, one quarter the day after: (1 · ¼ + 2 · ⅛) ÷ ⅜.
        pytest.param(0, 0, (1.0, 4 / 3), id="promised for today and not sent"),
        pytest.param(1, -1, (1.0, 1.0), id="late already"),
    ],
)
def test_what_is_not_sent_may_be_late_and_later(
    paid_days_ago: int, promised_in: int, expected: tuple[float, float]
) -> None:
    assert outlook(paid_days_ago, promised_in) == pytest.approx(expected)


def test_what_is_sent_is_no_later_than_it_is() -> None:
    assert outlook(3, -1, unsent=False) == (0.0, 0.0)
