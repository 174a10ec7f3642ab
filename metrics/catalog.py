"""Every metric once: its name, unit and meaning.

Help texts, README's table, file headers and the command line are drawn from here. The words are
gettext message ids (English); ``locale/`` holds the Chinese.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

Unit = Literal["share", "seconds", "yuan", "score", "pieces", "per_message", "buyer_days"]
Better = Literal["higher", "lower", "neither"]
Subject = Literal["inquiry", "reply", "spend", "refund", "dsr"]


def _(message: str) -> str:
    """Mark a message for the catalogue; the page translates it."""
    return message


#: A conversion cohort is final when its day and the three following days are over.
CONVERSION_MATURITY = timedelta(days=4)
#: A refund cohort is final after 14 days (exports.md: signed-for refunds settle after two weeks).
REFUND_MATURITY = timedelta(days=14)


@dataclass(frozen=True, kw_only=True)
class Metric:
    """One number of the product and how to read it."""

    id: str
    subject: Subject
    name: str
    unit: Unit
    better: Better
    numerator: str
    denominator: str
    definition: str
    #: Where the rule comes from: "guide" (seller guides), "export" (files), "ours".
    source: Literal["guide", "export", "ours"]
    #: How old a day must be before its value no longer changes.
    maturity: timedelta = timedelta(0)
    #: False where the value of a period is not the sum of its days (distinct buyers, medians).
    additive: bool = True


METRICS: tuple[Metric, ...] = (
    Metric(
        id="inquiry_conversion",
        subject="inquiry",
        name=_("Inquiry conversion"),
        unit="share",
        better="higher",
        numerator=_("inquiries paid on the inquiry day or one of the three following days"),
        denominator=_("inquiries: buyer-days that asked before the sale"),
        definition=_(
            "Of the buyers who asked before buying, the share who paid. A buyer counts once a day; "
            "days younger than four days are still open and left out."
        ),
        source="guide",
        maturity=CONVERSION_MATURITY,
    ),
    Metric(
        id="reply_rate",
        subject="reply",
        name=_("Reply rate"),
        unit="share",
        better="higher",
        numerator=_("buyers answered before midnight"),
        denominator=_("buyers received, per natural day"),
        definition=_(
            "Of the buyers who wrote on a day, the share who got a valid reply the same day. "
            "People are counted, not messages."
        ),
        source="guide",
    ),
    Metric(
        id="response_time_platform",
        subject="reply",
        name=_("Average response (platform)"),
        unit="seconds",
        better="lower",
        numerator=_("seconds waited, each round capped at 600"),
        denominator=_("rounds opened 08:00-23:00"),
        definition=_(
            "Average wait for a human answer in rounds opened between 08:00 and 23:00. A wait "
            "counts 600 seconds at most, an unanswered round 600; rounds only a robot answered "
            "are left out."
        ),
        source="guide",
    ),
    Metric(
        id="response_time_tool",
        subject="reply",
        name=_("Average response (tools)"),
        unit="seconds",
        better="lower",
        numerator=_("seconds waited in rounds answered within 600 seconds"),
        denominator=_("rounds answered within 600 seconds, any hour"),
        definition=_(
            "Average wait as service tools count it: rounds at any hour, waits of 600 seconds or "
            "more and unanswered rounds left out."
        ),
        source="guide",
    ),
    Metric(
        id="response_time_median",
        subject="reply",
        name=_("Median response"),
        unit="seconds",
        better="lower",
        numerator=_("the middle wait"),
        denominator=_("answered rounds, any hour"),
        definition=_("Half of the answered rounds waited no longer than this."),
        source="ours",
        additive=False,
    ),
    Metric(
        id="response_time_p90",
        subject="reply",
        name=_("Slowest tenth of responses"),
        unit="seconds",
        better="lower",
        numerator=_("the wait that nine of ten rounds stay under"),
        denominator=_("answered rounds, any hour"),
        definition=_("Nine of ten answered rounds waited no longer than this."),
        source="ours",
        additive=False,
    ),
    Metric(
        id="within_three_minutes",
        subject="reply",
        name=_("Answered within three minutes"),
        unit="share",
        better="higher",
        numerator=_("rounds answered by a human within 180 seconds"),
        denominator=_("all rounds opened 08:00-23:00"),
        definition=_(
            "Of all rounds opened between 08:00 and 23:00, the share a human answered within "
            "three minutes."
        ),
        source="guide",
    ),
    Metric(
        id="first_response_time",
        subject="reply",
        name=_("First response"),
        unit="seconds",
        better="lower",
        numerator=_("seconds from a buyer's first line of the day to the first human reply"),
        denominator=_("buyer-days that got a human reply"),
        definition=_(
            "Average wait from a buyer's first line of the day to the first human reply of that "
            "day; unanswered buyers are left out and shown beside it."
        ),
        source="guide",
    ),
    Metric(
        id="answer_ratio",
        subject="reply",
        name=_("Answer ratio"),
        unit="per_message",
        better="higher",
        numerator=_("agent messages"),
        denominator=_("buyer messages"),
        definition=_("How many lines agents write for each line a buyer writes."),
        source="guide",
    ),
    Metric(
        id="slow_conversations",
        subject="reply",
        name=_("Slow conversations"),
        unit="buyer_days",
        better="lower",
        numerator=_("buyer-days with three or more waits over 120 seconds"),
        denominator=_("buyers received, per natural day"),
        definition=_("Buyer-days in which three or more rounds waited over two minutes."),
        source="guide",
    ),
    Metric(
        id="unit_price",
        subject="spend",
        name=_("Customer unit price"),
        unit="yuan",
        better="higher",
        numerator=_("amount paid"),
        denominator=_("different paying buyers of the period"),
        definition=_(
            "What a paying buyer spent over the whole period. Different buyers of the period are "
            "counted, so a month is not the sum of its days."
        ),
        source="export",
        additive=False,
    ),
    Metric(
        id="order_price",
        subject="spend",
        name=_("Price per order"),
        unit="yuan",
        better="higher",
        numerator=_("amount paid"),
        denominator=_("paid orders"),
        definition=_("What a paid order was worth, dated by payment."),
        source="export",
    ),
    Metric(
        id="pieces_per_buyer",
        subject="spend",
        name=_("Pieces per buyer"),
        unit="pieces",
        better="higher",
        numerator=_("pieces in paid orders"),
        denominator=_("different paying buyers of the period"),
        definition=_("How many pieces a paying buyer took over the whole period."),
        source="export",
        additive=False,
    ),
    Metric(
        id="piece_price",
        subject="spend",
        name=_("Price per piece"),
        unit="yuan",
        better="higher",
        numerator=_("amount paid"),
        denominator=_("pieces in paid orders"),
        definition=_("What one piece brought in, over the paid orders."),
        source="export",
    ),
    Metric(
        id="cross_sell_rate",
        subject="spend",
        name=_("Cross-sell rate"),
        unit="share",
        better="higher",
        numerator=_("paying buyers with two or more different items"),
        denominator=_("different paying buyers of the period"),
        definition=_("Of the paying buyers, the share who took two or more different items."),
        source="ours",
        additive=False,
    ),
    Metric(
        id="refund_retention",
        subject="refund",
        name=_("Refund retention"),
        unit="share",
        better="higher",
        numerator=_("applications that ended closed or exchanged, nothing refunded"),
        denominator=_("decided sub-orders with an application"),
        definition=_(
            "Of the sub-orders whose refund was asked for and decided, the share that ended "
            "without a refund. No official formula exists; closed ones include applications the "
            "buyer withdrew or let run out."
        ),
        source="ours",
        maturity=REFUND_MATURITY,
    ),
    Metric(
        id="refund_retention_amount",
        subject="refund",
        name=_("Refund retention by amount"),
        unit="share",
        better="higher",
        numerator=_("yuan asked back and kept"),
        denominator=_("yuan of the decided sub-orders"),
        definition=_("The same by money: a partial refund is lost for its amount only."),
        source="ours",
        maturity=REFUND_MATURITY,
    ),
    Metric(
        id="refund_rate",
        subject="refund",
        name=_("Refund rate"),
        unit="share",
        better="lower",
        numerator=_("sub-orders of these payment days that were refunded"),
        denominator=_("sub-orders paid on these days"),
        definition=_("Of the sub-orders paid on a day, the share refunded since."),
        source="ours",
        maturity=REFUND_MATURITY,
    ),
    Metric(
        id="refund_handling_time",
        subject="refund",
        name=_("Refund handling time"),
        unit="seconds",
        better="lower",
        numerator=_("seconds from application to its end"),
        denominator=_("applications that ended"),
        definition=_("Average time from a refund application to its end, per application."),
        source="export",
        maturity=REFUND_MATURITY,
    ),
    Metric(
        id="dsr_description",
        subject="dsr",
        name=_("DSR: as described"),
        unit="score",
        better="higher",
        numerator=_("stars given to the description"),
        denominator=_("ratings of the description in 180 days"),
        definition=_(
            "Mean stars for 'as described' over the 180 days ending on the day; at most three "
            "ratings per buyer and month."
        ),
        source="guide",
    ),
    Metric(
        id="dsr_service",
        subject="dsr",
        name=_("DSR: service"),
        unit="score",
        better="higher",
        numerator=_("stars given to the service"),
        denominator=_("ratings of the service in 180 days"),
        definition=_(
            "Mean stars for the service over the 180 days ending on the day; at most three "
            "ratings per buyer and month."
        ),
        source="guide",
    ),
    Metric(
        id="dsr_logistics",
        subject="dsr",
        name=_("DSR: logistics"),
        unit="score",
        better="higher",
        numerator=_("stars given to the logistics"),
        denominator=_("ratings of the logistics in 180 days"),
        definition=_(
            "Mean stars for logistics over the 180 days ending on the day; at most three "
            "ratings per buyer and month."
        ),
        source="guide",
    ),
)
METRIC_IDS: tuple[str, ...] = tuple(metric.id for metric in METRICS)
BY_ID: dict[str, Metric] = {metric.id: metric for metric in METRICS}

#: What a row of ``metrics.measure`` may say beside its value, by code.
NOTES: dict[str, str] = {
    "no_file": _("no file covers this day"),
    "no_rows": _("nothing to divide by"),
    "no_buyer": _("the order file has no buyer column; see price per order"),
    "masked_buyer": _("buyer names are blurred: different buyers may count as one"),
    "no_messages": _("no chat lines and no performance table"),
    "no_orders": _("no orders"),
    "no_items": _("no order items; pieces and items are not known"),
    "no_refunds": _("no refund file"),
    "no_ratings": _("no ratings"),
    "feed_messages": _("from chat lines"),
    "feed_service_days": _("from the performance tables"),
    "feed_ratings": _("from rating rows"),
    "feed_rating_days": _("from daily scores"),
    "feed_snapshots": _("from the seller page's snapshot"),
    "immature": _("still open: the value will change"),
    "part_days": _("the last days are covered in part only"),
    "mature_part": _("over the days that are final; younger days are left out"),
    "paid_is_net": _("the paid column is already net of refunds"),
    "days_summed": _("buyers counted per day, then added up"),
    "not_per_agent": _("not known per agent"),
    "part_window": _("the files cover only part of the window"),
    "no_counts": _("daily scores without counts: the window cannot be summed"),
    "some_no_buyer": _("orders without a buyer are left out"),
    "orders_only": _("counted per order: no order items"),
    "untold_refunds": _(
        "no file tells of refunds: no refund file, and no column for them in the order files "
        "(退款金额, 售后状态, Refunded Amount)"
    ),
    "some_untold_refunds": _("orders whose files do not tell of refunds are left out"),
}
