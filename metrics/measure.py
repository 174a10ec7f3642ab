"""Every metric of the product in one frame: what the command line prints and the pages read."""

from collections.abc import Sequence
from datetime import date

import polars as pl

from metrics.catalog import BY_ID, METRIC_IDS
from metrics.kit.coverage import covered_days, covered_span
from metrics.kit.metric import Measuring, Metric
from metrics.kit.order import place_in
from metrics.kit.periods import MEASURED, By, spans
from store.settings import ShopSettings
from store.shop_tables import ShopTables

#: Columns of the result, in this order; the command line's contract.
COLUMNS: dict[str, type[pl.DataType]] = {
    "metric": pl.String,
    "shop": pl.String,
    "start": pl.Date,
    "end": pl.Date,
    "agent": pl.String,
    "value": pl.Float64,
    "numerator": pl.Float64,
    "denominator": pl.Float64,
    "unit": pl.String,
    "immature": pl.Boolean,
    "note": pl.String,
}

#: What ``unit`` calls a currency otherwise than by its code.
CURRENCY_UNITS = {"CNY": "yuan"}


def measure(
    tables: ShopTables,
    settings: ShopSettings,
    /,
    *,
    ids: Sequence[str] = METRIC_IDS,
    first: date | None = None,
    last: date | None = None,
    by: By = "period",
) -> pl.LazyFrame:
    """Each metric with its counts, over a period or cut by day, week, month or agent.

    Money is in the shop's currency, durations are seconds, shares run from 0 to 1; null where
    there is nothing to divide by. A metric without any file still has its rows, with the reason in
    ``note``; only by agent a metric that is not known per agent has none.

    Args:
        tables: The shop's tables.
        settings: The shop's rules; they move numbers.
        ids: Metrics wanted, in any order.
        first: First day, shop time; unset: the first day each metric's files cover.
        last: Last day, included; unset: the last day each metric's files cover whole.
        by: "period" for one row, "day", "week" (Monday to Sunday) and "month" for one row each,
            "agent" for agents' rows.

    Returns:
        The columns of ``COLUMNS``, in catalogue order, then by ``start`` and ``agent``.
        ``unit`` is the metric's own; of money ``yuan``, else the currency's code of ISO 4217.
        ``note`` holds codes of ``metrics.catalog.NOTES`` joined by ";", "" for none.

    Raises:
        ValueError: An id is unknown, or ``first`` comes after ``last``.
    """
    if unknown := set(ids) - set(METRIC_IDS):
        raise ValueError(f"no metric {sorted(unknown)}; use {list(METRIC_IDS)}")
    if first and last and first > last:
        raise ValueError(f"the first day {first} comes after the last day {last}")
    parts = [
        measured(tables, settings, metrics=some, first=span[0], last=span[1], by=by)
        if span and fed
        else _blank(tables, some, span, by=by)
        for (measured, span, fed), some in _alike(tables, ids, first, last).items()
    ]
    names = {"money": CURRENCY_UNITS.get(settings.paid_in, settings.paid_in)}
    unit = {name: names.get(BY_ID[name].unit, BY_ID[name].unit) for name in METRIC_IDS}
    return (
        pl.concat([pl.LazyFrame(schema=MEASURED), *parts])
        .sort(
            place_in(METRIC_IDS, "metric"),
            "start",
            "agent",
            nulls_last=True,
        )
        .with_columns(
            shop=pl.lit(tables.shop),
            unit=pl.col("metric").replace_strict(unit, return_dtype=pl.String),
            note=pl.col("note").fill_null(""),
        )
        .select(pl.col(name).cast(dtype) for name, dtype in COLUMNS.items())
    )


Span = tuple[date, date] | None


def _alike(
    tables: ShopTables, ids: Sequence[str], first: date | None, last: date | None
) -> dict[tuple[Measuring, Span, bool], list[Metric]]:
    """Metrics that are measured together over one span, and have files or have none."""
    groups: dict[tuple[Measuring, Span, bool], list[Metric]] = {}
    for metric_id in dict.fromkeys(ids):
        metric = BY_ID[metric_id]
        span = _span(tables, metric, first, last)
        fed = covered_span(tables, metric) is not None
        groups.setdefault((metric.measured, span, fed), []).append(metric)
    return groups


def _span(tables: ShopTables, metric: Metric, first: date | None, last: date | None) -> Span:
    """The days asked for, else the days covered; None where neither is known."""
    covered = covered_span(tables, metric)
    start = first or (covered and covered[0])
    end = last or (covered and _default_end(tables, metric, covered[1]))
    if not start or not end:
        return None
    # A metric whose files end before the first day asked for shows that day, without a file.
    return (start, max(start, end)) if first else (min(start, end), end)


def _default_end(tables: ShopTables, metric: Metric, whole_until: date) -> date:
    """Where a span ends that nobody set: for payments, the last one the files know.

    An export of a month's orders ends with payments of the next month's first days. Asked for
    everything, they belong in; asked for days, they stand there as days that are not whole.
    """
    if not metric.takes_part_days:
        return whole_until
    newest = covered_days(tables, metric)["day"].max()
    return newest if isinstance(newest, date) else whole_until


def _blank(tables: ShopTables, metrics: Sequence[Metric], span: Span, *, by: By) -> pl.LazyFrame:
    """Rows without a number, for metrics that no file feeds."""
    if by == "agent":
        return pl.LazyFrame(schema=MEASURED)
    days = spans(*span, by=by) if span else pl.DataFrame({"start": [None], "end": [None]})
    named = {
        "metric": [metric.id for metric in metrics],
        "note": [_missing(tables, metric) for metric in metrics],
    }
    told = pl.DataFrame(named).join(days, how="cross").lazy().with_columns(immature=pl.lit(False))
    known = ("metric", "start", "end", "immature", "note")
    return told.select(
        (pl.col(name) if name in known else pl.lit(None)).cast(dtype).alias(name)
        for name, dtype in MEASURED.items()
    )


def _missing(tables: ShopTables, metric: Metric) -> str:
    """What there is no file of: the rest of a feed that is there in part, else the metric's own."""
    for feed in metric.feeds:
        lacking = [table for table in feed if not tables.has(table)]
        if len(lacking) < len(feed):
            return f"no_{lacking[0]}" if lacking else metric.missing
    return metric.missing
