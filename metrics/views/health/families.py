"""What is judged: one matter a family, by its headline; the other metrics are its detail."""

from metrics.catalog import BY_ID, METRICS
from metrics.kit.metric import Family
from store.schemas import DSR_DIMENSIONS
from told.mark import mark as _

#: In the order in which they are told (docs/numbers.md, "Verdicts").
FAMILIES: tuple[Family, ...] = (
    "reply",
    "speed",
    "conversion",
    "spend",
    "shipping",
    "refunds_asked",
    "refunds_kept",
    "dsr_description",
    "dsr_service",
    "dsr_logistics",
)
NAMES: dict[Family, str] = {
    "reply": _("Reply rate"),
    "speed": _("Reply speed"),
    "conversion": _("Inquiry conversion"),
    "spend": _("Spending per buyer"),
    "shipping": _("Shipping"),
    "refunds_asked": _("Refunds asked for"),
    "refunds_kept": _("Refunds kept"),
    "dsr_description": _("Score: as described"),
    "dsr_service": _("Score: service"),
    "dsr_logistics": _("Score: logistics"),
}
#: Speaks for spending where the order files name no buyer.
WITHOUT_BUYERS = "order_price"
#: The metric that speaks for its family: the first of it in the catalogue.
HEADLINE: dict[Family, str] = {
    family: next(metric.id for metric in METRICS if metric.family == family) for family in FAMILIES
}
#: The dimension of each rolling score.
SCORES: dict[Family, str] = {
    family: dimension for dimension in DSR_DIMENSIONS for family in FAMILIES
    if HEADLINE[family] == f"dsr_{dimension}"
}  # fmt: skip


def higher_is_better(metric_id: str) -> bool:
    """Whether more of a metric is good."""
    return BY_ID[metric_id].better == "higher"
