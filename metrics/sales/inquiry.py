"""Who asked before buying, and who of them paid within the conversion window."""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import partial

import polars as pl

from metrics.chats.attribution import CONVERSION_DAYS
from metrics.chats.conversations import Conversations, conversations
from metrics.chats.reply_facts import LEFT_OUT as REPLY_LEFT_OUT
from metrics.chats.reply_facts import filtered_buyer_days
from metrics.chats.service_feed import (
    FEEDS,
    SERVICE_NEEDS,
    feed_days,
    feed_notes,
    lacked,
    lacking,
    service_counts,
    side_notes,
)
from metrics.kit.buyers import blurred_buyer, named_buyer
from metrics.kit.days import during, on_days
from metrics.kit.metric import Metric
from metrics.kit.needs import BUYER, PAYMENT_TIME, payment_gaps
from metrics.kit.periods import FEN_PER_UNIT, By, judged_spans, reported, span_start
from metrics.sales.settled import earliest_payments, sellers
from store.settings import ConversionWindow, ShopSettings
from store.shop_tables import Frames, Recipe, ShopTables, Source
from told.mark import mark as _

#: Last day after the inquiry day on which a payment counts.
WINDOW_DAYS: dict[ConversionWindow, int] = {"same_day": 0, "next_day": 1, "final": 3}
#: A cohort is final when its day and the three following days are over.
CONVERSION_MATURITY = timedelta(days=4)
#: How much younger than the last covered day a cohort must be to be final
#: (docs/numbers.md, "Inquiry conversion").
MATURE_AFTER: dict[ConversionWindow, timedelta] = {
    "same_day": timedelta(0),
    "next_day": timedelta(days=1),
    "final": CONVERSION_MATURITY,
}
PAIR = ("numerator", "denominator")
LEFT_OUT: dict[str, str] = {
    "filtered_buyer": REPLY_LEFT_OUT["filtered_buyer"],
    "no_buyer": _("the file names no buyer"),
    "masked_buyer": _("the buyer's name is blurred, so no order can be found"),
    "no_payment_time": _("the order files of its days give no payment time"),
    "after_sale": _("bought shortly before and ordered nothing new: after-sale, no inquiry"),
}


def measured(
    tables: ShopTables,
    settings: ShopSettings,
    /,
    *,
    metrics: Sequence[Metric],
    first: date,
    last: date,
    by: By,
) -> pl.LazyFrame:
    """Inquiry conversion as ``metrics.measure`` collects it, by cohort (inquiry day).

    Chat lines with orders speak for the days both cover, performance tables for the others. An
    agent's denominator is the inquiries in which the buyer wrote to them; their numerator those of
    these whose first counting order is attributed to them.

    Returns:
        The columns of ``metrics.kit.periods.MEASURED``, unsorted.
    """
    days = cohort_days(tables, settings).filter(pl.col("day").is_between(first, last))
    judged = judged_spans(days.select("day", whole="mature"), first, last, by=by, final=last)
    if by in ("period", "agent"):
        days = days.filter("mature")
    days = days.with_columns(start=span_start(pl.col("day"), first, by=by))
    per_agent = by == "agent"
    key = "agent" if per_agent else "start"
    parts = [
        counts.join(days.lazy().filter(feed=feed).select("day", "start"), on="day", validate="m:1")
        for feed, counts in _feeds(tables, settings, first, last, per_agent=per_agent).items()
        if feed in days["feed"]
    ]
    blank = pl.LazyFrame(
        schema={"start": pl.Date, "agent": pl.String, **dict.fromkeys(PAIR, pl.Float64)}
    )
    sums = pl.concat([blank, *parts], how="diagonal").group_by(key).agg(pl.col(PAIR).sum())
    unsaid = side_notes(tables, days, "start")
    notes = feed_notes(days, "start").join(unsaid, on="start", how="left", validate="1:1").lazy()
    counts = (
        sums.join(notes.select("note", "unsaid"), how="cross").with_columns(gap=pl.lit(value=False))
        if per_agent
        else notes.join(sums, on="start", how="left", validate="1:1").join(
            _gaps(tables, settings, days, first, last), on="start", how="left", validate="1:1"
        )
    ).join(_order_names(tables.orders), how="cross")
    counts = counts.join(lacking(tables, days, ids=["inquiry_conversion"]), how="cross")
    valued = pl.col("denominator") > 0
    some = pl.when(valued & pl.col("gap")).then(pl.lit("some_no_payment_time"))
    beside = pl.when(valued).then("unsaid")
    told = pl.concat_str("note", "said", beside, some, separator=";", ignore_nulls=True)
    gap = pl.when("gap").then(pl.lit("no_payment_time"))
    reason = pl.coalesce("reason", "unsaid", gap, lacked("inquiry_conversion"))
    counts = counts.select(key, *PAIR, reason=reason, note=told)
    parts = [reported(counts, judged, metric_id=metric.id, by=by, notes=()) for metric in metrics]
    return pl.concat(parts)


def _gaps(
    tables: ShopTables, settings: ShopSettings, days: pl.DataFrame, first: date, last: date
) -> pl.LazyFrame:
    """Per ``start`` with a day of chat lines whether payments of some of them are not told."""
    chat = days.lazy().filter(feed="messages").select("day", "start")
    untold = _untold_days(tables, settings, first, last).with_columns(untold=pl.lit(value=True))
    told = chat.join(untold, on="day", how="left", validate="1:1")
    return told.group_by("start").agg(gap=pl.col("untold").is_not_null().any())


def cohort_days(tables: ShopTables, settings: ShopSettings, /) -> pl.DataFrame:
    """Which feed speaks for which inquiry day, and whether its window has closed.

    Returns:
        One row per covered day, oldest first: ``day``, ``feed`` ("messages" or
        "service_days"), ``mature``.
    """
    wait = MATURE_AFTER[settings.conversion_window]
    chat = [tables.last_day("messages"), tables.last_day("orders")]
    known = {
        "messages": min((day for day in chat if day), default=None) if all(chat) else None,
        "service_days": tables.last_day("service_days"),
    }
    final = pl.lit(None, pl.Date)
    for feed, until in known.items():
        if until:
            final = pl.when(pl.col("feed") == feed).then(pl.lit(until - wait)).otherwise(final)
    mature = (pl.col("whole") & (pl.col("day") <= final)).fill_null(False)
    return feed_days(tables, "inquiry").select("day", "feed", mature=mature)


def inquiries(
    tables: ShopTables, settings: ShopSettings, /, *, first: date, last: date
) -> pl.LazyFrame:
    """Every received buyer-day, whether it was an inquiry, and what came of it.

    An inquiry comes before the sale: the buyer had no paid order in the after-sale window before
    the day's first line, or created a new order within the conversion window. Only new orders'
    payments count where there was an earlier one. Orders without a joinable buyer are left out;
    buyers whose names are blurred are no inquiries, since no order can be found for them.

    Args:
        tables: The shop's tables.
        settings: Filtered buyers and the after-sale window.
        first: First inquiry day.
        last: Last inquiry day, included.

    Returns:
        One row per buyer and day, in no order: ``buyer``, ``day``, ``first_line_at``,
        ``paid_before`` (an earlier payment lies inside the after-sale window), ``inquiry``,
        ``ordered``, ``paid_day`` (0 to 3 days after the inquiry day, null if not paid),
        ``order_id``, ``paid_at`` and ``amount_fen`` of the first counting order.
    """
    talks = conversations(tables, settings, first=first, last=last)
    return _found(talks, tables, settings, first, last)


def with_returning(
    tables: ShopTables, settings: ShopSettings, /, *, first: date, last: date
) -> pl.LazyFrame:
    """Rows of ``inquiries`` with ``returning``: an earlier paid order is in the data."""
    kept = _kept(tables, settings, first, last)
    if kept is not None:
        return kept
    return _with_returning(inquiries(tables, settings, first=first, last=last), tables)


def _with_returning(
    facts: pl.LazyFrame, tables: ShopTables, *, last: date | None = None
) -> pl.LazyFrame:
    facts = facts.cache()
    first_paid_at = pl.col("first_paid_at")
    earliest = earliest_payments(tables, facts, last=last)
    return (
        facts.join(earliest, on="buyer", how="left", validate="m:1")
        .with_columns(
            returning=(first_paid_at < pl.col("first_line_at")).fill_null(False) & named_buyer()
        )
        .drop("first_paid_at")
    )


def _kept(
    tables: ShopTables, settings: ShopSettings, first: date, last: date
) -> pl.LazyFrame | None:
    kept = tables.condensed.get(recipe(settings))
    if kept is None:
        return None
    found = kept["inquiries"].filter(on_days(first, last))
    if settings.filtered_buyers:
        found = found.filter(~pl.col("buyer").is_in(settings.filtered_buyers))
    return found


def recipe(settings: ShopSettings, /) -> Recipe:
    """How a store keeps inquiries: rows of ``with_returning`` of all buyers, by ``day``."""
    robots, after_sale_days = settings.robot_agents, settings.after_sale_days
    rules = ShopSettings(robot_agents=robots, after_sale_days=after_sale_days)
    return Recipe(
        "inquiries",
        edition=1,
        rules=(robots, after_sale_days),
        frames=("inquiries",),
        sources=(
            Source("messages", ("sent_at",)),
            Source(
                "orders",
                ("created_at", "paid_at"),
                before=timedelta(days=after_sale_days),
                after=CONVERSION_DAYS,
            ),
            # Who has bought before.
            Source("orders", ("paid_at",), before=None),
        ),
        make=partial(_by_day, rules),
    )


def _by_day(settings: ShopSettings, tables: ShopTables, first: date, last: date) -> Frames:
    facts = inquiries(tables, settings, first=first, last=last)
    return {"inquiries": _with_returning(facts, tables, last=last).sort("day")}


def _found(
    talks: Conversations, tables: ShopTables, settings: ShopSettings, first: date, last: date
) -> pl.LazyFrame:
    """Rows of ``inquiries``; the conversations are given, so that a caller may share them."""
    kept = _kept(tables, settings, first, last)
    if kept is not None:
        return kept.drop("returning")
    return _outcomes(talks.first_lines, _orders_near(tables, settings, first, last), settings)


def _orders_near(
    tables: ShopTables, settings: ShopSettings, first: date, last: date
) -> pl.LazyFrame:
    """The orders that can tell anything of inquiries of these days; others are not read."""
    until, before = last + CONVERSION_DAYS, first - timedelta(days=settings.after_sale_days)
    columns = ("order_id", "buyer", "created_at", "paid_at", "paid_fen")
    return tables.orders.select(columns).filter(
        during("created_at", first, until) | during("paid_at", before, until)
    )


def _outcomes(
    first_lines: pl.LazyFrame, orders: pl.LazyFrame, settings: ShopSettings
) -> pl.LazyFrame:
    """As ``inquiries``, from ``Conversations.first_lines`` and ``_orders_near``."""
    # Cached by hand: the numbers of the buyer-days must be the same wherever they are joined.
    asked = (
        first_lines.group_by("buyer", "day")
        .agg(pl.col("first_line_at").min())
        .with_row_index("asked")
        .cache()
    )
    orders_of = _orders_of(asked, orders).cache()
    paid_at, first_line_at = pl.col("paid_at"), pl.col("first_line_at")
    earlier = (
        orders_of.filter(paid_at < first_line_at).group_by("asked").agg(last_paid_at=paid_at.max())
    )
    after_sale = timedelta(days=settings.after_sale_days)
    paid_before = (pl.col("last_paid_at") >= first_line_at - after_sale).fill_null(False)
    chances = (
        orders_of.filter(pl.col("new") | pl.col("pays"))
        .join(earlier, on="asked", how="left", validate="m:1")
        .with_columns(paid_before=paid_before)
        .filter(pl.col("new") | (pl.col("pays") & ~pl.col("paid_before")))
        .cache()
    )
    paid = (
        chances.filter("pays")
        .sort("paid_at", "order_id")
        .unique("asked", keep="first", maintain_order=True)
        .select(
            "asked",
            "order_id",
            "paid_at",
            paid_day=(paid_at.dt.date() - pl.col("day")).dt.total_days().cast(pl.Int8),
            amount_fen="paid_fen",
        )
    )
    new = chances.filter("new").select("asked", has_new=True).unique()
    has_new = pl.col("has_new").is_not_null()
    return (
        asked.join(earlier, on="asked", how="left", validate="1:1")
        .join(new, on="asked", how="left", validate="1:1")
        .join(paid, on="asked", how="left", validate="1:1")
        .with_columns(paid_before=paid_before)
        .select(
            "buyer",
            "day",
            "first_line_at",
            "paid_before",
            inquiry=(~pl.col("paid_before") | has_new) & named_buyer(),
            ordered=has_new | pl.col("paid_day").is_not_null(),
            paid_day="paid_day",
            order_id="order_id",
            paid_at="paid_at",
            amount_fen="amount_fen",
        )
    )


def _orders_of(asked: pl.LazyFrame, orders: pl.LazyFrame) -> pl.LazyFrame:
    """Every buyer-day with each order of the buyer: created in its window, paid in it, earlier."""

    def in_window(moment: str) -> pl.Expr:
        at = pl.col(moment)
        until = pl.col("day") + CONVERSION_DAYS
        return ((at >= pl.col("first_line_at")) & (at.dt.date() <= until)).fill_null(False)

    return (
        asked.filter(named_buyer())
        .join(orders, on="buyer")
        .select(
            "asked",
            "day",
            "first_line_at",
            "order_id",
            "paid_at",
            "paid_fen",
            new=in_window("created_at"),
            pays=in_window("paid_at"),
        )
    )


def _feeds(
    tables: ShopTables, settings: ShopSettings, first: date, last: date, *, per_agent: bool
) -> dict[str, pl.LazyFrame]:
    """Per feed: ``day``, ``agent`` (if per agent), ``numerator``, ``denominator``."""
    metric = "inquiry_conversion"
    chat = agent_counts if per_agent else shop_counts
    service = service_counts(
        tables.service_days, per_agent=per_agent, window=settings.conversion_window
    )
    joinable = _order_names(tables.orders).filter(pl.col("reason").is_null()).select("reason")
    return {
        "messages": chat(tables, settings, first, last).join(joinable, how="cross").drop("reason"),
        "service_days": service.select(
            "day", "agent", **{count: f"{metric}:{count}" for count in PAIR}
        ),
    }


def shop_counts(
    tables: ShopTables, settings: ShopSettings, first: date, last: date
) -> pl.LazyFrame:
    """Inquiries and those paid within the window.

    Returns:
        One row per inquiry day, in no order: ``day``, ``numerator``, ``denominator`` (Float64).
    """
    facts = inquiries(tables, settings, first=first, last=last)
    facts = with_told_payments(facts, tables, settings, first, last)
    paid = pl.col("paid_day") <= WINDOW_DAYS[settings.conversion_window]
    counts = facts.filter("inquiry").group_by("day")
    return counts.agg(numerator=paid.sum(), denominator=pl.len()).with_columns(
        pl.col(PAIR).cast(pl.Float64)
    )


def agent_counts(
    tables: ShopTables, settings: ShopSettings, first: date, last: date
) -> pl.LazyFrame:
    """Inquiries in which a buyer wrote to an agent, and those whose payment is owed to them.

    Returns:
        One row per inquiry day and agent, in no order: ``day``, ``agent``, ``numerator``,
        ``denominator`` (Float64).
    """
    talks = conversations(tables, settings, first=first, last=last)
    facts = _found(talks, tables, settings, first, last).filter("inquiry")
    facts = with_told_payments(facts, tables, settings, first, last).cache()
    wrote = talks.agents_asked.cache()
    keys = ["buyer", "day"]
    asked = facts.select(keys).join(wrote, on=keys, validate="1:m").select("day", "agent")
    paid = facts.filter(pl.col("paid_day") <= WINDOW_DAYS[settings.conversion_window])
    owed = sellers(tables, settings, first=first, last=last + CONVERSION_DAYS, among=paid)
    sold = (
        paid.join(owed, on="order_id", validate="m:1")
        # A sale of a day on which the buyer wrote to others only is no answer of this agent's.
        .join(wrote, on=[*keys, "agent"], how="semi")
        .select("day", "agent", numerator=1.0)
    )
    both = pl.concat([asked.with_columns(denominator=1.0), sold], how="diagonal")
    return both.group_by("day", "agent").agg(pl.col(PAIR).sum())


def with_told_payments(
    found: pl.LazyFrame, tables: ShopTables, settings: ShopSettings, first: date, last: date, /
) -> pl.LazyFrame:
    """Buyer-days of some days whose orders tell whether they were paid.

    Where the order files of a day inside the conversion window give no payment time, nobody
    knows what became of the inquiry.
    """
    return found.join(_untold_days(tables, settings, first, last), on="day", how="anti")


def _untold_days(
    tables: ShopTables, settings: ShopSettings, first: date, last: date
) -> pl.LazyFrame:
    """Inquiry days with a day in their window of whose orders no file tells when they were paid."""
    reach = WINDOW_DAYS[settings.conversion_window]
    gaps = payment_gaps(tables.orders, first, last + timedelta(days=reach))
    back = pl.concat_list(pl.col("day") - timedelta(days=ago) for ago in range(reach + 1))
    days = gaps.filter("no_payment_time").select(day=back).explode("day").unique()
    return days.filter(on_days(first, last))


def _order_names(orders: pl.LazyFrame) -> pl.LazyFrame:
    """What must be said about the buyers in the order files.

    Returns:
        One row: ``said`` (note codes, null for none), ``reason`` ("no_buyer" where no order at
        all can be joined, so that nothing can have been paid after an inquiry).
    """
    buyer = pl.col("buyer")
    blurred = blurred_buyer().fill_null(False).any()
    hopeless = (pl.len() > 0) & ~named_buyer().any()
    missing = buyer.is_null().any()
    return orders.select(
        said=pl.concat_str(
            pl.when(missing & ~hopeless).then(pl.lit("no_buyer")),
            pl.when(blurred).then(pl.lit("masked_buyer")),
            separator=";",
            ignore_nulls=True,
        ).replace("", None),
        reason=pl.when(hopeless).then(pl.lit("no_buyer")),
    )


def facts(
    _metric_id: str,
    tables: ShopTables,
    settings: ShopSettings,
    /,
    *,
    first: date,
    last: date,
    by_agent: bool = False,
) -> pl.LazyFrame:
    """Received buyer-days: inquiries, and those that were none; see ``metrics.kit.metric.Facts``.

    By agent an inquiry stands once for each agent the buyer wrote to, and adds to the numerator
    of the one whom its first counting order is owed to.

    Returns:
        The columns of ``FACTS`` (``subject``: the paid order, null if none; ``amount``: money
        paid), ``returning``, ``ordered`` and ``paid`` (within three days; these null for a buyer
        whom the shop leaves out).
    """
    found = with_returning(tables, settings, first=first, last=last)
    paid = (pl.col("paid_day") <= WINDOW_DAYS[settings.conversion_window]).fill_null(value=False)
    if by_agent:
        found = found.cache()
        talks = conversations(tables, settings, first=first, last=last)
        found = _sold_by(talks, tables, settings, first, last, found=found)
        paid &= (pl.col("seller") == pl.col("agent")).fill_null(value=False)
    else:
        found = found.with_columns(agent=pl.lit(None, dtype=pl.String))
    untold = _untold_days(tables, settings, first, last).with_columns(untold=pl.lit(value=True))
    found = found.join(untold, on="day", how="left", validate="m:1")
    why_not = {
        "masked_buyer": blurred_buyer(),
        "no_payment_time": pl.col("untold"),
        "after_sale": ~pl.col("inquiry"),
        "no_buyer": pl.col("reason").is_not_null(),
    }
    rows = found.join(_order_names(tables.orders).select("reason"), how="cross").select(
        "day",
        "buyer",
        "agent",
        at="first_line_at",
        kind=pl.lit("inquiry"),
        subject="order_id",
        amount=pl.col("amount_fen") / FEN_PER_UNIT,
        numerator=paid.cast(pl.Float64),
        denominator=pl.lit(1.0),
        left_out=pl.coalesce(pl.when(why).then(pl.lit(code)) for code, why in why_not.items()),
        returning="returning",
        ordered="ordered",
        paid=pl.col("paid_day").is_not_null(),
    )
    filtered = filtered_buyer_days(tables, settings, first, last, kind="inquiry")
    return pl.concat([rows, filtered], how="diagonal")


def _sold_by(
    talks: Conversations,
    tables: ShopTables,
    settings: ShopSettings,
    first: date,
    last: date,
    *,
    found: pl.LazyFrame,
) -> pl.LazyFrame:
    """Buyer-days once for each ``agent`` asked, with the ``seller`` the paid order is owed to."""
    owed = sellers(tables, settings, first=first, last=last + CONVERSION_DAYS, among=found)
    return found.join(talks.agents_asked, on=["buyer", "day"], validate="1:m").join(
        owed.rename({"agent": "seller"}), on="order_id", how="left", validate="m:1"
    )


def _final_day(tables: ShopTables, covered: date, settings: ShopSettings | None, /) -> date:
    """The last day whose window has closed, as long as the shop's window is; unset: the longest.

    Payments are known as long as both files reach, though one of them may miss a day.
    """
    chat = [tables.last_day("messages"), tables.last_day("orders")]
    known = min((day for day in chat if day), default=covered) if all(chat) else covered
    window: ConversionWindow = settings.conversion_window if settings else "final"
    return max(covered, known) - MATURE_AFTER[window]


def _open_days(_metric: Metric, tables: ShopTables, settings: ShopSettings, /) -> pl.Expr:
    """Whether chat lines do not speak for a row's ``day``, or its window has not closed."""
    final = cohort_days(tables, settings).filter("mature", feed="messages")["day"]
    return ~pl.col("day").is_in(final.implode())


METRICS: tuple[Metric, ...] = (
    Metric(
        id="inquiry_conversion",
        subject="inquiry",
        family="conversion",
        name=_("Inquiry conversion"),
        unit="share",
        better="higher",
        numerator=_("inquiries paid on the inquiry day or one of the three following days"),
        denominator=_("inquiries: buyer-days that asked before the sale"),
        definition=_(
            "Of the buyers who asked before buying, the share who paid. A buyer counts once a day; "
            "days younger than four days are still open and left out."
        ),
        source="guide",
        maturity=CONVERSION_MATURITY,
        settings=(
            "conversion_window",
            "after_sale_days",
            "attribution",
            "filtered_buyers",
            "robot_agents",
        ),
        feeds=FEEDS["inquiry"],
        needs=(PAYMENT_TIME, BUYER, *SERVICE_NEEDS["inquiry_conversion"]),
        feeds_merge=True,
        missing="no_messages",
        final_day=_final_day,
        open_days=_open_days,
        left_out=LEFT_OUT,
        facts=facts,
        measured=measured,
    ),
)
