"""Which shop days a metric can speak of: the days its tables' files cover."""

from datetime import date
from functools import lru_cache

import polars as pl

from metrics.kit.metric import Feed, Metric
from store.settings import ShopSettings
from store.shop_tables import ShopTables


def present_feeds(tables: ShopTables, metric: Metric, /) -> tuple[Feed, ...]:
    """The feeds of a metric that the shop has files for, best first."""
    return _feeds(_Files(tables.coverage), metric.feeds)


def covered_days(tables: ShopTables, metric: Metric, /) -> pl.DataFrame:
    """Days on which a metric has its files.

    Returns:
        One row per day, oldest first: ``day``, ``whole`` (False where the day was not over when
        one of its files was made).
    """
    return _days(_Files(tables.coverage), metric.feeds, merge=metric.feeds_merge)


def covered_span(tables: ShopTables, metric: Metric, /) -> tuple[date, date] | None:
    """First covered day and last whole covered day of a metric; None without files.

    The span may hold gaps; a day without a file inside it is missing, not zero.
    """
    return _span(_Files(tables.coverage), metric.feeds, merge=metric.feeds_merge)


def last_days(coverage: pl.DataFrame, /) -> dict[str, date]:
    """Per table the last day that its files cover whole: its as-of day; no entry without one.

    Args:
        coverage: ``table, day, whole`` of a shop, as ``store.schemas.Coverage``.
    """
    whole = coverage.filter("whole").group_by("table").agg(pl.col("day").max())
    return dict(whole.sort("table").iter_rows())


class _Files:
    """A shop's coverage as a key that equals itself only: what is read off it is remembered.

    Every metric asks, several times, and a shop's coverage stays the same frame between imports.
    """

    def __init__(self, coverage: pl.DataFrame) -> None:
        self.coverage = coverage

    def __hash__(self) -> int:
        return id(self.coverage)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Files) and self.coverage is other.coverage


@lru_cache(maxsize=256)
def _feeds(files: _Files, feeds: tuple[Feed, ...]) -> tuple[Feed, ...]:
    covered = set(files.coverage["table"].unique())
    return tuple(feed for feed in feeds if covered.issuperset(feed))


@lru_cache(maxsize=256)
def _days(files: _Files, feeds: tuple[Feed, ...], *, merge: bool) -> pl.DataFrame:
    present = _feeds(files, feeds)
    parts = [
        files.coverage.filter(pl.col("table").is_in(feed))
        .group_by("day")
        .agg(pl.col("whole").all(), tables=pl.len())
        .filter(pl.col("tables") == len(feed))
        for feed in (present if merge else present[:1])
    ]
    if not parts:
        return pl.DataFrame(schema={"day": pl.Date, "whole": pl.Boolean})
    return pl.concat(parts).group_by("day").agg(pl.col("whole").any()).sort("day")


@lru_cache(maxsize=256)
def _span(files: _Files, feeds: tuple[Feed, ...], *, merge: bool) -> tuple[date, date] | None:
    days = _days(files, feeds, merge=merge)
    # A shop whose only day is still running gets that day rather than nothing.
    whole = days.filter(pl.col("whole").any() == pl.col("whole"))["day"]
    first, last = days["day"].min(), whole.max()
    if not isinstance(first, date) or not isinstance(last, date):
        return None
    return min(first, last), last


def final_until(
    tables: ShopTables, metric: Metric, settings: ShopSettings | None = None, /
) -> date | None:
    """Last day whose value of this metric no longer changes; None without files.

    Args:
        tables: The shop's tables; only their coverage is looked at.
        metric: The metric.
        settings: The shop's rules, where they say how long the metric waits; unset: as long as
            it may.
    """
    span = covered_span(tables, metric)
    if span is None:
        return None
    if metric.final_day:
        return metric.final_day(tables, span[1], settings)
    return span[1] - metric.maturity


def after_final(metric: Metric, tables: ShopTables, settings: ShopSettings, /) -> pl.Expr:
    """Whether a row's ``day`` comes after the metric's last final day."""
    until = final_until(tables, metric, settings)
    return pl.col("day") > until if until else pl.lit(False)
