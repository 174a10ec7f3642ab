"""A shop whose amounts are in euros: no page, file or message speaks of another currency."""

import re
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner
from streamlit.testing.v1 import AppTest

from cli import main
from store.settings import ShopSettings
from store.shop_settings import save_settings
from tests.pages.shops import fill, opened, trading
from told.language import Language

ROOT = Path(__file__).parents[2]
EVERY_PAGE = sorted(
    f"{path.parent.name}/{path.stem}"
    for path in (ROOT / "pages").glob("*/*.py")
    if path.parent.name != "shared"
)
#: 单元 is a unit or a cell.
OTHERS = re.compile(r"¥|￥|(?<!单)元|yuan|CNY")


@pytest.fixture
def in_euros(store: Path) -> Path:
    fill(store, trading())
    save_settings(store, "shop", ShopSettings(currency="EUR"), "test")
    return store


def texts(at: AppTest) -> str:
    """All that a page shows: words, figures, charts and the headings of its tables."""
    shown = []
    for element in (*at.main, *at.sidebar):
        proto = getattr(element, "proto", None)
        if proto is None or getattr(element, "key", None) == "settings_currency":
            continue
        shown.append(proto.SerializeToString().decode("utf-8", "ignore"))
    shown += [heading for table in at.dataframe for heading in table.value.columns]
    return "\n".join(shown)


@pytest.mark.parametrize(
    ("language", "pages"),
    [("zh", EVERY_PAGE), ("en", ["overview/today", "sales/refunds", "sales/unit_price"])],
)
def test_pages_speak_of_euros_alone(in_euros: Path, language: Language, pages: list[str]) -> None:
    read = {page: texts(opened(page, lang=language)) for page in pages}
    assert {page: OTHERS.findall(text) for page, text in read.items() if OTHERS.search(text)} == {}
    told = {page for page, text in read.items() if "€" in text}
    assert {"overview/today", "sales/unit_price", "sales/refunds"} <= told


def run(store: Path, command: str, *arguments: object) -> str:
    result = CliRunner().invoke(main, [command, "--store", str(store), *map(str, arguments)])
    assert result.exit_code == 0, result.output
    return result.output


def test_what_leaves_the_product_speaks_of_euros_alone(in_euros: Path, tmp_path: Path) -> None:
    review, tables = tmp_path / "review.html", tmp_path / "review.xlsx"
    run(in_euros, "report", "--out", review, "--xlsx", tables)
    sheets = openpyxl.load_workbook(tables).worksheets
    cells = [str(cell.value) for sheet in sheets for row in sheet.rows for cell in row]
    digest = run(in_euros, "digest", "--dry-run")
    for text in (review.read_text(encoding="utf-8"), "\n".join(cells), digest):
        assert OTHERS.findall(text) == []
    assert "€" in review.read_text(encoding="utf-8")
    assert "（€）" in "\n".join(cells)
    printed = run(in_euros, "metrics", "--metric", "order_price", "--format", "csv")
    assert ",20.0,240.0,12.0,EUR," in printed


def test_amounts_without_decimals_have_none(store: Path) -> None:
    fill(store, trading())
    save_settings(store, "shop", ShopSettings(currency="JPY"), "test")
    at = opened("sales/unit_price", lang="en")
    assert "¥20" in [metric.value for metric in at.metric]
