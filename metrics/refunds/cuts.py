"""Refunds cut by tier and by reason, how long they take, and the clock on the open ones."""

from datetime import date, datetime, timedelta
from typing import Literal

import polars as pl

from metrics.kit.coverage import final_until
from metrics.kit.days import during, on_days
from metrics.kit.order import place_in
from metrics.kit.periods import FEN_PER_UNIT
from metrics.kit.ratio import ratio, wilson_high, wilson_low
from metrics.refunds.cases import (
    DECIDED,
    HANDLING,
    RETAINED,
    RETENTION,
    named_orders,
    refund_cases,
)
from metrics.refunds.words import REASON_CLASSES, TIERS, is_complaint, reason_class, tier
from store.settings import ShopSettings
from store.shop_tables import ShopTables

CaseCut = Literal["tier", "reason_class", "reason", "state"]
#: The platform wants an answer to a complaint within two days (guide).
COMPLAINT_CLOCK = timedelta(hours=48)


def described_cases(
    tables: ShopTables,
    settings: ShopSettings,
    /,
    *,
    first: date | None = None,
    last: date | None = None,
) -> pl.LazyFrame:
    """Refund cases with what their last application says of them.

    Args:
        tables: The shop's tables.
        settings: The shop's own reasons.
        first: First day of asking; unset: from the beginning.
        last: Last day, included; unset: to the end.

    Returns:
        The columns of ``metrics.refunds.cases.refund_cases``, and ``tier`` (of ``TIERS``),
        ``reason`` (the file's own text, null if none), ``reason_class`` (of ``REASON_CLASSES``);
        in no order.
    """
    cases = refund_cases(tables).filter(on_days(first, last)).cache()
    applications = tables.refunds.join(cases, on="order_id", how="semi")
    latest = (
        _in_orders(applications, tables)
        .sort("asked_at", "refund_id")
        .group_by("order_id", maintain_order=True)
        .last()
        .select(
            "order_id",
            tier=tier(),
            reason=pl.coalesce("reason", "reason_tag"),
            reason_class=reason_class(settings),
        )
    )
    return cases.join(latest, on="order_id", how="left", validate="1:1")


def reasons_named(tables: ShopTables, /) -> pl.LazyFrame:
    """Every reason in the refund files with whose doing it is where the shop says nothing.

    Returns:
        One row per reason, the most frequent first: ``reason``, ``applications``,
        ``reason_class`` (of ``REASON_CLASSES``, by the built-in table).
    """
    named = tables.refunds.select(
        reason=pl.coalesce("reason", "reason_tag"), reason_class=reason_class(ShopSettings())
    )
    return (
        named.drop_nulls("reason")
        .group_by("reason", "reason_class")
        .agg(applications=pl.len())
        .sort(["applications", "reason"], descending=[True, False])
        .select("reason", "applications", "reason_class")
    )


def application_tiers(tables: ShopTables, /) -> pl.LazyFrame:
    """The tier of each application: ``refund_id`` and ``tier``, in no order."""
    return _in_orders(tables.refunds, tables).select("refund_id", tier=tier())


def _in_orders(applications: pl.LazyFrame, tables: ShopTables) -> pl.LazyFrame:
    """Applications with what is known of their order; see ``cases.named_orders``."""
    orders = named_orders(tables, applications)
    return applications.join(orders, on="order_id", how="left", validate="m:1")


def final_cases(
    tables: ShopTables, settings: ShopSettings, /, *, first: date, last: date
) -> pl.LazyFrame:
    """Rows of ``described_cases`` of some cohorts, without days younger than 14 days.

    Args:
        tables: The shop's tables.
        settings: The shop's own reasons.
        first: First cohort day (first application).
        last: Last cohort day, included.
    """
    final = final_until(tables, RETENTION)
    until = min(last, final) if final else last
    return described_cases(tables, settings, first=first, last=until)


def retention_by(cases: pl.LazyFrame, /, *, cut: CaseCut) -> pl.LazyFrame:
    """Refund retention per slice.

    Args:
        cases: Rows of ``final_cases``.
        cut: "tier", "reason_class", "reason" (as the files write it) or "state".

    Returns:
        One row per slice, tiers and classes in their own order, reasons by cases: ``slice``,
        ``cases``, ``open``, ``exchanged``, ``numerator`` (retained), ``denominator`` (decided),
        ``value``, ``low`` and ``high`` (Wilson 95 %), ``lost``.
    """
    state = pl.col("state")
    slices = cases.group_by(slice=pl.col(cut)).agg(
        cases=pl.len(),
        open=(state == "open").sum(),
        exchanged=(state == "exchanged").sum(),
        numerator=state.is_in(RETAINED).sum(),
        denominator=state.is_in(DECIDED).sum(),
        lost=pl.col("lost_fen").sum() / FEN_PER_UNIT,
    )
    counts = pl.col("numerator"), pl.col("denominator")
    return slices.with_columns(
        value=ratio(*counts), low=wilson_low(*counts), high=wilson_high(*counts)
    ).sort(
        place_in((*TIERS, *REASON_CLASSES), "slice", others_last=True),
        -pl.col("cases").cast(pl.Int64),
        "slice",
        nulls_last=True,
    )


def handling_by_tier(tables: ShopTables, /, *, first: date, last: date) -> pl.LazyFrame:
    """Time from a refund application to its end, by tier and over all.

    Args:
        tables: The shop's tables.
        first: First day of application.
        last: Last day, included; days younger than 14 days are left out.

    Returns:
        One row per tier that occurs, in the order of ``TIERS``, then "all": ``slice``,
        ``applications`` (ended), ``mean``, ``median``, ``p90`` (seconds).
    """
    final = final_until(tables, HANDLING)
    until = min(last, final) if final else last
    seconds = (pl.col("ended_at") - pl.col("asked_at")).dt.total_seconds()
    asked = tables.refunds.filter(during("asked_at", first, until), seconds >= 0)
    ended = _in_orders(asked, tables).select(slice=tier(), seconds=seconds)
    return (
        pl.concat([ended, ended.with_columns(slice=pl.lit("all"))])
        .group_by("slice")
        .agg(
            applications=pl.len(),
            mean=pl.col("seconds").mean(),
            median=pl.col("seconds").median(),
            p90=pl.col("seconds").quantile(0.9, "linear"),
        )
        .sort(place_in((*TIERS, "all"), "slice"))
    )


def open_refunds(tables: ShopTables, settings: ShopSettings, /, *, now: datetime) -> pl.LazyFrame:
    """Applications still open, the most pressing first, with the clock that runs on them.

    An application decides itself at ``due_at`` (超时时间). Where the platform was called in, the
    shop's answer is wanted within 48 hours of asking.

    Args:
        tables: The shop's tables.
        settings: The shop's own reasons.
        now: Shop time to reckon from; usually the end of the last covered day.

    Returns:
        One row per open application, by ``respond_by`` (unknown last), then age: ``refund_id``,
        ``order_id``, ``buyer``, ``asked_at``, ``age_s``, ``due_at``, ``complaint``,
        ``respond_by`` (the earlier clock, null if none runs), ``left_s`` (negative when past),
        ``amount`` (money), ``tier``, ``reason``, ``reason_class``.
    """
    by_complaint = pl.when(is_complaint()).then(pl.col("asked_at") + COMPLAINT_CLOCK)
    still_open = tables.refunds.filter(pl.col("outcome") == "open", pl.col("asked_at") <= now)
    return (
        _in_orders(still_open, tables)
        .with_columns(respond_by=pl.min_horizontal("due_at", by_complaint))
        .select(
            "refund_id",
            "order_id",
            pl.coalesce("buyer", "order_buyer"),
            "asked_at",
            age_s=(pl.lit(now) - pl.col("asked_at")).dt.total_seconds(),
            due_at="due_at",
            complaint=is_complaint(),
            respond_by="respond_by",
            left_s=(pl.col("respond_by") - pl.lit(now)).dt.total_seconds(),
            amount=pl.col("amount_fen") / FEN_PER_UNIT,
            tier=tier(),
            reason=pl.coalesce("reason", "reason_tag"),
            reason_class=reason_class(settings),
        )
        .sort("respond_by", "asked_at", "refund_id", nulls_last=True)
    )
