"""The tables of the weekly review as one workbook."""

from language import Language
from reports.agenda import agenda
from reports.spoken import Spoken
from reports.tables import workbook_bytes
from reports.weekly import Review


def review_xlsx(review: Review, /, *, language: Language) -> bytes:
    """Every table of the agenda, a sheet each, in the agenda's order; buyers' names left out."""
    tables = [table for point in agenda(review, Spoken(language)) for table in point.tables]
    return workbook_bytes(
        [(table.name, table.frame, table.columns) for table in tables], language=language
    )
