from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

from metrics.catalog import METRICS
from metrics.kit.metric import Family
from metrics.views.health.cells import CELLS
from metrics.views.health.families import FAMILIES, HEADLINE, NAMES
from metrics.views.health.sentences import SCORE_SENTENCES, SENTENCES, what_happened
from metrics.views.health.verdicts import COLUMNS, history, verdicts
from tests.metrics.views.health import days

MONDAY = date(2024, 1, 1)
DAY = timedelta(days=1)
CALM = days.calm(100)
TARGET = {"reply_rate": 0.90}


def cells(total: list[float], n: int = 100, family: Family = "reply") -> pl.DataFrame:
    """One day after the other of one family."""
    rows = [
        {"family": family, "metric": HEADLINE[family], "day": MONDAY + at * DAY, "total": value,
         "n": float(n), "score": None, "ratings": None}
        for at, value in enumerate(total)
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=CELLS, orient="row")


def judged(total: list[float], **options: Any) -> dict[str, Any]:
    rows = verdicts(cells(total), **({"targets": TARGET} | options))
    return rows.row(by_predicate=pl.col("family") == "reply", named=True)


@pytest.mark.parametrize(
    ("total", "targets", "verdict", "happened"),
    [
        pytest.param(CALM, TARGET, "fine", "met", id="as usual, target met"),
        pytest.param(CALM, {}, "fine", "usual", id="as usual, no target"),
        pytest.param(CALM, {"reply_rate": 0.95}, "fine", "near", id="as usual, at the target"),
        pytest.param(CALM, {"reply_rate": 0.99}, "act", "missed", id="as usual, target missed"),
        pytest.param([*CALM, *[80.0] * 5], TARGET, "act", "worse_missed", id="fell below it"),
        pytest.param([*CALM, *[85.0] * 3], {"reply_rate": 0.6}, "watch", "worse_met",
                     id="fell, target still met"),
        pytest.param([*CALM, *[85.0] * 3], {}, "watch", "worse", id="fell, no target"),
        pytest.param([*CALM, *[100.0] * 9], {}, "fine", "better", id="rose"),
        pytest.param([*CALM, *[100.0] * 9], {"reply_rate": 0.9999}, "act", "better_missed",
                     id="rose, not enough"),
        pytest.param(CALM[:20], {}, "too_few", "too_few", id="a young shop"),
    ],
)  # fmt: skip
def test_both_statements_make_the_verdict(
    total: list[float], targets: dict[str, float], verdict: str, happened: str
) -> None:
    row = judged(total, targets=targets)
    assert (row["verdict"], what_happened(row)) == (verdict, happened)


def test_a_fall_says_since_when_from_what_to_what() -> None:
    row = judged([*CALM, *[80.0] * 5])
    assert row["changed"] == row["first"] == MONDAY + 100 * DAY
    assert (row["value"], row["n"]) == (0.8, 500)
    assert row["before"] == pytest.approx(0.95)
    assert row["low"] < 0.8 < row["high"]
    assert row["day"] == MONDAY + 104 * DAY


def test_a_verdict_that_stands_says_since_when() -> None:
    row = judged([*CALM, *[80.0] * 50])
    assert row["verdict"] == "act"
    assert row["since"] == MONDAY + 100 * DAY
    assert judged(CALM, targets={"reply_rate": 0.99})["since"] < MONDAY + 40 * DAY


def test_what_is_known_does_not_shout_until_its_day() -> None:
    last = MONDAY + 99 * DAY
    missed = {"targets": {"reply_rate": 0.99}}
    assert judged(CALM, known={"reply": last}, **missed)["verdict"] == "fine"
    assert judged(CALM, known={"reply": last - DAY}, **missed)["verdict"] == "act"
    fallen = judged([*CALM, *[80.0] * 5], known={"reply": last + 30 * DAY}, **missed)
    assert (fallen["verdict"], fallen["known_until"]) == ("watch", last + 30 * DAY)


def test_events_are_neither_judged_nor_usual() -> None:
    surge = [*CALM[:60], *[60.0] * 3, *CALM[:40]]
    event = (MONDAY + 60 * DAY, MONDAY + 62 * DAY)
    assert "worse" in history(cells(surge), targets={})["change"]
    assert "worse" not in history(cells(surge), targets={}, left_out=[event])["change"]


def test_a_score_is_judged_on_what_comes_in() -> None:
    scores = {"score": 4.85, "ratings": 1000.0}
    rows = cells([*[2.0, 3.0] * 60, *[20.0] * 10], 12, "dsr_service").with_columns(
        **{name: pl.lit(value) for name, value in scores.items()}
    )
    row = verdicts(rows, targets={"dsr_service": 4.8}).row(8, named=True)
    assert (row["family"], row["verdict"], what_happened(row)) == (
        "dsr_service", "watch", "worse_met",
    )  # fmt: skip
    assert (row["value"], row["n"]) == (4.85, 1000)
    assert row["before"] == pytest.approx(5 - 2.5 / 12)
    assert row["recent"] == pytest.approx(5 - 20 / 12, abs=0.2)


def test_every_family_has_a_row_and_those_without_a_file_say_so() -> None:
    rows = verdicts(cells(CALM), targets=TARGET)
    assert rows["family"].to_list() == list(FAMILIES)
    assert rows.columns == list(COLUMNS)
    assert {what_happened(row) for row in rows.to_dicts() if row["family"] != "reply"} == {
        "no_file"
    }
    assert verdicts(pl.DataFrame(schema=CELLS), targets={})["verdict"].unique().to_list() == [
        "too_few"
    ]


def test_history_is_what_verdicts_would_have_said() -> None:
    total = [*CALM[:60], *[85.0] * 20]
    told = history(cells(total), targets=TARGET)
    for last in (50, 61, 75, 80):
        row = judged(total[:last])
        assert told["verdict"][last - 1] == row["verdict"]


def test_every_metric_has_a_family_and_every_family_a_name() -> None:
    assert {metric.family for metric in METRICS} == set(FAMILIES) == set(NAMES)
    assert HEADLINE["speed"] == "response_time_platform"
    assert HEADLINE["refunds_asked"] == "refund_rate"
    assert set(SENTENCES) == set(SCORE_SENTENCES)
