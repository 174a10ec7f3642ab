"""Why a row was set aside or a cell emptied, and what a reader remarks on, by code."""

from collections.abc import Callable, Mapping

from told.mark import mark as _

#: Reasons a row was set aside or a cell emptied (``Rejected.reason``).
REASONS: dict[str, str] = {
    "missing_id": _("the id is missing"),
    "missing_value": _("a required cell is empty"),
    "scientific_id": _(
        "the id was damaged by Excel (1.2E+18): digits are lost. "
        "Download the file again and do not save it in Excel"
    ),
    "unreadable_time": _("not a time"),
    "unreadable_day": _("not a day"),
    "unclear_day": _(
        "day and month cannot be told apart, and nothing in the file says which stands first. "
        "Write the dates as 2025-03-05"
    ),
    "unreadable_money": _("not an amount of money"),
    "unknown_currency": _("no currency that is known"),
    "other_currency": _(
        "in another currency than the shop's; amounts of two currencies are never added up"
    ),
    "unreadable_number": _("not a number"),
    "unreadable_count": _("not a whole number"),
    "unreadable_rate": _("not a rate"),
    "unreadable_duration": _("not a duration"),
    "unreadable_stars": _("not a whole number of stars"),
    "unreadable_score": _("not a score"),
    "unknown_word": _("a word that is not in the list"),
    "too_many_cells": _("the row has more cells than the header"),
    "other_line_set_aside": _("another line of the same order could not be read"),
    "unmatched_line": _("the line belongs to no message"),
    "no_buyer_in_chat": _("no buyer speaks in this conversation"),
    "chat_not_fetched": _("the tool that made the file could not fetch this conversation"),
    "agent_named_when_an_agent_wrote": _("an agent wrote, and no agent is named"),
    "breaks_rule": _("the row breaks a rule of its table"),
    "row_to_come": _("its day lies in the future, so it cannot have happened"),
    # Cells emptied in rows that are taken (``store.door``).
    "below_zero": _("below 0, which cannot be"),
    "impossible_share": _("a share lies between 0 and 100 %"),
    "impossible_stars": _("stars go from 1 to 5"),
    "impossible_score": _("a score lies between 1 and 5"),
    "impossible_number": _("no number that can be"),
    "impossible_word": _("a word that is not in the list; it counts as unknown"),
    "unanswered_within_consulted": _("more buyers unanswered than asked"),
    "ordered_within_inquiries": _("more buyers ordered than inquired"),
    "paid_within_ordered": _("more buyers paid than ordered"),
    "paid_within_inquiries": _("more buyers paid than inquired"),
    "paid_today_within_inquiries": _("more buyers paid on the day than inquired on it"),
    "refunded_within_paid": _("more refunded than was paid"),
    "created_before_paid": _("created after it was paid"),
    "cell_to_come": _("the time lies in the future, so it cannot have happened"),
    "score_rests_on_ratings": _("a score without a rating"),
    "rests_on_impossible": _("reckoned with a cell of its row that cannot be"),
}

#: What a reading remarks on (``Remark.code``), with the names its sentence takes.
REMARKS: dict[str, str] = {
    "paid_is_net": _(
        "The paid column is already net of refunds: total = paid + refund in all {rows} refunded "
        "rows. Refunds are not subtracted again."
    ),
    "seconds_missing": _("{count} times in column “{column}” come without seconds."),
    "unknown_status": _("Status words nobody has told us of, kept as unknown: {words}."),
    "unknown_outcome": _(
        "Refund states that are neither success nor closed count as open: {words}."
    ),
    "status_derived": _("The file has no status column: rows with a payment time count as paid."),
    "masked_buyers": _(
        "{count} buyer names are blurred (*): different buyers may count as one, and chats cannot "
        "be joined."
    ),
    "refund_taken_whole": _(
        "{count} refunds come without an amount; what was paid is taken as refunded."
    ),
    "no_buyer": _("The file has no buyer column: figures per buyer cannot be computed from it."),
    "repeated_rows": _(
        "{count} rows repeat the id of another row; of each id the row that got furthest counts, "
        "of equal ones the later."
    ),
    "repeated_lines": _("{count} rows stand twice in the file; they count once."),
    "nul_bytes": _("{count} NUL bytes inside the text were left out."),
    "repeated_header": _("{count} rows repeat the header and were left out."),
    "summary_rows": _("{count} summary rows were left out."),
    "notes": _("{count} rows are notes or footers of the export and were left out."),
    "paid_by_state": _(
        "No column tells when an order was paid: its state says whether, and it counts for the day "
        "it was placed."
    ),
    "unsettled_column": _("Not settled yet (延迟统计): {columns}."),
    "day_conflict": _("The file says {day}, its name says {named}; the file counts."),
    "other_zone": _("Times were brought from their own time zone to {zone}."),
    "extra_cells": _("{count} rows have cells beyond the last heading; they are not read."),
    "guessed_shape": _("Column “{column}” was read as {shape}."),
    "cut_cell": _("{count} conversations fill a cell to its limit: their last lines are missing."),
    "paid_less": _(
        "What counts as paid is “{total}” less “{column}”, which {count} rows fill: what was "
        "really paid."
    ),
    "other_currency": _(
        "The shop's currency is {currency}: {count} rows in {others} were set aside. Import them "
        "as a shop of their own. If the shop's currency is wrong, correct it in the settings."
    ),
    "zone_unclear": _("{count} times end in Z; they were read as shop time all the same."),
    "skipped_sheet": _("Sheet “{sheet}” was not read: {why}"),
    "skipped_file": _("One file of the archive was not read, the others were: {why}"),
}


def counted(reasons: Mapping[str, int], translated: Callable[[str], str] = _) -> str:
    """Reasons with the number of rows they hold for, in words: ``2 × not a time``."""
    told = (f"{count} × {translated(REASONS.get(code, code))}" for code, count in reasons.items())
    return translated("; ").join(told)
