"""What buyers spend: customer unit price and its companions."""

from collections.abc import Sequence
from datetime import date
from typing import Literal

import polars as pl

from metrics.kit.buyers import blurred_buyer, item_identity
from metrics.kit.coverage import covered_days, final_until
from metrics.kit.days import during
from metrics.kit.metric import Metric
from metrics.kit.needs import payment_gaps
from metrics.kit.periods import FEN_PER_UNIT, MEASURED, By, judged_spans, reported, span_start
from metrics.kit.ratio import ratio
from metrics.refunds.cases import refunded_by_order
from metrics.sales.settled import returning, sellers, served
from store.settings import ShopSettings
from store.shop_tables import ShopTables

Cut = Literal["served", "returning"]

#: Columns of the service tables that stand in for missing orders.
FALLBACK = ("sales_fen", "sales_users")


def payments(tables: ShopTables, settings: ShopSettings, /) -> pl.LazyFrame:
    """Every paid order with what it brought in; paid = has a payment time and an amount.

    Returns:
        One row per paid order, in no order: ``order_id``, ``buyer`` (null where the file names
        none), ``paid_at``, ``day`` (Date, of payment), ``paid_fen`` (as in the file),
        ``left_fen`` (``paid_fen``, less what was refunded where ``settings`` say so), ``has_money``
        (False where nothing is left then; both null where no file tells), ``pieces`` (null where
        the order does not tell), ``paid_is_net``.
    """
    paid = tables.orders.select(
        "order_id", "buyer", "paid_at", "paid_fen", "refund_fen", "pieces", "paid_is_net"
    ).filter(pl.col("paid_at").is_not_null(), pl.col("paid_fen").is_not_null())
    paid = paid.with_columns(
        day=pl.col("paid_at").dt.date(), left_fen="paid_fen", has_money=pl.lit(True)
    )
    if settings.unit_price_without_refunded:
        paid = _less_refunds(paid, tables)
    return paid.drop("refund_fen")


def with_item_pieces(paid: pl.LazyFrame, tables: ShopTables) -> pl.LazyFrame:
    """Fill ``pieces`` from the items of the orders that do not count their own."""
    silent = paid.filter(pl.col("pieces").is_null()).select("order_id")
    summed = (
        tables.order_items.select("order_id", "quantity")
        .drop_nulls()
        .join(silent, on="order_id", how="semi")
        .group_by("order_id")
        .agg(in_items=pl.col("quantity").sum())
    )
    return (
        paid.join(summed, on="order_id", how="left", validate="1:1")
        .with_columns(pieces=pl.coalesce("pieces", "in_items"))
        .drop("in_items")
    )


def _less_refunds(paid: pl.LazyFrame, tables: ShopTables) -> pl.LazyFrame:
    """Take refunds off, but not a second time where the paid column is net already.

    What was refunded tells the refund file, else the order, else its items.
    """
    silent = paid.filter(pl.col("refund_fen").is_null()).select("order_id")
    in_items = (
        tables.order_items.select("order_id", "refund_fen")
        .drop_nulls()
        .join(silent, on="order_id", how="semi")
        .group_by("order_id")
        .agg(items_refund_fen=pl.col("refund_fen").sum())
    )
    paid = paid.join(in_items, on="order_id", how="left", validate="1:1")
    refund_fen = pl.coalesce("refund_fen", "items_refund_fen")
    # Where the orders of a day tell of refunds, a blank is none.
    told = pl.any_horizontal("paid_is_net", refund_fen.is_not_null()).any().over("day")
    refund_fen = pl.coalesce(refund_fen, pl.when(told).then(0))
    if tables.has("refunds"):
        paid = paid.join(refunded_by_order(tables), on="order_id", how="left", validate="1:1")
        # What a refund file does not list, and nothing else speaks of, was not refunded.
        refund_fen = pl.coalesce("refunded_fen", refund_fen, 0)
    off = pl.when(~pl.col("paid_is_net")).then(refund_fen).otherwise(0)
    left_fen = (pl.col("paid_fen") - off).clip(lower_bound=0)
    return paid.with_columns(left_fen=left_fen, has_money=left_fen > 0).drop(
        "refunded_fen", "items_refund_fen", strict=False
    )


def totals(paid: pl.LazyFrame, /, *, by: str) -> pl.LazyFrame:
    """Sums of paid orders per value of a column; buyers are distinct within it.

    Returns:
        One row per value, in no order: the column, ``orders``, ``paid_fen``, ``named`` (orders
        with a buyer), ``named_fen`` (their ``left_fen``), ``buyers`` (with money left),
        ``untold`` (whether of an order nobody knows what is left),
        ``pieced_fen`` and ``pieces`` (orders that know their pieces), ``named_pieces`` and
        ``piece_buyers`` (of those with a buyer), ``net`` and ``blurred`` (whether any order is).
    """
    pieces, has_pieces = pl.col("pieces").cast(pl.Int64), pl.col("pieces").is_not_null()
    # Grouped by buyer once, all distinct counts are mere counts of groups.
    per_buyer = paid.group_by(by, "buyer").agg(
        pl.col("paid_fen", "left_fen").sum(),
        pl.col("has_money").any(),
        orders=pl.len().cast(pl.Int64),
        pieces=pieces.sum(),
        pieced=has_pieces.any(),
        pieced_fen=pl.when(has_pieces).then("paid_fen").sum(),
        net=pl.col("paid_is_net").any(),
        untold=pl.col("has_money").is_null().any(),
    )
    named = pl.col("buyer").is_not_null()
    return per_buyer.group_by(by).agg(
        pl.col("orders", "paid_fen", "pieced_fen", "pieces").sum(),
        pl.col("net", "untold").any(),
        named=pl.when(named).then("orders").sum(),
        named_fen=pl.when(named).then("left_fen").sum(),
        buyers=(named & pl.col("has_money")).sum(),
        named_pieces=pl.when(named).then("pieces").sum(),
        piece_buyers=(named & pl.col("pieced")).sum(),
        blurred=blurred_buyer().any(),
    )


def crossings(paid: pl.LazyFrame, tables: ShopTables, /, *, by: str) -> pl.LazyFrame:
    """Buyers and those who took two or more different items, per value of a column.

    An item is known by its id, else the merchant's code, else its title. Buyers none of whose
    paid orders has an item that is known are in neither count.

    Returns:
        One row per value, in no order: the column, ``item_buyers``, ``crossed``, ``nameless``
        (whether there are lines that tell no item).
    """
    crossed, known = crossed_buyers(paid, tables, keys=(by, "buyer")), pl.col("crossed")
    return crossed.group_by(by).agg(
        item_buyers=known.count(), crossed=known.sum(), nameless=known.is_null().any()
    )


def crossed_buyers(
    paid: pl.LazyFrame, tables: ShopTables, /, *, keys: Sequence[str]
) -> pl.LazyFrame:
    """Whether each buyer took two or more different items in some paid orders.

    Args:
        paid: Orders, with the ``keys``.
        tables: The shop's tables.
        keys: "buyer", and within what its orders are looked at together.

    Returns:
        One row per buyer with a line in the item files, in no order: the keys, ``crossed`` (null
        where the lines do not tell one item from another).
    """
    bought = paid.select("order_id", *keys).drop_nulls("buyer")
    return (
        tables.order_items.select("order_id", item=item_identity())
        .join(bought, on="order_id", how="inner", validate="m:1")
        .group_by(keys)
        # Two different items are there when the first and the last by name differ.
        .agg(crossed=pl.col("item").min() != pl.col("item").max())
    )


#: Per metric: its two sums in ``totals`` or ``crossings``, whether the first is money, and what
#: explains an empty second one, tried in this order.
SUMS: dict[str, tuple[str, str, bool, tuple[str, ...]]] = {
    "unit_price": ("named_fen", "buyers", True, ("no_buyer", "untold_refunds")),
    "order_price": ("paid_fen", "orders", True, ()),
    "pieces_per_buyer": ("named_pieces", "piece_buyers", False, ("no_buyer", "no_pieces")),
    "piece_price": ("pieced_fen", "pieces", True, ("no_pieces",)),
    "cross_sell_rate": (
        "crossed",
        "item_buyers",
        False,
        ("no_buyer", "no_item_names", "no_items"),
    ),
}
PER_BUYER = ("unit_price", "pieces_per_buyer", "cross_sell_rate")
#: What orders may not tell at all (``payment_gaps``).
GAPS = ("no_payment_time", "no_amount")


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
    """The spend metrics as ``measure`` reports them, orders dated by payment.

    Agents get the orders attributed to them. Without any order file the unit price comes from
    the service tables, where buyers are counted per day and added up.
    """
    group = "agent" if by == "agent" else "start"
    if tables.has("orders"):
        ids = [metric.id for metric in metrics]
        counts = _counts(tables, settings, ids, first=first, last=last, by=by, group=group).cache()
    else:
        counts = _service_sales(tables, first=first, last=last, by=by, group=group)
        metrics = [metric for metric in metrics if metric.id == "unit_price"]
    parts = []
    for metric in metrics:
        judged = judged_spans(
            covered_days(tables, metric), first, last, by=by, final=final_until(tables, metric)
        )
        told = _told(counts, metric.id, group) if tables.has("orders") else counts
        # Payments are dated by themselves, so a day seen in part is counted as far as it is seen.
        parts.append(
            reported(told, judged, metric_id=metric.id, by=by, notes=(), open_note="part_days")
        )
    return pl.concat(parts) if parts else pl.LazyFrame(schema=MEASURED)


def _counts(
    tables: ShopTables,
    settings: ShopSettings,
    ids: Sequence[str],
    *,
    first: date,
    last: date,
    by: By,
    group: str,
) -> pl.LazyFrame:
    """All sums that the metrics asked for need, one row per agent or span."""
    paid = payments(tables, settings).filter(during("paid_at", first, last))
    if not {"pieces_per_buyer", "piece_price"}.isdisjoint(ids):
        paid = with_item_pieces(paid, tables)
    if by == "agent":
        owed = sellers(tables, settings, first=first, last=last)
        paid = paid.join(owed, on="order_id", how="inner", validate="1:1")
    else:
        paid = paid.with_columns(start=span_start(pl.col("day"), first, by=by))
    paid = paid.cache()
    counts = totals(paid, by=group)
    if "cross_sell_rate" in ids:
        crossed = crossings(paid, tables, by=group)
        counts = counts.join(crossed, on=group, how="left", validate="1:1").with_columns(
            pl.col("item_buyers", "crossed").fill_null(0)
        )
    if by == "agent":
        return counts.with_columns(**dict.fromkeys(GAPS, pl.lit(value=False)))
    gaps = payment_gaps(tables.orders, first, last)
    gaps = gaps.group_by(start=span_start(pl.col("day"), first, by=by)).agg(pl.col(GAPS).any())
    return counts.join(gaps, on="start", how="full", coalesce=True, validate="1:1")


def _told(counts: pl.LazyFrame, metric_id: str, group: str) -> pl.LazyFrame:
    """One metric's counts, with what a reader must know of them."""
    numerator, denominator, is_money, reasons = SUMS[metric_id]
    none = pl.col(denominator).fill_null(0) == 0
    absent = {
        "no_buyer": pl.col("named") == 0,
        "untold_refunds": none & pl.col("untold"),
        "no_item_names": none & pl.col("nameless") if metric_id == "cross_sell_rate" else none,
        "no_items": none & pl.col("orders").is_not_null(),
        "no_pieces": none & pl.col("orders").is_not_null(),
        **{code: none & pl.col(code) for code in GAPS},
    }
    per_buyer = pl.lit(metric_id in PER_BUYER)
    notes = {
        "paid_is_net": pl.col("net") & pl.lit(is_money),
        "some_no_buyer": per_buyer & pl.col("named").is_between(1, pl.col("orders") - 1),
        "masked_buyer": per_buyer & pl.col("blurred"),
        **{f"some_{code}": ~none & pl.col(code) for code in GAPS},
        "some_untold_refunds": ~none & pl.col("untold") & pl.lit(metric_id == "unit_price"),
    }
    reason = [pl.when(absent[code]).then(pl.lit(code)) for code in (*reasons, *GAPS)]
    return counts.select(
        group,
        numerator=pl.col(numerator) / FEN_PER_UNIT if is_money else pl.col(numerator),
        denominator=denominator,
        reason=pl.coalesce(*reason, pl.lit(None, dtype=pl.String)),
        note=pl.concat_str(
            *(pl.when(holds).then(pl.lit(code)) for code, holds in notes.items()),
            separator=";",
            ignore_nulls=True,
        ).replace("", None),
    )


def _service_sales(
    tables: ShopTables, *, first: date, last: date, by: By, group: str
) -> pl.LazyFrame:
    """Sales and their buyers from the service tables: the shop's row, else its agents' sum."""
    told = (
        tables.service_days.filter(
            pl.col("day").is_between(first, last), pl.col("scope").is_in(["shop", "agent"])
        )
        .sort("layout")
        .group_by("day", "scope", "agent", maintain_order=True)
        .agg(pl.col(column).drop_nulls().first() for column in FALLBACK)
    )
    both = pl.all_horizontal(pl.col(FALLBACK).is_not_null())
    scope = pl.lit("agent") if by == "agent" else pl.col("scope").max().over("day")
    return (
        told.filter(pl.col("scope") == scope)
        .with_columns(start=span_start(pl.col("day"), first, by=by))
        .group_by(group)
        .agg(
            numerator=pl.col("sales_fen").filter(both).sum() / FEN_PER_UNIT,
            denominator=pl.col("sales_users").filter(both).sum(),
            reason=pl.when(~both.any()).then(pl.lit("no_sales")),
        )
        .with_columns(note=pl.lit("feed_service_days;days_summed"))
    )


def spending(
    tables: ShopTables, settings: ShopSettings, /, *, first: date, last: date, cut: Cut
) -> pl.LazyFrame:
    """Spend of one period in slices that add up to the shop's sales.

    Args:
        tables: The shop's tables.
        settings: The shop's rules.
        first: First payment day.
        last: Last payment day, included.
        cut: "served" sets orders sold after a conversation against silent ones; "returning"
            sets orders with an earlier paid order of the buyer against first ones. A buyer who
            has both kinds in the period counts as a buyer of both slices.

    Returns:
        One row per slice, by name: ``slice`` ("served" or "silent"; "new" or "returning";
        "unknown" where the buyer is not known), ``orders``, ``buyers``, ``amount`` (money),
        ``amount_share`` (of the shop's), ``unit_price`` and ``order_price`` (money).
    """
    paid = sliced(tables, settings, first=first, last=last, cut=cut)
    amount, left = pl.col("paid_fen") / FEN_PER_UNIT, pl.col("named_fen") / FEN_PER_UNIT
    return (
        totals(paid, by="slice")
        .select(
            "slice",
            "orders",
            "buyers",
            amount=amount,
            amount_share=ratio(pl.col("paid_fen"), pl.col("paid_fen").sum()),
            unit_price=ratio(left, pl.col("buyers")),
            order_price=ratio(amount, pl.col("orders")),
        )
        .sort("slice")
    )


def sliced(
    tables: ShopTables, settings: ShopSettings, /, *, first: date, last: date, cut: Cut
) -> pl.LazyFrame:
    """Rows of ``payments`` of some days, each with the ``slice`` of ``spending`` it is in."""
    paid = payments(tables, settings).filter(during("paid_at", first, last))
    told = served if cut == "served" else returning
    sold = told(tables, settings, first=first, last=last)
    paid = paid.join(sold, on="order_id", how="left", validate="1:1")
    other = "silent" if cut == "served" else "new"
    named = pl.when(pl.col(cut)).then(pl.lit(cut)).when(~pl.col(cut)).then(pl.lit(other))
    return paid.with_columns(slice=named.fill_null("unknown"))
