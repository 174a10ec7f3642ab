"""The two languages: gettext for words, Babel for numbers, money, dates and durations."""

import gettext
import tomllib
from collections.abc import Callable, Iterator
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import BinaryIO, Literal

from babel.dates import format_date, format_datetime, format_skeleton
from babel.numbers import (
    format_currency,
    format_decimal,
    format_percent,
    get_currency_name,
    get_currency_precision,
    get_currency_symbol,
)

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")
#: What each calls itself.
LANGUAGE_NAMES: dict[Language, str] = {"zh": "中文", "en": "English"}
LOCALES: dict[Language, str] = {"zh": "zh_CN", "en": "en"}
#: Currencies that bear the sign of their own country in every language.
_HOME: dict[str, str] = {"CNY": LOCALES["zh"]}
#: What stands behind days, hours, minutes and seconds, with the space that goes before it.
SPANS: dict[Language, tuple[str, str, str, str]] = {
    "zh": ("天", "小时", "分", "秒"),
    "en": (" d", " h", " min", " s"),
}
#: Shown where there is no number (docs/numbers.md, "No data is a dash").
DASH = "—"

_FOLDER = Path(__file__).parents[1] / "locale"


@cache
def catalogue(language: Language) -> gettext.NullTranslations:
    """The compiled catalogue of a language."""
    return gettext.translation("store_health", _FOLDER, [LOCALES[language]])


def translator(language: Language) -> Callable[[str], str]:
    """The function that turns a message id into words of this language."""
    return catalogue(language).gettext


def number(value: float | None, language: Language, *, digits: int = 0) -> str:
    """A plain number with grouping; a dash for None.

    >>> number(1234.5, "en", digits=1), number(None, "en")
    ('1,234.5', '—')
    """
    if value is None:
        return DASH
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    return str(format_decimal(value, format=pattern, locale=LOCALES[language]))


def percent(share: float | None, language: Language, *, digits: int = 1) -> str:
    """A share 0-1 as percent.

    >>> percent(0.9231, "en")
    '92.3%'
    """
    if share is None:
        return DASH
    pattern = "#,##0" + ("." + "0" * digits if digits else "") + "%"
    return str(format_percent(share, format=pattern, locale=LOCALES[language]))


def money(amount: float | None, language: Language, currency: str) -> str:
    """An amount with its currency's sign, and as many decimals as that has.

    Args:
        amount: In units of the currency, such as euros; a dash for None.
        language: Which language's signs and order.
        currency: Its code of ISO 4217.

    >>> money(1234.5, "zh", "CNY"), money(1500, "en", "JPY"), money(1500, "zh", "JPY")
    ('¥1,234.50', '¥1,500', 'JP¥1,500')
    """
    if amount is None:
        return DASH
    text = str(format_currency(amount, currency, locale=LOCALES[language]))
    theirs = get_currency_symbol(currency, locale=LOCALES[language])
    return text.replace(theirs, currency_sign(currency, language))


def currency_sign(currency: str, language: Language) -> str:
    """The sign or code that stands for a currency in headings.

    >>> currency_sign("EUR", "zh"), currency_sign("USD", "zh"), currency_sign("TRY", "en")
    ('€', 'US$', 'TRY')
    """
    return str(get_currency_symbol(currency, locale=_HOME.get(currency, LOCALES[language])))


def currency_name(currency: str, language: Language) -> str:
    """A currency's name in a language.

    >>> currency_name("EUR", "zh")
    '欧元'
    """
    return str(get_currency_name(currency, locale=LOCALES[language]))


def has_decimals(currency: str) -> bool:
    """Whether amounts of this currency are written with decimals.

    >>> has_decimals("CNY"), has_decimals("JPY"), has_decimals("KRW")
    (True, False, False)
    """
    return get_currency_precision(currency) > 0


def duration(seconds: float | None, language: Language) -> str:
    """A span in its two largest units.

    >>> duration(41.6, "en"), duration(200, "en"), duration(200, "zh"), duration(90_000, "en")
    ('42 s', '3 min 20 s', '3分20秒', '1 d 1 h')
    """
    if seconds is None:
        return DASH
    words, rest, parts = SPANS[language], round(seconds), []
    for word, size in zip(words, (86_400, 3_600, 60, 1), strict=True):
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count}{word}")
    return joint(language).join(parts[:2]) or f"0{words[-1]}"


def joint(language: Language) -> str:
    """What stands between two words or sentences: nothing where a language writes no spaces."""
    return " " if SPANS[language][0].startswith(" ") else ""


def day(value: date | None, language: Language, *, width: str = "medium") -> str:
    """A date as this language writes it.

    >>> day(date(2025, 1, 2), "zh"), day(date(2025, 1, 2), "en")
    ('2025年1月2日', 'Jan 2, 2025')
    """
    return DASH if value is None else str(format_date(value, width, locale=LOCALES[language]))


def brief_day(value: date, language: Language) -> str:
    """A date of the months around today: without its year.

    >>> brief_day(date(2025, 1, 2), "zh"), brief_day(date(2025, 1, 2), "en")
    ('1月2日', 'Jan 2')
    """
    return str(format_skeleton("MMMd", value, locale=LOCALES[language]))


def moment(value: datetime | None, language: Language) -> str:
    """A date and time as this language writes it, to the minute."""
    if value is None:
        return DASH
    return str(format_datetime(value, "short", locale=LOCALES[language]))


def layout_names(
    file: BinaryIO, keywords: object, comment_tags: object, options: object
) -> Iterator[tuple[int, str, str, list[str]]]:
    """The names of export layouts for Babel's catalogue: they are words, but stand in TOML files.

    Args:
        file: A file of ``exports/layouts``.
        keywords: Not used; Babel hands them to every reader.
        comment_tags: Not used.
        options: Not used.
    """
    name = tomllib.loads(file.read().decode()).get("name")
    if name:
        yield 1, "_", name, []
