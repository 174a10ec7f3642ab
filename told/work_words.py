"""The work lists in words: what each list is called, and why a row stands in it."""

from collections.abc import Mapping
from typing import Any

from metrics.work.lists import WorkKind
from told import language
from told.mark import mark
from told.spoken import Spoken

KIND_NAMES: dict[WorkKind, str] = {
    "unanswered": mark("Asked, not answered"),
    "unpaid_order": mark("Ordered, not paid"),
    "lost_inquiry": mark("Asked, did not order"),
    "late_shipment": mark("Paid, shipment late"),
    "open_refund": mark("Open refunds"),
    "bad_rating": mark("Bad ratings and reviews"),
    "after_sale_closing": mark("After-sale time ends"),
}
#: Why a row stands in its list; {span} is the row's number of hours in words.
REASONS: dict[str, str] = {
    "nobody_answered": mark("Nobody answered; {span} to midnight"),
    "robot_only": mark("Only the robot answered; {span} to midnight"),
    "closes_in_hours": mark("Closes by itself in {span}"),
    "late_hours": mark("Parcel {span} late"),
    "late_by_usual": mark("Parcel {span} late by the usual 48 hours; the file names no promise"),
    "complaint": mark("Complaint: answer it within {span}"),
    "refund_waits": mark("Decides itself in {span}"),
    "refund_was_closed": mark("A refund was refused; the buyer may ask again for {span}"),
    "low_rating": mark("{stars} ★ at the lowest: {about}"),
    "bad_review": mark("Bad review: {about}"),
    "neutral_review": mark("Neutral review: {about}"),
}
#: The same where the moment is past.
PAST: dict[str, str] = {
    "complaint": mark("Complaint: the answer was due {span} ago"),
    "refund_waits": mark("Was due to decide itself {span} ago"),
}
UNTIMED: dict[str, str] = {
    "complaint": mark("Complaint: answer it within 48 hours"),
    "refund_waits": mark("Waits for your decision; the file names no deadline"),
}
ABOUT: dict[str, str] = {
    "product": mark("the product"),
    "service": mark("service attitude"),
    "logistics": mark("logistics"),
    "other": mark("something else"),
}
TOPICS: dict[str, str] = {
    "asked_price": mark("price"),
    "asked_size": mark("size"),
    "asked_stock": mark("stock"),
    "asked_delivery": mark("delivery"),
}


def reason(row: Mapping[str, Any], spoken: Spoken, /) -> str:
    """Why a row of ``metrics.work.lists`` stands in its list, as a sentence with its number."""
    _, number = spoken, row["number"]
    if row["kind"] == "lost_inquiry":
        return _inquiry(row["reason"].split(";"), spoken)
    code, __, about = row["reason"].partition(";")
    if about:
        stars = "" if number is None else f"{number:.0f}"
        return _(REASONS[code]).format(stars=stars, about=_(ABOUT[about]))
    if number is None:
        return _(UNTIMED[code])
    sentence = PAST[code] if number < 0 and code in PAST else REASONS[code]
    return _(sentence).format(span=hours(abs(number), spoken))


def hours(number: float, spoken: Spoken, /) -> str:
    """A number of hours in its two largest units, to the minute.

    >>> hours(27.51, Spoken("en", "EUR")), hours(0.5, Spoken("zh", "EUR"))
    ('1 d 3 h', '30分')
    """
    return language.duration(round(number * 60) * 60, spoken.language)


def _inquiry(codes: list[str], spoken: Spoken) -> str:
    """What a lost inquiry asked about, and whether the buyer bought before."""
    _ = spoken
    topics = _(", ").join(_(TOPICS[code]) for code in codes if code in TOPICS)
    parts = [_("asked about {topics}").format(topics=topics)] if topics else []
    if "returning" in codes:
        parts.append(_("bought before"))
    said = _("; ").join(parts) or _("asked and left")
    return said[:1].upper() + said[1:]
