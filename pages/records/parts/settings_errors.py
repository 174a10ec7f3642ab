"""What is wrong with settings, as sentences that name the place and the remedy."""

from typing import Any

from pydantic import ValidationError

from pages.shared import wording
from told.mark import mark

#: First part of an error's place -> sentence; ``{row}`` counts from 1, ``{value}`` stood there.
SENTENCES: dict[str, str] = {
    "working_hours": mark(
        "Working hours, row {row}: the start must lie before the end. Split a night shift at "
        "midnight into two rows."
    ),
    "campaigns": mark(
        "Campaign in row {row}: give a first day that is not after the last, orders of 0 or more "
        "and mean stars from 1 to 5."
    ),
    "industry": mark("Industry scores lie between 1 and 5; {value} does not."),
    "campaign_gates": mark("A campaign's score is a number such as 4.6; {value} is none."),
    "after_sale_days": mark("The after-sale window has 0 to 90 days; {value} does not fit."),
    "time_zone": mark("{value} is no time zone; choose one from the list."),
    "refund_reasons": mark("Say for every refund reason whose it is: ours or the buyer's."),
    "targets": mark("A target is a number; {value} is none."),
    "agents": mark("Agents, row {row}: the sub-account must not be empty."),
}
OTHER = mark("{place}: {value} cannot be used here.")


def sentences(error: ValidationError) -> list[str]:
    """One sentence per thing wrong, without repeats, in the order of the fields."""
    return list(dict.fromkeys(_sentence(part) for part in error.errors()))


def _sentence(part: Any) -> str:
    _ = wording.words()
    place = part["loc"]
    row = next((step + 1 for step in place if isinstance(step, int)), "")
    said = _(SENTENCES.get(str(place[0]) if place else "", OTHER))
    return said.format(row=row, value=part["input"], place=".".join(map(str, place)))
