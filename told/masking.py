"""How a buyer's name is shown where it may not be read."""

import polars as pl


def masked(name: pl.Expr, /) -> pl.Expr:
    """A buyer's name with all but its first and last letter left out.

    The stars are always three, so that not even the length tells; a name of one or two letters
    keeps its first only. Two buyers may look alike: a masked name is for reading, never a key.

    A pseudonym (``exports.cells.pseudonyms``) hides its buyer already and is only shortened.

    >>> frame = pl.DataFrame({"buyer": ["tb1234567", "小雨", "a", None, "buyer 7f3a91c2d4e5f607"]})
    >>> frame.select(masked(pl.col("buyer")))["buyer"].to_list()
    ['t***7', '小***', 'a***', None, 'buyer 7f3a…']
    """
    last = pl.when(name.str.len_chars() > 2).then(name.str.slice(-1)).otherwise(pl.lit(""))
    hidden = name.str.slice(0, 1) + "***" + last
    return pl.when(_is_pseudonym(name)).then(shortened(name)).otherwise(hidden)


def shortened(name: pl.Expr, /) -> pl.Expr:
    """A pseudonym by its first digits, which stay the same; any other name as it is."""
    return pl.when(_is_pseudonym(name)).then(name.str.slice(0, 10) + "…").otherwise(name)


def _is_pseudonym(name: pl.Expr) -> pl.Expr:
    return name.str.contains("^buyer [0-9a-f]{16}$")
