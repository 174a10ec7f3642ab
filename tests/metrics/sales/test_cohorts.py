from datetime import date, datetime
from typing import Any

import polars as pl
import pytest

from metrics.sales.cohorts import cohorts, funnel, inquiry_hours, payment_curve, projected

DAY_1 = date(2024, 5, 1)
AS_OF = date(2024, 5, 8)
MATURE = date(2024, 5, 4)


def alike(*rows: tuple[int, bool, int | None], inquiry: bool = True) -> pl.LazyFrame:
    """One inquiry per (day of May, ordered, paid_day), at nine in the morning."""
    facts = pl.LazyFrame(
        [
            {
                "buyer": f"b{i}",
                "day": date(2024, 5, day),
                "first_line_at": datetime(2024, 5, day, 9),
                "returning": i % 2 == 1,
                "inquiry": inquiry,
                "ordered": ordered,
                "paid_day": paid_day,
            }
            for i, (day, ordered, paid_day) in enumerate(rows)
        ],
        schema={
            "buyer": pl.String,
            "day": pl.Date,
            "first_line_at": pl.Datetime("us"),
            "returning": pl.Boolean,
            "inquiry": pl.Boolean,
            "ordered": pl.Boolean,
            "paid_day": pl.Int8,
        },
    )
    return cohorts(facts)


ASKED, ORDERED, PAID = (1, False, None), (1, True, None), (1, True, 0)


def test_funnel() -> None:
    asked = alike(ASKED, ASKED, ORDERED, PAID)
    assert funnel(asked).collect().rows() == [(4, 2, 1, 2, 1, 0.25)]
    assert funnel(asked, by=["returning"]).collect().rows() == [
        (False, 2, 1, 0, 1, 1, 0.0),
        (True, 2, 1, 1, 1, 0, 0.5),
    ]


def test_after_sale_conversations_are_in_no_funnel() -> None:
    after_sale = alike(PAID, inquiry=False)
    assert funnel(after_sale).collect().rows() == [(0, 0, 0, 0, 0, None)]


# Ten mature inquiries: four pay on day 0, two more on day 1, one more on day 3.
LEARNT = [(1, True, paid) for paid in (0, 0, 0, 0, 1, 1, 3, None, None, None)]


def test_payment_curve_reads_mature_cohorts_only() -> None:
    curve = payment_curve(alike(*LEARNT, (5, True, 0)), mature_until=MATURE).collect()
    counts = curve.select("paid_day", "inquiries", "paid").rows()
    assert counts == [(0, 10, 4), (1, 10, 6), (2, 10, 6), (3, 10, 7)]
    assert curve["share"].to_list() == pytest.approx([0.4, 0.6, 0.6, 0.7])
    assert payment_curve(alike(), mature_until=MATURE).collect()["share"].to_list() == [None] * 4


@pytest.mark.parametrize(
    ("day", "paid", "so_far", "projection"),
    [
        # Day 0 is over: 1 − (1 − 0.5) × (1 − 2/6) × (1 − 0/4) × (1 − 1/4) = 0.75
        pytest.param(8, [0, None], 0.5, 0.75, id="one day over"),
        pytest.param(8, [None, None], 0.0, 0.5, id="nobody yet"),
        # Days 0 to 2 are over: 1 − 0.5 × 3/4
        pytest.param(6, [2, None], 0.5, 0.625, id="three days over"),
        pytest.param(5, [3, None], 0.5, 0.5, id="all four over"),
    ],
)
def test_projection(day: int, paid: list[int | None], so_far: float, projection: float) -> None:
    cohort: Any = [(day, True, when) for when in paid]
    rows = projected(alike(*LEARNT, *cohort), as_of=AS_OF, mature_until=MATURE).collect()
    assert rows.rows()[0] == (DAY_1, 10, 7, 0.7, pytest.approx(0.7), False)
    assert rows.rows()[1][2:] == (sum(p is not None for p in paid), so_far,
                                  pytest.approx(projection), True)  # fmt: skip


def test_without_a_mature_cohort_nothing_is_projected() -> None:
    rows = projected(alike((8, True, None)), as_of=AS_OF, mature_until=MATURE).collect()
    assert rows["projection"].to_list() == [None]


def test_weekdays_by_hours() -> None:
    rows = inquiry_hours(alike(PAID, ASKED, (2, False, None))).collect()
    assert rows.height == 7 * 24
    assert rows.filter(pl.col("inquiries") > 0).rows() == [(3, 9, 2, 1, 0.5), (4, 9, 1, 0, 0.0)]
    assert rows.row(0) == (1, 0, 0, 0, None)
