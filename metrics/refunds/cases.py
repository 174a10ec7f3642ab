"""Refunds: what became of each case, and how many sales were lost to them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import partial

import polars as pl

from metrics.chats.attribution import last_agent
from metrics.chats.conversations import conversations
from metrics.kit.counting import measured_from_facts
from metrics.kit.coverage import after_final
from metrics.kit.days import during
from metrics.kit.metric import Metric
from metrics.kit.needs import OUTCOME, REFUNDS_TOLD, SETTLED_DAY, Need, settled_on, untold_payment
from metrics.kit.periods import FEN_PER_UNIT, By
from metrics.refunds.words import is_exchange, refunded, tells_outcome
from store.settings import ShopSettings
from store.shop_tables import Recipe, ShopTables, Source
from told.mark import mark as _

#: What a case can have come to; the first two are retained, "open" is not decided.
STATES = ("retained", "exchanged", "lost", "open")
#: A cohort is final after 14 days: refunds of goods signed for settle after two weeks
#: (docs/exports.md, "Refund files").
REFUND_MATURITY = timedelta(days=14)
#: Why a case or application does not count, by code.
LEFT_OUT: dict[str, str] = {
    "refund_open": _("not decided yet"),
    "ends_before_start": _("the file has it end before it began"),
    "no_amount": _("the file gives no amount"),
    "no_outcome": _("its file does not tell how it ended"),
    "no_end_time": _("its file does not tell when it ended"),
    "no_payment_time": _("its file gives no payment time"),
    "untold_refund": _("no file tells whether it was refunded"),
}
#: What a number lacks where only such rows are there, by why they are left out.
_REASONS = {
    "no_amount": "no_refund_amount",
    "no_outcome": "no_outcome",
    "no_end_time": "no_end_time",
}
RETAINED, DECIDED = ("retained", "exchanged"), ("retained", "exchanged", "lost")


def refund_cases(tables: ShopTables, /) -> pl.LazyFrame:
    """What became of each order or sub-order with refund applications.

    Lost where any application was paid back; else open where one still is; else exchanged where
    one ended in other goods; else retained. Re-applications are one case, dated by the first.

    Returns:
        One row per ``order_id`` of the refund file, in no order: ``asked_at`` (first), ``day``,
        ``applications``, ``state`` (of ``STATES``), ``lost_fen`` (paid back; null where no amount
        is known), ``kept_fen`` (asked for and not paid back; null where open or no amount is
        known), ``buyer`` (null where the refund file names none), ``untold`` (no file tells how
        any of them ended).
    """
    success, lost = pl.col("outcome") == "success", refunded()
    # What each application says comes before the grouping: plain sums and ends are faster there.
    told = tables.refunds.select(
        "order_id",
        "asked_at",
        "amount_fen",
        "paid_fen",
        "buyer",
        lost=lost,
        open=pl.col("outcome") == "open",
        exchanged=success & is_exchange(),
        lost_fen=pl.when(lost).then("amount_fen"),
        nameless=lost & pl.col("amount_fen").is_null(),
        untold=~tells_outcome(),
    )
    cases = told.group_by("order_id").agg(
        pl.col("asked_at").min(),
        pl.col("lost", "open", "exchanged", "nameless").any(),
        pl.col("untold").all(),
        pl.col("amount_fen", "paid_fen").max(),
        pl.col("lost_fen").sum(),
        pl.col("buyer").drop_nulls().first(),
        applications=pl.len(),
    )
    state = (
        pl.when("lost")
        .then(pl.lit("lost"))
        .when("open")
        .then(pl.lit("open"))
        .when("exchanged")
        .then(pl.lit("exchanged"))
        .otherwise(pl.lit("retained"))
    )
    asked_fen = pl.coalesce("amount_fen", "paid_fen")
    lost_fen = pl.when(~pl.col("nameless")).then("lost_fen")
    kept_fen = (asked_fen - lost_fen).clip(lower_bound=0)
    return cases.select(
        "order_id",
        "asked_at",
        "applications",
        "buyer",
        "untold",
        lost_fen=lost_fen,
        day=pl.col("asked_at").dt.date(),
        state=state,
        kept_fen=pl.when(~pl.col("open") | pl.col("lost")).then(kept_fen),
    )


def refunded_by_order(tables: ShopTables, /) -> pl.LazyFrame:
    """Money paid back per (parent) order; a sub-order's refund goes to its order.

    Returns:
        One row per order, in no order: ``order_id``, ``refunded_fen``.
    """
    paid_back = tables.refunds.filter(refunded()).select("order_id", "amount_fen").cache()
    return (
        paid_back.join(named_orders(tables, paid_back), on="order_id", validate="m:1")
        .group_by(order_id="parent")
        .agg(refunded_fen=pl.col("amount_fen").sum())
    )


def named_orders(tables: ShopTables, applications: pl.LazyFrame, /) -> pl.LazyFrame:
    """The orders that refund applications speak of, by order or by sub-order.

    Args:
        tables: The shop's tables.
        applications: Rows of the refund table, or cases made of them: ``order_id``.

    Returns:
        At least one row per number named, unique, in no order: ``order_id`` (as named),
        ``parent`` (the order; itself where it is no sub-order), ``order_buyer``, ``shipped_at``
        (of the sub-order, else the order), ``in_orders`` (the order files know it).
    """
    kept = tables.condensed.get(recipe())
    return _looked_up(tables, applications) if kept is None else kept["named_orders"]


def recipe() -> Recipe:
    """How a store keeps ``named_orders`` of all applications: by no rule, undated."""
    return Recipe(
        "named_orders",
        edition=1,
        rules=(),
        frames=("named_orders",),
        sources=(Source("refunds"), Source("orders"), Source("order_items")),
        make=lambda tables, _first, _last: {"named_orders": _looked_up(tables, tables.refunds)},
        apart="nothing",
    )


def _looked_up(tables: ShopTables, applications: pl.LazyFrame) -> pl.LazyFrame:
    # Only the few numbers that are named are looked up, which spares a table of all orders.
    named = applications.select("order_id").unique().cache()
    items = tables.order_items.select(
        order_id="item_order_id", parent="order_id", item_shipped_at="shipped_at"
    )
    items = items.join(named, on="order_id", how="semi").unique("order_id").cache()
    wanted = pl.concat([named, items.select(order_id="parent")])
    orders = tables.orders.select(
        "shipped_at", parent="order_id", order_buyer="buyer", in_orders=pl.lit(True)
    ).join(wanted, left_on="parent", right_on="order_id", how="semi")
    return (
        named.join(items, on="order_id", how="left", validate="1:1")
        .with_columns(parent=pl.coalesce("parent", "order_id"))
        .join(orders, on="parent", how="left", validate="m:1")
        .select(
            "order_id",
            "parent",
            "order_buyer",
            shipped_at=pl.coalesce("item_shipped_at", "shipped_at"),
            in_orders=pl.col("in_orders").fill_null(False),
        )
    )


def paid_units(
    tables: ShopTables, /, *, first: date | None = None, last: date | None = None
) -> pl.LazyFrame:
    """Every paid sub-order (or order, where no items are known) and whether it was refunded.

    It was where any table says so; that it was not, a table without a refund column cannot say.

    - An application that ended in a refund belongs to the sub-order of its number, else to all
      of the order of its number. With a refund file, what nothing speaks of was not refunded.
    - A row's own ``refund_fen`` speaks for it.
    - An item without one takes its order's, unless an application names the order or one of its
      sub-orders. A refund of all that was paid means every such item; of a smaller one what its
      other items gave back goes off, and the rest means as few as make it up: the item of just
      that price, else the dearest first; one item where a price is not known.

    Args:
        tables: The shop's tables.
        first: First day of payment; unset: from the beginning.
        last: Last day, included; unset: to the end.

    Returns:
        One row per unit, in no order: ``unit`` (id), ``order_id``, ``paid_at``, ``day``,
        ``refunded`` (null where no file tells), ``whole`` (True where the unit is an order).
    """
    units = _sub_orders(tables).with_columns(whole=pl.lit(False))
    if not tables.has("order_items"):
        # Old item lists carry no time, so no coverage; only their rows tell that there are any.
        none = tables.order_items.select(none=pl.len() == 0)
        orders = _whole_orders(tables).join(none, how="cross").filter("none").drop("none")
        units = pl.concat([units, orders.with_columns(whole=pl.lit(True))], how="diagonal")
    units = units.filter(pl.col("paid_at").is_not_null(), during("paid_at", first, last))
    units = units.with_columns(day=pl.col("paid_at").dt.date())
    if not tables.has("refunds"):
        told = pl.coalesce("by_row", "by_amount")
        return units.with_columns(refunded=told).drop("by_row", "by_amount")
    # A refund file that tells of no end tells of no refund either.
    ends = tables.refunds.select(ends=tells_outcome().any() | (pl.len() == 0))
    units = units.join(ends, how="cross").cache()
    ids = tables.refunds.filter(refunded()).select(unit="order_id").unique()
    by_unit = ids.with_columns(by_unit=pl.lit(True))
    told = pl.any_horizontal(
        "by_unit", "by_order", "by_row", pl.col("by_amount") & pl.col("by_order").is_null()
    )
    return (
        units.join(by_unit, on="unit", how="left", validate="m:1")
        .join(_asked_orders(units, ids), on="order_id", how="left", validate="m:1")
        .with_columns(
            refunded=pl.when("ends")
            .then(told.fill_null(False))
            .otherwise(pl.coalesce("by_row", "by_amount"))
        )
        .drop("by_unit", "by_order", "by_row", "by_amount", "ends")
    )


def _asked_orders(units: pl.LazyFrame, ids: pl.LazyFrame) -> pl.LazyFrame:
    """The orders that refunds name: ``by_order`` where by their own number, so all of each."""
    # A sub-order may bear its order's number: what names a unit says nothing of its siblings.
    named = units.join(ids, on="unit", how="semi").select("unit", "order_id").cache()
    others = ids.join(named, on="unit", how="anti").select(order_id="unit", by_order=True)
    parents = named.select("order_id", by_order=False)
    return pl.concat([parents, others]).group_by("order_id").agg(pl.col("by_order").any())


def _whole_orders(tables: ShopTables) -> pl.LazyFrame:
    by_row = pl.col("refund_fen") > 0
    return tables.orders.select("order_id", "paid_at", unit="order_id", by_row=by_row)


def _sub_orders(tables: ShopTables) -> pl.LazyFrame:
    """Items with ``paid_at`` and what tells of a refund: ``by_row``, else ``by_amount``."""
    columns = "order_id", "paid_at", "refund_fen", "paid_fen", "price_fen", "quantity"
    items = tables.order_items.select(*columns, unit="item_order_id")
    complete = pl.col("paid_at").is_not_null() & pl.col("refund_fen").is_not_null()
    # Only lines without a time or a refund of their own look it up, and only in their own
    # orders: these are few, so that the millions of others need no hash table.
    lacking = items.filter(~complete).cache()
    orders = tables.orders.select(
        "order_id",
        order_paid_at="paid_at",
        order_refund_fen="refund_fen",
        order_paid_fen=pl.col("paid_fen") + pl.when("paid_is_net").then("refund_fen").otherwise(0),
    ).join(lacking, on="order_id", how="semi")
    looked_up = (
        lacking.join(orders, on="order_id", how="left", validate="m:1")
        .with_columns(paid_at=pl.coalesce("paid_at", "order_paid_at"))
        .cache()
    )
    divided = looked_up.filter(pl.col("refund_fen").is_null(), pl.col("order_refund_fen") > 0)
    settled = pl.col("refund_fen").is_not_null() | ~(pl.col("order_refund_fen") > 0)
    of_order = pl.when(pl.col("order_refund_fen").is_not_null()).then(False)
    return pl.concat(
        [
            items.filter(complete).select(*_UNIT, by_amount=pl.lit(None, dtype=pl.Boolean)),
            looked_up.filter(settled.fill_null(True)).select(*_UNIT, by_amount=of_order),
            _divided(divided, items).select(*_UNIT, "by_amount"),
        ]
    )


_UNIT = ("order_id", "paid_at", "unit", (pl.col("refund_fen") > 0).alias("by_row"))


def _divided(rows: pl.LazyFrame, items: pl.LazyFrame) -> pl.LazyFrame:
    """Items of refunded orders: ``by_amount`` for the fewest that make up the order's refund."""
    siblings = items.filter(pl.col("refund_fen") > 0).join(rows, on="order_id", how="semi")
    siblings = siblings.group_by("order_id").agg(siblings_fen=pl.col("refund_fen").sum())
    all_of_it = (pl.col("order_refund_fen") >= pl.col("order_paid_fen")).fill_null(False)
    back_fen = pl.col("order_refund_fen") - pl.col("siblings_fen").fill_null(0)
    item_fen = pl.coalesce("paid_fen", pl.col("price_fen") * pl.col("quantity"))
    ranked = [item_fen != back_fen, -item_fen, pl.col("unit")]
    before = item_fen.cum_sum() - item_fen
    enough = (
        pl.when(back_fen <= 0)
        .then(True)
        # Where a price is not known nothing can be added up, and only the first is sure.
        .when(item_fen.is_null().any())
        .then(pl.int_range(pl.len()) > 0)
        .otherwise(before >= back_fen)
    )
    return rows.join(siblings, on="order_id", how="left", validate="m:1").with_columns(
        by_amount=all_of_it | ~enough.over("order_id", order_by=ranked, nulls_last=True)
    )


def applications(tables: ShopTables, /) -> pl.LazyFrame:
    """Every refund application with the time it took.

    Returns:
        One row per application, in no order: ``refund_id``, ``order_id``, ``buyer``,
        ``asked_at``, ``day``, ``ended_at``, ``seconds`` (null while open, and where the file says
        it ended before it began), ``outcome``, ``untold`` (the file does not tell how it ended).
    """
    seconds = (pl.col("ended_at") - pl.col("asked_at")).dt.total_seconds()
    return tables.refunds.select(
        "refund_id",
        "order_id",
        "buyer",
        "asked_at",
        "ended_at",
        "outcome",
        untold=~tells_outcome(),
        day=pl.col("asked_at").dt.date(),
        seconds=pl.when(seconds >= 0).then(seconds),
    )


def with_agent(
    asked: pl.LazyFrame, tables: ShopTables, settings: ShopSettings, /, *, key: str
) -> pl.LazyFrame:
    """Add ``buyer`` and ``agent``: who wrote last to the buyer in the three days before asking.

    Args:
        asked: Cases or applications: ``key``, ``order_id``, ``buyer``, ``asked_at``.
        tables: Orders tell the buyer where the refund file names none.
        settings: As for every attribution.
        key: Name of the column that identifies a row.

    Returns:
        The same rows; ``agent`` null where nobody wrote or the buyer is not known.
    """
    known = with_order_buyer(asked.cache(), tables).cache()
    moments = known.select(key, "buyer", at="asked_at")
    agents = last_agent(moments, conversations(tables, settings), key=key)
    return known.join(agents, on=key, how="left", validate="1:1")


def with_order_buyer(asked: pl.LazyFrame, tables: ShopTables, /) -> pl.LazyFrame:
    """Fill ``buyer`` of cases or applications from the order that ``order_id`` names."""
    orders = named_orders(tables, asked).select("order_id", "order_buyer")
    return (
        asked.join(orders, on="order_id", how="left", validate="m:1")
        .with_columns(buyer=pl.coalesce("buyer", "order_buyer"))
        .drop("order_buyer")
    )


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
    """The refund metrics from their facts; whose they are is not looked up where nobody asks."""
    counted = [replace(metric, facts=counted_rows) for metric in metrics]
    return measured_from_facts(tables, settings, metrics=counted, first=first, last=last, by=by)


def facts(
    metric_id: str,
    tables: ShopTables,
    settings: ShopSettings,
    /,
    *,
    first: date,
    last: date,
    by_agent: bool = False,
) -> pl.LazyFrame:
    """Rows of ``counted_rows`` with their buyers, as far as the order files name them."""
    span = {"first": first, "last": last}
    rows = counted_rows(metric_id, tables, settings, **span, by_agent=by_agent).cache()
    if metric_id == "refund_rate":
        orders = tables.orders.join(rows, on="order_id", how="semi").select("order_id", "buyer")
        return rows.drop("buyer").join(orders, on="order_id", how="left", validate="m:1")
    return rows if by_agent else with_order_buyer(rows, tables)


def counted_rows(
    metric_id: str,
    tables: ShopTables,
    settings: ShopSettings,
    /,
    *,
    first: date,
    last: date,
    by_agent: bool = False,
) -> pl.LazyFrame:
    """The facts of a refund metric; buyers are named only as far as the refund file names them.

    Cases and applications belong to the day they were asked for, paid units to that of payment.

    Returns:
        One row per case, application or paid unit, in no order: the columns of ``FACTS``
        (``agent`` null unless ``by_agent``; ``amount`` money or seconds), ``order_id``, ``note``
        ("orders_only" for an order that stands for its items), ``reason`` (what the files lack)
        and ``beside`` (of paid units, where no file tells of refunds).
    """
    if metric_id == "refund_rate":
        return _rate_rows(tables, first, last)
    if metric_id == "refund_handling_time":
        asked, key = applications(tables), "refund_id"
    else:
        asked, key = refund_cases(tables), "order_id"
    asked = asked.filter(during("asked_at", first, last))
    if by_agent:
        asked = with_agent(asked, tables, settings, key=key)
    else:
        asked = asked.with_columns(agent=pl.lit(None, dtype=pl.String))
    numerator, denominator, amount, left_out = _parts(metric_id)
    return asked.select(
        "day",
        "order_id",
        "buyer",
        "agent",
        at="asked_at",
        kind=pl.lit("refund"),
        subject=key,
        amount=amount,
        numerator=numerator,
        denominator=denominator,
        left_out=left_out,
        note=pl.lit(None, dtype=pl.String),
        reason=left_out.replace_strict(_REASONS, default=None, return_dtype=pl.String),
    )


def _parts(metric_id: str) -> tuple[pl.Expr, pl.Expr, pl.Expr, pl.Expr]:
    """What a case or application adds to numerator and denominator, its amount, why it is out."""
    if metric_id == "refund_handling_time":
        seconds = pl.col("seconds")
        over = pl.col("untold") | (pl.col("outcome") != "open")
        undated = pl.when(over).then(pl.lit("no_end_time")).otherwise(pl.lit("refund_open"))
        not_ended = pl.when(pl.col("ended_at").is_null()).then(undated)
        ends_first = pl.when(seconds.is_null()).then(pl.lit("ends_before_start"))
        return seconds, pl.lit(1), seconds.cast(pl.Float64), pl.coalesce(not_ended, ends_first)
    untold = pl.when(pl.col("untold")).then(pl.lit("no_outcome"))
    is_open = untold.when(pl.col("state") == "open").then(pl.lit("refund_open"))
    amount = (pl.col("kept_fen").fill_null(0) + pl.col("lost_fen")) / FEN_PER_UNIT
    if metric_id == "refund_retention":
        return pl.col("state").is_in(RETAINED).cast(pl.Int64), pl.lit(1), amount, is_open
    no_amount = pl.when(pl.col("kept_fen").is_null()).then(pl.lit("no_amount"))
    kept, asked = pl.col("kept_fen"), pl.col("kept_fen") + pl.col("lost_fen")
    return kept, asked, amount, pl.coalesce(is_open, no_amount)


def _rate_rows(tables: ShopTables, first: date, last: date) -> pl.LazyFrame:
    untold = pl.when(pl.col("refunded").is_null())
    units = paid_units(tables, first=first, last=last).select(
        "day",
        "order_id",
        buyer=pl.lit(None, dtype=pl.String),
        agent=pl.lit(None, dtype=pl.String),
        at="paid_at",
        kind=pl.lit("order"),
        subject="unit",
        amount=pl.lit(None, dtype=pl.Float64),
        numerator=pl.col("refunded").cast(pl.Int64),
        denominator=pl.lit(1),
        left_out=untold.then(pl.lit("untold_refund")),
        note=pl.when("whole").then(pl.lit("orders_only")),
        reason=untold.then(pl.lit("untold_refunds")),
        beside=untold.then(pl.lit("some_untold_refunds")),
    )
    return pl.concat([units, _undated(tables, first, last)], how="diagonal")


def _undated(tables: ShopTables, first: date, last: date) -> pl.LazyFrame:
    """Orders that no file gives a payment time, as rows of a refund rate that do not count."""
    columns = "order_id", "created_at", "paid_at", "status"
    rows = (tables.orders if tables.has("orders") else tables.order_items).select(columns)
    rows = rows.filter(settled_on(first, last)).filter(untold_payment())
    undated = rows.unique("order_id").cache()
    # Items may tell what their orders do not.
    items = tables.order_items.select("order_id", "paid_at").filter(pl.col("paid_at").is_not_null())
    paid = items.join(undated, on="order_id", how="semi").select("order_id")
    return undated.join(paid, on="order_id", how="anti").select(
        "order_id",
        day=SETTLED_DAY,
        at="created_at",
        kind=pl.lit("order"),
        subject="order_id",
        denominator=pl.lit(1),
        left_out=pl.lit("no_payment_time"),
        reason=pl.lit("no_payment_time"),
        beside=pl.lit("some_no_payment_time"),
    )


def _refunds_final(tables: ShopTables, covered: date, _settings: ShopSettings | None, /) -> date:
    """A refund rate waits for the refunds: it is their files that must be 14 days ahead."""
    return (tables.last_day("refunds") or covered) - REFUND_MATURITY


_metric = partial(
    Metric,
    subject="refund",
    feeds=(("refunds",),),
    missing="no_refunds",
    # They decide who wrote last before a refund was asked for.
    settings=("filtered_buyers", "robot_agents"),
    maturity=REFUND_MATURITY,
    open_days=after_final,
    left_out=LEFT_OUT,
    facts=facts,
    measured=measured,
)
METRICS: tuple[Metric, ...] = (
    _metric(
        id="refund_retention",
        needs=(OUTCOME,),
        family="refunds_kept",
        name=_("Refund retention"),
        unit="share",
        better="higher",
        numerator=_("applications that ended closed or exchanged, nothing refunded"),
        denominator=_("decided sub-orders with an application"),
        definition=_(
            "Of the sub-orders whose refund was asked for and decided, the share that ended "
            "without a refund. No official formula exists; closed ones include applications the "
            "buyer withdrew or let run out."
        ),
        source="ours",
    ),
    _metric(
        id="refund_retention_amount",
        needs=(OUTCOME, Need("no_refund_amount", (("refunds", "amount_fen"),))),
        family="refunds_kept",
        name=_("Refund retention by amount"),
        unit="share",
        better="higher",
        numerator=_("money asked back and kept"),
        denominator=_("money of the decided sub-orders"),
        definition=_("The same by money: a partial refund is lost for its amount only."),
        source="ours",
        in_fen=("numerator", "denominator"),
    ),
    _metric(
        id="refund_rate",
        needs=(
            Need("no_payment_time", (("orders", "paid_at"), ("order_items", "paid_at"))),
            REFUNDS_TOLD,
        ),
        family="refunds_asked",
        name=_("Refund rate"),
        unit="share",
        better="lower",
        numerator=_("sub-orders of these payment days that were refunded"),
        denominator=_("sub-orders paid on these days"),
        definition=_("Of the sub-orders paid on a day, the share refunded since."),
        source="ours",
        feeds=(("order_items",), ("orders",)),
        notes={
            "untold_refunds": _(
                "no file tells of refunds: no refund file, and no column for them in the order "
                "files (退款金额, 售后状态, Refunded Amount)"
            ),
            "some_untold_refunds": _("orders whose files do not tell of refunds are left out"),
        },
        final_day=_refunds_final,
        per_agent=False,
        settings=(),
    ),
    _metric(
        id="refund_handling_time",
        needs=(Need("no_end_time", (("refunds", "ended_at"),)),),
        family="refunds_asked",
        name=_("Refund handling time"),
        unit="seconds",
        better="lower",
        numerator=_("seconds from application to its end"),
        denominator=_("applications that ended"),
        definition=_("Average time from a refund application to its end, per application."),
        source="export",
    ),
)
RETENTION, HANDLING = METRICS[0], METRICS[-1]
