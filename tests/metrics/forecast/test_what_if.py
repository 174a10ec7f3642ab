from datetime import date, timedelta

import pytest

from metrics.forecast.scores import FittedForecast, fitted, forecast_of
from metrics.forecast.what_if import PlannedCampaign, campaign_like, five_stars_needed, what_if
from tests.metrics.fitted import SETTINGS, inputs, little_shop

AS_OF = date(2024, 7, 20)
LAST = AS_OF + timedelta(days=30)


@pytest.fixture(scope="module")
def fit() -> FittedForecast:
    return fitted(inputs(**little_shop(seed=5, a_day=6)), SETTINGS, as_of=AS_OF)


def last_mean(frame: object, dimension: str = "logistics") -> float:
    return float(frame.filter(day=LAST, dimension=dimension)["mean"].item())  # type: ignore[attr-defined]


def test_nothing_changed_is_the_forecast(fit: FittedForecast) -> None:
    assert what_if(fit).equals(forecast_of(fit))


def test_saved_orders_raise_the_score_and_more_raise_it_more(fit: FittedForecast) -> None:
    means = [last_mean(what_if(fit, saved=saved)) for saved in (0, 1, 5, 10_000)]
    assert means == sorted(set(means))


def test_a_campaign_with_bad_stars_lowers_the_score(fit: FittedForecast) -> None:
    def campaign(stars: float) -> float:
        planned = PlannedCampaign(
            first=AS_OF + timedelta(days=1),
            last=AS_OF + timedelta(days=3),
            orders=300,
            mean_stars={"logistics": stars},
        )
        return last_mean(what_if(fit, campaigns=[planned]))

    assert campaign(3.0) < last_mean(forecast_of(fit)) < campaign(5.0)


def test_certain_five_stars_add_up(fit: FittedForecast) -> None:
    """Three a day for 30 days: S + 5·90 over N + 90."""
    path = fit.path("logistics")
    ratings, mean = path.ratings[-1], path.mean[-1]
    more = what_if(fit, five_stars_a_day=3)
    assert last_mean(more) == pytest.approx((mean * ratings + 450) / (ratings + 90))


def test_the_five_stars_needed_reach_the_target(fit: FittedForecast) -> None:
    target = last_mean(forecast_of(fit)) + 0.02
    needed = five_stars_needed(fit, "logistics", day=LAST, target=target)
    assert needed is not None
    assert last_mean(what_if(fit, five_stars_a_day=needed)) >= target
    assert last_mean(what_if(fit, five_stars_a_day=needed - 0.1)) < target


@pytest.mark.parametrize(
    ("target", "needed"),
    [
        pytest.param(1.5, 0.0, id="reached anyway"),
        pytest.param(5.0, None, id="five is out of reach"),
    ],
)
def test_targets_that_need_no_division(
    fit: FittedForecast, target: float, needed: float | None
) -> None:
    assert five_stars_needed(fit, "service", day=LAST, target=target) == needed


@pytest.mark.parametrize("day", [AS_OF, LAST + timedelta(days=1)])
def test_days_outside_the_forecast_have_no_answer(fit: FittedForecast, day: date) -> None:
    assert five_stars_needed(fit, "service", day=day, target=4.9) is None


def test_a_past_campaign_is_copied_by_what_it_brought(fit: FittedForecast) -> None:
    first = date(2024, 5, 1)
    copied = campaign_like(fit, (first, first + timedelta(days=1)), AS_OF)
    assert copied is not None
    assert (copied.first, copied.last) == (AS_OF, AS_OF + timedelta(days=1))
    assert copied.orders < 10
    assert set(copied.mean_stars) == {"description", "service", "logistics"}
    assert campaign_like(fit, (date(2023, 5, 1), date(2023, 5, 2)), AS_OF) is None
