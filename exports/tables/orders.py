"""Orders, their items and their refunds beyond the cells of a row."""

from hashlib import blake2b

import polars as pl

from exports.layouts import Layout
from exports.result import Remark

#: So many refunded rows alone prove that a paid column is net; fewer want the others' support.
_NET_PROOF = 3
#: States of an order's lines from least to most: one line sent counts for the order.
_PROGRESS = {
    state: place
    for place, state in enumerate(
        ("unknown", "closed", "unpaid", "paid", "part_shipped", "shipped", "finished")
    )
}
_REACHED = {place: state for state, place in _PROGRESS.items()}
#: What a refund without an amount may have been, best first.
_AMOUNTS = ("paid_fen", "total_fen", "settled_fen", "goods_payable_fen", "price_fen")
_ITEM_CONTENT = ("title", "sku_text", "merchant_code", "item_id", "price_fen", "quantity")


def finish_orders(
    rows: pl.DataFrame, layout: Layout, present: frozenset[str]
) -> tuple[pl.DataFrame, list[Remark]]:
    """One row per order, with its state, platform and what the paid column means."""
    rows, remarks = _with_refunds(rows, layout, present)
    if layout.paid_states:
        rows, by_state = _paid_by_state(rows, layout)
        remarks += by_state
    if layout.fold_lines:
        rows = _folded(rows, layout)
    if "status" in present:
        rows = rows.with_columns(pl.col("status").fill_null("unknown"))
    else:
        rows = rows.with_columns(status=_state_by_payment(rows))
        remarks.append(Remark("status_derived"))
    # What is reckoned from a total is no column of the file's that could be net.
    reckoned = "paid_fen" in layout.fields and layout.fields["paid_fen"].minus
    net = 0 if reckoned else paid_is_net(rows)
    if net:
        remarks.append(Remark("paid_is_net", {"rows": net}))
    rows = rows.with_columns(paid_is_net=pl.lit(net > 0), platform=pl.lit(layout.platform))
    return rows, remarks + _buyer_remarks(rows, present)


def finish_items(
    rows: pl.DataFrame, layout: Layout, present: frozenset[str]
) -> tuple[pl.DataFrame, list[Remark]]:
    """Items with a state and an id of their own; what is odd of refunds the orders remark on."""
    rows, _ = _with_refunds(rows, layout, present)
    if layout.paid_states:
        rows, _ = _paid_by_state(rows, layout)
    if "is_goods" in rows.columns:
        rows = rows.filter("is_goods")
    shared = [name for name, field in layout.fields.items() if field.of_order and name in present]
    rows = rows.with_columns(pl.col(name).drop_nulls().first().over("order_id") for name in shared)
    state = pl.col("status").fill_null("unknown") if "status" in present else pl.lit("unknown")
    rows = rows.with_columns(status=state)
    if "item_order_id" in present:
        own = pl.coalesce("item_order_id", "order_id")
        return rows.with_columns(item_order_id=own), []
    return rows.with_columns(item_order_id=_content_id(rows)), []


def finish_refunds(
    rows: pl.DataFrame, layout: Layout, present: frozenset[str]
) -> tuple[pl.DataFrame, list[Remark]]:
    """Refunds with an outcome; one without a state is open."""
    state = pl.col("outcome").fill_null("open") if "outcome" in present else pl.lit("open")
    rows = rows.with_columns(outcome=state)
    return rows, _masked_buyers(rows)


def paid_is_net(rows: pl.DataFrame) -> int:
    """How many refunded rows show that the paid column is net of refunds; 0 if it is not.

    It is where total = paid + refund in every refunded row. One or two such rows may be chance
    (a coupon of the refund's size), so then every other paid row must have total = paid.
    """
    if not {"total_fen", "paid_fen", "refund_fen"} <= set(rows.columns):
        return 0
    total, paid, refund = pl.col("total_fen"), pl.col("paid_fen"), pl.col("refund_fen")
    known = rows.filter(total.is_not_null(), paid.is_not_null())
    refunded = known.filter(refund > 0)
    if refunded.is_empty() or not refunded.select((total == paid + refund).all()).item():
        return 0
    others = known.filter(paid > 0, refund.fill_null(0) == 0)
    certain = refunded.height >= _NET_PROOF or others.select((total == paid).all()).item()
    return refunded.height if certain else 0


def _state_by_payment(rows: pl.DataFrame) -> pl.Expr:
    """Without a status column only the payment is known; never that a trade is finished."""
    if "paid_at" not in rows.columns:
        return pl.lit("unknown")
    return pl.when(pl.col("paid_at").is_null()).then(pl.lit("unpaid")).otherwise(pl.lit("paid"))


def _buyer_remarks(rows: pl.DataFrame, present: frozenset[str]) -> list[Remark]:
    return _masked_buyers(rows) if "buyer" in present else [Remark("no_buyer")]


def _masked_buyers(rows: pl.DataFrame) -> list[Remark]:
    if "buyer" not in rows.columns:
        return []
    blurred = rows.select(pl.col("buyer").str.contains("*", literal=True).sum()).item()
    return [Remark("masked_buyers", {"count": blurred})] if blurred else []


def _with_refunds(
    rows: pl.DataFrame, layout: Layout, present: frozenset[str]
) -> tuple[pl.DataFrame, list[Remark]]:
    """``refund_fen`` as far as the file tells of refunds: 0 says none, null says nothing.

    A blank amount is none where other rows have one, a blank word always; a column that is blank
    throughout tells nothing, and nor do words of refunds whose amount cannot be known: without
    them the others would look like none at all. A refund without an amount is else taken for all
    that was paid.
    """
    fen = pl.col("refund_fen") if "refund_fen" in present else pl.lit(None, dtype=pl.Int64)
    if "refund_word" not in present:
        if "refund_fen" in present and rows["refund_fen"].count():
            rows = rows.with_columns(fen.fill_null(0))
        return rows, []
    amounts = [pl.when(pl.col(name) > 0).then(name) for name in _AMOUNTS if name in present]
    if "refund_fen" not in present and (not amounts or (rows["refund_word"] == "part").any()):
        return rows.drop("refund_word"), []
    word, nothing = pl.col("refund_word"), pl.lit(None, dtype=pl.Int64)
    back = ~(fen > 0).fill_null(False) & (
        (word == "refunded") | ((word == "success") & fen.is_null())
    )
    # A cell that stands on one line of an order says nothing on the others.
    blank = nothing if layout.fields["refund_word"].of_order else pl.lit(0, dtype=pl.Int64)
    told = (
        pl.when(back)
        .then(pl.coalesce(*amounts, nothing))
        .when((word == "part") & ~(fen > 0).fill_null(False))
        .then(nothing)
        .when(word.is_null())
        .then(pl.coalesce(fen, blank))
        .otherwise(fen.fill_null(0))
    )
    count = rows.select(back.fill_null(False).sum()).item()
    remarks = [Remark("refund_taken_whole", {"count": count})] if count else []
    return rows.with_columns(refund_fen=told).drop("refund_word"), remarks


def _paid_by_state(rows: pl.DataFrame, layout: Layout) -> tuple[pl.DataFrame, list[Remark]]:
    """Payment times as far as the states tell of a payment, where no column of the file does.

    A payment time that is not the order's own is told by a column and stays. A cancelled line of an
    order whose other lines are paid was taken out of it: it brings nothing.
    """
    unknown = {"status": pl.lit("unknown"), "line_state": pl.lit(""), "refund_fen": pl.lit(0)}
    status, line, back = (
        pl.col(name).fill_null(other) if name in rows.columns else other
        for name, other in unknown.items()
    )
    told = (pl.col("paid_at") != pl.col("created_at")).fill_null(True)
    live = status.is_in(layout.paid_states) & (line != "closed") | (back > 0)
    paid = live | (told & pl.col("paid_at").is_not_null())
    taken_out = ~paid & paid.any().over("order_id")
    amount = [pl.when(~taken_out).then("paid_fen").alias("paid_fen")]
    by_state = not rows.select(told.all()).item()
    return rows.with_columns(
        pl.when(paid).then("paid_at").alias("paid_at"),
        *(amount if "paid_fen" in rows.columns else []),
    ), [Remark("paid_by_state")] if by_state else []


def _folded(rows: pl.DataFrame, layout: Layout) -> pl.DataFrame:
    """One row per order, at the place of its first line."""
    lines = rows.group_by("order_id", maintain_order=True)
    return lines.agg(
        _one_value(name, _fold_of(name, layout), heads="is_goods" in rows.columns)
        for name in rows.columns
        if name not in ("order_id", "is_goods")
    )


def _fold_of(name: str, layout: Layout) -> str:
    field = layout.fields.get(name)
    if field is None and name == "refund_fen":
        field = layout.fields.get("refund_word")  # which the amount was made of
    return field.fold if field else "first"


def _one_value(name: str, fold: str, *, heads: bool) -> pl.Expr:
    values = pl.col(name).drop_nulls()
    if heads and fold in ("head", "sum"):
        goods = pl.col(name).filter("is_goods").drop_nulls()
        total = pl.when(goods.len() > 0).then(goods.sum())
        own = pl.col(name).filter(~pl.col("is_goods")).drop_nulls().first()
        return (pl.coalesce(own, total) if fold == "head" else total).alias(name)
    if fold == "furthest":
        reached = values.replace_strict(_PROGRESS, return_dtype=pl.Int8).max()
        return reached.replace_strict(_REACHED, return_dtype=pl.String).alias(name)
    if fold == "max":
        return values.max().alias(name)
    if fold in ("head", "sum"):
        # The sum of nothing is nothing, not 0.
        return pl.when(values.len() > 0).then(values.sum()).alias(name)
    return (values.last() if fold == "last" else values.first()).alias(name)


def _content_id(rows: pl.DataFrame) -> pl.Expr:
    """Order id, a short digest of the line's own content, and which of its identical lines it is.

    Made of the content and not of the row number, so that overlapping files give one item one id.
    """
    cells = [
        pl.col(name).cast(pl.String).fill_null("") if name in rows.columns else pl.lit("")
        for name in _ITEM_CONTENT
    ]
    content = pl.concat_str(cells, separator="\x1f")
    digests = {
        text: blake2b(text.encode(), digest_size=6).hexdigest()
        for text in rows.select(content.unique()).to_series().to_list()
    }
    digest = content.replace_strict(digests, return_dtype=pl.String)
    nth = pl.int_range(pl.len()).over("order_id", digest)
    return pl.format("{}-{}-{}", "order_id", digest, nth)
