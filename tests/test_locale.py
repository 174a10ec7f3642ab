"""The catalogues hold every message of the code, translated, and nothing else."""

import gettext
import io
import string
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from told.language import layout_names

ROOT = Path(__file__).parents[1]
TEMPLATE = ROOT / "locale" / "store_health.pot"
#: Folders whose ``_("…")`` are words of the product.
SPOKEN = ("pages", "metrics", "exports", "store", "charts", "reports", "sample_data")
MARKS = {"_": None, "mark": None}


def catalogue(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file)


def messages(catalog: Catalog) -> set[str]:
    return {str(message.id) for message in catalog if message.id}


def in_code() -> set[str]:
    found: set[str] = set()
    for folder in SPOKEN:
        rows = extract_from_dir(ROOT / folder, [("**.py", "python")], keywords=MARKS)
        found |= {str(row[2]) for row in rows}
    for file in ROOT.glob("*.py"):
        rows = extract_from_dir(ROOT, [(file.name, "python")], keywords=MARKS)
        found |= {str(row[2]) for row in rows}
    for layout in (ROOT / "exports" / "layouts").glob("*.toml"):
        with layout.open("rb") as toml:
            found |= {name for _, _, name, _ in layout_names(toml, None, None, None)}
    return found


def po(locale: str) -> Path:
    return ROOT / "locale" / locale / "LC_MESSAGES" / "store_health.po"


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_the_template_holds_every_message_of_the_code_and_no_other() -> None:
    code, template = in_code(), messages(catalogue(TEMPLATE))
    assert {"missing": code - template, "unused": template - code} == {
        "missing": set(),
        "unused": set(),
    }


@pytest.mark.parametrize("locale", ["zh_CN", "en"])
def test_each_language_holds_exactly_the_template(locale: str) -> None:
    assert messages(catalogue(po(locale))) == messages(catalogue(TEMPLATE))


def test_every_message_is_translated_into_chinese() -> None:
    catalog = catalogue(po("zh_CN"))
    assert [m.id for m in catalog if m.id and (not m.string or m.fuzzy)] == []


def test_a_translation_fills_the_same_fields() -> None:
    wrong = [
        (m.id, m.string)
        for m in catalogue(po("zh_CN"))
        if m.id and fields(str(m.id)) != fields(str(m.string))
    ]
    assert wrong == []


@pytest.mark.parametrize("locale", ["zh_CN", "en"])
def test_the_compiled_catalogue_is_the_text_one(locale: str) -> None:
    buffer = io.BytesIO()
    write_mo(buffer, catalogue(po(locale)))
    buffer.seek(0)
    with po(locale).with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    fresh = gettext.GNUTranslations(buffer)
    spoken = {m: (compiled.gettext(m), fresh.gettext(m)) for m in messages(catalogue(TEMPLATE))}
    assert {m: pair for m, pair in spoken.items() if pair[0] != pair[1]} == {}


def test_folder_holds_no_module_that_would_hide_pythons_own_locale() -> None:
    assert not list((ROOT / "locale").rglob("*.py"))
