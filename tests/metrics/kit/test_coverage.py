from datetime import date

from metrics.kit.coverage import last_days
from tests.frames import coverage

MAY_1, MAY_2, MAY_3 = (date(2024, 5, day) for day in (1, 2, 3))


def test_a_day_that_was_not_over_is_no_tables_as_of_day() -> None:
    covered = coverage(
        ("orders", MAY_2, True),
        ("orders", MAY_1, True),
        ("orders", MAY_3, False),
        ("messages", MAY_1, True),
        ("refunds", MAY_3, False),
    )
    assert last_days(covered) == {"messages": MAY_1, "orders": MAY_2}
