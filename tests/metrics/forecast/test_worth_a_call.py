from datetime import date

import polars as pl
import pytest

from metrics.forecast.scores import FittedForecast, fitted
from metrics.forecast.worth_a_call import call_sheet, tells_apart, worth_a_call
from tests.metrics.fitted import DAY, JAN_1, SETTINGS, Row, inputs, little_shop

AS_OF = date(2024, 7, 20)
#: 20 July 2024, 09:00, days after 1 January.
TODAY = 201


def waiting(order_id: str, **more: object) -> Row:
    """An order completed two days before the as-of day, in time."""
    paid = JAN_1 + (TODAY - 6) * DAY
    row = {"order_id": order_id, "buyer": order_id, "created_at": paid, "paid_at": paid}
    row |= {"ship_by": paid + 2 * DAY, "shipped_at": paid + 1 * DAY, "title": "item 1"}
    return row | {"received_at": JAN_1 + (TODAY - 2) * DAY} | more


def shop(*orders: Row, refunds: tuple[Row, ...] = (), **more: list[Row]) -> FittedForecast:
    rows = little_shop(seed=5, a_day=6)
    rows["orders"] += orders
    rows["refunds"] += refunds
    return fitted(inputs(**rows, **more), SETTINGS, as_of=AS_OF)


def place_of(calls: pl.DataFrame, order_id: str) -> int:
    return int(calls.filter(order_id=order_id)["place"].item())


@pytest.fixture(scope="module")
def fit() -> FittedForecast:
    late = JAN_1 + (TODAY - 6 + 2) * DAY + 1.9 * DAY
    question = {"buyer": "asked", "agent": "joy", "sent_at": JAN_1 + (TODAY - 6) * DAY}
    minutes = 11 * DAY / 1440
    lines = [
        question | {"sender": "buyer"},
        question | {"sender": "agent", "sent_at": question["sent_at"] + minutes},  # type: ignore[operator]
    ]
    refused = {
        "refund_id": "no",
        "order_id": "refused",
        "asked_at": JAN_1 + (TODAY - 3) * DAY,
        "ended_at": JAN_1 + (TODAY - 2.5) * DAY,
        "outcome": "closed",
    }
    return shop(
        waiting("late", shipped_at=late),
        waiting("good"),
        waiting("asked"),
        waiting("refused"),
        waiting("old", received_at=JAN_1 + (TODAY - 16) * DAY),
        refunds=(refused, refused | {"refund_id": "open", "order_id": "good", "ended_at": None})[
            :1
        ],
        messages=lines,
    )


def test_a_late_parcel_comes_before_one_in_time(fit: FittedForecast) -> None:
    calls = worth_a_call(fit)
    assert tells_apart(fit)["logistics"]
    assert place_of(calls, "late") < place_of(calls, "good")
    assert calls["place"].to_list() == list(range(1, calls.height + 1))
    assert calls["expected_loss"].is_sorted(descending=True)


@pytest.mark.parametrize(
    ("order_id", "reasons"),
    [
        pytest.param("late", [("parcel_late", pytest.approx(1.9))], id="days late"),
        pytest.param("asked", [("waited", 660.0)], id="seconds waited"),
        pytest.param("refused", [("refund_refused", None)], id="refused"),
    ],
)
def test_reasons_are_codes_with_their_numbers(
    fit: FittedForecast, order_id: str, reasons: list[tuple[str, float | None]]
) -> None:
    row = worth_a_call(fit).filter(order_id=order_id)["reasons"].item().to_list()
    found = [(each["code"], each["number"]) for each in row]
    assert [each for each in found if each[0] not in {"product_low", "buyer_low"}] == reasons


def test_hours_left_run_from_completion(fit: FittedForecast) -> None:
    """Completed on 18 July, 09:00; at midnight after the 20th 13 days less 15 hours are left."""
    assert worth_a_call(fit).filter(order_id="good")["hours_left"].item() == 15 * 24 - 48 - 15


def test_closed_windows_and_rated_orders_are_not_listed(fit: FittedForecast) -> None:
    listed = set(worth_a_call(fit)["order_id"])
    assert "old" not in listed
    rated = fit.spans["order_id"]
    assert not listed & set(rated)


def test_effects_are_those_of_one_more_rating(fit: FittedForecast) -> None:
    row = worth_a_call(fit).row(0, named=True)
    score, ratings = fit.score_today("service"), fit.ratings_today("service")
    assert row["if_5_service"] == pytest.approx((5 - score) / (ratings + 1))
    assert row["if_1_service"] == pytest.approx((1 - score) / (ratings + 1))


def test_no_pending_orders_no_list() -> None:
    rows = little_shop(seed=1)
    fit = fitted(inputs(ratings=rows["ratings"]), SETTINGS, as_of=AS_OF)
    assert worth_a_call(fit).height == 0


def test_an_order_that_ended_without_a_shipping_time_is_not_called_late() -> None:
    """Promised eleven days ago and completed two days ago; when it was sent no file says."""
    paid = JAN_1 + (TODAY - 13) * DAY
    times = {"created_at": paid, "paid_at": paid, "ship_by": paid + 2 * DAY, "shipped_at": None}
    fit = shop(waiting("unnamed", **times))
    row = worth_a_call(fit).filter(order_id="unnamed")["reasons"].item().to_list()
    assert "parcel_late" not in {each["code"] for each in row}


def test_daily_scores_name_no_order_to_call() -> None:
    """Which of the completed orders were rated is not known without rating rows."""
    days = [
        {"day": (JAN_1 + nth * DAY).date(), "dimension": "service", "score": 4.8, "count": 9}
        for nth in range(TODAY)
    ]
    fit = fitted(inputs(rating_days=days, orders=[waiting("some")]), SETTINGS, as_of=AS_OF)
    assert worth_a_call(fit).height == 0


def test_the_call_sheet_is_the_ranking_in_days_and_hundredths() -> None:
    ranked = pl.DataFrame(
        {
            "order_id": ["1"], "place": [1], "reasons": [["late"]], "buyer": ["ann"],
            "hours_left": [36.0], "expected_loss": [0.002], "chance": [0.25],
            "stars_service": [4.5], "stars_logistics": [3.5],
            "if_5_service": [0.001], "if_5_logistics": [0.002],
            "if_1_service": [-0.01], "if_1_logistics": [-0.02],
        }
    )  # fmt: skip
    sheet = call_sheet(ranked).row(0, named=True)
    assert sheet.pop("reasons") == ["late"]
    assert (sheet.pop("order_id"), sheet.pop("place"), sheet.pop("buyer")) == ("1", 1, "ann")
    told = {"days_left": 1.5, "loss": 0.2, "chance": 25.0, "expected": 3.5}
    assert sheet == pytest.approx(told | {"if_5": 0.3, "if_1": -3.0})
