"""What must happen in a believable shop, at least now and then."""

import polars as pl
import pytest

from sample_data.plan import Plan
from sample_data.world import draw_world

FRAMES = draw_world(Plan(days=200, orders_per_day=30)).frames
MESSAGES, ORDERS = FRAMES["messages"], FRAMES["orders"]
ITEMS, REFUNDS, RATINGS = FRAMES["order_items"], FRAMES["refunds"], FRAMES["ratings"]
HOUR = MESSAGES["sent_at"].dt.hour()


@pytest.mark.parametrize(
    ("found", "least"),
    [
        pytest.param(MESSAGES.filter(sender="robot").height, 100, id="robot lines"),
        pytest.param(MESSAGES.filter(sender="system").height, 20, id="transfers"),
        pytest.param(MESSAGES.filter(sender="buyer", agent="").height, 50, id="questions at night"),
        pytest.param(
            ORDERS.filter(status="closed", close_reason="买家未付款").height, 100, id="never paid"
        ),
        pytest.param(
            ORDERS.filter(status="closed", close_reason="退款").height, 100, id="closed by refund"
        ),
        pytest.param(ORDERS.filter(status="unpaid").height, 1, id="waiting for payment"),
        pytest.param(ORDERS.filter(status="shipped").height, 10, id="on the way"),
        pytest.param(ORDERS.filter(pl.col("kinds") > 1).height, 500, id="several items"),
        pytest.param(
            ITEMS.filter(pl.col("shipped_at") > pl.col("ship_by")).height, 50, id="shipped late"
        ),
        pytest.param(REFUNDS.filter(outcome="open").height, 3, id="open refunds"),
        pytest.param(REFUNDS.filter(outcome="closed").height, 50, id="refunds not granted"),
        pytest.param(REFUNDS["order_id"].is_duplicated().sum(), 10, id="applied again"),
        pytest.param(REFUNDS.filter(kind="换货").height, 20, id="exchanges"),
        pytest.param(REFUNDS.filter(scope="部分退款").height, 10, id="partial refunds"),
        pytest.param(RATINGS["service"].null_count(), 20, id="ratings that skip a dimension"),
    ],
)
def test_it_happens(found: int, least: int) -> None:
    assert found >= least


def test_agents_work_from_eight_to_eleven_at_night() -> None:
    human = MESSAGES.filter(sender="agent")["sent_at"].dt.hour()
    assert (human.is_between(8, 22)).mean() > 0.99  # type: ignore[operator]
    busiest = HOUR.value_counts().sort("count")["sent_at"][-1]
    assert 9 <= busiest <= 22


def test_some_buyers_rate_more_than_three_trades_a_month() -> None:
    trades = RATINGS.join(ORDERS.select("order_id", "received_at"), on="order_id", validate="1:1")
    crowded = trades.group_by("buyer", pl.col("received_at").dt.truncate("1mo")).len()
    assert crowded.filter(pl.col("len") > 3).height >= 5


def test_late_parcels_cost_stars() -> None:
    late = ITEMS.group_by("order_id").agg(
        late=(pl.col("shipped_at") > pl.col("ship_by").dt.offset_by("12h")).any()
    )
    rated = RATINGS.join(late, on="order_id", validate="1:1").group_by("late")
    stars = dict(rated.agg(pl.col("logistics").mean()).drop_nulls("late").iter_rows())
    assert stars[True] < stars[False] - 0.1


def test_orders_add_up() -> None:
    goods = ITEMS.group_by("order_id").agg(pl.col("paid_fen").sum(), pl.col("quantity").sum())
    both = ORDERS.join(goods, on="order_id", validate="1:1")
    paid = both.filter(pl.col("paid_at").is_not_null())
    assert paid.height < both.height
    assert (paid["paid_fen"] == paid["paid_fen_right"] + paid["postage_fen"]).all()
    assert (both["pieces"] == both["quantity"]).all()
    assert (both.filter(pl.col("paid_at").is_null())["paid_fen"] == 0).all()


def test_times_follow_one_another() -> None:
    for earlier, later in (
        ("created_at", "paid_at"),
        ("paid_at", "shipped_at"),
        ("shipped_at", "received_at"),
    ):
        both = ORDERS.drop_nulls([earlier, later])
        assert (both[earlier] < both[later]).all(), (earlier, later)
        assert ORDERS.filter(pl.col(earlier).is_null() & pl.col(later).is_not_null()).is_empty()


def test_refunds_never_exceed_what_was_paid() -> None:
    refunded = REFUNDS.filter(pl.col("outcome") == "success", ~pl.col("kind").str.contains("换货"))
    per_item = refunded.group_by("order_id").agg(
        pl.col("amount_fen").sum(), pl.col("paid_fen").max()
    )
    assert (per_item["amount_fen"] <= per_item["paid_fen"]).all()
    assert ORDERS["refund_fen"].sum() == refunded["amount_fen"].sum()
    assert (ORDERS["refund_fen"] <= ORDERS["paid_fen"]).all()


def test_ratings_come_within_fifteen_days_of_completion() -> None:
    both = RATINGS.join(ORDERS.select("order_id", "received_at"), on="order_id", validate="1:1")
    after = both["rated_at"].dt.date() - both["received_at"].dt.date()
    assert (both["rated_at"] >= both["received_at"]).all()
    assert after.dt.total_days().max() <= 15  # type: ignore[operator]
