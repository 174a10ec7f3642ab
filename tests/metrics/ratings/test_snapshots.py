from datetime import date

from metrics.ratings.snapshots import newest_industry, newest_printed
from store.settings import ShopSettings
from tests.frames import shop_tables

MAY_1, MAY_2, MAY_9 = (date(2024, 5, day) for day in (1, 2, 9))
TABLES = shop_tables(
    rating_snapshots=[
        {"day": MAY_2, "dimension": "service", "score": 4.82},
        {"day": MAY_1, "dimension": "service", "score": 4.81, "industry_mean": 4.7},
        {"day": MAY_9, "dimension": "service", "score": 4.89, "industry_mean": 4.75},
        {"day": MAY_1, "dimension": "description", "score": 4.91},
    ]
)


def test_the_newest_line_up_to_the_day_is_taken_per_dimension() -> None:
    printed = newest_printed(TABLES, ShopSettings(), last=MAY_2).collect()
    assert printed.select("dimension", "day", "score").rows() == [
        ("description", MAY_1, 4.91),
        ("service", MAY_2, 4.82),
    ]


def test_a_younger_line_without_the_industrys_mean_is_passed_over() -> None:
    printed = newest_industry(TABLES, ShopSettings(), last=MAY_2).collect()
    assert printed.select("dimension", "day", "industry_mean").rows() == [("service", MAY_1, 4.7)]


def test_before_the_first_line_nothing_is_printed() -> None:
    assert newest_printed(TABLES, ShopSettings(), last=date(2024, 4, 30)).collect().is_empty()
