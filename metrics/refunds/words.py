"""What the words in refund files mean, read once from ``reasons.toml``."""

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl

from store.settings import ShopSettings

WORDS: dict[str, dict[str, list[str]]] = tomllib.loads(
    Path(__file__).with_name("reasons.toml").read_text(encoding="utf-8")
)
#: The four tiers of an application, and what cannot be told.
TIERS = ("unshipped_refund_only", "shipped_refund_only", "return_refund", "exchange", "unknown")
REASON_CLASSES = ("ours", "buyer", "unknown")


def first_class(text: pl.Expr, classes: Mapping[str, Sequence[str]]) -> pl.Expr:
    """Name of the first list that has a word which the text contains; null for none."""
    found = [
        pl.when(text.str.contains_any(list(words))).then(pl.lit(name))
        for name, words in classes.items()
    ]
    return pl.coalesce(*found)


def is_exchange() -> pl.Expr:
    """Whether an application asks for other goods instead of money."""
    return pl.col("kind").str.contains_any(WORDS["kinds"]["exchange"]).fill_null(False)


def refunded() -> pl.Expr:
    """Whether an application ended in money paid back; an exchange does not."""
    return (pl.col("outcome") == "success") & ~is_exchange()


def tells_outcome() -> pl.Expr:
    """Whether a file tells how an application stands: without such a column all would be open."""
    return (pl.col("outcome") != "open") | pl.col("status_text").is_not_null()


def reason_class(settings: ShopSettings) -> pl.Expr:
    """Whose doing a refund was: "ours", "buyer's" ("buyer") or "unknown".

    The shop's own setting for exactly this reason comes first, then the table.
    """
    reason = pl.coalesce("reason", "reason_tag")
    told = first_class(reason, WORDS["reasons"])
    own: dict[str, str] = dict(settings.refund_reasons)
    if own:
        set_here = reason.replace_strict(own, default=None, return_dtype=pl.String)
        told = pl.coalesce(set_here, told)
    return told.fill_null("unknown")


def tier() -> pl.Expr:
    """Which of ``TIERS`` an application belongs to.

    Needs ``kind``, ``goods_state``, ``asked_at`` and the order's ``shipped_at`` and ``in_orders``
    (whether its order is known). Where the file tells nothing of the goods, an order that was not
    shipped when the buyer asked is unshipped.
    """
    kind = first_class(pl.col("kind"), WORDS["kinds"])
    goods = pl.coalesce(
        first_class(pl.col("goods_state"), WORDS["goods"]),
        first_class(pl.col("kind"), WORDS["goods"]),
    )
    shipped_yet = (pl.col("shipped_at") <= pl.col("asked_at")).fill_null(False)
    where = pl.coalesce(
        goods,
        pl.when("in_orders").then(
            pl.when(shipped_yet).then(pl.lit("shipped")).otherwise(pl.lit("unshipped"))
        ),
    )
    return (
        pl.when(kind == "exchange")
        .then(pl.lit("exchange"))
        .when((kind == "return_refund") | (kind.is_null() & (goods == "returned")))
        .then(pl.lit("return_refund"))
        .when(where == "unshipped")
        .then(pl.lit("unshipped_refund_only"))
        .when(where.is_not_null())
        .then(pl.lit("shipped_refund_only"))
        .otherwise(pl.lit("unknown"))
    )


def is_complaint() -> pl.Expr:
    """Whether the platform was called in."""
    step = first_class(pl.col("step_in"), WORDS["step_in"])
    return (step == "complaint").fill_null(False)
