import pytest

from pages.records.parts.column_names import COLUMN_NAMES
from pages.records.parts.mapping_form import MADE
from store.schemas import FED_TABLES


@pytest.mark.parametrize("table", FED_TABLES)
def test_every_column_a_person_may_pick_has_a_name(table: str) -> None:
    assert set(FED_TABLES[table].column_names()) - set(MADE) <= set(COLUMN_NAMES)


def test_no_name_is_left_over() -> None:
    columns = {name for schema in FED_TABLES.values() for name in schema.column_names()}
    assert set(COLUMN_NAMES) <= columns
