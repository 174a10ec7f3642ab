"""Metric functions put together for a page; each is handed to ``loaders.counted``.

All take ``(tables, settings, *, …)`` and answer a lazy frame; no formula stands here.
"""

from datetime import date, datetime, time, timedelta
from typing import Literal

import polars as pl

from metrics.catalog import BY_ID
from metrics.chats.service_feed import newest_peers
from metrics.chats.waits import round_facts, wait_shares, waits_by_hour
from metrics.kit.coverage import final_until
from metrics.ratings.dsr import dsr, star_mix
from metrics.refunds import cuts
from metrics.refunds.cuts import handling_by_tier, open_refunds
from metrics.sales import order_file
from metrics.sales.cohorts import cohorts
from metrics.sales.inquiry import with_returning, with_told_payments
from metrics.sales.spend import spending
from metrics.views import feeds_compared
from store.settings import ShopSettings
from store.shop_tables import ShopTables

#: Days before the period from which the payment curve is learned too.
CURVE_BACK = timedelta(days=28)


def inquiry_cohorts(
    tables: ShopTables, settings: ShopSettings, *, first: date, last: date
) -> pl.LazyFrame:
    """Inquiries that are alike, counted, from before the period; see ``metrics.sales.cohorts``."""
    begin = first - CURVE_BACK
    found = with_returning(tables, settings, first=begin, last=last)
    return cohorts(with_told_payments(found, tables, settings, begin, last))


def inquiries_final(tables: ShopTables, settings: ShopSettings) -> pl.LazyFrame:
    """Up to when inquiries are known (``known``), and up to when their windows have closed."""
    known = [day for day in (tables.last_day("messages"), tables.last_day("orders")) if day]
    final = final_until(tables, BY_ID["inquiry_conversion"])
    schema = {"known": pl.Date, "final": pl.Date}
    return pl.LazyFrame({"known": [min(known, default=None)], "final": [final]}, schema=schema)


def waits_in_bands(
    tables: ShopTables, settings: ShopSettings, *, first: date, last: date, working: bool
) -> pl.LazyFrame:
    """Shares of the rounds by wait, of all rounds or of those inside working hours."""
    rounds = round_facts(tables, settings, first=first, last=last)
    return wait_shares(rounds.filter("in_working_hours") if working else rounds)


def waits_over_hours(
    tables: ShopTables, settings: ShopSettings, *, first: date, last: date
) -> pl.LazyFrame:
    """Load and speed per hour of the day, with the part of rounds inside working hours."""
    rounds = round_facts(tables, settings, first=first, last=last)
    hours = waits_by_hour(rounds)
    inside = waits_by_hour(rounds.filter("in_working_hours")).select("hour", inside="rounds")
    return hours.join(inside, on="hour", how="left", validate="1:1").sort("hour")


def both_feeds(
    tables: ShopTables,
    settings: ShopSettings,
    *,
    subject: feeds_compared.Subject,
    first: date,
    last: date,
    by: feeds_compared.Cut,
) -> pl.LazyFrame:
    """Chat lines beside performance tables; see ``metrics.views.feeds_compared.compared``."""
    return feeds_compared.compared(tables, settings, subject=subject, first=first, last=last, by=by)


def days_of_both_feeds(
    tables: ShopTables,
    settings: ShopSettings,
    *,
    subject: feeds_compared.Subject,
    first: date,
    last: date,
) -> pl.DataFrame:
    """The days on which the two are compared."""
    return feeds_compared.shared_days(tables, settings, subject=subject, first=first, last=last)


def order_totals(
    tables: ShopTables,
    settings: ShopSettings,
    *,
    first: date | None = None,
    last: date | None = None,
) -> pl.LazyFrame:
    """What the order file says of the orders of a period; see ``metrics.sales.order_file``."""
    return order_file.order_totals(tables, first=first, last=last)


def reasons_named(tables: ShopTables, settings: ShopSettings) -> pl.LazyFrame:
    """The refund reasons of the files; see ``metrics.refunds.cuts.reasons_named``."""
    return cuts.reasons_named(tables)


def peer_values(
    tables: ShopTables, settings: ShopSettings, *, first: date, last: date
) -> pl.LazyFrame:
    """The newest value printed for shops of the same trade and tier, per metric and group."""
    return newest_peers(tables.service_days, first=first, last=last)


def spending_slices(
    tables: ShopTables,
    settings: ShopSettings,
    *,
    first: date,
    last: date,
    cut: Literal["served", "returning"],
) -> pl.LazyFrame:
    """Served against silent sales, or new against returning buyers."""
    return spending(tables, settings, first=first, last=last, cut=cut)


def cases_of_period(
    tables: ShopTables, settings: ShopSettings, *, first: date, last: date
) -> pl.LazyFrame:
    """What the cuts of refund retention are read off; see ``metrics.refunds.cuts.final_cases``."""
    cases = cuts.final_cases(tables, settings, first=first, last=last)
    return cases.select("state", "tier", "reason", "reason_class", "lost_fen")


def handling_times(
    tables: ShopTables, settings: ShopSettings, *, first: date, last: date
) -> pl.LazyFrame:
    """Time from application to end, per tier."""
    return handling_by_tier(tables, first=first, last=last)


def refunds_open(tables: ShopTables, settings: ShopSettings, *, last: date) -> pl.LazyFrame:
    """Applications still open at the end of a day, the most pressing first."""
    return open_refunds(tables, settings, now=datetime.combine(last, time.max))


def dsr_days(
    tables: ShopTables, settings: ShopSettings, *, first: date, last: date
) -> pl.LazyFrame:
    """Score, stars and ratings of each day and dimension."""
    return dsr(tables, settings, first=first, last=last)


def dsr_mix(tables: ShopTables, settings: ShopSettings, *, last: date) -> pl.LazyFrame:
    """How many ratings gave 1 to 5 stars in the window that ends on a day."""
    return star_mix(tables, settings, last=last)
