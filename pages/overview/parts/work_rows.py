"""The rows of the work lists, with the ticks that the team put on them."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import cast

import polars as pl

from metrics.work.chats import last_lines
from metrics.work.lists import WORK_SOURCES, WorkKind, work
from metrics.work.orders import tells_of_shipping
from pages.shared import loaders, viewer
from pages.shared.filters import View
from store.lake import store_path
from store.settings import ShopSettings
from store.shop_tables import ShopTables
from team.entries import entries, entry_table, write
from team.kinds import WorkTick

#: Lists of buyers who have no order yet: what is at stake can only be reckoned.
WITHOUT_ORDER: tuple[WorkKind, ...] = ("unanswered", "lost_inquiry")
#: Lines of a conversation shown: the last ones are often courtesies.
TALK_LINES = 5


@dataclass(frozen=True)
class Standing:
    """A list in numbers: what is still to be done."""

    kind: WorkKind
    #: Rows of the list, and those of them that nobody ticked.
    listed: int
    left: int
    #: Of the rows left: money at stake, hours since the oldest, hours to the next deadline ahead.
    amount: float | None
    #: What a buyer usually spends, where the rows have no order yet and ``amount`` rests on it.
    usual: float | None
    oldest_hours: float | None
    next_hours: float | None
    #: Rows left whose deadline is past.
    overdue: int


def missing(kind: WorkKind, shop: str) -> list[tuple[str, ...]]:
    """Sources that the list needs and the shop lacks; any of a tuple would do."""
    there = _sources(shop)
    return [any_of for any_of in WORK_SOURCES[kind] if not any(name in there for name in any_of)]


def day_of(kind: WorkKind, view: View) -> date:
    """The day at whose end the list stands: the last that its files cover, not after the view's."""
    there = _sources(view.shop)
    known = [max(there[name] for name in any_of if name in there) for any_of in WORK_SOURCES[kind]]
    return min(view.last, *known)


def _sources(shop: str) -> dict[str, date]:
    """Per source of ``WORK_SOURCES`` that the shop has, the last day its files cover whole."""
    there = loaders.as_of(shop)
    if "orders" in there and loaders.counted(shipping_of, shop)["told"].item():
        there["shipping"] = there["orders"]
    return there


def listed(kind: WorkKind, shop: str, day: date) -> pl.DataFrame:
    """The list with its ticks, what is done at the end.

    Returns:
        The columns of ``metrics.work.lists.WORK``, ``tick`` (subject of its note), ``done``,
        ``note``, ``saved_by``, ``saved_at`` (UTC; null where nobody wrote anything).
    """
    rows = loaders.counted(work_of, shop, kind=kind, as_of=day)
    kept = entry_table(WorkTick, entries(store_path(), shop, WorkTick))
    ticks = kept.select("done", tick="subject", note="text", saved_by="by", saved_at="at")
    return (
        rows.with_columns(tick=pl.concat_str("kind", "subject", separator="|"))
        .join(ticks, on="tick", how="left", validate="1:1", maintain_order="left")
        .with_columns(pl.col("done").fill_null(False), pl.col("note").fill_null(""))
        .sort("done", maintain_order=True)
    )


def standing(kind: WorkKind, rows: pl.DataFrame, *, usual: float | None = None) -> Standing:
    """A list in numbers.

    Args:
        kind: Which list.
        rows: Rows of ``listed``.
        usual: What a buyer usually spends, for lists of buyers without an order.
    """
    left = rows.filter(~pl.col("done"))
    told = left.select(
        fen=pl.col("amount_fen").sum(),
        known=pl.col("amount_fen").count(),
        # At the end of the day every row has its deadline so many hours ahead.
        ahead=pl.col("hours_left").filter(pl.col("hours_left") >= 0).min(),
        overdue=(pl.col("hours_left") < 0).sum(),
        oldest=pl.col("age_hours").max(),
    ).row(0, named=True)
    amount = told["fen"] / 100 if told["known"] else None
    if amount is None and usual is not None and left.height:
        amount = usual * left.height
    return Standing(
        kind=kind,
        listed=rows.height,
        left=left.height,
        amount=amount,
        usual=None if told["known"] else usual,
        oldest_hours=told["oldest"],
        next_hours=told["ahead"],
        overdue=told["overdue"],
    )


def usual_spend(kind: WorkKind, shop: str, day: date) -> float | None:
    """Unit price (price per order where buyers are not named) of the 28 days to a day.

    Only for lists of buyers without an order.
    """
    if kind not in WITHOUT_ORDER or "orders" not in loaders.as_of(shop):
        return None
    ids = ("unit_price", "order_price")
    rows = loaders.measured(shop, ids, day - timedelta(days=27), day, "period")
    known = rows["value"].drop_nulls()
    return float(known[0]) if len(known) else None


def talks(kind: WorkKind, shop: str, day: date) -> pl.DataFrame:
    """The last lines of every buyer in the list: ``buyer``, ``talk``."""
    return loaders.counted(talks_of, shop, kind=kind, as_of=day)


def tick(shop: str, subject: str, *, done: bool, text: str) -> None:
    """Keep a tick and its note, in the name of who looks at the page."""
    kept = WorkTick(subject=subject, by=viewer.name(), done=done, text=text.strip())
    write(store_path(), shop, kept)


def work_of(tables: ShopTables, settings: ShopSettings, *, kind: str, as_of: date) -> pl.LazyFrame:
    """A work list for the cache; see ``metrics.work.lists``."""
    return work(cast("WorkKind", kind), tables, settings, as_of=as_of)


def shipping_of(tables: ShopTables, settings: ShopSettings) -> pl.LazyFrame:
    """Whether the shop's files tell of shipping; see ``metrics.work.orders``."""
    return tells_of_shipping(tables)


def talks_of(tables: ShopTables, settings: ShopSettings, *, kind: str, as_of: date) -> pl.LazyFrame:
    """The conversations of a work list's buyers."""
    buyers = work_of(tables, settings, kind=kind, as_of=as_of).select("buyer")
    return last_lines(tables, buyers, lines=TALK_LINES)
