"""Sorting by the places of a list: metrics, dimensions and tiers stand in no alphabet's order."""

from collections.abc import Iterable

import polars as pl


def place_in(order: Iterable[str], column: str, *, others_last: bool = False) -> pl.Expr:
    """The place that each name has in a list, the first being 0; to sort by.

    Args:
        order: The names in their order, each once.
        column: Column that holds the names.
        others_last: Names that are not in the list, and missing ones, come after all of it;
            otherwise a name that is not in the list is an error when the rows are counted, and a
            missing one has no place.

    >>> frame = pl.DataFrame({"tier": ["b", "c", "a"]})
    >>> frame.sort(place_in(["c", "a"], "tier", others_last=True))["tier"].to_list()
    ['c', 'a', 'b']
    """
    places = {name: place for place, name in enumerate(order)}
    if others_last:
        return pl.col(column).replace_strict(places, default=len(places), return_dtype=pl.Int16)
    return pl.col(column).replace_strict(places, return_dtype=pl.Int16)
