"""Currencies by their codes of ISO 4217."""

from functools import cache

from babel.core import get_global
from babel.numbers import get_territory_currencies, list_currencies

#: Of a shop whose files and settings name none: the shops this was first made for.
DEFAULT_CURRENCY = "CNY"


@cache
def _codes() -> frozenset[str]:
    return frozenset(list_currencies())


def is_currency(code: str) -> bool:
    """Whether this is a currency's code, in capitals.

    >>> is_currency("EUR"), is_currency("eur"), is_currency("EURO")
    (True, False, False)
    """
    return code in _codes()


@cache
def current_currencies() -> tuple[str, ...]:
    """The currencies that some country pays with today, by their codes."""
    countries = get_global("territory_currencies")
    return tuple(sorted({code for each in countries for code in get_territory_currencies(each)}))
