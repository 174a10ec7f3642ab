"""The first day with the product: upload, read, change, save, take back, in a real browser."""

import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from playwright.sync_api import Page, expect

from cli import main
from store.tables import shops
from tests.browser.conftest import export_files
from tests.browser.screen import (
    card,
    choose,
    go,
    grid,
    judged,
    keyed,
    names,
    saved_csv,
    settled,
    spoken,
    told,
)
from told.language import DASH, Language, translator

pytestmark = pytest.mark.browser
CHECKS = "Every check with its verdict, the gravest first"


def test_the_first_day_from_empty_store_to_withdrawal(page: Page, store: Path) -> None:
    _ = translator("zh")
    # A table draws only the columns that fit; here all of them are read.
    page.set_viewport_size({"width": 1920, "height": 1080})
    expect(page.get_by_text(_("No files yet"))).to_be_visible()
    page.get_by_role("link", name=_("Go to uploads")).click()
    _upload_everything(page, store)
    go(page, _("Health today"))
    _cards_equal_the_command_line(page, store, "zh")
    _table_and_file_are_one(page)
    go(page, _("Replies"))
    _periods_equal_the_command_line(page, store)
    _the_other_language(page)
    _take_the_refunds_back(page, store)


def _upload_everything(page: Page, store: Path) -> None:
    """Every file is previewed first and written once accepted."""
    _, files = translator("zh"), export_files()
    expect(page.get_by_role("heading", name=_("Uploads"), level=1)).to_be_visible()
    page.locator('input[type="file"]').set_input_files(files)
    accept = page.get_by_role("button", name=_("Accept {n} files").format(n=len(files)))
    expect(accept).to_be_enabled()
    settled(page)
    head, *rows = grid(page, _("What the files would change"))
    file, new, aside = (head.index(_(name)) for name in ("File", "New", "Set aside"))
    assert {row[file].split(" · ")[0] for row in rows} == {path.name for path in files}
    assert all(int(row[new]) > 0 for row in rows)
    assert CliRunner().invoke(main, ["metrics", "--store", str(store)]).exit_code == 2
    accept.click()
    added = _("{n} files were added to {shops}.").format(n=len(files), shops="示例店")
    expect(page.get_by_text(added)).to_be_visible()
    settled(page)
    listed = [
        dict(zip(*pair, strict=True)) for pair in _pairs(grid(page, _("Uploads of this shop")))
    ]
    assert sum(int(row[_("Accepted")]) for row in listed) == sum(int(row[new]) for row in rows)
    assert sum(int(row[_("Set aside")]) for row in listed) == sum(int(row[aside]) for row in rows)


def _pairs(table: list[list[str]]) -> list[tuple[list[str], list[str]]]:
    return [(table[0], row) for row in table[1:]]


def _cards_equal_the_command_line(page: Page, store: Path, tongue: Language) -> None:
    """Six cards, each the value that the command line tells of the family."""
    _, ids = translator(tongue), names(tongue)
    labels = page.get_by_test_id("stMetricLabel")
    expect(labels).to_have_count(6)
    families = judged(store, tongue)
    headlines = {row["metric"]: row for row in families}
    for metric_id in (ids[text.strip()] for text in labels.all_inner_texts()):
        assert card(page, _name(tongue, metric_id)) == spoken(headlines[metric_id], tongue)
    checks = grid(page, _(CHECKS))[1:]
    assert {row[3] for row in checks} == {row["sentence"] for row in families}


def _name(tongue: Language, metric_id: str) -> str:
    return next(name for name, held in names(tongue).items() if held == metric_id)


def _table_and_file_are_one(page: Page) -> None:
    assert saved_csv(page, "today_checks") == grid(page, translator("zh")(CHECKS))


def _periods_equal_the_command_line(page: Page, store: Path) -> None:
    """Another period: another address, other values, each the command line's."""
    _, seen = translator("zh"), []
    newest = date.fromisoformat(re.findall(r"to=([\d-]+)", page.url)[0])
    for days, preset in ((28, ""), (7, _("Last 7 days")), (90, _("Last 90 days"))):
        first = newest - timedelta(days=days - 1)
        if preset:
            choose(page, keyed(page, "filters_period"), preset)
        expect(page).to_have_url(re.compile(f"from={first}&to={newest}"))
        settled(page)
        rows = told(store, "--from", str(first), "--to", str(newest))
        cards = {row["metric"]: row for row in rows}
        labels = [text.strip() for text in page.get_by_test_id("stMetricLabel").all_inner_texts()]
        assert len(labels) == 9
        for name in labels:
            assert card(page, name) == spoken(cards[names("zh")[name]], "zh")
        seen.append([card(page, name) for name in labels])
    assert seen[0] != seen[1] != seen[2]


def _the_other_language(page: Page) -> None:
    """English and back: the same numbers under other words."""
    chinese = card(page, _name("zh", "reply_rate"))
    keyed(page, "filters_language").get_by_text("English").click()
    expect(page.get_by_role("heading", name="Replies", level=1)).to_be_visible()
    expect(page).to_have_url(re.compile("lang=en"))
    settled(page)
    assert card(page, _name("en", "reply_rate")) == chinese
    keyed(page, "filters_language").get_by_text("中文").click()
    expect(page).to_have_url(re.compile("lang=zh"))
    expect(page.get_by_role("heading", name=translator("zh")("Replies"), level=1)).to_be_visible()


def _take_the_refunds_back(page: Page, store: Path) -> None:
    """Without the refund file there is no retention, neither here nor on the command line."""
    _ = translator("zh")
    file = next(path.name for path in export_files() if "退款" in path.name)
    go(page, _("Uploads"))
    choose(page, keyed(page, "uploads_chosen"), file)
    keyed(page, "uploads_withdraw").get_by_role("button").click()
    page.get_by_role("dialog").get_by_role("button", name=_("Withdraw"), exact=True).click()
    expect(page.get_by_text(_("{file} was taken back.").format(file=file))).to_be_visible()
    go(page, _("Health today"))
    checks = {row[0]: row[3] for row in grid(page, _(CHECKS))[1:]}
    assert checks[_("Refunds kept")] == _("No data yet.")
    assert card(page, _name("zh", "reply_rate")) != DASH
    (row,) = told(store, "--metric", "refund_retention")
    assert row["value"] is None
    assert shops(store) == ["示例店"]
