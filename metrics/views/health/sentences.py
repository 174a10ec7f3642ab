"""What a verdict says in one sentence, with its numbers."""

from collections.abc import Mapping
from typing import Any

from metrics.views.health.families import SCORES, higher_is_better
from told.mark import mark as _

#: By what happened; ``when`` is "since Nov 3" or "in the 7 days to Nov 20", ``before`` the past it
#: is set against. Of each pair the first is of metrics whose target is a floor, the second a
#: ceiling.
SENTENCES: dict[str, tuple[str, str]] = {
    "worse_missed": (
        _("{value} {when}, {before} before: worse, and below the target of {target}."),
        _("{value} {when}, {before} before: worse, and above the target of {target}."),
    ),
    "worse_met": (
        _("{value} {when}, {before} before: worse, though still above the target of {target}."),
        _("{value} {when}, {before} before: worse, though still below the target of {target}."),
    ),
    "worse": (_("{value} {when}, {before} before: worse."),) * 2,
    "better_missed": (
        _("{value} {when}, {before} before: better, but still below the target of {target}."),
        _("{value} {when}, {before} before: better, but still above the target of {target}."),
    ),
    "better": (_("{value} {when}, {before} before: better."),) * 2,
    "missed": (
        _("{value} {when}: as before, below the target of {target}."),
        _("{value} {when}: as before, above the target of {target}."),
    ),
    "met": (
        _("{value} {when}: as usual, above the target of {target}."),
        _("{value} {when}: as usual, below the target of {target}."),
    ),
    "near": (_("{value} {when}: as usual, and too close to the target of {target} to call."),) * 2,
    "usual": (_("{value} {when}: as usual."),) * 2,
    "too_few": (_("{value} {when}: too few to say more."),) * 2,
    "no_file": (_("No data yet."),) * 2,
}
#: Of rolling scores: the score is known, its change lies in the ratings that come in.
SCORE_SENTENCES: dict[str, str] = {
    "worse_missed": _(
        "{value}, below the target of {target}; new ratings average {recent} since {since},"
        " {before} before."
    ),
    "worse_met": _(
        "{value}, still above the target of {target}; new ratings average {recent} since {since},"
        " {before} before."
    ),
    "worse": _("{value}; new ratings average {recent} since {since}, {before} before: worse."),
    "better_missed": _(
        "{value}, below the target of {target}, but new ratings average {recent} since {since},"
        " {before} before."
    ),
    "better": _("{value}; new ratings average {recent} since {since}, {before} before: better."),
    "missed": _("{value}, below the target of {target}; new ratings come in as before."),
    "met": _("{value}, above the target of {target}; new ratings come in as before."),
    "near": _("{value}, about at the target of {target}; new ratings come in as before."),
    "usual": _("{value}; new ratings come in as before."),
    "too_few": _("{value}: too few ratings to say more."),
    "no_file": _("No data yet."),
}
KNOWN = _("Known and being worked on, to be looked at again on {until}. {said}")


def what_happened(row: Mapping[str, Any], /) -> str:
    """Which of the sentences a row of ``verdicts`` calls for."""
    change, standing = str(row["change"]), str(row["standing"])
    if row["day"] is None:
        return "no_file"
    if change in ("worse", "better"):
        told = {"missed": "_missed", "met": "_met"}.get(standing, "")
        return change + ("" if (change, told) == ("better", "_met") else told)
    if standing in ("missed", "met"):
        return standing
    if change == "too_few":
        return "too_few"
    return "near" if standing == "cannot_tell" else "usual"


def sentence(row: Mapping[str, Any], /) -> str:
    """The message id for a row of ``verdicts``; its fields are for the page to fill."""
    happened = what_happened(row)
    if row["family"] in SCORES:
        return SCORE_SENTENCES[happened]
    return SENTENCES[happened][0 if higher_is_better(row["metric"]) else 1]
