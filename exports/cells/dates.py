"""One date or time of day as people write it: month names, two-digit years, day or month first.

A column has few different dates and times of day, however many rows: these are read one by one,
``exports.cells.times`` puts them back into columns. Names are Babel's, of the languages that sales
platforms speak to sellers. Texts come folded and in lower case.
"""

import re
from collections.abc import Iterable
from datetime import date
from functools import cache
from typing import Literal, get_args

from babel import Locale

Order = Literal["ymd", "dmy", "mdy"]
ORDERS: tuple[Order, ...] = get_args(Order)

_LANGUAGES = ("en", "de", "fr", "es", "it", "pt", "nl", "tr", "id", "ms", "th", "vi")
#: Names in use besides those.
_MORE_MONTHS = {"sept": 9, "juill": 7, "jänner": 1, "feber": 2, "ags": 8}
#: Words beside a date that say nothing of it.
_PASSED = frozenset(
    (
        *("the", "of", "at", "st", "nd", "rd", "th", "t", "um", "uhr", "le", "à", "er", "h"),
        *("de", "del", "el", "a", "la", "las", "do", "da", "às", "as", "alle", "alla", "ore"),
        *("om", "te", "saat", "pukul", "jam", "ngày", "tháng", "thg", "năm", "lúc"),
        *("คศ", "พศ", "น", "年", "月", "日", "號", "号"),
    )
)
_TOKEN = re.compile(r"[0-9]+|[^\W\d_][^\s0-9,/()\-']*")
_BETWEEN = re.compile(r"[\s,./()\-']*")
#: Years of the Thai calendar: none of ours is so late.
_THAI_FROM, _THAI_AHEAD = 2443, 543
#: A two-digit year outside is no year of a shop's file.
_FIRST_SHORT, _LAST_SHORT = 10, 49

#: What a word beside a clock makes of its hour.
Half = Literal["am", "pm", "noon", "evening", "small hours"]
_HALVES: dict[str, Half] = {
    **dict.fromkeys(("上午", "早上", "早晨", "清晨"), "am"),
    **dict.fromkeys(("下午", "午後"), "pm"),
    **dict.fromkeys(("晚上", "傍晚", "晚间"), "evening"),
    **{"中午": "noon", "凌晨": "small hours"},
    **{"a.m.": "am", "p.m.": "pm", "a.m": "am", "p.m": "pm", "a. m.": "am", "p. m.": "pm"},
    **{"am": "am", "pm": "pm"},
}


@cache
def halves() -> dict[str, Half]:
    """Words for a half of the day, longest first."""
    words = dict(_HALVES)
    for language in _LANGUAGES:
        named = Locale(language).day_periods["format"]["abbreviated"]
        words |= {named["am"].lower(): "am", named["pm"].lower(): "pm"}
    return dict(sorted(words.items(), key=lambda item: -len(item[0])))


@cache
def _months() -> dict[str, int]:
    names: dict[str, int] = dict(_MORE_MONTHS)
    for language in _LANGUAGES:
        for context in Locale(language).months.values():
            for width in ("wide", "abbreviated"):
                names |= {_bare(name): month for month, name in context[width].items()}
    # Capitals without dots, as Turkish lower case has them.
    return names | {name.replace("ı", "i"): month for name, month in names.items()}


@cache
def _weekdays() -> frozenset[str]:
    return frozenset(
        part
        for language in _LANGUAGES
        for context in Locale(language).days.values()
        for width in ("wide", "abbreviated", "short")
        for name in context[width].values()
        for part in re.split(r"[\s-]", _bare(name))
    )


def _bare(word: str) -> str:
    # Thai writes "on day the" in one word.
    return word.lower().replace("i\u0307", "i").replace(".", "").removesuffix("ที่")


def days_of(text: str) -> dict[Order, date]:
    """The day a date text names, by each order in which its numbers give one.

    A text that can only be read one way names the same day by every order; one that is no date
    gives nothing.

    >>> days_of("05/03/2025")
    {'dmy': datetime.date(2025, 3, 5), 'mdy': datetime.date(2025, 5, 3)}
    >>> set(days_of("mar-05-25").values()) == set(days_of("5. märz 2025").values())
    True
    """
    tokens = _TOKEN.findall(text)
    if not _BETWEEN.fullmatch(_TOKEN.sub("", text)):
        return {}
    numbers = [token for token in tokens if token[0].isdigit()]
    words = [_bare(token) for token in tokens if not token[0].isdigit()]
    named = {_months()[word] for word in words if word in _months()}
    if len(named) > 1:
        # mar is Tuesday in some languages, and March in all.
        sure = [word for word in words if word in _months() and word not in _weekdays()]
        named = {_months()[word] for word in sure}
    strange = [w for w in words if w not in _months() and w not in _weekdays() | _PASSED]
    if strange or len(named) > 1:
        return {}
    if named:
        return _with_month(numbers, named.pop())
    if len(numbers) != 3 or len(words) > 3:
        return {}
    if "年" in words:
        return _only(_day(numbers[0], numbers[1], numbers[2]))
    if {"tháng", "thg"} & set(words):
        return _only(_day(numbers[2], numbers[1], numbers[0]))
    return _by_order(numbers)


def _with_month(numbers: list[str], month: int) -> dict[Order, date]:
    if len(numbers) != 2:
        return {}
    # The year stands last unless it stands first in full.
    year, day = numbers if len(numbers[0]) == 4 else reversed(numbers)
    return _only(_day(year, str(month), day))


def _by_order(numbers: list[str]) -> dict[Order, date]:
    one, two, three = numbers
    if len(one) == 4:
        return _only(_day(one, two, three))
    read = {}
    for order in ORDERS[1:] if len(three) == 4 else ORDERS:
        places = dict(zip(order, numbers, strict=True))
        if day := _day(places["y"], places["m"], places["d"]):
            read[order] = day
    return read


def _only(day: date | None) -> dict[Order, date]:
    return dict.fromkeys(ORDERS, day) if day else {}


def _day(year: str, month: str, day: str) -> date | None:
    if len(year) not in (2, 4) or len(month) > 2 or len(day) > 2:
        return None
    full = int(year)
    if len(year) == 2:
        if not _FIRST_SHORT <= full <= _LAST_SHORT:
            return None
        full += 2000
    elif full >= _THAI_FROM:
        full -= _THAI_AHEAD
    try:
        return date(full, int(month), int(day))
    except ValueError:
        return None


def shared_order(texts: Iterable[str], own: str) -> Order | None:
    """The order in which all the dates of a file can be read; None where that is left open.

    A 13 or more in one place decides; else the order that the file's platform writes.

    Args:
        texts: The different date texts.
        own: The platform's own order, "" where it has none.
    """
    possible = set(ORDERS)
    for text in texts:
        read = days_of(text)
        # What reads the same by every order says nothing, and nor does what is no date.
        if read and not (len(read) > 1 and len(set(read.values())) == 1):
            possible &= set(read)
    if len(possible) == 1:
        return possible.pop()
    return next((order for order in possible if order == own), None)


def clock_of(text: str) -> int | None:
    """Seconds since midnight of a time of day, with or without a half of the day beside it.

    >>> clock_of("下午2点05分"), clock_of("12:05 am"), clock_of("晚上12:00")
    (50700, 300, None)
    """
    half = next((kind for word, kind in halves().items() if word in text), None)
    hour, minute, second = ([int(part) for part in re.findall(r"[0-9]+", text)] + [0, 0])[:3]
    if half is not None:
        told = _hour(hour, half)
        if told is None:
            return None
        hour = told
    if hour > 23 or minute > 59 or second > 59:
        return None
    return hour * 3600 + minute * 60 + second


def _hour(hour: int, half: Half) -> int | None:
    """The hour of 24 that a half of the day makes of one; None where they contradict each other."""
    if half in ("am", "small hours"):
        last = 12 if half == "am" else 6
        return 0 if hour == 12 else hour if hour <= last else None
    if half == "pm":
        return hour + 12 if hour < 12 else hour
    if half == "noon":
        return hour + 12 if hour in (1, 2) else hour if 10 <= hour <= 14 else None
    # Midnight as twelve in the evening may belong to either day.
    return hour + 12 if 5 <= hour < 12 else hour if 17 <= hour < 24 else None
