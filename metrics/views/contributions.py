"""Who and what moved a number: its change split over agents, hours, products and reasons.

A share or mean is Σ numerator ÷ Σ denominator over slices. Its change splits without a rest into
what the slices did themselves (rate) and how much of the whole each became (mix): with w the
slice's part of the denominator and r its own ratio, rate = mean w · (r now − r before) and
mix = (w now − w before) · (mean r − the whole's mean ratio).
"""

from datetime import date, timedelta
from typing import Literal

import polars as pl

from metrics.chats.conversations import conversations
from metrics.chats.reply import QUICK, RESPONSE_CAP
from metrics.chats.waits import round_facts
from metrics.kit.buyers import item_name
from metrics.kit.days import during
from metrics.kit.periods import FEN_PER_YUAN
from metrics.kit.ratio import ratio
from metrics.refunds.cases import counted_rows
from metrics.refunds.cuts import described_cases
from metrics.sales.inquiry import WINDOW_DAYS, with_returning
from metrics.sales.spend import payments
from metrics.views.review import WEEK
from store.settings import ShopSettings
from store.shop_tables import ShopTables

SliceCut = Literal["agent", "hour", "buyers", "product", "reason", "tier"]
#: By what each metric's change is split; a cut is a partition of what the metric counts.
CUTS: dict[str, tuple[SliceCut, ...]] = {
    "inquiry_conversion": ("agent", "hour", "buyers"),
    "reply_rate": ("agent", "hour"),
    "response_time_platform": ("agent", "hour"),
    "within_three_minutes": ("agent", "hour"),
    "first_response_time": ("agent", "hour"),
    "unit_price": ("product", "buyers"),
    "refund_retention": ("reason", "tier"),
    "refund_rate": ("product",),
}
CONTRIBUTIONS = (
    "metric",
    "cut",
    "slice",
    "before",
    "value",
    "before_denominator",
    "denominator",
    "rate",
    "mix",
    "total",
)
_ROUNDS = ("reply_rate", "response_time_platform", "within_three_minutes", "first_response_time")


def sliced(
    metric_id: str, tables: ShopTables, settings: ShopSettings, /, *, week: date
) -> pl.LazyFrame:
    """A metric's counts of one week in every cut; each cut's slices sum to the shop's counts.

    A buyer-day belongs to the agent its first round addressed, a round to the agent it opened
    with, a first response to who wrote it; an inquiry to the first (by name) of the agents asked.
    A buyer's spending belongs to the item most was paid for.

    Args:
        metric_id: A key of ``CUTS``.
        tables: The shop's tables.
        settings: The shop's rules.
        week: Monday of the week.

    Returns:
        ``cut``, ``slice`` ("" where not known), ``numerator``, ``denominator``; no order.
        Empty where no rows tell, such as where only performance tables feed the metric.
    """
    first, last = week, week + WEEK - timedelta(days=1)
    if metric_id in _ROUNDS:
        facts = _reply_facts(metric_id, tables, settings, first, last)
    elif metric_id == "inquiry_conversion":
        facts = _inquiry_facts(tables, settings, first, last)
    elif metric_id == "unit_price":
        facts = _buyer_facts(tables, settings, first, last)
    else:
        facts = _refund_facts(metric_id, tables, settings, first, last)
    facts = facts.cache()  # by hand: the optimiser would find them anew for every cut
    parts = [
        facts.group_by(slice=pl.col(cut).cast(pl.String).fill_null(""))
        .agg(pl.col("numerator", "denominator").cast(pl.Float64).sum())
        .select(pl.lit(cut).alias("cut"), "slice", "numerator", "denominator")
        for cut in CUTS[metric_id]
    ]
    return pl.concat(parts)


def contributions(before: pl.LazyFrame, after: pl.LazyFrame, /) -> pl.LazyFrame:
    """A change split over slices; the totals of a cut add up to the change of the whole.

    A slice that is new, or gone, has no rate to compare: all it did is mix.

    Args:
        before: ``metric``, ``cut``, ``slice``, ``numerator``, ``denominator`` of the week before.
        after: The same of the week.

    Returns:
        One row per metric, cut and slice, the largest mover of a cut first: the columns of
        ``CONTRIBUTIONS``; ``before`` and ``value`` are the slice's own ratios (null without a
        denominator), ``rate``, ``mix`` and ``total`` are in the metric's unit.
    """
    keys = ["metric", "cut", "slice"]
    names = {name: f"before_{name}" for name in ("numerator", "denominator")}
    both = (
        after.join(before.rename(names), on=keys, how="full", coalesce=True, validate="1:1")
        .with_columns(pl.col(*names, *names.values()).fill_null(0))
        .sort(keys)
    )
    whole = ["metric", "cut"]
    weight = ratio(pl.col("denominator"), pl.col("denominator").sum().over(whole))
    earlier_weight = ratio(
        pl.col("before_denominator"), pl.col("before_denominator").sum().over(whole)
    )
    all_now = ratio(pl.col("numerator").sum().over(whole), pl.col("denominator").sum().over(whole))
    all_before = ratio(
        pl.col("before_numerator").sum().over(whole),
        pl.col("before_denominator").sum().over(whole),
    )
    now = pl.coalesce("value", "before")
    then = pl.coalesce("before", "value")
    return (
        both.with_columns(
            value=ratio(pl.col("numerator"), pl.col("denominator")),
            before=ratio(pl.col("before_numerator"), pl.col("before_denominator")),
            weight=weight,
            earlier_weight=earlier_weight,
            middle=(all_now + all_before) / 2,
        )
        # A week without any count has no whole to compare with.
        .drop_nulls(["weight", "earlier_weight"])
        .filter(pl.col("denominator") + pl.col("before_denominator") > 0)
        .with_columns(
            rate=(pl.col("weight") + pl.col("earlier_weight")) / 2 * (now - then),
            mix=(pl.col("weight") - pl.col("earlier_weight"))
            * ((now + then) / 2 - pl.col("middle")),
        )
        .with_columns(total=pl.col("rate") + pl.col("mix"))
        .sort(*whole, pl.col("total").abs(), "slice", descending=[False, False, True, False])
        .select(CONTRIBUTIONS)
    )


def _reply_facts(
    metric_id: str, tables: ShopTables, settings: ShopSettings, first: date, last: date
) -> pl.LazyFrame:
    """Rounds or buyer-days with what each adds to the two counts."""
    waits = round_facts(tables, settings, first=first, last=last)
    state, wait, cap = pl.col("state"), pl.col("wait_s"), RESPONSE_CAP.total_seconds()
    answers = ["answered", "robot_only"] if settings.robot_counts_as_reply else ["answered"]
    numerator: pl.Expr
    match metric_id:
        case "reply_rate":
            waits, numerator = waits.filter("first"), state.is_in(answers)
        case "first_response_time":
            waits = waits.filter(pl.col("first"), state == "answered")
            waits, numerator = waits.with_columns(agent="replier"), wait
        case "within_three_minutes":
            waits = waits.filter("in_platform_hours")
            numerator = (wait <= QUICK.total_seconds()).fill_null(False)
        case _:
            waits = waits.filter(pl.col("in_platform_hours"), state != "robot_only")
            numerator = wait.clip(upper_bound=cap).fill_null(cap)
    hour = pl.col("opened_at").dt.to_string("%H:00")
    return waits.select("agent", hour=hour, numerator=numerator, denominator=pl.lit(1))


def _inquiry_facts(
    tables: ShopTables, settings: ShopSettings, first: date, last: date
) -> pl.LazyFrame:
    facts = with_returning(tables, settings, first=first, last=last)
    asked = conversations(tables, settings, first=first, last=last).agents_asked
    agents = asked.group_by("buyer", "day").agg(pl.col("agent").min())
    paid = pl.col("paid_day") <= WINDOW_DAYS[settings.conversion_window]
    return (
        facts.filter("inquiry")
        .join(agents, on=["buyer", "day"], how="left", validate="1:1")
        .select(
            "agent",
            hour=pl.col("first_line_at").dt.to_string("%H:00"),
            buyers=pl.when("returning").then(pl.lit("returning")).otherwise(pl.lit("new")),
            numerator=paid.fill_null(False),
            denominator=pl.lit(1),
        )
    )


def _buyer_facts(
    tables: ShopTables, settings: ShopSettings, first: date, last: date
) -> pl.LazyFrame:
    """Buyers of the week with what they paid, their main item, and whether they came back."""
    paid = payments(tables, settings).drop_nulls("buyer")
    week = paid.filter(during("paid_at", first, last), "has_money").cache()
    earlier = paid.filter(during("paid_at", None, first - timedelta(days=1)))
    came_back = earlier.join(week, on="buyer", how="semi").select("buyer", came_back=True)
    items = tables.order_items.select("order_id", "paid_fen", product=item_name())
    main = (
        items.join(week.select("order_id", "buyer"), on="order_id", validate="m:1")
        .group_by("buyer", "product")
        .agg(pl.col("paid_fen").sum())
        .sort("paid_fen", "product", descending=[True, False], nulls_last=True)
        .unique("buyer", keep="first", maintain_order=True)
        .select("buyer", "product")
    )
    return (
        week.group_by("buyer")
        .agg(numerator=pl.col("left_fen").sum() / FEN_PER_YUAN)
        .join(came_back.unique(), on="buyer", how="left", validate="1:1")
        .join(main, on="buyer", how="left", validate="1:1")
        .select(
            "product",
            "numerator",
            buyers=pl.when("came_back").then(pl.lit("returning")).otherwise(pl.lit("new")),
            denominator=pl.lit(1),
        )
    )


def _refund_facts(
    metric_id: str, tables: ShopTables, settings: ShopSettings, first: date, last: date
) -> pl.LazyFrame:
    rows = counted_rows(metric_id, tables, settings, first=first, last=last)
    rows = rows.filter(pl.col("left_out").is_null())
    if metric_id == "refund_rate":
        rows = rows.cache()
        key = ["order_id", "subject"]
        named = tables.order_items.select("order_id", subject="item_order_id", product=item_name())
        named = named.join(rows, on=key, how="semi")
        return rows.join(named, on=key, how="left", validate="m:1")
    cases = described_cases(tables, settings, first=first, last=last)
    named = cases.select("order_id", "reason", "tier")
    return rows.join(named, on="order_id", how="left", validate="m:1")
