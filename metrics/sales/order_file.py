"""What an order file says by itself, with no buyer and no refund file."""

from datetime import date

import polars as pl

from metrics.kit.needs import PAID_STATES
from metrics.kit.periods import FEN_PER_UNIT
from store.shop_tables import ShopTables


def order_totals(
    tables: ShopTables, /, *, first: date | None = None, last: date | None = None
) -> pl.LazyFrame:
    """Orders created in some days: how many were never paid, what was paid, what was given back.

    Where the paid column is net of refunds already, gross is net and refunds together; else net
    is gross less refunds. Refunds are those of the order file's own column.

    Args:
        tables: The shop's tables.
        first: First day of creation; unset: all there are.
        last: Last day, included; unset: all there are.

    Returns:
        One row: ``first`` and ``last`` (days of creation that occur), ``orders``, ``unpaid`` and
        ``paid`` (null where no payment time is told), ``gross`` and ``net`` (money; null where no
        amount is), ``refunds`` (orders with one; null where the file has no such column, as
        ``net`` is then), ``refunded`` (money, likewise).
    """
    is_paid = pl.col("paid_at").is_not_null()
    back, paid_fen = pl.col("refund_fen").fill_null(0), pl.col("paid_fen").fill_null(0)
    net_fen = pl.when("paid_is_net").then(paid_fen).otherwise(paid_fen - back)
    given_back = pl.col("refund_fen") > 0
    tells = pl.col("refund_fen").is_not_null().any()
    timed = is_paid.any() | ~pl.col("status").is_in([*PAID_STATES, "unknown"]).any()
    priced = timed & (~is_paid.any() | (is_paid & pl.col("paid_fen").is_not_null()).any())
    day = pl.col("created_at").dt.date()
    asked = [pl.lit(True)]
    asked += [day >= first] if first else []
    asked += [day <= last] if last else []
    return (
        tables.orders.filter(asked)
        .select(
            first=day.min(),
            last=day.max(),
            orders=pl.len(),
            unpaid=pl.when(timed).then((~is_paid).sum()),
            paid=pl.when(timed).then(is_paid.sum()),
            net=pl.when(priced & (tells | ~is_paid.any())).then(
                net_fen.filter(is_paid).sum() / FEN_PER_UNIT
            ),
            gross=pl.when(priced).then(
                pl.when("paid_is_net")
                .then(paid_fen + back)
                .otherwise(paid_fen)
                .filter(is_paid)
                .sum()
                / FEN_PER_UNIT
            ),
            refunds=pl.when(tells).then(given_back.sum()),
            refunded=pl.when(tells).then(back.sum() / FEN_PER_UNIT),
        )
        .select("first", "last", "orders", "unpaid", "paid", "gross", "net", "refunds", "refunded")
    )
