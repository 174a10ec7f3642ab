"""What counts as paid and given back by the rules of each platform, small enough to add by hand."""

from collections.abc import Iterable, Mapping
from typing import Any
from unicodedata import normalize

import polars as pl
import pytest

from exports.cells.headings import normal_header
from exports.errors import UnknownLayoutError
from exports.files.sheets import Sheet
from exports.layouts import Layout, layout_by_id, load_layouts
from exports.reading import Reading, read_file
from exports.recognise import recognise
from tests.exports import other_platforms
from tests.exports.small_files import csv_file

AT, LATER = "2025-01-02 09:00:00", "2025-01-02 09:05:00"
LAYOUTS = load_layouts()
NEW = [layout for layout in LAYOUTS if layout.id in {*other_platforms.FAMILIES}]


def layout(name: str) -> Layout:
    found = layout_by_id(LAYOUTS, name)
    assert found is not None
    return found


def file_of(name: str, lines: Iterable[Mapping[str, str]], *below: list[str]) -> bytes:
    """Lines by heading under the whole header of a layout; what a line leaves out is blank."""
    header = list(layout(name).header)
    return csv_file(header, *[[line.get(h, "") for h in header] for line in lines], *below)


def read(name: str, *lines: Mapping[str, str]) -> list[Reading]:
    return read_file("orders.csv", file_of(name, lines))


def orders(name: str, *lines: Mapping[str, str]) -> list[dict[str, Any]]:
    first, *_ = read(name, *lines)
    assert (first.layout, first.rejected.height) == (name, 0)
    return first.rows.to_dicts()


def told(rows: list[dict[str, Any]], *columns: str) -> list[tuple[Any, ...]]:
    return [tuple(row[column] for column in columns) for row in rows]


def amazon(order: str, price: str, **cells: str) -> dict[str, str]:
    line = {
        "amazon-order-id": order, "purchase-date": "2025-01-02T01:00:00+00:00",
        "order-status": "Shipped", "item-status": "Shipped", "currency": "USD", "quantity": "1",
        "item-price": price,
    }  # fmt: skip
    return line | {name.replace("_", "-"): cell for name, cell in cells.items()}


@pytest.mark.parametrize(
    ("lines", "paid"),
    [
        # 20.00 + 1.60 + 5.00 + 0.40 − 2.00 − 1.00
        pytest.param(
            [amazon("1", "20.00", item_tax="1.60", shipping_price="5.00", shipping_tax="0.40",
                    item_promotion_discount="2.00", ship_promotion_discount="1.00")],
            2_400, id="tax comes on top of American prices",
        ),
        pytest.param(
            [amazon("1", "119.00", item_tax="19.00", currency="EUR")], 11_900,
            id="European prices include it",
        ),
        pytest.param([amazon("1", "20.00"), amazon("1", "3.50")], 2_350, id="two items"),
        pytest.param(
            [amazon("1", "20.00"), amazon("1", "3.50", item_status="Cancelled")], 2_000,
            id="an item taken out",
        ),
    ],
)  # fmt: skip
def test_an_amazon_order_is_what_its_items_were_charged(
    lines: list[dict[str, str]], paid: int
) -> None:
    (row,) = orders("amazon_orders", *lines)
    assert row["paid_fen"] == paid
    assert row["paid_at"] is not None


@pytest.mark.parametrize("state", ["Pending", "Cancelled", "SomethingNew"])
def test_an_amazon_order_in_another_state_was_not_paid(state: str) -> None:
    line = amazon("1", "20.00", order_status=state, item_status="")
    assert told(orders("amazon_orders", line), "paid_at") == [(None,)]


def lazada(order: str, piece: str, state: str, **cells: str) -> dict[str, str]:
    return {
        "orderNumber": order, "orderItemId": piece, "createTime": AT, "status": state,
        "paidPrice": "100.00", "unitPrice": "110.00", "shippingFee": "10.00", **cells,
    }  # fmt: skip


def test_pieces_of_a_lazada_order_that_were_cancelled_bring_nothing() -> None:
    first, items = read(
        "lazada_orders",
        lazada("1", "11", "confirmed"),
        lazada("1", "12", "canceled"),
        lazada("2", "21", "canceled"),
        lazada("3", "31", "canceled", refundAmount="100.00"),
        lazada("4", "41", "returned", refundAmount="60.00"),
        lazada("5", "51", "unpaid"),
    )
    rows = first.rows.with_columns(paid=first.rows["paid_at"].is_not_null()).to_dicts()
    assert told(rows, "order_id", "paid", "paid_fen", "refund_fen", "status", "pieces") == [
        ("1", True, 11_000, 0, "finished", 2),
        ("2", False, 11_000, 0, "closed", 1),
        ("3", True, 11_000, 10_000, "closed", 1),
        ("4", True, 11_000, 6_000, "finished", 1),
        ("5", False, 11_000, 0, "unpaid", 1),
    ]
    assert told(items.rows.to_dicts(), "item_order_id", "paid_fen", "quantity") == [
        ("11", 10_000, 1), ("12", None, 1), ("21", 10_000, 1), ("31", 10_000, 1),
        ("41", 10_000, 1), ("51", 10_000, 1),
    ]  # fmt: skip


def ebay(record: str, order: str, item: str, **cells: str) -> dict[str, str]:
    line = {
        "Sales Record Number": record, "Order Number": order, "Item Number": item,
        "Item Title": f"item {item}" if item else "", "Quantity": "1", "Sale Date": AT,
        "Paid On Date": LATER,
    }  # fmt: skip
    return line | {name.replace("_", " "): cell for name, cell in cells.items()}


def test_an_ebay_order_of_several_items_has_a_row_of_its_own() -> None:
    lines = [
        ebay("101", "01-1", "", Quantity="3", Sold_For="$30.00", Total_Price="$36.00"),
        ebay("101", "01-1", "5001", Quantity="2", Sold_For="$10.00"),
        ebay("101", "", "5002", Sold_For="$10.00", Paid_On_Date=""),
        ebay("102", "01-2", "5001", Sold_For="$1,010.00", Total_Price="$1,015.50"),
    ]
    first, items = read("ebay_orders", *lines)
    assert told(first.rows.to_dicts(), "order_id", "paid_fen", "pieces", "title") == [
        ("01-1", 3_600, 3, "item 5001"),
        ("01-2", 101_550, 1, "item 5001"),
    ]
    assert told(items.rows.to_dicts(), "order_id", "item_id", "quantity", "price_fen") == [
        ("01-1", "5001", 2, 1_000),
        ("01-1", "5002", 1, 1_000),
        ("01-2", "5001", 1, 101_000),
    ]
    assert items.rows["paid_at"].null_count() == 0


def test_ebay_items_without_a_row_of_their_order_add_up() -> None:
    lines = [
        ebay("7", "01-7", "1", Total_Price="$3.00"),
        ebay("7", "01-7", "2", Total_Price="$4.00"),
    ]
    assert told(orders("ebay_orders", *lines), "paid_fen", "pieces") == [(700, 2)]


def test_what_stands_around_an_ebay_report_is_no_order() -> None:
    lines = [{}, ebay("101", "01-1", "5001", Total_Price="$3.00")]
    below: tuple[list[str], ...] = (
        [],
        ["1", "record(s) downloaded", "from Jan-01-25"],
        ["Seller ID : sampleseller"],
    )
    content = b"\r\n" + file_of("ebay_orders", lines, *below)
    for reading in read_file("eBay-OrdersReport.csv", content):
        assert (reading.rows.height, reading.rejected.height) == (1, 0)
        assert "sampleseller" not in str(reading)


@pytest.mark.parametrize(
    ("cell", "fen", "currency"),
    [
        ("AU $3,013.00", 301_300, "AUD"),
        ("EUR 1.090,50", 109_050, "EUR"),
        ("EUR 90,00", 9_000, "EUR"),
        ("£7.50", 750, "GBP"),
        ("$7.50", 750, ""),
    ],
)
def test_ebay_writes_amounts_as_its_site_does(cell: str, fen: int, currency: str) -> None:
    first, *_ = read("ebay_orders", ebay("101", "01-1", "5001", Total_Price=cell))
    assert told(first.rows.to_dicts(), "paid_fen") == [(fen,)]
    assert first.currency == currency


def test_an_accent_apart_from_its_letter_is_the_same_heading() -> None:
    header = [normalize("NFD", heading) for heading in layout("shopee_orders_vi").header]
    cells, _ = other_platforms.FAMILIES["shopee_orders_vi"]
    row = [cells.get(normalize("NFC", heading), "") for heading in header]
    first, *_ = read_file("orders.csv", csv_file(header, row))
    assert (first.layout, first.unknown_headers) == ("shopee_orders_vi", ())


def test_what_was_only_committed_to_on_ebay_is_not_paid() -> None:
    line = ebay("101", "01-1", "5001", Total_Price="$3.00", Paid_On_Date="")
    assert told(orders("ebay_orders", line), "status", "paid_at") == [("unpaid", None)]


def etsy(order: str, total: str, adjusted: str, net: str, state: str = "") -> dict[str, str]:
    return {
        "Order ID": order, "Sale Date": AT, "Order Total": total, "Status": state,
        "Adjusted Order Total": adjusted, "Adjusted Card Processing Fees": "0.0",
        "Adjusted Net Order Amount": net,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("line", "refund"),
    [
        pytest.param(etsy("1", "45.00", "0.0", "0.0"), 0, id="nothing was adjusted"),
        pytest.param(etsy("1", "45.00", "38.89", "36.89"), 611, id="a part"),
        pytest.param(etsy("1", "45.00", "0.0", "-43.00"), 4_500, id="all of it"),
        pytest.param(etsy("1", "45.00", "0.0", "0.0", "Refunded"), 4_500, id="the state says so"),
        pytest.param(etsy("1", "45.00", "0.0", "0.0", "Canceled"), 4_500, id="cancelled after"),
        pytest.param(etsy("1", "45.00", "", ""), None, id="no figures"),
    ],
)
def test_an_adjusted_total_is_what_etsy_says_of_refunds(
    line: dict[str, str], refund: int | None
) -> None:
    line |= {} if refund is not None else {"Adjusted Card Processing Fees": ""}
    assert told(orders("etsy_orders", line), "paid_fen", "refund_fen") == [(4_500, refund)]


def shopee(order: str, item: str, **cells: str) -> dict[str, str]:
    line = {
        "Order ID": order, "Order Status": "Completed", "Order Creation Date": AT,
        "Order Paid Time": LATER, "Product Name": item, "Deal Price": "10.00", "Quantity": "2",
        "Product Subtotal": "20.00", "Total Amount": "43.00",
    }  # fmt: skip
    return line | {name.replace("_", " "): cell for name, cell in cells.items()}


def test_amounts_of_a_shopee_order_stand_on_each_of_its_rows() -> None:
    first, items = read("shopee_orders", shopee("A", "tea"), shopee("A", "cup"), shopee("B", "tea"))
    assert told(first.rows.to_dicts(), "order_id", "paid_fen", "goods_payable_fen", "pieces") == [
        ("A", 4_300, 4_000, 4),
        ("B", 4_300, 2_000, 2),
    ]
    assert items.rows["paid_fen"].to_list() == [2_000, 2_000, 2_000]


STATE = "Return / Refund Status"


@pytest.mark.parametrize(
    ("states", "refunds"),
    [
        pytest.param(["", "Request Approved", ""], [4_300, 0], id="an item of two"),
        pytest.param(["Request Approved"] * 2 + [""], [4_300, 0], id="both items, once"),
        pytest.param(["", "", ""], [0, 0], id="nobody asked"),
        pytest.param(["", "Under Review", ""], [None, None], id="a word that says no end"),
    ],
)
def test_a_request_that_was_approved_gave_a_shopee_order_back(
    states: list[str], refunds: list[int | None]
) -> None:
    lines = [shopee("A", "tea"), shopee("A", "cup"), shopee("B", "tea")]
    rows = orders(
        "shopee_orders", *[line | {STATE: s} for line, s in zip(lines, states, strict=True)]
    )
    assert [row["refund_fen"] for row in rows] == refunds


@pytest.mark.parametrize(
    ("cell", "fen"),
    [
        ("120.000", 12_000_000),
        ("1.126.500", 112_650_000),
        ("120000", 12_000_000),
        ("Rp 120.000", 12_000_000),
        ("1.234,50", 123_450),
        ("95.5", 9_550),
    ],
)
def test_stops_part_thousands_in_indonesia(cell: str, fen: int) -> None:
    line = {
        "No. Pesanan": "1", "Waktu Pesanan Dibuat": AT, "Waktu Pembayaran Dilakukan": LATER,
        "Total Pembayaran": cell, "Jumlah": "1", "Nama Produk": "teh",
    }  # fmt: skip
    assert told(orders("shopee_orders_id", line), "paid_fen") == [(fen,)]


def test_a_line_of_a_1688_order_that_leaves_its_cells_blank_is_an_item_of_it() -> None:
    start = {"订单编号": "11", "订单创建时间": AT, "订单付款时间": LATER, "实付款(元)": "128.00"}
    lines = [
        start | {"货品标题": "茶", "数量": "2", "单价(元)": "30.00"},
        {"货品标题": "杯", "数量": "1", "单价(元)": "60.00"},
        {
            "订单编号": "12",
            "订单创建时间": AT,
            "实付款(元)": "45.00",
            "货品标题": "茶",
            "数量": "1",
        },
    ]
    first, items = read("alibaba_orders", *lines)
    assert told(first.rows.to_dicts(), "order_id", "paid_fen", "pieces", "status") == [
        ("11", 12_800, 3, "unknown"),
        ("12", 4_500, 1, "unknown"),
    ]
    assert first.rows["paid_at"].is_null().to_list() == [False, True]
    assert told(items.rows.to_dicts(), "order_id", "title", "quantity", "price_fen") == [
        ("11", "茶", 2, 3_000),
        ("11", "杯", 1, 6_000),
        ("12", "茶", 1, None),
    ]
    assert items.rows["paid_at"].is_null().to_list() == [False, False, True]


def test_a_line_with_a_time_and_no_order_is_nobodys_item() -> None:
    lines = [
        {"订单编号": "11", "订单创建时间": AT, "订单付款时间": LATER, "实付款(元)": "1.00"},
        {"订单创建时间": AT, "订单付款时间": LATER, "实付款(元)": "2.00", "货品标题": "茶"},
    ]
    first, *_ = read("alibaba_orders", *lines)
    assert first.rows["order_id"].to_list() == ["11"]
    assert first.rejected.select("source_row", "reason").rows() == [(3, "missing_id")]


@pytest.mark.parametrize(
    ("state", "paid", "refund"),
    [
        ("Completed", True, 0), ("Processing", True, 0), ("On hold", False, 0),
        ("Pending payment", False, 0), ("Cancelled", False, 0), ("Refunded", True, 10_000),
    ],
)  # fmt: skip
def test_a_woocommerce_order_is_paid_by_its_state(state: str, paid: bool, refund: int) -> None:
    line = {"Order Number": "5", "Order Date": AT, "Order Status": state, "Item Name": "tea",
            "Order Total Amount": "100.00", "Quantity": "1"}  # fmt: skip
    second = {"Item Name": "cup", "Quantity": "2", "Item Cost": "5.00"}
    first, items = read("woocommerce_orders", line, second)
    (row,) = first.rows.to_dicts()
    assert (row["paid_fen"], row["pieces"], row["refund_fen"]) == (10_000, 3, refund)
    assert (row["paid_at"] is not None) is paid
    assert told(items.rows.to_dicts(), "order_id", "title", "quantity") == [
        ("5", "tea", 1),
        ("5", "cup", 2),
    ]


def test_a_payment_date_of_its_own_counts_before_the_state() -> None:
    line = {"Order Number": "5", "Order Date": AT, "Order Status": "Cancelled",
            "Order Total Amount": "9.00"}  # fmt: skip
    header = [*layout("woocommerce_orders").header, "Paid Date"]
    rows = [[(line | {"Paid Date": paid}).get(h, "") for h in header] for paid in (LATER, "")]
    own, none = (read_file("o.csv", csv_file(header, row))[0] for row in rows)
    assert [str(at) for at in own.rows["paid_at"]] == [LATER]
    assert none.rows["paid_at"].to_list() == [None]
    codes = [{remark.code for remark in reading.remarks} for reading in (own, none)]
    assert ["paid_by_state" in each for each in codes] == [False, True]


def test_the_second_row_of_a_tiktok_file_explains_its_headings() -> None:
    explained = {h: f"About {h}." for h in layout("tiktok_orders").header}
    line = {"Order ID": "57\t", "Created Time": AT, "Paid Time": "", "Order Amount": "95.50",
            "Order Status": "Unpaid", "Quantity": "1"}  # fmt: skip
    first, items = read(
        "tiktok_orders", explained | {"Order ID": "Platform unique order ID."}, line
    )
    assert told(first.rows.to_dicts(), "order_id", "paid_fen", "paid_at", "status") == [
        ("57", 9_550, None, "unpaid")
    ]
    assert (first.rejected.height, items.rows.height) == (0, 1)


def test_items_of_a_wechat_order_share_its_amount() -> None:
    line = {"订单号": "wx", "订单下单时间": AT, "支付时间": LATER, "订单实际支付金额": "200.00",
            "商品数量": "1", "商品实际价格(总共)": "100.00"}  # fmt: skip
    first, items = read(
        "wechat_orders_full",
        line | {"商品名称": "裙", "商品已退款金额": "20.00"},
        line | {"商品名称": "帽", "商品已退款金额": "30.00"},
    )
    assert told(first.rows.to_dicts(), "paid_fen", "refund_fen", "pieces") == [(20_000, 5_000, 2)]
    assert told(items.rows.to_dicts(), "paid_fen", "refund_fen") == [
        (10_000, 2_000),
        (10_000, 3_000),
    ]


@pytest.mark.parametrize(
    ("state", "refund"),
    [("退款成功", 9_550), ("售后关闭", 0), ("", 0), ("平台介入中", None)],
)
@pytest.mark.parametrize(
    ("name", "amount"),
    [("kuaishou_orders", "实付款"), ("xiaohongshu_orders", "用户应付金额(元)")],
)
def test_a_state_of_after_sale_says_what_went_back(
    name: str, amount: str, state: str, refund: int | None
) -> None:
    paid_at = layout(name).fields["paid_at"].spellings[0]
    line = {"订单号": "1", "订单创建时间": AT, paid_at: LATER, amount: "95.50", "售后状态": state}
    assert told(orders(name, line), "paid_fen", "refund_fen") == [(9_550, refund)]


def test_what_a_shopify_order_still_owes_is_not_paid() -> None:
    line = {"Name": "#1", "Created at": AT, "Paid at": LATER, "Total": "220.06",
            "Financial Status": "partially_refunded", "Lineitem quantity": "1"}  # fmt: skip
    owing = {"Outstanding Balance": "11.29", "Refunded Amount": "11.29"}
    columns = ("total_fen", "paid_fen", "refund_fen", "paid_is_net")
    assert told(orders("shopify_orders", line | owing), *columns) == [
        (22_006, 20_877, 1_129, False)
    ]
    assert told(orders("shopify_orders", line), "paid_fen") == [(22_006,)]


NEEDS = [
    pytest.param(kind, choices, id=f"{kind.id} without {choices}")
    for kind in NEW
    for choices in kind.required
]


@pytest.mark.parametrize(("kind", "choices"), NEEDS)
def test_a_file_without_a_heading_it_needs_is_refused(
    kind: Layout, choices: str | tuple[str, ...]
) -> None:
    names = (choices,) if isinstance(choices, str) else choices
    gone = {spelling for name in names for spelling in kind.spelled(name)}
    header = [heading for heading in kind.header if normal_header(heading) not in gone]
    assert len(header) < len(kind.header)
    cells = pl.DataFrame([header], orient="row")
    with pytest.raises(UnknownLayoutError):
        recognise(Sheet("orders.csv", "", cells), LAYOUTS)


@pytest.mark.parametrize("kind", NEW, ids=lambda kind: kind.id)
def test_orders_and_items_of_a_file_are_in_one_currency(kind: Layout) -> None:
    cells, _ = other_platforms.FAMILIES[kind.id]
    first, *beside = [reading.currency for reading in read(kind.id, cells)]
    assert first == other_platforms.CURRENCIES[kind.id]
    assert {*beside} <= {first, ""}  # without an amount an item is in none


@pytest.mark.parametrize("kind", NEW, ids=lambda kind: kind.id)
def test_what_is_personal_leaves_no_trace(kind: Layout) -> None:
    cells, _ = other_platforms.FAMILIES[kind.id]
    line = cells | dict.fromkeys(kind.personal, "Pat Placeholder")
    line |= {heading: "浙江省 Placeholder" for heading in kind.personal if "址" in heading}
    spoiled = line | dict.fromkeys(kind.fields["order_id"].spellings, "9")
    spoiled |= dict.fromkeys(kind.fields["created_at"].spellings, "unreadable")
    header = [*kind.header, *(set(kind.personal) - {*kind.header})]
    rows = [[each.get(heading, "") for heading in header] for each in (line, spoiled)]
    readings = read_file("orders.csv", csv_file(header, *rows))
    kept = [(reading.rows.to_dicts(), reading.rejected.to_dicts()) for reading in readings]
    assert readings[0].rejected.height == 1
    assert "Placeholder" not in str(kept)
