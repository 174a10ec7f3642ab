"""Who bought, and what: when a buyer's name is one, and what tells one item from another."""

import polars as pl


def blurred_buyer(column: str = "buyer") -> pl.Expr:
    """Whether a buyer's name is blurred with a ``*`` and may stand for many; null without a name.

    >>> frame = pl.DataFrame({"buyer": ["ann", "a**n", None]})
    >>> frame.select(blurred_buyer()).to_series().to_list()
    [False, True, None]
    """
    return pl.col(column).str.contains("*", literal=True)


def named_buyer(column: str = "buyer") -> pl.Expr:
    """Whether a row's buyer can be joined: named at all, and not blurred with a ``*``.

    >>> frame = pl.DataFrame({"buyer": ["ann", "a**n", None]})
    >>> frame.select(named_buyer()).to_series().to_list()
    [True, False, False]
    """
    return pl.col(column).is_not_null() & ~blurred_buyer(column)


def buyer_if_named(column: str = "buyer") -> pl.Expr:
    """The buyer, null where the name is blurred and would stand for many."""
    return pl.when(~blurred_buyer(column)).then(pl.col(column))


def item_identity() -> pl.Expr:
    """What tells one item from another: its id, else the merchant's code, else its title.

    A title changes with every campaign and one title may name several items, so it comes last.
    """
    return pl.coalesce("item_id", "merchant_code", "title")


def item_name() -> pl.Expr:
    """What a person calls an item: its title, else the merchant's code, else its id.

    Not the same cut as ``item_identity``: two items of one title are one line here.
    """
    return pl.coalesce("title", "merchant_code", "item_id")
