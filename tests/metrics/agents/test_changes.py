import polars as pl
import pytest

from metrics.agents.changes import changes, most_improved
from metrics.agents.scorecard import totals
from tests.metrics.agents.test_scorecard import Counts, Stars, rated, team

STEADY: list[Counts] = [("ann", 900, 1000), ("bea", 900, 1000), ("cat", 900, 1000)]


def rates(*answered: int) -> list[Counts]:
    return [(name, x, 1000) for name, x in zip(("ann", "bea", "cat"), answered, strict=True)]


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        pytest.param(STEADY, STEADY, "steady steady steady", id="nothing moved"),
        pytest.param(STEADY, rates(970, 900, 900), "improved steady steady", id="one got better"),
        pytest.param(STEADY, rates(800, 900, 900), "declined steady steady", id="one got worse"),
        pytest.param(STEADY, rates(800, 800, 800), "steady steady steady", id="a busy month"),
        pytest.param(
            STEADY, rates(900, 800, 800), "steady steady steady", id="holding out is no change"
        ),
        pytest.param(
            STEADY,
            [("ann", 19, 19), *STEADY[1:]],
            "too_few steady steady",
            id="19 are too few",
        ),
        pytest.param(STEADY[:1], STEADY[:1], "too_few", id="nobody else to compare with"),
    ],
)
def test_changes(before: list[Counts], now: list[Counts], expected: str) -> None:
    rows = changes(team("reply_rate", *before), team("reply_rate", *now))
    assert " ".join(rows["verdict"]) == expected


@pytest.mark.parametrize(
    ("longer", "expected"),
    [
        pytest.param(515_000, "steady", id="1.5 points more long waits"),
        pytest.param(525_000, "declined", id="2.5 points more long waits"),
    ],
)
def test_a_wait_judged_by_shares_changes_by_points(longer: int, expected: str) -> None:
    """A million rounds, so that every change is sure; only the second agent moves."""
    usual, metric = 500_000, "response_time_median"
    before = team(metric, *((name, usual, 1_000_000) for name in ("ann", "bea", "cat")))
    now = team(metric, ("ann", usual, 1_000_000), ("bea", longer, 1_000_000),
               ("cat", usual, 1_000_000))  # fmt: skip
    assert changes(before, now)["verdict"].to_list() == ["steady", expected, "steady"]


@pytest.mark.parametrize(
    ("bad", "expected"),
    [pytest.param(400, "steady", id="0.04 stars"), pytest.param(500, "declined", id="0.06 stars")],
)
def test_stars_change_by_stars(bad: int, expected: str) -> None:
    """Of 20 000 ratings 200 had one star, 4.96 on average; every hundred more are 0.02 less."""
    usual: list[Stars] = [(name, 19_800, 200) for name in ("ann", "bea", "cat")]
    before, now = rated(*usual), rated(usual[0], ("bea", 20_000 - bad, bad), usual[2])
    assert changes(before, now)["verdict"].to_list() == ["steady", expected, "steady"]


@pytest.mark.parametrize(
    ("price", "expected"),
    [pytest.param(3290, "steady", id="9.7 %"), pytest.param(3310, "improved", id="10.3 %")],
)
def test_amounts_change_by_a_tenth(price: int, expected: str) -> None:
    """A hundred orders a day, every other day a tenth dearer than the one before."""

    def prices(bea: int) -> pl.DataFrame:
        usual = {"ann": 3000, "bea": bea, "cat": 3000}
        rows = [
            ("order_price", agent, f"{day:03}", price * (95.0 + 10 * (day % 2)), 100.0)
            for agent, price in usual.items()
            for day in range(200)
        ]
        columns = ["metric", "agent", "cluster", "numerator", "denominator"]
        return totals(pl.LazyFrame(rows, schema=columns, orient="row")).collect()

    found = changes(prices(3000), prices(price))["verdict"].to_list()
    assert found == ["steady", expected, "steady"]


def test_less_waiting_is_an_improvement() -> None:
    metric = "slow_conversations"
    rows = changes(team(metric, *rates(200, 100, 100)), team(metric, *rates(100, 100, 100)))
    assert rows.filter(agent="ann").select("before", "now", "verdict").row(0) == (
        0.2,
        0.1,
        "improved",
    )


def test_the_surest_improvement_comes_first_and_once_per_agent() -> None:
    rows = changes(team("reply_rate", *STEADY), team("reply_rate", *rates(960, 990, 900)))
    assert most_improved(rows)["agent"].to_list()[0] == "bea"
    assert most_improved(rows)["agent"].is_unique().all()


def test_without_any_improvement_nobody_is_named() -> None:
    rows = changes(team("reply_rate", *STEADY), team("reply_rate", *STEADY))
    assert most_improved(rows).is_empty()


def test_a_metric_of_one_span_only_has_no_row() -> None:
    rows = changes(team("reply_rate", *STEADY), team("cross_sell_rate", *STEADY))
    assert rows.is_empty()
