"""What codes in the tables are called wherever people read them; message ids by code."""

from told.mark import mark

#: The three scores of a rating (``store.schemas.DSR_DIMENSIONS``).
DIMENSIONS = {
    "description": mark("As described"),
    "service": mark("Service attitude"),
    "logistics": mark("Logistics"),
}
#: The kinds of a refund (``metrics.refunds.words.TIERS``).
REFUND_TIERS = {
    "unshipped_refund_only": mark("Unshipped, refund only"),
    "shipped_refund_only": mark("Shipped, refund only"),
    "return_refund": mark("Return and refund"),
    "exchange": mark("Exchange"),
    "unknown": mark("Not known"),
}
