"""Which shop days a metric can speak of: the days its tables' files cover."""

from datetime import date, timedelta
from functools import lru_cache

import polars as pl

from metrics.catalog import BY_ID, CONVERSION_MATURITY
from store.settings import ConversionWindow, ShopSettings
from store.shop_tables import ShopTables

#: Tables a subject (or a metric that differs from its subject) is fed from. One entry is one
#: feed; a feed of several tables covers the days that all of them cover. Best feed first.
FEEDS: dict[str, tuple[tuple[str, ...], ...]] = {
    "inquiry": (("messages", "orders"), ("service_days",)),
    "reply": (("messages",), ("service_days",)),
    "spend": (("orders",),),
    "unit_price": (("orders",), ("service_days",)),
    "refund": (("refunds",),),
    "refund_rate": (("order_items",), ("orders",)),
    "dsr": (("ratings",), ("rating_days",), ("rating_snapshots",)),
}
#: Subjects whose feeds fill each other's gaps day by day; elsewhere the best feed stands alone.
MERGED_FEEDS = ("inquiry", "reply")
#: How much younger than the last covered day a cohort must be to be final (definitions.md 4).
MATURE_AFTER: dict[ConversionWindow, timedelta] = {
    "same_day": timedelta(0),
    "next_day": timedelta(days=1),
    "final": CONVERSION_MATURITY,
}


def present_feeds(tables: ShopTables, subject: str, /) -> tuple[tuple[str, ...], ...]:
    """The feeds of a subject or metric that the shop has files for, best first."""
    return _feeds(_Files(tables.coverage), _feed_key(subject))


def covered_days(tables: ShopTables, subject: str, /) -> pl.DataFrame:
    """Days on which a subject or metric has its files.

    Returns:
        One row per day, oldest first: ``day``, ``whole`` (False where the day was not over when
        one of its files was made).
    """
    return _days(_Files(tables.coverage), _feed_key(subject))


def covered_span(tables: ShopTables, subject: str, /) -> tuple[date, date] | None:
    """First covered day and last whole covered day of a subject or metric; None without files.

    The span may hold gaps; a day without a file inside it is missing, not zero.
    """
    return _span(_Files(tables.coverage), _feed_key(subject))


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
def _feeds(files: _Files, key: str) -> tuple[tuple[str, ...], ...]:
    covered = set(files.coverage["table"].unique())
    return tuple(feed for feed in FEEDS[key] if covered.issuperset(feed))


@lru_cache(maxsize=256)
def _days(files: _Files, key: str) -> pl.DataFrame:
    feeds = _feeds(files, key)
    if key not in MERGED_FEEDS:
        feeds = feeds[:1]
    parts = [
        files.coverage.filter(pl.col("table").is_in(feed))
        .group_by("day")
        .agg(pl.col("whole").all(), tables=pl.len())
        .filter(pl.col("tables") == len(feed))
        for feed in feeds
    ]
    if not parts:
        return pl.DataFrame(schema={"day": pl.Date, "whole": pl.Boolean})
    return pl.concat(parts).group_by("day").agg(pl.col("whole").any()).sort("day")


@lru_cache(maxsize=256)
def _span(files: _Files, key: str) -> tuple[date, date] | None:
    days = _days(files, key)
    # A shop whose only day is still running gets that day rather than nothing.
    whole = days.filter(pl.col("whole").any() == pl.col("whole"))["day"]
    first, last = days["day"].min(), whole.max()
    if not isinstance(first, date) or not isinstance(last, date):
        return None
    return min(first, last), last


def final_until(
    tables: ShopTables, metric_id: str, settings: ShopSettings | None = None, /
) -> date | None:
    """Last day whose value of this metric no longer changes; None without files.

    A refund rate waits for the refunds, so it is the refund files that must be 14 days ahead. An
    inquiry waits as long as the shop's conversion window; without ``settings`` for the final one.
    """
    metric = BY_ID[metric_id]
    span = covered_span(tables, metric_id)
    if span is None:
        return None
    last = span[1]
    if metric_id == "refund_rate":
        last = tables.last_day("refunds") or last
    if metric.subject == "inquiry" and tables.has("messages") and tables.has("orders"):
        last = max(last, _sooner(tables.last_day("messages"), tables.last_day("orders"), last))
    if metric.subject == "inquiry" and settings is not None:
        return last - MATURE_AFTER[settings.conversion_window]
    return last - metric.maturity


def _sooner(one: date | None, other: date | None, default: date) -> date:
    return min(one, other) if one and other else default


def _feed_key(subject: str) -> str:
    return subject if subject in FEEDS else BY_ID[subject].subject
