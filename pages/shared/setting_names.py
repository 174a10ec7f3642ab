"""What the choices of the settings are called, on their forms and beside the numbers."""

from told.mark import mark

WEEKDAYS = (
    mark("Monday"),
    mark("Tuesday"),
    mark("Wednesday"),
    mark("Thursday"),
    mark("Friday"),
    mark("Saturday"),
    mark("Sunday"),
)
WINDOWS = {
    "same_day": mark("Paid the same day"),
    "next_day": mark("Paid by the next day"),
    "final": mark("Paid within the three following days"),
}
ATTRIBUTIONS = {
    "order_first": mark("Order first: who spoke before the order, else before the payment"),
    "order": mark("By order: who spoke last before the order"),
    "payment": mark("By payment: who spoke last before the payment"),
}
DSR_WINDOWS = {"days": mark("{days} days"), "months": mark("Six calendar months")}
DSR_DAYS = {"rated": mark("The day it was given"), "trade": mark("The day the trade ended")}
#: The same as a sentence beside the scores.
DSR_DAY_RULES = {
    "rated": mark("a rating enters and leaves by the day it was given"),
    "trade": mark("a rating enters on the day it was given and leaves by the day its trade ended"),
}
REASON_CLASSES = {"ours": mark("Ours"), "buyer": mark("The buyer's")}
