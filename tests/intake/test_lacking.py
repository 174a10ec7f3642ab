"""What the import says of columns that an export can have and a file has not, for every layout."""

import pytest

from exports.cells.headings import normal_header
from exports.layouts import Layout, layout_by_id, load_layouts
from exports.reading import read_file
from intake.lacking import lacking_columns
from opening import Need, needed
from tests.exports.small_files import csv_file
from tests.exports.test_layouts import LAYOUTS, header_and_row


def family(layout: Layout) -> list[Layout]:
    """A layout and those that are read from its sheet."""
    beside = (layout_by_id(load_layouts(), name) for name in layout.companions)
    return [layout, *filter(None, beside)]


def headings(layout: Layout, need: Need) -> set[str]:
    """Every heading, normalised, that tells a need to the layout or its companions."""
    return {
        heading
        for one in family(layout)
        for table, column in need.columns
        for field in ((column, "refund_word") if column == "refund_fen" else (column,))
        if one.table == table and field in one.fields
        for heading in one.spelled(field)
    }


def said(header: list[str], row: list[str], *layouts: Layout) -> list[str]:
    readings = read_file("export.csv", csv_file(header, row), layouts=layouts or None)
    return [str(remark.params["column"]) for remark in lacking_columns(readings)]


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.id)
def test_a_file_without_a_column_says_so_and_a_whole_one_says_nothing(layout: Layout) -> None:
    header, row = header_and_row(layout)
    # Of a whole file only headings that a seller may tick beyond it.
    optional = set(map(normal_header, layout.optional))
    assert set(map(normal_header, said(header, row, *family(layout)))) <= optional
    for need in needed():
        gone = headings(layout, need) & set(map(normal_header, header))
        there = {normal_header(name) for name in header} - gone
        # A file without what its kind is known by is another kind, or none.
        if need.reason == "no_buyer" or any(one.missing(there) for one in family(layout)):
            continue
        if not gone:
            continue
        left = [(name, cell) for name, cell in zip(header, row, strict=True)
                if normal_header(name) in there]  # fmt: skip
        names, cells = zip(*left, strict=True)
        told = {normal_header(name) for name in said(list(names), list(cells), *family(layout))}
        assert told & headings(layout, need), (need.reason, gone)


def test_what_another_table_of_the_file_tells_is_not_lacking() -> None:
    """The items' 发货时间 stands in for the order's."""
    header = ["订单号", "商品", "订单状态", "用户实付金额(元)", "商家实收金额(元)", "商品数量(件)"]
    more = ["商品id", "商品规格", "售后状态", "订单成交时间", "发货时间"]
    cells = [
        "1",
        "茶",
        "已收货",
        "20",
        "20",
        "1",
        "5",
        "袋",
        "无售后或售后取消",
        "2025-03-01 10:00:00",
        "",
    ]
    assert said([*header, *more], cells) == []


def test_the_most_wanted_columns_come_first_and_only_a_few_numbers_with_each() -> None:
    header = ["主订单编号", "子订单编号", "选购商品", "商品规格", "商品ID", "订单提交时间"]
    cells = ["1", "2", "茶", "袋", "3", "2025-03-01 10:00:00"]
    readings = read_file("orders.csv", csv_file(header, cells))
    first, second, *_others = lacking_columns(readings)
    assert [first.params["column"], second.params["column"]] == ["支付完成时间", "订单应付金额"]
    assert str(first.params["metrics"]).count(", ") == 4
    assert len(_others) == 1
