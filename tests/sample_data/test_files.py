"""The generated files against docs/exports.md: encodings, headings, placeholders, and read back."""

import re
from pathlib import Path

import polars as pl
import pytest

from sample_data import SHOP_FILES
from sample_data.order_files import ORDER_HEADERS, PHONE, RECEIVERS
from sample_data.plan import Plan
from sample_data.world import draw_world
from tests.sample_data.reading import read_shop

#: The small shop of the fixture, drawn once more.
WORLD = draw_world(Plan(days=60, orders_per_day=12, seed=7))


def cells(path: Path) -> pl.DataFrame:
    text = path.read_bytes().decode("gb18030")
    return pl.read_csv(text.encode(), infer_schema=False)


@pytest.mark.parametrize("table", ["messages", "orders", "order_items", "refunds", "ratings"])
def test_files_read_back_as_what_happened(small_shop: Path, table: str) -> None:
    read = read_shop(small_shop)[0][table]
    keys = [name for name in WORLD.frames[table].columns if name.endswith("_id")]
    keys = keys or ["sent_at", "buyer", "sender"]
    assert read.sort(keys).equals(WORLD.frames[table].sort(keys), null_equal=True)


def test_every_table_of_the_shop_is_fed(small_shop: Path) -> None:
    assert set(read_shop(small_shop)[0]) == {
        "messages",
        "service_days",
        "orders",
        "order_items",
        "refunds",
        "ratings",
        "rating_days",
        "rating_snapshots",
        "reviews",
    }


def test_the_workbook_lists_the_items_of_its_day(small_shop: Path) -> None:
    scores = read_shop(small_shop)[0]["rating_days"].filter(source="workbook_items")
    rated = WORLD.frames["ratings"].filter(pl.col("rated_at").dt.date() == scores["day"][0])
    per_dimension = scores.group_by("dimension").agg(pl.col("count").sum()).rows()
    assert scores["day"].n_unique() == 1
    assert rated.height > 0
    assert dict(per_dimension) == {name: rated[name].count() for name, _ in per_dimension}


def test_order_files_are_gbk_with_guarded_ids(small_shop: Path) -> None:
    raw = min(small_shop.glob("ExportOrderList*.csv")).read_bytes()
    with pytest.raises(UnicodeDecodeError):
        raw.decode("utf-8")
    header, first, *_ = raw.decode("gb18030").split("\r\n")
    assert tuple(header.split(",")) == ORDER_HEADERS
    assert len(ORDER_HEADERS) == 71
    assert "订单付款时间 " in ORDER_HEADERS
    assert re.match(r'="3\d{18}","tb\d{9}",', first)


def test_chat_files_are_utf_8_with_a_byte_order_mark(small_shop: Path) -> None:
    raw = min(small_shop.glob("聊天记录*.csv")).read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    assert raw.decode("utf-8-sig").splitlines()[0] == "店铺,买家,客服,发送方,发送时间,消息内容"


def test_personal_columns_hold_placeholders(small_shop: Path) -> None:
    for path in small_shop.glob("ExportOrderList*.csv"):
        orders = cells(path)
        assert set(orders["收货人姓名"]) <= set(RECEIVERS)
        assert orders["收货地址"].str.contains("示例市 示例区 示例路").all()
        assert set(orders["联系手机"]) == {PHONE}
        blank = ("联系电话", "买家留言", "发票抬头", "支付单号", "修改后的收货地址")
        assert orders.select(blank).null_count().row(0) == (orders.height,) * len(blank)


@pytest.mark.parametrize("folder", ["small", "committed"])
def test_no_real_number_or_address_stands_in_a_file(folder: str, small_shop: Path) -> None:
    for path in (small_shop if folder == "small" else SHOP_FILES).glob("*.csv"):
        raw = path.read_bytes()
        text = raw.decode("utf-8-sig" if raw.startswith(b"\xef\xbb\xbf") else "gb18030")
        phones = set(re.findall(r"(?<!\d)1[3-9]\d{9}(?!\d)", text))
        assert phones <= {PHONE.strip("'")}
        assert not re.search(r"[\w.]+@[\w.]+", text)
        nicks = set(re.findall(r"\btb\w+", text))
        assert all(re.fullmatch(r"tb\d{9}", nick) for nick in nicks)


def test_the_committed_shop_stays_small() -> None:
    sizes = [path.stat().st_size for path in SHOP_FILES.iterdir()]
    assert sum(sizes) <= 8_000_000
    assert max(sizes) <= 4_000_000
