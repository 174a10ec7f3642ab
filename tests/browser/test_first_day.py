"""The first day with the product, in a real browser: upload, read, change, save, take back."""

from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from language import percent
from metrics.measure import measure
from sample_data.generate import generate
from store.settings import ShopSettings
from store.tables import shop_tables, shops

pytestmark = pytest.mark.browser
#: Milliseconds a page may take on a busy machine.
LIMIT = 90_000


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The files of a small shop, as its back office gives them."""
    folder = tmp_path_factory.mktemp("exports")
    files = generate(folder, days=40, orders_per_day=8, seed=3, chat_days=40)
    return [file for file in files if file.suffix != ".json"]


def value(page: Page, name: str) -> str:
    """The number on the card of this name."""
    card = page.get_by_test_id("stMetric").filter(has_text=name).first
    return card.get_by_test_id("stMetricValue").inner_text()


def uploaded(page: Page, app: str, exports: list[Path]) -> None:
    page.goto(f"{app}/uploads?lang=en")
    page.locator('input[type="file"]').set_input_files([str(file) for file in exports])
    accept = page.get_by_role("button", name="Accept")
    expect(accept).to_be_enabled(timeout=LIMIT)
    accept.click(timeout=LIMIT)
    expect(page.get_by_text("files were added to")).to_be_visible(timeout=LIMIT)


def test_files_become_numbers_that_equal_the_command_lines(
    app: str, page: Page, store: Path, exports: list[Path]
) -> None:
    uploaded(page, app, exports)
    shop = shops(store)[0]
    page.goto(f"{app}/replies?lang=en&shop={shop}")
    expect(page.get_by_text("Reply rate").first).to_be_visible(timeout=LIMIT)
    expect(page.get_by_test_id("stMetric").first).to_be_visible(timeout=LIMIT)
    first, last = (page.url.split(f"{end}=")[1][:10] for end in ("from", "to"))
    asked = measure(
        shop_tables(store, shop),
        ShopSettings(),
        ids=["reply_rate"],
        first=date.fromisoformat(first),
        last=date.fromisoformat(last),
    )
    share = asked.collect()["value"][0]
    assert value(page, "Reply rate") == percent(share, "en")


def test_language_period_download_and_withdrawal(app: str, page: Page, exports: list[Path]) -> None:
    uploaded(page, app, exports)
    page.goto(f"{app}/?lang=en")
    expect(page.get_by_text("checks are fine")).to_be_visible(timeout=LIMIT)
    assert page.get_by_test_id("stMetric").count() == 6
    with page.expect_download(timeout=LIMIT) as download:
        page.get_by_role("button", name="Save as CSV").first.click()
    assert Path(download.value.path()).read_bytes().startswith("\ufeffCheck,Verdict".encode())
    page.get_by_text("中文").click()
    expect(page.get_by_role("heading", name="今日体检")).to_be_visible(timeout=LIMIT)
    page.goto(f"{app}/uploads?lang=en")
    page.get_by_role("button", name="Withdraw…").click(timeout=LIMIT)
    page.get_by_role("button", name="Withdraw", exact=True).click(timeout=LIMIT)
    expect(page.get_by_text("was taken back")).to_be_visible(timeout=LIMIT)
