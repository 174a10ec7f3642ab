"""What an unknown file probably holds."""

import pytest

from exports.files.sheets import Sheet, read_sheets
from exports.guesses import guess, guessed_table
from tests.exports.small_files import csv_file

DAY = "2025-03-{:02} 10:00:00"


def sheet(*rows: list[str]) -> Sheet:
    (found,) = read_sheets("a.csv", csv_file(*rows))
    return found


@pytest.mark.parametrize(
    ("headings", "row", "table", "columns"),
    [
        pytest.param(
            ["单号", "顾客", "下单日期", "付款日期", "实付(元)", "进展", "备注"],
            ["A{:02}", "kd{}", DAY, "", "{}.50", "搞定", "x"],
            "orders",
            {
                **{"order_id": "单号", "buyer": "顾客", "created_at": "下单日期"},
                **{"paid_at": "付款日期", "paid_fen": "实付(元)", "status": "进展"},
            },
            id="orders",
        ),
        pytest.param(
            ["Order No.", "Wert X", "Betrag"],
            ["{}", DAY, "8.00"],
            "orders",
            {"order_id": "Order No.", "created_at": "Wert X", "paid_fen": "Betrag"},
            id="the only moments are when orders were made",
        ),
        pytest.param(
            ["退款编号", "订单编号", "申请时间", "退款金额", "退款状态"],
            ["7{:02}", "{}", DAY, "3.5", "退款成功"],
            "refunds",
            {
                **{"refund_id": "退款编号", "order_id": "订单编号", "asked_at": "申请时间"},
                **{"amount_fen": "退款金额", "outcome": "退款状态"},
            },
            id="refunds",
        ),
        pytest.param(
            ["Auftrag", "Bewertet am", "Versand"],
            ["9{:011}", DAY, "3"],
            "ratings",
            {"order_id": "Auftrag", "rated_at": "Bewertet am", "logistics": "Versand"},
            id="ratings, whose moments are no orders'",
        ),
        pytest.param(
            ["日期", "客服", "接待人数"],
            ["2025-03-{:02}", "小一", "20"],
            "service_days",
            {"day": "日期", "agent": "客服", "received_users": "接待人数"},
            id="figures",
        ),
        pytest.param(["a", "b", "c"], ["x", "y", "z"], None, {}, id="nothing to go by"),
        pytest.param(["订单号", "下单时间"], ["{}", "bald"], None, {}, id="cells no times"),
    ],
)
def test_headings_and_cells_tell_the_table(
    headings: list[str], row: list[str], table: str | None, columns: dict[str, str]
) -> None:
    found = sheet(headings, *([cell.format(n) for cell in row] for n in range(1, 21)))
    assert guessed_table(found, 0) == table
    if table:
        assert dict(guess(table, found, 0).columns) == columns


def test_lines_of_orders_are_items() -> None:
    """Read as orders, of several lines of one order only the last would count."""
    head = ["订单号", "下单时间", "商品名称", "数量"]
    found = sheet(head, *([str(n // 2), DAY.format(n // 2 + 1), "杯", "1"] for n in range(20)))
    assert guessed_table(found, 0) == "order_items"


def test_two_columns_that_could_be_it_are_left_open() -> None:
    found = sheet(["订单号", "甲", "乙"], *([str(n), DAY.format(n), DAY.format(n)] for n in (1, 2)))
    assert dict(guess("orders", found, 0).columns) == {"order_id": "订单号"}
