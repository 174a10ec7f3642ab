"""Who and what moved a number: its change split over agents, hours, products and reasons.

A share or mean is Σ numerator ÷ Σ denominator over slices. Its change splits without a rest into
what the slices did themselves (rate) and how much of the whole each became (mix): with w the
slice's part of the denominator and r its own ratio, rate = mean w · (r now − r before) and
mix = (w now − w before) · (mean r − the whole's mean ratio).
"""

from datetime import date, timedelta
from typing import Literal

import polars as pl

from metrics.catalog import BY_ID
from metrics.chats.conversations import conversations
from metrics.kit.buyers import item_name
from metrics.kit.days import during
from metrics.kit.periods import FEN_PER_UNIT
from metrics.kit.ratio import ratio
from metrics.refunds.cuts import described_cases
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
    metric = BY_ID[metric_id]
    facts = metric.facts(metric_id, tables, settings, first=first, last=last)
    facts = facts.filter(pl.col("left_out").is_null())
    match metric_id:
        case "inquiry_conversion":
            facts = _inquiries(facts, tables, settings, first, last)
        case "unit_price":
            facts = _orders(facts, tables, first)
        case "refund_retention":
            facts = _refunds(facts, tables, settings, first, last)
        case "refund_rate":
            facts = _paid_units(facts, tables)
    facts = facts.with_columns(hour=pl.col("at").dt.to_string("%H:00"))
    facts = facts.cache()  # by hand: the optimiser would find them anew for every cut
    parts = [
        facts.group_by(slice=pl.col(cut).cast(pl.String).fill_null(""))
        .agg(pl.col("numerator", "denominator").sum())
        .with_columns(pl.col(count) / FEN_PER_UNIT for count in metric.in_fen)
        .select(
            pl.lit(cut).alias("cut"),
            "slice",
            pl.col("numerator", "denominator").cast(pl.Float64),
        )
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


def _with_buyers(facts: pl.LazyFrame) -> pl.LazyFrame:
    """Facts with ``buyers``: "returning" or "new"."""
    told = pl.when("returning").then(pl.lit("returning")).otherwise(pl.lit("new"))
    return facts.with_columns(buyers=told)


def _inquiries(
    facts: pl.LazyFrame, tables: ShopTables, settings: ShopSettings, first: date, last: date
) -> pl.LazyFrame:
    """Inquiries with the first (by name) of the agents asked."""
    asked = conversations(tables, settings, first=first, last=last).agents_asked
    agents = asked.group_by("buyer", "day").agg(pl.col("agent").min())
    facts = facts.drop("agent").join(agents, on=["buyer", "day"], how="left", validate="1:1")
    return _with_buyers(facts)


def _orders(facts: pl.LazyFrame, tables: ShopTables, first: date) -> pl.LazyFrame:
    """Orders with their buyer's main item of the week, and whether the buyer came back."""
    facts = facts.cache()
    earlier = tables.orders.filter(during("paid_at", None, first - timedelta(days=1)))
    earlier = earlier.filter(pl.col("paid_fen").is_not_null())
    came_back = earlier.join(facts, on="buyer", how="semi").select("buyer", returning=True)
    items = tables.order_items.select("paid_fen", subject="order_id", product=item_name())
    main = (
        items.join(facts.select("subject", "buyer"), on="subject", validate="m:1")
        .group_by("buyer", "product")
        .agg(pl.col("paid_fen").sum())
        .sort("paid_fen", "product", descending=[True, False], nulls_last=True)
        .unique("buyer", keep="first", maintain_order=True)
        .select("buyer", "product")
    )
    return _with_buyers(
        facts.join(came_back.unique(), on="buyer", how="left", validate="m:1").join(
            main, on="buyer", how="left", validate="m:1"
        )
    )


def _refunds(
    facts: pl.LazyFrame, tables: ShopTables, settings: ShopSettings, first: date, last: date
) -> pl.LazyFrame:
    """Refund cases with their tier and reason."""
    cases = described_cases(tables, settings, first=first, last=last)
    named = cases.select("reason", "tier", subject="order_id")
    return facts.join(named, on="subject", how="left", validate="m:1")


def _paid_units(facts: pl.LazyFrame, tables: ShopTables) -> pl.LazyFrame:
    """Paid sub-orders with their product."""
    facts = facts.cache()
    key = ["order_id", "subject"]
    named = tables.order_items.select("order_id", subject="item_order_id", product=item_name())
    return facts.join(named.join(facts, on=key, how="semi"), on=key, how="left", validate="m:1")
