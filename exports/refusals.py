"""Exports that are known and still not read, each with its reason."""

from exports.errors import ExportError
from told.mark import mark as _


class CrmChatError(ExportError):
    """Error raised for the CRM's chat table (C9)."""

    message = _(
        "{file}: this is a CRM's chat table. It does not say which lines the buyer wrote: the "
        "meaning of its column “direction” is not known. Fill in the template “messages” instead."
    )


class ConsultByItemError(ExportError):
    """Error raised for the consult export per item."""

    message = _(
        "{file}: these are consultations per item, with neither agents nor replies; no figure "
        "here is made of them. Export the reception figures (咨询接待) instead."
    )


class DailyReportError(ExportError):
    """Error raised for the shop's daily report, unless somebody asked for its scores."""

    message = _(
        "{file}: the daily report does not say whether its scores are those of 180 days or of "
        "the day. If they are those of 180 days, choose the layout “{layout}” and upload again."
    )


class SeveralDaysError(ExportError):
    """Error raised where a sheet that must hold one day holds several."""

    message = _(
        "{place}: the export must be of one day, but holds {days}. Export each day by itself."
    )


class UnknownChatTextError(ExportError):
    """Error raised when a text is no table and none of the chat texts."""

    message = _(
        "{file}: this is neither a table nor a chat text that is known. In a chat, two or more "
        "lines name who wrote and when, and an agent (shop:name) or several people speak in turn. "
        "The first lines: {sample}. If it is a chat all the same, choose its layout ({layouts}); "
        "else fill in the template “messages”."
    )
