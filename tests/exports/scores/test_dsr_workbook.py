"""The DSR workbook of exports.md 7.2."""

from datetime import date

import polars as pl
import pytest

from exports.errors import DayUnknownError
from exports.files.sheets import Sheet
from exports.result import Reading
from exports.scores.dsr_workbook import dsr_readings, is_dsr_workbook

JAN_1, JAN_2 = date(2025, 1, 1), date(2025, 1, 2)
HEADLINE = [
    ["店铺180天 DSR（数据日期：2025-01-02）"],
    ["指标", "得分", "趋势", "行业均值", "与行业对比", "目标值", "距目标值差距"],
    [
        "近180天宝贝与描述相符DSR",
        "4.71",
        "↑ 表现良好，继续保持",
        "4.73",
        "低于行业 0.35%",
        "4.75",
        "18 笔 5 分评价订单",
    ],
    ["近180天服务态度DSR", "4.80", "→", "4.73", "高于行业 1.20%", "4.75", "已达标"],
    ["近180天物流质量DSR", "4.73", "→", "4.73", "持平", "4.75", "-"],
]
DAYS = [
    ["店铺新增 DSR（日维度，2025-01-01 至 2025-01-02）"],
    ["日期", "描述得分（较上日）", "物流得分（较上日）", "服务得分（较上日）"],
    ["2025-01-01", "4.90 (-2.00%)", "4.80 (+1.00%)", "-"],
    ["2025-01-02", "5.00 (2.04%)", "4.70", "4.60"],
]
ITEMS = [
    ["商品新增 DSR（日维度，2025-01-02）"],
    ["商品名称", "商品ID", "描述（得分/次数）", "服务（得分/次数）", "物流（得分/次数）"],
    ["甲款", "100001", "5.00 (3)", "4.00 (1)", "-"],
    ["乙款", "100002", "0.00 (0)", "4.50 (2)", "5.00 (2)"],
]


def sheet(*rows: list[str]) -> pl.DataFrame:
    width = max(len(row) for row in rows)
    return pl.DataFrame(
        [[cell or None for cell in row] + [None] * (width - len(row)) for row in rows],
        schema={f"column_{n}": pl.String for n in range(width)},
        orient="row",
    )


def blocks_of(cells: pl.DataFrame, *, day: date | None = None) -> list[Reading]:
    return dsr_readings(Sheet("dsr.xlsx", "Sheet1", cells), "dsr_workbook", day)


def only(cells: pl.DataFrame, *, day: date | None = None) -> Reading:
    (block,) = blocks_of(cells, day=day)
    return block


def test_the_headline_block_gives_snapshots() -> None:
    block = only(sheet(*HEADLINE))
    assert block.table == "rating_snapshots"
    columns = ("source_row", "day", "dimension", "score", "industry_mean", "target")
    assert block.rows.select(*columns, "versus_industry", "five_star_gap").rows() == [
        (3, JAN_2, "description", 4.71, 4.73, 4.75, -0.0035, 18),
        (4, JAN_2, "service", 4.80, 4.73, 4.75, 0.012, None),
        (5, JAN_2, "logistics", 4.73, 4.73, 4.75, 0.0, None),
    ]
    assert block.rejected.is_empty()


def test_the_day_block_reads_by_name_and_leaves_the_count_unknown() -> None:
    block = only(sheet(*DAYS))
    assert block.table == "rating_days"
    assert block.rows.select("day", "dimension", "score", "count").rows() == [
        (JAN_1, "description", 4.9, None),
        (JAN_1, "logistics", 4.8, None),
        (JAN_2, "description", 5.0, None),
        (JAN_2, "logistics", 4.7, None),
        (JAN_2, "service", 4.6, None),
    ]
    assert set(block.rows["source"]) == {"workbook_days"}
    assert set(block.rows["item_id"]) == {""}


def test_the_item_block_gives_scores_with_counts() -> None:
    block = only(sheet(*ITEMS))
    assert block.rows.select("item_id", "item_title", "dimension", "score", "count").rows() == [
        ("100001", "甲款", "description", 5.0, 3),
        ("100001", "甲款", "service", 4.0, 1),
        ("100002", "乙款", "description", None, 0),
        ("100002", "乙款", "service", 4.5, 2),
        ("100002", "乙款", "logistics", 5.0, 2),
    ]
    assert set(block.rows["day"]) == {JAN_2}
    assert set(block.rows["source"]) == {"workbook_items"}


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([*HEADLINE, *DAYS, *ITEMS], id="one after the other"),
        pytest.param([*HEADLINE, [""], *DAYS, [""], [""], *ITEMS], id="blank lines between"),
        pytest.param([["导出说明"], [""], *HEADLINE, *DAYS, *ITEMS], id="words above"),
    ],
)
def test_three_blocks_of_one_sheet(rows: list[list[str]]) -> None:
    headline, days, items = blocks_of(sheet(*rows))
    assert (headline.table, headline.rows.height) == ("rating_snapshots", 3)
    for block, source in ((days, "workbook_days"), (items, "workbook_items")):
        assert (block.table, block.rows.height) == ("rating_days", 5)
        assert set(block.rows["source"]) == {source}
    assert [block.rejected.height for block in (headline, days, items)] == [0, 0, 0]


def test_other_spellings_of_the_headers() -> None:
    renamed = [
        ["店铺180天 DSR"],
        ["指标名称", "评分", "趋势提示", "距目标值相差（笔5分评价订单）"],
        ["近180天物流质量DSR", "4.70", "", "7"],
    ]
    block = only(sheet(*renamed), day=JAN_2)
    assert block.rows.select("dimension", "score", "five_star_gap").rows() == [
        ("logistics", 4.7, 7)
    ]


def test_the_headline_ends_at_the_first_line_without_a_dimension() -> None:
    block = only(sheet(*HEADLINE[:3], ["退款率", "4.1", "", "4.2"], HEADLINE[3]))
    assert block.rows["dimension"].to_list() == ["description"]


def test_a_title_wins_over_the_day_from_outside() -> None:
    assert set(only(sheet(*HEADLINE), day=JAN_1).rows["day"]) == {JAN_2}


def test_a_block_without_any_day_is_refused() -> None:
    with pytest.raises(DayUnknownError):
        blocks_of(sheet(*HEADLINE[1:]))


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        pytest.param(
            [*HEADLINE[:2], ["近180天服务态度DSR", "很好"]],
            (3, "得分", "很好", "unreadable_score"),
            id="a score in words",
        ),
        pytest.param(
            [*DAYS[:2], ["昨天", "4.9"]], (3, "日期", "昨天", "unreadable_day"), id="no day"
        ),
        pytest.param(
            [*ITEMS[:2], ["甲款", "1.0E+11", "5.00 (3)"]],
            (3, "商品ID", "1.0E+11", "scientific_id"),
            id="an id Excel has broken",
        ),
        pytest.param(
            [*ITEMS[:2], ["甲款", "-", "5.00 (3)"]], (3, "商品ID", "-", "missing_id"), id="no id"
        ),
    ],
)
def test_cells_that_cannot_be_read_are_set_aside(
    rows: list[list[str]], fault: tuple[int, str, str, str]
) -> None:
    block = only(sheet(*rows))
    assert block.rows.is_empty()
    assert block.rejected.select("source_row", "column", "value", "reason").rows() == [fault]


def test_excel_day_numbers_are_days() -> None:
    block = only(sheet(*DAYS[:2], ["45659", "4.90"]))
    assert block.rows["day"].to_list() == [JAN_2]


def test_another_sheet_holds_no_block() -> None:
    assert not is_dsr_workbook(sheet(["订单编号", "得分"], ["1", "5"]))
    assert blocks_of(sheet(["订单编号", "得分"], ["1", "5"])) == []
