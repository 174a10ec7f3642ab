"""Which currency a cell names: a code or word in a column of its own, or the sign in an amount.

A sign that several currencies share names none: ``$`` is a dozen dollars, ``kr`` three crowns,
``¥`` the yuan and the yen.
"""

import re

import polars as pl

from exports.cells.plain import Column, plain
from store.currency import is_currency

#: Per sign what it stands for; compared without blanks and full stops, in capitals.
_SIGNS = {
    "US$": "USD",
    "USD$": "USD",
    "€": "EUR",
    "£": "GBP",
    "NT$": "TWD",
    "HK$": "HKD",
    "AU$": "AUD",
    "A$": "AUD",
    "CA$": "CAD",
    "C$": "CAD",
    "NZ$": "NZD",
    "S$": "SGD",
    "MX$": "MXN",
    "R$": "BRL",
    "JP¥": "JPY",
    "CN¥": "CNY",
    "RMB": "CNY",
    "RM": "MYR",
    "฿": "THB",
    "₫": "VND",
    "₺": "TRY",
    "₩": "KRW",
    "₹": "INR",
    "₱": "PHP",
    "₽": "RUB",
    "₴": "UAH",
    "₪": "ILS",
    "RP": "IDR",
    "ZŁ": "PLN",
    "KČ": "CZK",
    "FT": "HUF",
}
#: Words that stand for a currency in a column of its own.
_WORDS = {
    "人民币": "CNY",
    "RMB": "CNY",
    "CNH": "CNY",
    "美元": "USD",
    "欧元": "EUR",
    "英镑": "GBP",
    "日元": "JPY",
    "港币": "HKD",
    "港元": "HKD",
    "新台币": "TWD",
    "韩元": "KRW",
}
#: What is no digit, point or bracket of an amount.
_NO_SIGN = r"[\p{Nd}\s.,，()（）+\-−'’٫٬]"


def code_of(word: str) -> str | None:
    """The currency that a word of a currency column names; None where it is no currency's.

    >>> code_of("usd"), code_of("US$"), code_of("TRY (₺)"), code_of("$"), code_of("coins")
    ('USD', 'USD', 'TRY', None, None)
    """
    text = word.strip().upper()
    bare = re.sub(r"[\s.]", "", text)
    found = _WORDS.get(bare) or _SIGNS.get(bare)
    if found:
        return found
    first = re.match(r"([A-Z]{3})(?![A-Z])", text)
    return first[1] if first and is_currency(first[1]) else None


def currencies(cells: pl.Series) -> Column:
    """ISO codes of a currency column; a cell that names no currency is marked."""
    text = plain(cells)
    words = text.drop_nulls().unique().to_list()
    codes = text.replace_strict(
        {word: code_of(word) for word in words}, default=None, return_dtype=pl.String
    )
    return Column(codes, "unknown_currency", codes.is_null() & text.is_not_null())


def signed(cells: pl.Series) -> pl.Series:
    """The currency that the sign or code in each amount names; null where it names none."""
    marks = plain(cells).str.replace_all(_NO_SIGN, "").str.to_uppercase()
    meant = {mark: _of_sign(mark) for mark in marks.drop_nulls().unique().to_list()}
    return marks.replace_strict(meant, default=None, return_dtype=pl.String)


def _of_sign(mark: str) -> str | None:
    return _SIGNS.get(mark) or (mark if is_currency(mark) else None)
