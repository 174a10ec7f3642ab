"""Buyers known by an e-mail address: the same pseudonym each time, from which none leads back.

The pseudonym is a keyed hash (HMAC-SHA-256) of the address. Without the store's key nobody can
try addresses until one fits, and two stores name one buyer differently.
"""

import hmac

import polars as pl

from exports.cells.plain import plain
from store.buyer_key import PREFIX

#: Hexadecimal digits of one: a million buyers share none but for a chance of one in forty million.
_DIGITS = 16
_ADDRESS = r"^[^@\s]+@[^@\s]+\.[^@\s]+$"


def addresses(cells: pl.Series) -> pl.Series:
    """Which cells are an e-mail address."""
    return cells.str.strip_chars().str.contains(_ADDRESS).fill_null(False)


def pseudonyms(cells: pl.Series, key: bytes | None) -> pl.Series:
    """One pseudonym per address, whatever its case and the blanks around; null for a blank cell.

    Args:
        cells: Addresses.
        key: The store's; without one nobody is named.
    """
    text = plain(cells)
    if key is None:
        return text.clear().extend_constant(None, text.len())
    each = text.drop_nulls().unique().to_list()
    named = {address: _pseudonym(address, key) for address in each}
    return text.replace_strict(named, default=None, return_dtype=pl.String)


def _pseudonym(address: str, key: bytes) -> str:
    digest = hmac.digest(key, address.strip().lower().encode(), "sha256")
    return PREFIX + digest.hex()[:_DIGITS]
