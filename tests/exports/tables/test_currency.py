"""One currency a file: what names it, and what becomes of rows in another."""

import pytest

from exports.cells.currencies import code_of
from exports.mapping import Mapped, mapped_layout
from exports.reading import KnownBefore, Reading, read_file
from exports.tables.known import NOTHING
from tests.exports.small_files import csv_file

DAY = "2025-03-01 10:00:00 +0800"
HEADER = ["Name", "Financial Status", "Paid at", "Currency", "Total", "Created at",
          "Lineitem quantity", "Lineitem name", "Lineitem price"]  # fmt: skip
TAOBAO = ["订单编号", "订单创建时间", "订单付款时间", "总金额", "买家实际支付金额"]


def shopify(*lines: tuple[str, str, str], known: KnownBefore = NOTHING) -> list[Reading]:
    """Lines of name, currency and total; a line without a total is its order's next one."""
    rows = [
        [name, "paid" if total else "", DAY if total else "", code, total,
         DAY if total else "", "1", "Tea", "5.00"]
        for name, code, total in lines
    ]  # fmt: skip
    return read_file("orders.csv", csv_file(HEADER, *rows), before=known)


def aside(reading: Reading) -> list[tuple[int, str, str, str]]:
    return reading.rejected.select("source_row", "column", "value", "reason").rows()


def taken(reading: Reading) -> list[str]:
    return reading.rows["order_id"].to_list()


def test_the_commonest_currency_stays_and_others_are_set_aside_with_their_items() -> None:
    orders, items = shopify(
        ("#1", "USD", "30.00"), ("#2", "TRY", "10.00"), ("#3", "TRY", "20.00"), ("#1", "", "")
    )
    assert (orders.currency, items.currency) == ("TRY", "TRY")
    assert taken(orders) == ["#2", "#3"] == taken(items)
    assert aside(orders) == [
        (2, "Currency", "USD", "other_currency"),
        (5, "Currency", "USD", "other_currency"),
    ]
    assert aside(items) == []
    (told,) = [remark for remark in orders.remarks if remark.code == "other_currency"]
    assert told.params == {"currency": "TRY", "others": "USD", "count": 2}
    assert all(remark.code != "other_currency" for remark in items.remarks)


def test_currencies_are_counted_by_orders_not_by_lines() -> None:
    orders, _ = shopify(
        ("#1", "USD", "30.00"), ("#1", "USD", ""), ("#1", "USD", ""),
        ("#2", "TRY", "10.00"), ("#3", "TRY", "20.00"),
    )  # fmt: skip
    assert orders.currency == "TRY"


def test_blank_cells_of_further_lines_belong_to_their_order() -> None:
    orders, items = shopify(("#1", "USD", "30.00"), ("#1", "", ""), ("#2", "USD", "4.00"))
    assert taken(orders) == ["#1", "#2"]
    assert taken(items) == ["#1", "#1", "#2"]
    assert aside(orders) == []


def test_an_order_with_lines_in_two_currencies_is_set_aside_whole() -> None:
    orders, items = shopify(("#1", "USD", "30.00"), ("#2", "USD", "4.00"), ("#2", "EUR", ""))
    assert taken(orders) == ["#1"] == taken(items)
    assert [reason for *_, reason in aside(orders)] == ["other_line_set_aside", "other_currency"]


@pytest.mark.parametrize(
    ("known", "currency", "orders_taken"),
    [
        pytest.param(KnownBefore("USD"), "USD", ["#1"], id="the shop's"),
        pytest.param(KnownBefore(said_currency="USD"), "USD", ["#1"], id="the uploader's"),
        pytest.param(KnownBefore("TRY", "TRY"), "TRY", ["#2", "#3"], id="both agree"),
        pytest.param(KnownBefore("TRY", "USD"), "TRY", [], id="they disagree"),
        pytest.param(KnownBefore("EUR"), "EUR", [], id="a shop in a third one"),
    ],
)
def test_what_is_known_before_decides(
    known: KnownBefore, currency: str, orders_taken: list[str]
) -> None:
    orders, items = shopify(
        ("#1", "USD", "30.00"), ("#2", "TRY", "10.00"), ("#3", "TRY", "20.00"), known=known
    )
    assert orders.currency == currency
    assert taken(orders) == orders_taken == taken(items)
    assert len(aside(orders)) == 3 - len(orders_taken)


def test_rows_that_name_none_are_in_the_uploaders_currency() -> None:
    orders, _ = shopify(("#1", "", "30.00"), ("#2", "USD", "4.00"), known=KnownBefore("USD", "USD"))
    assert taken(orders) == ["#1", "#2"]


def test_a_currency_nobody_knows_sets_its_row_aside() -> None:
    orders, _ = shopify(("#1", "USD", "30.00"), ("#2", "coins", "4.00"))
    assert aside(orders) == [(3, "Currency", "coins", "unknown_currency")]


@pytest.mark.parametrize(
    ("known", "currency", "rows"),
    [
        pytest.param(KnownBefore(), "CNY", 1, id="the platform's own"),
        pytest.param(KnownBefore("CNY"), "CNY", 1, id="the shop's too"),
        pytest.param(KnownBefore("EUR"), "EUR", 0, id="never added to a shop in another"),
        pytest.param(KnownBefore(said_currency="EUR"), "EUR", 1, id="unless the uploader says so"),
    ],
)
def test_without_a_named_currency_amounts_are_in_the_platforms(
    known: KnownBefore, currency: str, rows: int
) -> None:
    row = ["1", "2025-01-02 09:00:00", "2025-01-02 09:00:00", "￥10.00", "10.00元"]
    (reading,) = read_file("orders.csv", csv_file(TAOBAO, row), before=known)
    assert (reading.currency, reading.rows.height) == (currency, rows)
    assert reading.rows["paid_fen"].to_list() == [1000] * rows


@pytest.mark.parametrize(
    ("word", "code"),
    [("eur", "EUR"), ("US$", "USD"), ("人民币", "CNY"), ("RMB", "CNY"), ("TRY (₺)", "TRY"),
     ("NT$", "TWD"), ("RM", "MYR"), ("$", None), ("¥", None), ("kr", None), ("Euros", None)],
)  # fmt: skip
def test_words_of_a_currency_column(word: str, code: str | None) -> None:
    assert code_of(word) == code


@pytest.mark.parametrize(
    ("cells", "currency", "taken_rows"),
    [
        pytest.param(("US$12.00", "US$5.00"), "USD", 2, id="a sign of one currency"),
        pytest.param(("€ 9,50", "9,00 €"), "EUR", 2, id="before or behind"),
        pytest.param(("RM 12.00", "RM 5.00"), "MYR", 2, id="letters"),
        pytest.param(("12.00 TRY", "TRY 5.00"), "TRY", 2, id="a code"),
        pytest.param(("₺12.00", "€5.00"), "TRY", 1, id="two: the first of two equals"),
        pytest.param(("NT$12.00", "5.00"), "TWD", 2, id="one that has none"),
        pytest.param(("$12.00", "¥5.00"), "", 2, id="signs that several share"),
    ],
)
def test_a_sign_in_the_amount_names_a_currency_where_no_column_does(
    cells: tuple[str, str], currency: str, taken_rows: int
) -> None:
    columns = {"order_id": Mapped("no"), "created_at": Mapped("placed"), "paid_fen": Mapped("sum")}
    own = mapped_layout("own", "orders", ["no", "placed", "sum"], columns)
    rows = [[str(nth), "2025-01-02 09:00:00", cell] for nth, cell in enumerate(cells)]
    (reading,) = read_file("x.csv", csv_file(["no", "placed", "sum"], *rows), layouts=[own])
    assert (reading.currency, reading.rows.height) == (currency, taken_rows)
