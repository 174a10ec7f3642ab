"""The rows behind a number: what was counted, what was left out, and by which rule."""

from datetime import date

import polars as pl

from metrics.catalog import BY_ID, METRICS
from metrics.kit.counting import COUNTS
from metrics.kit.metric import FACTS, Metric
from metrics.kit.periods import FEN_PER_UNIT
from metrics.views import row_cuts
from metrics.views.row_cuts import Cut, cut_rows
from store.settings import ShopSettings
from store.shop_tables import ShopTables
from told.mark import mark as _

#: Why a row was not counted, by code: what the metrics say, and what is said of a part of them.
LEFT_OUT: dict[str, str] = {
    "not_final": _("still open: its day is younger than the metric waits"),
    **row_cuts.LEFT_OUT,
    **{code: words for metric in METRICS for code, words in metric.left_out.items()},
}
#: Columns of the result, in this order.
ROWS: dict[str, pl.DataType | type[pl.DataType]] = {**FACTS, "counted": pl.Boolean}


def rows_behind(
    metric_id: str,
    tables: ShopTables,
    settings: ShopSettings,
    /,
    *,
    first: date,
    last: date,
    agent: str | None = None,
    cut: Cut = (),
) -> pl.LazyFrame:
    """The rows that a metric's value over some days was made of, and those left out.

    They are the metric's facts. Days whose value is not final yet are left out of a longer
    period, as in ``measure``, and counted when a single day is asked for. A day that only a
    performance table covers has no rows. A DSR rests on the ratings of the window that ends on
    the last covered day.

    Args:
        metric_id: Which metric.
        tables: The shop's tables.
        settings: The shop's rules.
        first: First day, shop time.
        last: Last day, included.
        agent: Only this agent's rows; unset: the shop's.
        cut: Only the rows of one bar, cell or slice, by the rules of ``metrics.views.row_cuts``.

    Returns:
        One row per order, round and so on, oldest first: ``day``, ``at``, ``kind`` ("buyer_day",
        "round", "inquiry", "order", "refund" or "rating"), ``subject`` (its id), ``buyer``,
        ``agent``, ``amount`` (money, seconds or stars; null where there is none), ``numerator``
        and ``denominator`` (what a row adds to both counts, money in units; null of a part, which
        may count by a rule of its own), ``left_out`` (a code of ``LEFT_OUT``; null when counted),
        ``counted``.
    """
    metric, asked = BY_ID[metric_id], dict(cut)
    # The funnel, whatever the headline counts, looks at payments of all its days.
    if "step" in asked:
        settings = settings.model_copy(update={"conversion_window": "final"})
    rows = metric.facts(
        metric_id, tables, settings, first=first, last=last, by_agent=agent is not None
    )
    if cut and metric.subject == "inquiry":
        # The charts draw who asked, whether or not any order can be joined to them.
        unjoined = pl.col("left_out").eq_missing("no_buyer")
        rows = rows.with_columns(left_out=pl.when(~unjoined).then("left_out"))
    # Hours tell when buyers ask, and asking is over at once.
    waits = first < last and "hour" not in asked
    if metric.open_days and (waits or "step" in asked):
        young = pl.when(metric.open_days(metric, tables, settings)).then(pl.lit("not_final"))
        rows = rows.with_columns(left_out=pl.coalesce("left_out", young))
    rows = rows.with_columns(_in_units(metric, part=bool(cut)))
    if cut:
        rows = cut_rows(
            rows, cut, metric=metric, tables=tables, settings=settings, first=first, last=last
        )
    if agent is not None:
        rows = rows.filter(pl.col("agent") == agent)
    return (
        rows.with_columns(counted=pl.col("left_out").is_null())
        .select(pl.col(name).cast(dtype) for name, dtype in ROWS.items())
        .sort("day", "at", "subject", "agent", nulls_last=True)
    )


def _in_units(metric: Metric, *, part: bool) -> list[pl.Expr]:
    """Both counts, money in units; null of a part."""
    if part:
        return [pl.lit(None).alias(count) for count in COUNTS]
    return [pl.col(count) / FEN_PER_UNIT for count in metric.in_fen]
