"""The session's language: words, and every metric's value the way people read it."""

import re
from collections.abc import Callable
from datetime import date

import streamlit as st

from metrics.catalog import BY_ID, NOTES
from metrics.kit.metric import Unit
from store.currency import DEFAULT_CURRENCY
from store.errors import StoreError
from told import language
from told.language import Language
from told.spoken import Spoken


def tongue() -> Language:
    """The language of this session; browsers start in their own where it is there, or English."""
    chosen: Language | None = st.session_state.get("filters_language")
    if chosen in language.LANGUAGES:
        return chosen
    asked = (st.context.locale or "").lower()
    return next((each for each in language.LANGUAGES if asked.startswith(each)), "en")


def spoken() -> Spoken:
    """This session's language and the currency of the shop it looks at."""
    return Spoken(tongue(), st.session_state.get("filters_currency", DEFAULT_CURRENCY))


def words() -> Callable[[str], str]:
    """The translator of this session."""
    return language.translator(tongue())


def refusal(error: StoreError) -> str:
    """What the store could not do, and the way out, in this language."""
    return words()(error.message).format(**error.params)


def figure(value: float | None, unit: Unit, /) -> str:
    """A metric's value with its unit; a dash where there is none."""
    return spoken().figure(value, unit)


def amount_heading() -> str:
    """The heading of a column of amounts."""
    _ = words()
    return _("Amount ({currency})").format(currency=spoken().sign)


def count(value: float | None) -> str:
    """A count with grouping."""
    return language.number(value, tongue())


def day(value: date | None, *, width: str = "medium") -> str:
    """A date as this session writes it."""
    return language.day(value, tongue(), width=width)


def metric_name(metric_id: str) -> str:
    """The metric's name in this language."""
    return words()(BY_ID[metric_id].name)


def definition(metric_id: str) -> str:
    """What the metric is, and what is divided by what: the help text beside its name."""
    _, metric = words(), BY_ID[metric_id]
    rule = _("{numerator} ÷ {denominator}").format(
        numerator=metric.told("numerator", _), denominator=metric.told("denominator", _)
    )
    return f"{metric.told('definition', _)}\n\n{rule}"


def notes(codes: str | None) -> str:
    """What a measurement says beside its value, as one line; "" for nothing."""
    _ = words()
    spoken = [_(NOTES[code]) for code in (codes or "").split(";") if code in NOTES]
    return _("; ").join(spoken)


def axis(metric_id: str) -> tuple[str, str]:
    """Axis title with its unit, and the d3 format of ticks and hover."""
    return spoken().axis(metric_id)


def sentences(*told: str) -> str:
    """One sentence after the other; in Chinese without a space between."""
    return language.joint(tongue()).join(told)


def plain(text: str) -> str:
    """Text that people wrote, its signs kept from being read as Markdown.

    No more signs than need be are marked: the name of a widget is read aloud with the marks.

    >>> print(plain("- t***7: [a](b)"))
    \\- t\\*\\*\\*7: \\[a\\](b)
    """
    return re.sub(r"(?m)([\\`*_{}\[\]<>#$~|]|:(?=\S)|^[-+=])", r"\\\1", text)
