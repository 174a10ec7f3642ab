"""The template files people download, fill in and upload."""

from typing import Any

import pytest

from exports.layouts import load_layouts
from exports.reading import read_file
from exports.templates import TEMPLATES, Template, template, template_file

KINDS = ("csv", "xlsx")


def label(value: Any) -> str:
    return f"{value.table}-{value.language}" if isinstance(value, Template) else str(value)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("wanted", TEMPLATES, ids=label)
def test_a_template_is_read_as_it_comes(wanted: Template, kind: Any) -> None:
    name, content = template_file(wanted.table, wanted.language, kind)
    assert name.endswith(f".{kind}")
    (reading,) = read_file(name, content)
    assert reading.table == wanted.table
    assert reading.rows.height == len(wanted.examples) == 2
    assert reading.rejected.is_empty()
    assert (reading.remarks, reading.unknown_headers) == ((), ())


@pytest.mark.parametrize("wanted", TEMPLATES, ids=label)
def test_a_template_has_the_headings_of_its_layout(wanted: Template) -> None:
    headers = [layout.header for layout in load_layouts() if layout.table == wanted.table]
    assert wanted.headings in headers


def test_excel_is_told_the_encoding() -> None:
    assert template_file("messages", "zh")[1].startswith(b"\xef\xbb\xbf")


def test_ids_of_the_workbook_keep_all_their_digits() -> None:
    (reading,) = read_file(*template_file("ratings", "zh", "xlsx"))
    assert reading.rows["order_id"].to_list() == [
        row[0] for row in template("ratings", "zh").examples
    ]
