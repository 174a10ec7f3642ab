"""Shops as other marketplaces know them: nothing raises, and the intervals stay intervals."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from random import Random
from typing import Literal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.forecast.backtest import backtest, summary
from metrics.forecast.scores import ForecastInputs, crossings, fitted, forecast, forecast_of
from metrics.forecast.what_if import five_stars_needed, what_if
from metrics.forecast.worth_a_call import worth_a_call
from store.schemas import DSR_DIMENSIONS
from tests.metrics.fitted import DAY, JAN_1, SETTINGS, Row, inputs, little_shop, rating

QUANTILES = ["low_95", "low_80", "high_80", "high_95"]
#: Below so many ratings one more tells as much of a shop's scatter as of its mean.
FEW_RATINGS = 40
START = JAN_1.date()


@dataclass(frozen=True)
class OddShop:
    """Strange habits, each drawn apart from the others."""

    seed: int
    days: int
    a_day: float
    #: Days without anything, from and until.
    quiet: tuple[int, int]
    #: Days from completion to the rating; before it where negative.
    delay: tuple[int, int]
    #: Stars, each as likely as it is often there.
    mix: str
    dimensions: Literal["all", "one", "some"]
    ratings_per_order: int
    known: Literal["all", "no orders", "no buyers", "no times"]

    @property
    def rows(self) -> dict[str, list[Row]]:
        dice = Random(self.seed)
        orders: list[Row] = []
        ratings: list[Row] = []
        for nth in range(max(1, round(self.days * self.a_day))):
            day = dice.random() * self.days
            if nth and self.quiet[0] <= day < self.quiet[1]:
                continue
            orders.append(self._order(nth, day, dice))
            for time in range(self.ratings_per_order if dice.random() < 0.6 else 0):
                row = rating(day + dice.uniform(*self.delay), self._stars(dice), nth=time + 1)
                ratings.append(row | {"order_id": f"o{nth}" if dice.random() < 0.8 else f"x{nth}"})
        known = [] if self.known == "no orders" else orders
        return {"orders": known, "ratings": ratings or [rating(0, (4, None, None))]}

    def _order(self, nth: int, day: float, dice: Random) -> Row:
        received = JAN_1 + day * DAY
        order = {"order_id": f"o{nth}", "paid_at": received - 3 * DAY}
        order["created_at"] = order["paid_at"]
        order["buyer"] = None if self.known == "no buyers" else f"b{dice.randrange(9)}"
        if self.known == "no times":
            return order
        return order | {"received_at": received, "shipped_at": received - 2 * DAY}

    def _stars(self, dice: Random) -> tuple[int | None, int | None, int | None]:
        drawn = [int(dice.choice(self.mix)) for _ in DSR_DIMENSIONS]
        share = {"all": 1.0, "one": 0.0, "some": 0.3}[self.dimensions]
        second, third = (star if dice.random() < share else None for star in drawn[1:])
        return drawn[0], second, third


odd_shops = st.builds(
    OddShop,
    seed=st.integers(0, 10**6),
    days=st.sampled_from([1, 2, 5, 30, 120]),
    a_day=st.sampled_from([0.05, 1.0, 3.0]),
    quiet=st.sampled_from([(0, 0), (20, 45), (3, 110)]),
    delay=st.sampled_from([(0, 3), (40, 60), (-6, -1), (-3, 80)]),
    mix=st.sampled_from(["5", "1", "15", "11111555555555", "12345", "555555555554"]),
    dimensions=st.sampled_from(["all", "one", "some"]),
    ratings_per_order=st.sampled_from([1, 3]),
    known=st.sampled_from(["all", "no orders", "no buyers", "no times"]),
)


def last_day(rows: dict[str, list[Row]]) -> date:
    newest: date = max(row["rated_at"] for row in rows["ratings"]).date()
    return newest


def assert_sound(result: pl.DataFrame) -> None:
    """Ordered and inside the stars, or null altogether."""
    scores = result.drop_nulls("mean")
    assert scores.select(pl.col("mean", *QUANTILES).is_finite().all()).row(0) == (True,) * 5
    for lower, higher in pairwise(QUANTILES):
        assert (scores[lower] <= scores[higher]).all()
    assert (
        scores.select(pl.col("mean", *QUANTILES).is_between(1 - 1e-9, 5 + 1e-9).all()).row(0)
        == (True,) * 5
    )
    assert (scores["ratings"] > 0).all()


@given(odd=odd_shops, back=st.sampled_from([0, 1, 20, 100]))
@settings(max_examples=40, deadline=None)
def test_strange_shops_are_forecast(odd: OddShop, back: int) -> None:
    rows = odd.rows
    fit = fitted(inputs(**rows), SETTINGS, as_of=last_day(rows) - timedelta(days=back))
    assert_sound(forecast_of(fit))
    gates = crossings(fit, (1.0, 4.7, 5.0))
    assert gates["below"].drop_nulls().is_between(0, 1).all()
    assert_sound(what_if(fit, saved=3, five_stars_a_day=1))
    assert worth_a_call(fit)["expected_loss"].is_finite().all()


@given(odd=odd_shops)
@settings(max_examples=15, deadline=None)
def test_strange_shops_are_backtested(odd: OddShop) -> None:
    rows = odd.rows
    origins = [last_day(rows) - timedelta(days=days) for days in (0, 14, 90)]
    tested = backtest(inputs(**rows), SETTINGS, origins=origins, horizons=(1, 30))
    known = tested.drop_nulls("mean")
    for lower, higher in pairwise(QUANTILES):
        assert (known[lower] <= known[higher]).all()
    assert tested["actual"].drop_nulls().is_between(1, 5).all()


def forecasts(rows: dict[str, list[Row]], name: str, as_of: date) -> pl.DataFrame:
    return forecast(inputs(**rows), SETTINGS, as_of=as_of).filter(dimension=name)


def assert_no_higher(
    worse: pl.DataFrame, better: pl.DataFrame, *, columns: Sequence[str] = ("mean", *QUANTILES)
) -> None:
    for column in columns:
        assert (worse[column] <= better[column] + 1e-9).all(), column


@given(
    seed=st.integers(0, 10**6),
    a_day=st.sampled_from([1, 3, 6]),
    days=st.sampled_from([20, 60, 220]),
    late_hurts=st.booleans(),
    ago=st.floats(0, 149),
    dimension=st.integers(0, 2),
)
@settings(max_examples=20, deadline=None)
def test_a_further_one_star_rating_raises_no_quantile(
    seed: int, a_day: int, days: int, late_hurts: bool, ago: float, dimension: int
) -> None:
    """Of its own dimension: that logistics is spoken of less often is no fault of service.

    As long as it counts; once it has left, the wilder scatter that it showed remains. And in
    shops that are rated as usual: where the ratings to come are expected far better than the
    score (two ratings of 1★ are all there is), a further rating also promises more of these.
    Where a few ratings are all there are, one more of 1★ also says that the shop scatters wider
    than they showed: then the upper ends may rise, the mean and the lower ends may not.
    """
    rows = little_shop(seed=seed, a_day=a_day, days=days, late_hurts=late_hurts)
    last = JAN_1 + (days - 1) * DAY
    stars: list[int | None] = [None, None, None]
    stars[dimension] = 1
    low = rating(max(days - 1 - ago, 0), (stars[0], stars[1], stars[2]), order_id="low")
    name = DSR_DIMENSIONS[dimension]
    better = forecasts(rows, name, last.date())
    worse = forecasts(rows | {"ratings": [*rows["ratings"], low]}, name, last.date())
    few = len(rows["ratings"]) < FEW_RATINGS
    columns = ("mean", "low_95", "low_80") if few else ("mean", *QUANTILES)
    assert_no_higher(worse.join(better.select("day"), on="day"), better, columns=columns)


def shop_of(stars: list[int], a_day: float = 1.0) -> ForecastInputs:
    return inputs(
        ratings=[rating(nth / a_day, (star, None, None)) for nth, star in enumerate(stars)]
    )


def widths(shop: ForecastInputs, as_of: date) -> list[float]:
    own = forecast(shop, SETTINGS, as_of=as_of).filter(dimension="description")
    return (own["high_80"] - own["low_80"]).gather([0, 6, 14, 29]).to_list()


@pytest.mark.parametrize(
    ("stars", "a_day"),
    [
        pytest.param([5, 5, 5, 5, 4] * 40, 1.0, id="tiny"),
        pytest.param([5, 1, 5, 5, 5, 5, 2, 5, 4, 5] * 150, 10.0, id="J-shaped"),
        pytest.param([3] * 200, 1.0, id="always three"),
        pytest.param([5, 4] * 4000, 60.0, id="many"),
    ],
)
def test_bands_widen_with_the_horizon(stars: list[int], a_day: float) -> None:
    last = START + timedelta(days=int((len(stars) - 1) / a_day))
    near, week, fortnight, month = widths(shop_of(stars, a_day), last)
    assert 0 < near < week < fortnight < month < 1.5


def test_a_bigger_shop_has_narrower_bands() -> None:
    small, big = ([5, 5, 4, 5, 1] * 40, 1.0), ([5, 5, 4, 5, 1] * 800, 20.0)
    day = START + timedelta(days=199)
    for thin, thick in zip(widths(shop_of(*small), day), widths(shop_of(*big), day), strict=True):
        assert thick < thin / 2


def test_a_target_at_or_under_the_score_needs_nothing_and_five_is_out_of_reach() -> None:
    fit = fitted(shop_of([5, 4] * 90), SETTINGS, as_of=START + timedelta(days=179))
    day = START + timedelta(days=200)
    assert five_stars_needed(fit, "description", day=day, target=4.2) == 0
    assert five_stars_needed(fit, "description", day=day, target=5.0) is None
    assert five_stars_needed(fit, "service", day=day, target=4.2) is None


def marketplace(seed: int, days: int, a_day: float) -> dict[str, list[Row]]:
    """Reviews as on a marketplace elsewhere: one dimension, J-shaped (mean about 4.1).

    Nearly every order is reviewed, days after delivery or, where the parcel is late, before it;
    some have two reviews; sales grow and differ from day to day.
    """
    dice = Random(seed)
    orders: list[Row] = []
    ratings: list[Row] = []
    for day in range(days):
        busy = dice.gammavariate(6, 1 / 6) * a_day * (1 + day / days)
        for nth in range(round(busy)):
            paid = JAN_1 + (day + dice.random()) * DAY
            received = paid + (2 + dice.gammavariate(2, 5)) * DAY
            late = (received - paid).days > 20
            key = f"{day} {nth}"
            order = {"order_id": key, "buyer": f"b{key}", "created_at": paid, "paid_at": paid}
            orders.append(order | {"shipped_at": paid + 2 * DAY, "received_at": received})
            for time in range(0 if dice.random() < 0.02 else 1 + (dice.random() < 0.03)):
                chances = (45, 6, 10, 12, 27) if late else (8, 3, 8, 20, 61)
                (star,) = dice.choices((1, 2, 3, 4, 5), chances)
                asked = min(received, paid + 22 * DAY) + dice.choice([1, 1, 1, 2, 4, 9]) * DAY
                row = rating(0, (star, None, None), nth=time + 1)
                ratings.append(row | {"order_id": key, "rated_at": asked})
    return {"orders": orders, "ratings": ratings}


def test_reviews_of_another_marketplace_are_foretold() -> None:
    """Over ten shops and ten origins each: honest bands, no worse than the better naive one."""
    tested = pl.concat(
        backtest(
            inputs(**marketplace(seed, 420, 15.0)),
            SETTINGS,
            origins=[START + timedelta(days=day) for day in range(200, 390, 21)],
        )
        for seed in range(10, 20)
    )
    told = summary(tested)
    assert told["within_80"].is_between(0.7, 0.9).all()
    better = told.select(pl.min_horizontal("persistence_error", "expiry_error")).to_series()
    assert (told["error"] <= 1.02 * better).all()
