"""Any metric measured from its facts, by span of days or by agent."""

from collections.abc import Sequence
from datetime import date

import polars as pl

from metrics.kit.coverage import covered_days, final_until
from metrics.kit.metric import Count, Metric
from metrics.kit.periods import FEN_PER_UNIT, MEASURED, By, judged_spans, reported, span_start
from store.settings import ShopSettings
from store.shop_tables import ShopTables

COUNTS: tuple[Count, ...] = ("numerator", "denominator")


def measured_from_facts(
    tables: ShopTables,
    settings: ShopSettings,
    /,
    *,
    metrics: Sequence[Metric],
    first: date,
    last: date,
    by: By,
) -> pl.LazyFrame:
    """Metrics that have no faster way, as ``metrics.measure`` collects them.

    A period and an agent's row hold final cohorts only, a day, week and month all there are.
    Only for what adds up over days: ``Metric.additive``.

    Returns:
        The columns of ``metrics.kit.periods.MEASURED``, unsorted.
    """
    parts = [pl.LazyFrame(schema=MEASURED)]
    for metric in metrics:
        if by == "agent" and not metric.per_agent:
            continue
        final = final_until(tables, metric, settings)
        until = min(last, final) if final and by in ("period", "agent") else last
        facts = metric.facts(
            metric.id, tables, settings, first=first, last=until, by_agent=by == "agent"
        )
        judged = judged_spans(covered_days(tables, metric), first, last, by=by, final=final)
        counts = summed(facts, metric, first=first, by=by)
        parts.append(reported(counts, judged, metric_id=metric.id, by=by, notes=()))
    return pl.concat(parts)


def summed(facts: pl.LazyFrame, metric: Metric, /, *, first: date, by: By) -> pl.LazyFrame:
    """Σ numerator and Σ denominator of the facts that count, per span or agent; money in units.

    Args:
        facts: Rows of ``Metric.facts``; a column ``note`` tells what must be said beside a value
            of the row's days, ``beside`` what where others count and this row does not, and
            ``reason`` why there may be no value.
        metric: The metric.
        first: First day of all spans.
        by: How the days are cut.

    Returns:
        One row per span or agent, in no order: ``start`` or ``agent``, ``numerator``,
        ``denominator``, and ``note`` and ``reason`` where the facts have them.
    """
    key = "agent" if by == "agent" else "start"
    group = pl.col("agent") if by == "agent" else span_start(pl.col("day"), first, by=by)
    counts = pl.col("left_out").is_null()
    columns = facts.collect_schema().names()
    said = {
        "note": _codes("note"),
        "beside": pl.when(counts.any()).then(_codes("beside")),
        "reason": pl.col("reason").drop_nulls().first(),
    }
    sums = (
        facts.group_by(group.alias(key))
        .agg(
            *(pl.col(count).filter(counts).sum() for count in COUNTS),
            **{name: code for name, code in said.items() if name in columns},
        )
        .filter(pl.col(key).is_not_null())
    )
    if "beside" in columns:
        told = pl.concat_str("note", "beside", separator=";", ignore_nulls=True)
        sums = sums.with_columns(note=told.replace("", None)).drop("beside")
    amounts = [pl.col(count) / FEN_PER_UNIT for count in metric.in_fen]
    return sums.with_columns(amounts)


def _codes(column: str) -> pl.Expr:
    """The different codes of a group's rows, joined; null where there is none."""
    codes = pl.col(column).drop_nulls().unique().sort()
    return codes.str.join(";").replace("", None)
