"""The DSR workbook (docs/exports.md, "Ratings and scores")."""

import json
from datetime import date

import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from exports.errors import DayUnknownError
from exports.files.sheets import Sheet
from exports.result import Reading, Remark, row_schema
from exports.scores.dsr_workbook import dsr_readings, is_dsr_workbook
from store.door import admitted

JAN_1, JAN_2 = date(2025, 1, 1), date(2025, 1, 2)
TOLD = ("source_row", "column", "value", "reason")
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


def admitted_of(block: Reading) -> Reading:
    """The block as the store takes it."""
    return admitted(block, block.quoted)


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


def test_logistics_goes_by_its_own_word() -> None:
    """物流服务 holds the word of the service too."""
    block = only(sheet(*HEADLINE[:2], ["近180天物流服务DSR", "4.73"]))
    assert block.rows["dimension"].to_list() == ["logistics"]


def test_the_name_of_the_file_is_asked_last() -> None:
    name = "店铺DSR数据_2025-01-01至2025-01-05.xlsx"
    (block,) = dsr_readings(Sheet(name, "Sheet1", sheet(*HEADLINE)), "dsr_workbook")
    assert set(block.rows["day"]) == {JAN_2}


@pytest.mark.parametrize(
    ("cell", "gap"),
    [("1,018 笔 5 分评价订单", 1018), ("18.0", 18), ("已达标，继续保持", None), ("--", None)],
)
def test_the_gap_is_the_number_it_begins_with(cell: str, gap: int | None) -> None:
    header = ["指标", "得分", "距目标值差距"]
    block = only(sheet(HEADLINE[0], header, ["近180天服务态度DSR", "4.80", cell]))
    assert block.rows["five_star_gap"].to_list() == [gap]


@pytest.mark.parametrize(
    ("gap", "told"),
    [
        pytest.param([""], [], id="a blank line"),
        pytest.param(["2025-01-01"], [(4, "missing_value")], id="a day without a score"),
    ],
)
def test_a_gap_between_the_days_ends_nothing(gap: list[str], told: list[tuple[int, str]]) -> None:
    block = only(sheet(*DAYS[:3], gap, DAYS[3], [""], ["访客数", "支付金额"], ["2025-01-03", "4"]))
    assert block.rows["day"].unique(maintain_order=True).to_list() == [JAN_1, JAN_2]
    assert block.rejected.select("source_row", "reason").rows() == told


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
        pytest.param(
            [*DAYS[:2], ["2025-01-01 至 2025-01-02", "4.9"]],
            (3, "日期", "2025-01-01 至 2025-01-02", "unreadable_day"),
            id="a sum of several days",
        ),
        pytest.param(
            [*DAYS[:2], ["2025-01-01", "4.9", "很好", "4.8"]],
            (3, "物流得分（较上日）", "很好", "unreadable_score"),
            id="one score of three, by the heading as the file spells it",
        ),
        pytest.param(
            [*DAYS[:2], ["2025-01-01", "-", "--", "暂无数据"]],
            (3, "描述得分（较上日）", "-", "missing_value"),
            id="a day that says nothing",
        ),
        pytest.param(
            [*ITEMS[:2], ["甲款", "100001", "-", "", "-"]],
            (3, "描述（得分/次数）", "-", "missing_value"),
            id="an item that says nothing",
        ),
        pytest.param(
            [*ITEMS[:2], ["甲款", "100001", "(3)", "4.00 (1)"]],
            (3, "描述（得分/次数）", "(3)", "unreadable_score"),
            id="ratings without a score",
        ),
        pytest.param(
            [*ITEMS[:2], ["甲款", "100001", "5.00 (99999999999)"]],
            (3, "描述（得分/次数）", "5.00 (99999999999)", "unreadable_count"),
            id="more ratings than can be",
        ),
        pytest.param(
            [HEADLINE[0], ["指标", "得分", "行业均值"], ["近180天服务态度DSR", "4.8", "优秀"]],
            (3, "行业均值", "优秀", "unreadable_score"),
            id="a mean in words",
        ),
    ],
)
def test_cells_that_cannot_be_read_are_set_aside(
    rows: list[list[str]], fault: tuple[int, str, str, str]
) -> None:
    block = only(sheet(*rows))
    assert block.rows.is_empty()
    assert block.rejected.select(TOLD).rows() == [fault]


def test_a_row_set_aside_shows_its_cells_as_the_file_has_them() -> None:
    block = only(sheet(*DAYS[:2], ["2025-01-01", "4.9 (+1.00%)", "很好", "-"]))
    assert json.loads(block.rejected["cells"].item()) == {
        "日期": "2025-01-01",
        "描述得分（较上日）": "4.9 (+1.00%)",
        "物流得分（较上日）": "很好",
        "服务得分（较上日）": "-",
    }


def test_scores_that_cannot_be_are_told_in_the_files_own_words() -> None:
    """Two cells of a line that read alike, and one whose number of ratings stands beside it."""
    rows = [*DAYS[:2], ["2025-01-01", "7.1 (+2%)", "4.8", "7.10"], [""], *ITEMS[:2]]
    days, items = map(
        admitted_of, blocks_of(sheet(*rows, ["甲款", "100001", "4.00 (3)", "5.00 (2)", "9.00 (3)"]))
    )
    assert days.rows.select("dimension", "score").rows() == [("logistics", 4.8)]
    assert days.emptied.select(TOLD).rows() == [
        (3, "描述得分（较上日）", "7.1 (+2%)", "impossible_score"),
        (3, "服务得分（较上日）", "7.10", "impossible_score"),
    ]
    assert json.loads(days.emptied["cells"].to_list()[0])["日期"] == "2025-01-01"
    assert items.emptied.select(TOLD).rows() == [
        (7, "物流（得分/次数）", "9.00 (3)", "impossible_score"),
        (7, "物流（得分/次数）", "9.00 (3)", "rests_on_impossible"),
    ]


def test_titles_lose_what_leads_to_a_person() -> None:
    block = only(sheet(*ITEMS[:2], ["甲款 电话13800000000", "100001", "5.00 (3)"]))
    assert block.rows["item_title"].to_list() == ["甲款 电话***"]


def test_beside_no_rating_a_score_says_nothing() -> None:
    block = only(sheet(*ITEMS[:2], ["甲款", "100001", "暂无 (0)", "5.00 (0)", "4.00 (2)"]))
    assert block.rows.select("score", "count").rows() == [(None, 0), (None, 0), (4.0, 2)]
    assert block.rejected.is_empty()


def test_a_score_goes_before_what_stands_beside_it() -> None:
    header = ["日期", "描述评价数", "描述得分", "物流评分"]
    block = only(sheet(header, ["2025-01-01", "31", "4.9", "4.8"]))
    assert block.rows.select("dimension", "score").rows() == [
        ("description", 4.9),
        ("logistics", 4.8),
    ]


def test_a_score_that_is_not_settled_is_remarked_on() -> None:
    block = only(sheet(*DAYS[:2], ["2025-01-01", "4.9", "4.8", "延迟统计"]))
    assert block.rows["score"].to_list() == [4.9, 4.8]
    assert block.remarks == (Remark("unsettled_column", {"columns": "服务得分（较上日）"}),)


CELLS = st.one_of(
    st.sampled_from(["-", ""]),
    st.sampled_from(["4.9", "5.00 (3)", "0.00 (0)", "(2)", "7.1", "-", "", "延迟统计", "很好"]),
    st.sampled_from(["2025-01-02", "45659", "2025-13-40", "100001", "1.0E+11", "1,234 笔", "."]),
    st.sampled_from(["服务态度DSR", "指标", "得分", "低于行业 0.35%", "高于", "99999999999 (9)"]),
    st.text(max_size=8),
)


@pytest.mark.parametrize(
    ("top", "first"),
    [
        pytest.param(HEADLINE[:2], st.sampled_from(["描述DSR", "服务", "物流质量"]), id="headline"),
        pytest.param(DAYS[:2], st.sampled_from(["2025-01-02", "45659", "昨天", "-"]), id="days"),
        pytest.param(ITEMS[:2], st.sampled_from(["甲款", "-", "100001"]), id="items"),
    ],
)
@settings(max_examples=60, deadline=None)
@given(rest=st.data())
def test_every_line_is_taken_or_told(
    top: list[list[str]], first: st.SearchStrategy[str], rest: st.DataObject
) -> None:
    width = len(top[1])
    # A second cell at least, so that no line is a title.
    line = st.tuples(first, CELLS.filter(str.strip), *[CELLS] * (width - 2)).map(list)
    lines = rest.draw(st.lists(line, min_size=1, max_size=6))
    assume(not any("分" in cell for one in lines for cell in one))
    block = admitted_of(only(sheet(*top, *lines)))
    taken, told = set(block.rows["source_row"]), block.rejected["source_row"].to_list()
    assert not taken & set(told)
    assert sorted([*taken, *told]) == list(range(3, 3 + len(lines)))
    for cell in block.emptied.iter_rows(named=True):
        at = top[1].index(cell["column"])
        assert lines[cell["source_row"] - 3][at] == cell["value"]


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(
        st.one_of(
            st.sampled_from([*HEADLINE, *DAYS, *ITEMS]),
            st.lists(CELLS, min_size=1, max_size=8),
        ),
        min_size=1,
        max_size=12,
    )
)
def test_any_sheet_is_read_or_refused_in_words(rows: list[list[str]]) -> None:
    try:
        blocks = blocks_of(sheet(*rows))
    except DayUnknownError:
        return
    for block in map(admitted_of, blocks):
        assert dict(block.rows.schema) == row_schema(block.table)
        assert block.rejected["source_row"].is_unique().all()
        told = pl.concat([block.rejected, block.emptied])
        assert set(told["column"]) <= {cell for row in rows for cell in row}


def test_excel_day_numbers_are_days() -> None:
    block = only(sheet(*DAYS[:2], ["45659", "4.90"]))
    assert block.rows["day"].to_list() == [JAN_2]


def test_another_sheet_holds_no_block() -> None:
    assert not is_dsr_workbook(sheet(["订单编号", "得分"], ["1", "5"]))
    assert blocks_of(sheet(["订单编号", "得分"], ["1", "5"])) == []
