"""Files that are known by their headings and still refused, with the reason."""

from datetime import date

from exports.cells.headings import normal_header
from exports.files.sheets import Member
from exports.recognise import HEADER_ROWS
from exports.refusals import ConsultByItemError
from exports.result import Reading

CONSULT_BY_ITEM = "consult_by_item"
_CONSULT_HEADINGS = {"商品id", "总咨询人数"}


def claimed_refused(member: Member) -> str | None:
    """The layout of a file that is refused on sight."""
    for sheet in member.sheets():
        for row in sheet.cells.head(HEADER_ROWS).rows():
            if {normal_header(cell) for cell in row} >= _CONSULT_HEADINGS:
                return CONSULT_BY_ITEM
    return None


def refuse(member: Member, layout: str, day: date | None) -> list[Reading]:
    """Refuses the file.

    Raises:
        ConsultByItemError: Always.
    """
    raise ConsultByItemError(file=member.file_name)
