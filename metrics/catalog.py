"""Every metric of the product, gathered from its subject in the order in which it is shown.

Help texts, the table in docs/numbers.md, file headers and the command line are drawn from here.
The words are gettext message ids (English); ``locale/`` holds the Chinese.
"""

from metrics.chats import reply
from metrics.kit.metric import Metric
from metrics.kit.needs import REASONS
from metrics.ratings import dsr
from metrics.refunds import cases
from metrics.sales import inquiry, shipping, spend_facts
from told.mark import mark as _

METRICS: tuple[Metric, ...] = (
    *inquiry.METRICS,
    *reply.METRICS,
    *spend_facts.METRICS,
    shipping.METRIC,
    *cases.METRICS,
    *dsr.METRICS,
)
METRIC_IDS: tuple[str, ...] = tuple(metric.id for metric in METRICS)
BY_ID: dict[str, Metric] = {metric.id: metric for metric in METRICS}

#: What a row of ``metrics.measure`` may say beside its value, by code.
NOTES: dict[str, str] = (
    {
        "no_file": _("no file covers this day"),
        "no_rows": _("nothing to divide by"),
        "no_buyer": _(
            "the order file has no buyer column (买家会员名, 下单帐号); see price per order"
        ),
        "masked_buyer": _("buyer names are blurred: different buyers may count as one"),
        "no_messages": _("no chat lines and no performance table"),
        "agents_unknown": _(
            "chat lines are left out because nobody has said who serves: name the agents in the "
            "settings, or with --agent NAME"
        ),
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
        "some_no_payment_time": _("days whose orders have no payment time are left out"),
        "some_no_amount": _("orders without an amount are left out"),
    }
    | REASONS
    | {code: words for metric in METRICS for code, words in metric.notes.items()}
)
