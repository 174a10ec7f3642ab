import pytest

from exports import mapping
from pages.records.parts.column_names import COLUMN_NAMES
from pages.records.parts.mapping_form import UNITS, WORDS
from store.schemas import FED_TABLES


@pytest.mark.parametrize("table", FED_TABLES)
def test_every_column_a_person_may_pick_has_a_name(table: str) -> None:
    offers = mapping.offered_columns(table)
    assert {offer.column for offer in offers} <= set(COLUMN_NAMES)
    assert {unit for offer in offers for unit in offer.units if unit} <= set(UNITS)
    assert {meaning for offer in offers for meaning in offer.meanings} <= set(WORDS)


def test_no_name_is_left_over() -> None:
    columns = {"shop_name"} | {
        name for schema in FED_TABLES.values() for name in schema.column_names()
    }
    assert set(COLUMN_NAMES) <= columns
