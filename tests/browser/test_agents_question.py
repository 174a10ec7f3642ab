"""A chat that does not say who serves: asked on the uploads page; and a refusal beside it."""

from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.browser.screen import settled, told

pytestmark = pytest.mark.browser
CASES = Path(__file__).parents[1] / "exports" / "cases"


def test_who_serves_is_asked_and_a_headless_list_refused_without_its_names(
    page: Page, store: Path, app: str
) -> None:
    page.goto(f"{app}/uploads?lang=en")
    names = ("03a_main_account.txt", "10_no_header_row.csv")
    files = [FilePayload(name=n, mimeType="", buffer=(CASES / n).read_bytes()) for n in names]
    page.locator("input[type=file]").set_input_files(files)
    refusal = page.get_by_role("alert").filter(has_text="10_no_header_row.csv")
    expect(refusal).to_contain_text("import --map")
    expect(refusal).not_to_contain_text("13800138000")
    expect(page.get_by_text("who of these answers for the shop?")).to_be_visible()
    page.get_by_role("combobox", name="Who answers for the shop").click()
    page.get_by_role("option", name="示例店").click()
    # The list stays open over the buttons below it.
    page.keyboard.press("Escape")
    expect(page.get_by_role("option")).to_have_count(0)
    settled(page)
    page.get_by_role("button", name="Accept 1 files").click()
    expect(page.get_by_text("1 files were added to")).to_be_visible()
    (rate,) = told(store, "--metric", "reply_rate")
    assert (rate["value"], rate["denominator"]) == (1.0, 1)
