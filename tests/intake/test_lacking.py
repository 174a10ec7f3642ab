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


def cases() -> dict[tuple[str, str, frozenset[str]], tuple[Layout, Need]]:
    """Each need with the headings that tell it, once for the layouts that spell it alike."""
    found: dict[tuple[str, str, frozenset[str]], tuple[Layout, Need]] = {}
    for layout in LAYOUTS:
        header = {normal_header(name) for name in layout.header}
        for need in needed():
            gone = frozenset(headings(layout, need) & header)
            # A file without what its kind is known by is another kind, or none.
            known = not any(one.missing(header - gone) for one in family(layout))
            if gone and known and need.reason != "no_buyer":
                found.setdefault((layout.platform, layout.table, gone), (layout, need))
    return found


@pytest.mark.parametrize(
    ("layout", "need"),
    cases().values(),
    ids=[f"{layout.id}-{need.reason}" for layout, need in cases().values()],
)
def test_a_file_without_a_column_says_so(layout: Layout, need: Need) -> None:
    header, row = header_and_row(layout)
    gone = headings(layout, need)
    left = [at for at, name in enumerate(header) if normal_header(name) not in gone]
    told = said([header[at] for at in left], [row[at] for at in left], *family(layout))
    assert gone & set(map(normal_header, told))


@pytest.mark.parametrize("layout_id", ["douyin_orders", "taobao_orders_e", "shopify_orders"])
def test_a_whole_file_says_nothing_but_what_may_be_ticked(layout_id: str) -> None:
    layout = layout_by_id(LAYOUTS, layout_id)
    assert layout
    told = said(*header_and_row(layout), *family(layout))
    assert set(map(normal_header, told)) <= set(map(normal_header, layout.optional))


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
