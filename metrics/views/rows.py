"""The rows behind a number: what was counted, what was left out, and by which rule."""

from datetime import date

import polars as pl

from metrics.catalog import BY_ID
from metrics.kit.coverage import covered_days, final_until
from metrics.kit.periods import FEN_PER_YUAN
from metrics.ratings.dsr import in_window, ratings_judged
from metrics.refunds.cases import counted_rows, with_order_buyer
from metrics.sales.inquiry import cohort_days
from metrics.sales.settled import sellers
from metrics.sales.spend import PER_BUYER, payments, with_item_pieces
from metrics.views.conversation_rows import inquiry_rows, reply_rows
from metrics.views.row_cuts import Cut, cut_rows
from store.settings import ShopSettings
from store.shop_tables import ShopTables


def _(message: str) -> str:
    """Mark a message for the catalogue; the page translates it."""
    return message


#: Why a row was not counted, by code.
LEFT_OUT: dict[str, str] = {
    "not_final": _("still open: its day is younger than the metric waits"),
    "filtered_buyer": _("a buyer the shop leaves out"),
    "after_sale": _("bought shortly before and ordered nothing new: after-sale, no inquiry"),
    "lost_before_ordering": _("left before ordering"),
    "ordered_not_paid": _("ordered and did not pay"),
    "masked_buyer": _("the buyer's name is blurred, so no order can be found"),
    "outside_hours": _("opened outside 08:00-23:00"),
    "robot_only": _("answered by a robot only"),
    "unanswered": _("not answered by a human the same day"),
    "over_600": _("waited 600 seconds or more"),
    "not_slow": _("fewer than three waits over 120 seconds"),
    "not_paid": _("not paid"),
    "no_amount": _("the file gives no amount"),
    "no_buyer": _("the file names no buyer"),
    "no_money_left": _("nothing left after refunds"),
    "no_pieces": _("the files do not tell how many pieces"),
    "no_items": _("no item file lists this order"),
    "refund_open": _("not decided yet"),
    "untold_refund": _("no file tells whether it was refunded"),
    "ends_before_start": _("the file has it end before it began"),
    "trade_closed": _("the trade was closed"),
    "monthly_cap": _("the buyer's fourth or later rating of the month"),
    "no_stars": _("no stars given"),
    "not_rated": _("this dimension was not rated"),
}
#: Columns of the result, in this order.
ROWS: dict[str, pl.DataType | type[pl.DataType]] = {
    "day": pl.Date,
    "at": pl.Datetime("us"),
    "kind": pl.String,
    "subject": pl.String,
    "buyer": pl.String,
    "agent": pl.String,
    "amount": pl.Float64,
    "counted": pl.Boolean,
    "left_out": pl.String,
}


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

    Days whose value is not final yet are left out of a longer period, as in ``measure``, and
    counted when a single day is asked for. A day that only a performance table covers has no
    rows. A DSR rests on the ratings of the window that ends on the last covered day.

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
        ``agent``, ``amount`` (yuan, seconds or stars; null where there is none), ``counted``,
        ``left_out`` (a code of ``LEFT_OUT``; null when counted).
    """
    subject, asked = BY_ID[metric_id].subject, dict(cut)
    span = {"first": first, "last": last}
    # The funnel, whatever the headline counts, looks at payments of all its days.
    if "step" in asked:
        settings = settings.model_copy(update={"conversion_window": "final"})
    match subject:
        case "inquiry":
            rows = inquiry_rows(tables, settings, **span, by_agent=agent is not None)
        case "reply":
            rows = reply_rows(metric_id, tables, settings, **span, by_agent=agent is not None)
        case "spend":
            rows = _order_rows(metric_id, tables, settings, **span, by_agent=agent is not None)
        case "refund":
            rows = _refund_rows(metric_id, tables, settings, **span, by_agent=agent is not None)
        case "dsr":
            rows = _rating_rows(metric_id, tables, settings, **span)
    # Hours tell when buyers ask, and asking is over at once.
    waits = first < last and "hour" not in asked
    if subject in ("inquiry", "refund") and (waits or "step" in asked):
        rows = rows.with_columns(
            left_out=pl.coalesce("left_out", _young(metric_id, tables, settings))
        )
    if cut:
        rows = cut_rows(
            rows,
            cut,
            subject=subject,
            metric_id=metric_id,
            tables=tables,
            settings=settings,
            **span,
        )
    if agent is not None:
        rows = rows.filter(pl.col("agent") == agent)
    return (
        rows.with_columns(counted=pl.col("left_out").is_null())
        .select(pl.col(name).cast(dtype) for name, dtype in ROWS.items())
        .sort("day", "at", "subject", "agent", nulls_last=True)
    )


def _young(metric_id: str, tables: ShopTables, settings: ShopSettings) -> pl.Expr:
    """Says "not_final" of the rows that a longer period waits for, as ``measure`` does."""
    if BY_ID[metric_id].subject == "inquiry":
        days = cohort_days(tables, settings)
        final = days.filter("mature", feed="messages")["day"].to_list()
        open_day = ~pl.col("day").is_in(final)
    else:
        until = final_until(tables, metric_id, settings)
        open_day = pl.col("day") > until if until else pl.lit(False)
    return pl.when(open_day).then(pl.lit("not_final"))


def _order_rows(
    metric_id: str,
    tables: ShopTables,
    settings: ShopSettings,
    *,
    first: date,
    last: date,
    by_agent: bool,
) -> pl.LazyFrame:
    """Orders paid in the span, and those created in it that were never paid."""
    paid_facts = payments(tables, settings)
    if metric_id in ("pieces_per_buyer", "piece_price"):
        paid_facts = with_item_pieces(paid_facts, tables)
    in_items = tables.order_items.select("order_id", in_items=pl.lit(True)).unique()
    facts = paid_facts.select("order_id", "left_fen", "has_money", "pieces")
    amount = "left_fen" if metric_id == "unit_price" else "paid_fen"
    rows = (
        tables.orders.select("order_id", "buyer", "created_at", "paid_at", "paid_fen")
        .with_columns(at=pl.coalesce("paid_at", "created_at"))
        .with_columns(day=pl.col("at").dt.date())
        .filter(pl.col("day").is_between(first, last))
        .join(facts, on="order_id", how="left", validate="1:1")
        .join(in_items, on="order_id", how="left", validate="1:1")
    )
    if by_agent:
        owed = sellers(tables, settings, first=first, last=last)
        rows = rows.join(owed, on="order_id", how="left", validate="1:1")
    else:
        rows = rows.with_columns(agent=pl.lit(None, dtype=pl.String))
    return rows.select(
        "day",
        "at",
        "buyer",
        "agent",
        kind=pl.lit("order"),
        subject="order_id",
        amount=pl.col(amount) / FEN_PER_YUAN,
        left_out=_order_left_out(metric_id),
    )


def _order_left_out(metric_id: str) -> pl.Expr:
    rules = {
        "not_paid": pl.col("paid_at").is_null(),
        "no_amount": pl.col("paid_fen").is_null(),
        "no_buyer": pl.lit(metric_id in PER_BUYER) & pl.col("buyer").is_null(),
        "no_money_left": pl.lit(metric_id == "unit_price") & ~pl.col("has_money"),
        "no_pieces": pl.lit(metric_id in ("pieces_per_buyer", "piece_price"))
        & pl.col("pieces").is_null(),
        "no_items": pl.lit(metric_id == "cross_sell_rate") & pl.col("in_items").is_null(),
    }
    return pl.coalesce(*(pl.when(holds).then(pl.lit(code)) for code, holds in rules.items()))


def _refund_rows(
    metric_id: str,
    tables: ShopTables,
    settings: ShopSettings,
    *,
    first: date,
    last: date,
    by_agent: bool,
) -> pl.LazyFrame:
    """Cases or applications by the day they were asked for, or units by the day of payment."""
    rows = counted_rows(
        metric_id, tables, settings, first=first, last=last, by_agent=by_agent
    ).cache()
    if metric_id == "refund_rate":
        orders = tables.orders.join(rows, on="order_id", how="semi").select("order_id", "buyer")
        rows = rows.drop("buyer").join(orders, on="order_id", how="left", validate="m:1")
        return rows.with_columns(kind=pl.lit("order"))
    rows = rows if by_agent else with_order_buyer(rows, tables)
    return rows.with_columns(kind=pl.lit("refund"))


def _rating_rows(
    metric_id: str, tables: ShopTables, settings: ShopSettings, *, first: date, last: date
) -> pl.LazyFrame:
    """Ratings of the window that ends on the last covered day of the span."""
    covered = covered_days(tables, metric_id)["day"]
    until = covered.filter(covered.is_between(first, last)).max()
    end = until if isinstance(until, date) else last
    stars = pl.col(metric_id.removeprefix("dsr_"))
    unrated = pl.when(stars.is_null()).then(pl.lit("not_rated"))
    return (
        ratings_judged(tables, settings)
        .filter(in_window(end))
        .select(
            "day",
            "buyer",
            at="rated_at",
            agent=pl.lit(None, dtype=pl.String),
            kind=pl.lit("rating"),
            subject="order_id",
            amount=stars,
            left_out=pl.coalesce("left_out", unrated),
        )
    )
