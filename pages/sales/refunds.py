from pages.sales.parts import refund_cuts
from pages.shared import breakdown, cards, empty, loaders, wording

IDS = (
    "refund_retention",
    "refund_retention_amount",
    "refund_rate",
    "refund_handling_time",
)

_ = wording.words()
view = empty.view_of("refunds", "orders", "order_items")
settings = loaders.settings(view.shop)
rows = loaders.measured(view.shop, IDS, view.first, view.last, "period")
cards.value_cards(rows, IDS, settings.targets, key="refunds", width=330)
if "refunds" not in loaders.as_of(view.shop):
    breakdown.by_day("refund_rate", view, key="refunds")
    empty.stop(
        _("Upload the refund file to see what was retained, why buyers ask and what is open."),
        title=_("No refund applications yet"),
    )
breakdown.by_day("refund_retention", view, key="refunds")
refund_cuts.states(view)
refund_cuts.tiers(view)
refund_cuts.reasons(view)
refund_cuts.handling(view)
refund_cuts.open_clock(view)
breakdown.by_agent(IDS[:2], view, key="refunds")
