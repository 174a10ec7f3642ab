from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from random import Random

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from metrics.forecast.scores import (
    FORECAST_COLUMNS,
    ForecastInputs,
    crossings,
    fitted,
    forecast,
    gate_in_doubt,
)
from metrics.ratings.counted import DSR_WINDOW
from store.schemas import DSR_DIMENSIONS
from store.settings import Campaign, ShopSettings
from tests.metrics.fitted import (
    DAY,
    JAN_1,
    SETTINGS,
    Row,
    all_five,
    inputs,
    little_shop,
    rating,
)

QUANTILES = ["low_95", "low_80", "mean", "high_80", "high_95"]
PARTS = ["from_expired", "from_pending", "from_in_flight", "from_future"]
AS_OF = date(2024, 7, 20)


@pytest.fixture(scope="module")
def rows() -> dict[str, list[Row]]:
    return little_shop(seed=1)


@pytest.fixture(scope="module")
def shop(rows: dict[str, list[Row]]) -> ForecastInputs:
    return inputs(**rows)


def test_every_day_and_dimension_has_a_row(shop: ForecastInputs) -> None:
    result = forecast(shop, SETTINGS, as_of=AS_OF, horizon=5)
    assert dict(result.schema) == FORECAST_COLUMNS
    days = [AS_OF + timedelta(days=ahead) for ahead in range(1, 6)]
    expected = [(day, name) for day in days for name in DSR_DIMENSIONS]
    assert result.select("day", "dimension").rows() == expected


def test_quantiles_are_in_order_and_inside_the_stars(shop: ForecastInputs) -> None:
    result = forecast(shop, SETTINGS, as_of=AS_OF)
    for lower, higher in pairwise(QUANTILES):
        assert (result[lower] <= result[higher]).all()
    assert result["low_95"].min() >= 1  # type: ignore[operator]
    assert result["high_95"].max() <= 5  # type: ignore[operator]


def test_the_band_widens_with_the_horizon(shop: ForecastInputs) -> None:
    result = forecast(shop, SETTINGS, as_of=AS_OF).filter(dimension="service")
    width = (result["high_80"] - result["low_80"]).gather([0, 6, 14, 29])
    assert (width.diff().drop_nulls() > 0).all()


def test_contributions_add_up_to_the_expected_change(shop: ForecastInputs) -> None:
    fit = fitted(shop, SETTINGS, as_of=AS_OF)
    result = forecast(shop, SETTINGS, as_of=AS_OF)
    for name in DSR_DIMENSIONS:
        own = result.filter(dimension=name)
        change = own["mean"] - fit.score_today(name)
        assert (own.select(total=pl.sum_horizontal(PARTS))["total"] - change).abs().max() < 1e-12  # type: ignore[operator]


def test_nothing_but_expiry_moves_a_shop_that_sells_nothing() -> None:
    """The oldest 1★ of the window leaves tomorrow; three 5★ stay; nothing else was given since."""
    given = [rating(0, (1, 1, 1)), *all_five([1, 2, 3])]
    eve = date(2024, 1, 1) + DSR_WINDOW - timedelta(days=1)
    result = forecast(inputs(ratings=given), SETTINGS, as_of=eve, horizon=1)
    first = result.row(0, named=True)
    assert first["from_expired"] == pytest.approx(1.0, abs=0.02)
    assert first["from_pending"] == first["from_in_flight"] == 0
    assert first["mean"] == pytest.approx(5.0, abs=0.02)


def test_no_ratings_no_forecast(rows: dict[str, list[Row]]) -> None:
    assert forecast(inputs(), SETTINGS, as_of=AS_OF).rows() == []
    assert forecast(inputs(orders=rows["orders"]), SETTINGS, as_of=AS_OF).rows() == []
    before = forecast(inputs(**rows), SETTINGS, as_of=date(2023, 12, 1))
    assert dict(before.schema) == FORECAST_COLUMNS
    assert before.rows() == []


def test_one_dimension_only() -> None:
    given = [rating(day / 2, (None, None, 4 + day % 2)) for day in range(200)]
    result = forecast(inputs(ratings=given), SETTINGS, as_of=date(2024, 4, 10), horizon=7)
    assert result["dimension"].unique().to_list() == ["logistics"]
    assert result["mean"].to_list() == pytest.approx([4.5] * 7, abs=0.03)


def test_a_single_rating_is_forecast_wide() -> None:
    result = forecast(inputs(ratings=[rating(0, (5, 5, 5))]), SETTINGS, as_of=date(2024, 1, 1))
    last = result.filter(dimension="service").row(-1, named=True)
    assert last["high_80"] - last["low_80"] > 0.2


def test_one_great_day_does_not_promise_thirty() -> None:
    """500 ratings on one day: fifty a day are expected (``test_few_days_promise_little``)."""
    given = [rating(nth / 1000, (5 - nth % 2, 5, 5), order_id=f"o{nth}") for nth in range(500)]
    result = forecast(inputs(ratings=given), SETTINGS, as_of=date(2024, 1, 1))
    last = result.filter(dimension="description").row(-1, named=True)
    assert last["ratings"] == pytest.approx(500 + 30 * 50, rel=0.02)
    assert last["mean"] == pytest.approx(4.5, abs=0.02)
    assert last["high_80"] - last["low_80"] > 0.15


def test_gaps_of_weeks_and_ratings_before_completion_are_survived() -> None:
    days = [*range(0, 40), *range(75, 120)]
    given = [rating(day + part, (5, 4, 5)) for day in days for part in (0.1, 0.3)]
    given += [rating(day, (1, None, None), nth=1) for day in days]
    orders = [
        {"order_id": row["order_id"], "paid_at": row["rated_at"] - DAY, "received_at": later}
        for row in given[:20]
        for later in [row["rated_at"] + 2 * DAY]
    ]
    result = forecast(inputs(ratings=given, orders=orders[:20]), SETTINGS, as_of=date(2024, 4, 29))
    own = result.filter(dimension="logistics").row(29, named=True)
    # 85 rated days gave 170 ratings; the gap is not taken for the rate of sales.
    assert own["ratings"] == pytest.approx(170 + 2 * 30, rel=0.2)


def test_delays_may_be_longer_than_the_fifteen_days_of_taobao() -> None:
    rows = []
    orders = []
    for nth in range(400):
        received = JAN_1 + nth / 2 * DAY
        orders.append({"order_id": f"o{nth}", "paid_at": received - DAY, "received_at": received})
        rows.append(rating(nth / 2 + 25, (5, 5, 4)) | {"order_id": f"o{nth}"})
    fit = fitted(inputs(ratings=rows, orders=orders), SETTINGS, as_of=date(2024, 7, 1))
    assert fit.arrivals.delays is not None
    assert fit.arrivals.delays.rate.last >= 25
    result = fit.path("description").from_sources
    assert fit.path("description").ratings[9] == pytest.approx(
        fit.ratings_today("description") + 20, abs=2
    )
    assert set(result) == {"pending", "in_flight", "future"}


def poisoned(rows: dict[str, list[Row]], as_of: date) -> dict[str, list[Row]]:
    """Everything after the day made to lie: other times, words and stars, and new rows."""
    end = datetime.combine(as_of, datetime.min.time()) + DAY
    orders = []
    for order in rows["orders"]:
        lie = dict(order)
        for column in ("paid_at", "shipped_at", "received_at"):
            if lie[column] >= end:
                lie[column] = None if len(lie["order_id"]) % 2 else lie[column] + 3 * DAY
        if order["received_at"] >= end:
            lie |= {"status": "closed", "refund_fen": 100}
        if order["paid_at"] >= end:
            # Later than it was, but not later than it is paid.
            ordered = (
                end + 5 * DAY if lie["paid_at"] is None else min(end + 5 * DAY, lie["paid_at"])
            )
            lie |= {"created_at": ordered, "buyer": "liar", "title": "other"}
        orders.append(lie)
    ratings = [
        row if row["rated_at"] < end else row | {"description": 1, "service": 1, "logistics": 1}
        for row in rows["ratings"]
    ]
    ratings += [rating((end - JAN_1) / DAY + nth, (1, 1, 1)) for nth in range(40)]
    refunds = [
        row
        if row["asked_at"] < end and row["ended_at"] < end
        else row | {"outcome": "success", "ended_at": end + 9 * DAY}
        if row["asked_at"] < end
        else row | {"asked_at": end + DAY, "outcome": "success"}
        for row in rows["refunds"]
    ]
    return {"orders": orders[::-1], "ratings": ratings[::-1], "refunds": refunds[::-1]}


@pytest.mark.parametrize("as_of", [date(2024, 3, 3), AS_OF], ids=["early", "late"])
def test_the_future_cannot_leak(
    rows: dict[str, list[Row]], shop: ForecastInputs, as_of: date
) -> None:
    """Bit for bit, and again in another order of the rows."""
    lying = inputs(**poisoned(rows, as_of))
    honest = forecast(shop, SETTINGS, as_of=as_of)
    assert_frame_equal(forecast(lying, SETTINGS, as_of=as_of), honest, check_exact=True)
    assert_frame_equal(forecast(shop, SETTINGS, as_of=as_of), honest, check_exact=True)


def quantiles(rows: dict[str, list[Row]]) -> pl.DataFrame:
    return forecast(inputs(**rows), SETTINGS, as_of=AS_OF)


@pytest.mark.parametrize(
    ("seed", "day"),
    [
        pytest.param(1, 200, id="given today"),
        pytest.param(1, 150, id="given some weeks ago"),
        pytest.param(2, 60, id="given long ago"),
        pytest.param(3, 190, id="another shop"),
    ],
)
def test_a_further_one_star_rating_never_raises_a_quantile(seed: int, day: int) -> None:
    rows = little_shop(seed=seed)
    before = quantiles(rows)
    after = quantiles(rows | {"ratings": [*rows["ratings"], rating(day, (1, 1, 1))]})
    for column in QUANTILES:
        assert (after[column] <= before[column]).all(), column


def test_a_pending_order_that_rates_one_star_lowers_every_quantile() -> None:
    rows = little_shop(seed=4)
    rated = {row["order_id"] for row in rows["ratings"]}
    end = JAN_1 + 201 * DAY
    waiting = next(
        order["order_id"]
        for order in rows["orders"]
        if order["order_id"] not in rated and end - 3 * DAY < order["received_at"] < end - DAY
    )
    low = rating(200, (1, 1, 1)) | {"order_id": waiting}
    before, after = quantiles(rows), quantiles(rows | {"ratings": [*rows["ratings"], low]})
    for column in QUANTILES:
        assert (after[column] <= before[column]).all(), column


def test_a_planned_campaign_brings_orders(shop: ForecastInputs) -> None:
    first = AS_OF + timedelta(days=2)
    sale = Campaign(name="sale", first=first, last=first + timedelta(days=1), orders=400)
    usual = forecast(shop, SETTINGS, as_of=AS_OF)
    busy = forecast(shop, ShopSettings(campaigns=(sale,)), as_of=AS_OF)
    more = (busy["ratings"] - usual["ratings"]).to_list()
    # On the campaign's first day itself nothing can be rated yet.
    assert more[:6] == pytest.approx([0] * 6, abs=1)
    assert more[-1] == pytest.approx(400 * 0.5, rel=0.3)


def test_daily_scores_with_counts_are_enough() -> None:
    days = [
        {
            "day": (JAN_1 + nth * DAY).date(),
            "dimension": "service",
            "score": 4.8 if nth % 2 else 4.6,
            "count": 10,
        }
        for nth in range(190)
    ]
    result = forecast(inputs(rating_days=days), SETTINGS, as_of=date(2024, 7, 8), horizon=7)
    assert result["dimension"].unique().to_list() == ["service"]
    assert result["mean"].to_list() == pytest.approx([4.7] * 7, abs=0.005)
    assert result["ratings"].to_list() == pytest.approx([10 * DSR_WINDOW.days] * 7, rel=0.01)
    assert result["from_pending"].sum() == 0


def test_only_a_snapshot_gives_no_path() -> None:
    snapshot = {"day": date(2024, 5, 1), "dimension": "service", "score": 4.71, "five_star_gap": 18}
    feed = inputs(rating_snapshots=[snapshot | {"target": 4.75}])
    assert feed.feed == "rating_snapshots"
    assert forecast(feed, SETTINGS, as_of=date(2024, 5, 1)).rows() == []


def test_a_headline_without_its_score_is_no_feed() -> None:
    emptied = {"day": date(2024, 5, 1), "dimension": "service", "raters": 9}
    assert inputs(rating_snapshots=[emptied]).feed == "none"


def test_a_gate_far_above_is_missed_and_one_far_below_is_not(shop: ForecastInputs) -> None:
    below = crossings(fitted(shop, SETTINGS, as_of=AS_OF, horizon=10), (1.5, 4.99))
    assert below.filter(gate=1.5)["below"].max() == pytest.approx(0, abs=1e-9)
    assert below.filter(gate=4.99)["below"].min() == pytest.approx(1, abs=1e-9)


def test_the_chance_of_crossing_agrees_with_the_interval(shop: ForecastInputs) -> None:
    fit = fitted(shop, SETTINGS, as_of=AS_OF, horizon=10)
    gate = float(fit.path("service").quantile(0.1)[-1])
    below = crossings(fit, (gate,)).filter(dimension="service")
    assert below["below"].to_list()[-1] == pytest.approx(0.1, abs=1e-6)


@pytest.mark.parametrize("horizon", [0, 91])
def test_the_horizon_has_bounds(shop: ForecastInputs, horizon: int) -> None:
    with pytest.raises(ValueError, match="horizon is 1 to 90 days"):
        forecast(shop, SETTINGS, as_of=AS_OF, horizon=horizon)


def test_facts_tell_orders_apart_only_where_they_matter() -> None:
    telling = fitted(inputs(**little_shop(seed=5, a_day=6)), SETTINGS, as_of=AS_OF)
    silent = little_shop(seed=5, a_day=6, late_hurts=False)
    mute = fitted(inputs(**silent), SETTINGS, as_of=AS_OF)
    assert telling.dimensions["logistics"].model.tells_apart
    assert not any(part.model.tells_apart for part in mute.dimensions.values())


def test_inputs_are_not_changed(shop: ForecastInputs) -> None:
    before = shop.ratings.clone()
    forecast(replace(shop), SETTINGS, as_of=AS_OF, horizon=1)
    assert_frame_equal(shop.ratings, before)


def test_orders_that_end_months_ago_do_not_silence_the_ratings_to_come() -> None:
    """The order file was not renewed: what was placed since is unknown, not nothing."""
    shop, dice = little_shop(seed=5, a_day=6), Random(1)
    late = [row | {"rated_at": row["rated_at"] + dice.uniform(60, 120) * DAY}
            for row in shop["ratings"]]  # fmt: skip
    as_of = max(row["rated_at"] for row in late).date() - 60 * DAY
    known = [row for row in late if row["rated_at"].date() <= as_of]
    stale, alone = (
        forecast(inputs(orders=orders, ratings=known), SETTINGS, as_of=as_of, horizon=30)
        for orders in (shop["orders"], [])
    )
    for column in ("ratings", "mean"):
        found, expected = (
            frame.filter(dimension="logistics")[column].item(-1) for frame in (stale, alone)
        )
        assert found == pytest.approx(expected, rel=0.05)


def test_the_gate_in_doubt_is_the_one_nearest_to_a_coin_toss() -> None:
    first, last = date(2024, 5, 1), date(2024, 5, 2)
    below = pl.DataFrame(
        [(first, 4.7, 0.1), (last, 4.7, 0.2), (first, 4.8, 0.45), (last, 4.8, 0.6)],
        schema=["day", "gate", "below"],
        orient="row",
    )
    # Today it is over 4.8; on the second day it is likelier under it.
    assert gate_in_doubt(below, 4.81) == (last, 4.8, 0.6, last)
    # Today it is under it already: on the first day it is likelier over it.
    assert gate_in_doubt(below, 4.79) == (last, 4.8, 0.6, first)
    assert gate_in_doubt(below.filter(gate=4.7), 4.81) == (last, 4.7, 0.2, None)
