"""Exports that are known and still not read, each with its reason."""

from collections.abc import Sequence

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


class ZoneUnclearError(ExportError):
    """Error raised before a shop's first rows are written, where its zone does not fit a file's."""

    message = _(
        "{file}: its times are {offsets} from universal time, which does not fit the shop's time "
        "zone {zone}; days would be cut wrongly. Say which zone the shop is in, such as {zones} "
        "(on the command line: --zone {first}). Nothing was written."
    )

    def __init__(self, *, choices: Sequence[str], **params: object) -> None:
        #: The zones that fit, the likeliest first.
        self.choices = tuple(choices)
        super().__init__(**params)


class ZoneSettledError(ExportError):
    """Error raised where a file was to be read in another zone than its shop's."""

    message = _(
        "{file}: it was to be read in the time zone {zone}, but the shop {shop} keeps {settled}. "
        "Name the shop the file belongs to, or change its time zone on the settings page first. "
        "Nothing was written."
    )


class UnknownChatTextError(ExportError):
    """Error raised when a text is no table and none of the chat texts."""

    message = _(
        "{file}: this is neither a table nor a chat text that is known. In a chat, two or more "
        "lines name who wrote and when, and an agent (shop:name) or several people speak in turn. "
        "The first lines: {sample}. If it is a chat all the same, choose its layout ({layouts}); "
        "else fill in the template “messages”."
    )
