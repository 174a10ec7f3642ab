"""A shop's currency and the key of its buyers, from the import to the store."""

from pathlib import Path
from shutil import rmtree

import polars as pl
import pytest

from intake.batch import DEFAULT_SHOP, FilePlan, accept, plan_files
from intake.money import shop_currency
from sample_data import SAMPLE_SHOP
from store import buyer_key
from store.doctor import doctor
from store.errors import StoreError
from store.settings import ShopSettings
from store.shop_settings import load_settings, save_settings
from store.tables import scan
from store.uploads import rejected
from tests.exports.small_files import csv_file

SHOP = "Example shop"
HEADER = ["Name", "Email", "Financial Status", "Paid at", "Currency", "Total", "Created at"]
TAOBAO = ["订单编号", "订单创建时间", "订单付款时间", "总金额", "买家实际支付金额"]
ANN = "Ann.Example@example.com"


@pytest.fixture(autouse=True)
def in_a_new_process() -> None:
    """What one process made and nobody kept is forgotten."""
    buyer_key._new_key.cache_clear()


def shopify(*orders: tuple[str, str, str]) -> bytes:
    """A file of orders by name, e-mail address and currency."""
    day = "2025-03-01 10:00:00 +0800"
    rows = [[name, email, "paid", day, code, "10.00", day] for name, email, code in orders]
    return csv_file(HEADER, *rows)


def taobao(order_id: str) -> bytes:
    return csv_file(TAOBAO, [order_id, *["2025-03-01 10:00:00"] * 2, "10.00", "10.00"])


def brought(store: Path, *files: bytes, shop: str | None = SHOP, currency: str = "") -> FilePlan:
    """The last plan of files imported together."""
    named = [(f"{nth}.csv", content) for nth, content in enumerate(files)]
    plans = plan_files(store, named, shop=shop, currency=currency)
    for plan in plans:
        if plan.ready:
            accept(store, plan, "test")
    return plans[-1]


def held(store: Path, shop: str = SHOP) -> list[str]:
    return scan(store, "orders", shop).collect().sort("order_id")["order_id"].to_list()


def buyers(store: Path) -> dict[str, str]:
    return dict(scan(store, "orders", SHOP).select("order_id", "buyer").collect().rows())


def codes(plan: FilePlan) -> set[str]:
    read = [remark for reading in plan.file.readings for remark in reading.remarks]
    told = [remark for part in plan.parts for each in part.readings for remark in each.remarks]
    return {remark.code for remark in (*plan.remarks, *read, *told)}


def test_a_shop_learns_its_currency_from_the_first_file_that_names_one(store: Path) -> None:
    brought(store, shopify(("#1", "", "TRY"), ("#2", "", "TRY"), ("#3", "", "USD")))
    assert load_settings(store, SHOP).currency == "TRY"
    brought(store, shopify(("#4", "", "USD"), ("#5", "", "USD"), ("#6", "", "TRY")))
    assert held(store) == ["#1", "#2", "#6"]
    aside = rejected(store).select("value", "reason", pl.col("cells").str.contains("USD"))
    assert set(aside.rows()) == {("USD", "other_currency", True)}


def test_a_platforms_own_currency_holds_without_being_written(store: Path) -> None:
    brought(store, taobao("1"))
    assert (load_settings(store, SHOP).currency, shop_currency(store, SHOP)) == ("", "CNY")
    plan = brought(store, shopify(("#1", "", "USD")))
    assert plan.file.error is not None
    assert held(store) == ["1"]


def test_a_file_in_another_currency_than_the_one_before_it_in_a_batch_is_set_aside(
    store: Path,
) -> None:
    plan = brought(store, shopify(("#1", "", "EUR")), shopify(("#2", "", "USD"), ("#3", "", "EUR")))
    assert held(store) == ["#1", "#3"]
    assert "other_currency" in codes(plan)


def test_the_sample_shops_currency_is_nobody_elses(store: Path) -> None:
    brought(store, taobao("1"), shop=SAMPLE_SHOP)
    assert "other_currency" not in codes(brought(store, shopify(("#1", "", "USD")), shop=None))
    assert (held(store, DEFAULT_SHOP), shop_currency(store, DEFAULT_SHOP)) == (["#1"], "USD")


def test_files_read_before_their_shops_currency_was_known_are_held_to_it(store: Path) -> None:
    first, second = plan_files(
        store, [("1.csv", shopify(("#1", "", "EUR"))), ("2.csv", taobao("2"))], shop=SHOP
    )
    (told,) = second.parts
    assert (first.ready, second.ready) == (True, False)
    assert {code for reading in told.readings for code in reading.rejected["reason"]} == {
        "other_currency"
    }


def test_an_uploader_says_what_unnamed_amounts_are_in(store: Path) -> None:
    brought(store, taobao("1"), currency="EUR")
    assert (held(store), shop_currency(store, SHOP)) == (["1"], "EUR")
    plan = brought(store, taobao("2"), currency="USD")
    assert plan.file.error is not None
    assert held(store) == ["1"]


def test_the_currency_in_the_settings_decides(store: Path) -> None:
    save_settings(store, SHOP, ShopSettings(currency="USD"), "test")
    brought(store, shopify(("#1", "", "TRY"), ("#2", "", "TRY"), ("#3", "", "USD")))
    assert held(store) == ["#3"]


def test_each_shop_has_its_own(store: Path) -> None:
    brought(store, taobao("1"))
    brought(store, shopify(("#1", "", "EUR")), shop="Other shop")
    assert shop_currency(store, "Other shop") == "EUR"
    assert held(store, "Other shop") == ["#1"]


def test_a_file_that_names_no_currency_is_told_what_it_is_taken_for(store: Path) -> None:
    assert "currency_assumed" in codes(brought(store, shopify(("#1", "", ""))))
    save_settings(store, SHOP, ShopSettings(currency="EUR"), "test")
    assert "currency_assumed" not in codes(brought(store, shopify(("#2", "", ""))))


def test_an_address_is_one_buyer_in_every_file_and_shop_and_never_kept(store: Path) -> None:
    brought(store, shopify(("#1", ANN, "EUR"), ("#2", f" {ANN.lower()} ", "EUR")))
    first = buyers(store)["#1"]
    buyer_key._new_key.cache_clear()
    brought(store, shopify(("#3", ANN.upper(), "EUR"), ("#4", "bob@example.com", "EUR")))
    named = buyers(store)
    assert named["#1"] == named["#2"] == named["#3"] == first != named["#4"]
    assert named["#1"].startswith("buyer ")
    for path in (path for path in store.rglob("*") if path.is_file()):
        content = pl.read_parquet(path).write_ndjson() if path.suffix == ".parquet" else ""
        content += path.read_bytes().decode(errors="replace")
        assert "example.com" not in content.lower(), path


def test_stores_name_a_buyer_differently(store: Path, tmp_path: Path) -> None:
    brought(store, shopify(("#1", ANN, "EUR")))
    other = tmp_path / "other"
    brought(other, shopify(("#1", ANN, "EUR")))
    assert buyers(store)["#1"] != buyers(other)["#1"]


def test_a_look_writes_no_key(store: Path) -> None:
    plan_files(store, [("1.csv", shopify(("#1", ANN, "EUR")))], shop=SHOP)
    assert not store.exists()


@pytest.mark.parametrize("lost", ["the folder", "the file"])
def test_a_lost_key_is_told_and_buyers_begin_anew(store: Path, lost: str) -> None:
    brought(store, shopify(("#1", ANN, "EUR")))
    assert {check.state for check in doctor(store)} == {"ok"}
    folder = store / "buyer-key"
    for path in folder.rglob("*.parquet"):
        path.unlink()
    if lost == "the folder":
        rmtree(folder)
    buyer_key._new_key.cache_clear()
    assert [check.state for check in doctor(store) if check.subject == "buyer-key"] == ["problem"]
    assert "buyer_key_lost" in codes(brought(store, shopify(("#2", ANN, "EUR"))))
    named = buyers(store)
    assert named["#1"] != named["#2"]
    assert "buyer_key_lost" not in codes(brought(store, shopify(("#3", ANN, "EUR"))))
    assert buyers(store)["#3"] == named["#2"]


def test_rows_named_by_another_key_than_the_stores_are_not_written(store: Path) -> None:
    (mine,) = plan_files(store, [("1.csv", shopify(("#1", ANN, "EUR")))], shop=SHOP)
    buyer_key._new_key.cache_clear()
    brought(store, shopify(("#2", ANN, "EUR")))
    with pytest.raises(StoreError, match="import the file again"):
        accept(store, mine, "test")
    assert held(store) == ["#2"]
