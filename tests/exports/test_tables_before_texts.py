"""A table is never read as a chat, whatever its cells hold; a letter is no chat either."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exports.errors import ExportError
from exports.layouts import Layout, load_layouts
from exports.reading import Reading, read_file
from exports.refusals import UnknownChatTextError
from tests.exports.chats.test_rows import BRACKET, BUYER, CLIENT, DAILY, LETTERS, STATEMENT, WEB
from tests.exports.small_files import csv_file

CHAT = CLIENT + BRACKET.replace("01-02", "01-03")
CHATS = {
    "chat_daily_text": DAILY,
    "chat_client_text": CLIENT,
    "chat_bracket_text": BRACKET,
    "chat_web_text": WEB,
}
#: Twelve lines of notes, the blank one among them, as an export tool writes them.
NOTES = (
    ["店铺订单导出说明"],
    ["店铺：示例店"],
    ["导出时间：2025-03-05 09:05:00"],
    ["时间范围：2025-03-01 至 2025-03-02"],
    *([f"{n}、仅供店内核对"] for n in range(7)),
    [],
)
TAOBAO = ["订单编号", "买家会员名", "买家应付货款", "总金额", "买家实际支付金额", "订单状态",
          "收货人姓名", "收货地址", "联系手机", "订单创建时间", "订单付款时间",
          "买家留言"]  # fmt: skip
SHOPIFY = ["Name", "Email", "Financial Status", "Paid at", "Fulfillment Status", "Fulfilled at",
           "Currency", "Subtotal", "Shipping", "Taxes", "Total", "Created at", "Lineitem quantity",
           "Lineitem name", "Lineitem price", "Lineitem sku", "Shipping Name", "Shipping Street",
           "Shipping City", "Shipping Phone", "Notes", "Note Attributes", "Refunded Amount",
           "Outstanding Balance", "Id"]  # fmt: skip
ATTRIBUTES = "\n".join(
    [
        *("Gift wrap: no", "Channel: mail", "Campaign: spring", "Term: tea", "Medium: paid"),
        *("Delivery date: 2025-03-05 14:00", "Door code: none", "Phone number: 13800138000"),
    ]
)


def taobao_order(n: int, note: str = "") -> list[str]:
    return [f"10000000000000000{n}", f"tb{n}", "10.00", "10.00", "10.00", "交易成功", "占位人",
            f"浙江省 杭州市 西湖区 示例路{n}号", "13800138000", f"2025-03-01 10:0{n}:00",
            f"2025-03-01 10:1{n}:00", note]  # fmt: skip


def shopify_order(n: int, note: str) -> list[str]:
    at = f"2025-03-0{n} 10:00:00 +0800"
    return [f"#100{n}", f"b{n}@example.com", "paid", at, "fulfilled", "", "CNY", "10.00", "0.00",
            "0.00", "10.00", at, "1", "Tea", "10.00", "T1", "Pat Placeholder", "1 Sample Road",
            "Sampleton", "+8613800138000", "", note, "0.00", "0.00", f"90100{n}"]  # fmt: skip


def orders(name: str, content: bytes) -> Reading:
    """The orders of a file that gives no message."""
    readings = read_file(name, content)
    assert "messages" not in {reading.table for reading in readings}
    return next(reading for reading in readings if reading.table == "orders")


def test_shopify_orders_with_a_delivery_date_in_their_notes() -> None:
    content = csv_file(SHOPIFY, *(shopify_order(n, ATTRIBUTES) for n in (1, 2, 3)))
    reading = orders("orders.csv", content)
    assert reading.layout == "shopify_orders"
    assert reading.rows["paid_fen"].to_list() == [1000, 1000, 1000]
    assert reading.rejected.is_empty()
    kept = reading.rows.write_json()
    assert not any(word in kept for word in ("Placeholder", "Sample Road", "13800138000"))


def test_orders_under_twelve_lines_of_notes() -> None:
    content = csv_file(*NOTES, TAOBAO, *(taobao_order(n) for n in range(1, 6)))
    reading = orders("orders.csv", content)
    assert reading.rows["paid_fen"].to_list() == [1000] * 5
    assert reading.rows["region"].to_list() == ["浙江省"] * 5
    assert "占位人" not in reading.rows.write_json()


@pytest.mark.parametrize("separator", [",", "\t", ";"])
@pytest.mark.parametrize("name", ["orders.csv", "orders.txt"])
@pytest.mark.parametrize("note", CHATS.values(), ids=CHATS)
def test_a_whole_chat_in_the_notes_of_orders(note: str, name: str, separator: str) -> None:
    rows = [taobao_order(1, note * 9), taobao_order(2), taobao_order(3, note)]
    reading = orders(name, csv_file(*NOTES, TAOBAO, *rows, separator=separator))
    assert reading.rows["order_id"].len() == 3
    assert reading.rejected.is_empty()


@pytest.mark.parametrize("above", [(), NOTES], ids=["header first", "under notes"])
@pytest.mark.parametrize("note", [CHAT, *CHATS.values()], ids=["two", *CHATS])
def test_a_table_nobody_knows_is_no_chat_either(above: tuple[list[str], ...], note: str) -> None:
    head = ["Auftrag", "Kundin", "Versandart", "Notiz", "Land"]
    rows = [[f"{n}", f"kd{n}", "Post", note, "DE"] for n in range(3)]
    with pytest.raises(ExportError, match="no known export has these headers"):
        read_file("auftraege.txt", csv_file(*above, head, *rows))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        pytest.param("mail.txt", LETTERS[: len(LETTERS) // 3], id="a mail"),
        pytest.param("mail.txt", LETTERS, id="a mail that quotes two others"),
        pytest.param("statement.txt", STATEMENT, id="a bank statement"),
    ],
)
def test_a_text_with_times_in_it_is_refused(name: str, text: str) -> None:
    with pytest.raises(UnknownChatTextError, match="neither a table nor a chat"):
        read_file(name, text.encode())


def test_a_quotation_mark_in_a_chat_leaves_it_a_chat() -> None:
    text = CLIENT.replace("在吗", '"在吗, 有货吗').replace("在的亲", "在的, 亲")
    (reading,) = read_file("旺旺.txt", text.encode())
    assert (reading.layout, reading.rows.height) == ("chat_client_text", 2)


LINES = st.one_of(
    st.sampled_from(
        [f"{BUYER} 2025-1-2 9:01:02", "示例店:小一 2025-1-2 9:01:30", f"[{BUYER}] 2025-01-02 09:01"]
    ),
    st.sampled_from(["[示例店:小一] 2025-01-02 09:02", "2025-01-02", "09:01:02", "示例店:小一"]),
    st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=8),
)
CELLS = st.lists(LINES, max_size=12).map("\n".join)
WITH_HEADERS = [
    layout for layout in load_layouts() if layout.reader == "table" and len(layout.header) > 1
]


@settings(max_examples=80, deadline=None)
@given(
    layout=st.sampled_from(WITH_HEADERS),
    rows=st.lists(st.lists(CELLS, min_size=2, max_size=4), max_size=4),
    notes=st.integers(0, 12),
    name=st.sampled_from(["a.csv", "a20250102.txt"]),
    separator=st.sampled_from([",", "\t", ";"]),
)
def test_what_stands_under_a_known_header_is_never_a_chat(
    layout: Layout, rows: list[list[str]], notes: int, name: str, separator: str
) -> None:
    wide = [(row * len(layout.header))[: len(layout.header)] for row in rows]
    content = csv_file(*NOTES[:notes], layout.header, *wide, separator=separator)
    refusal = None
    try:
        found = {reading.layout for reading in read_file(name, content)}
    except ExportError as refused:
        found, refusal = set(), refused
    assert not isinstance(refusal, UnknownChatTextError)
    assert not found & set(CHATS)
