"""The tables of the weekly review as one workbook."""

from reports.review.agenda import agenda
from reports.review.weekly import Review
from told.language import Language
from told.spoken import Spoken
from told.tables import workbook_bytes


def review_xlsx(review: Review, /, *, language: Language) -> bytes:
    """Every table of the agenda, a sheet each, in the agenda's order; buyers' names left out."""
    tables = [
        table
        for point in agenda(review, Spoken(language, review.settings.paid_in))
        for table in point.tables
    ]
    return workbook_bytes(
        [(table.name, table.frame, table.columns) for table in tables], language=language
    )
