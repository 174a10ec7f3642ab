"""Ratings, daily scores, snapshots and reviews: templates and the files that feed them."""

import json
from datetime import date, datetime
from typing import Any

import polars as pl
import pytest

from exports.errors import DayUnknownError, MissingColumnsError
from exports.reading import Reading, read_file
from exports.refusals import DailyReportError
from store.schemas import FED_TABLES
from tests.exports.scores.test_dsr_workbook import DAYS, HEADLINE, ITEMS
from tests.exports.small_files import csv_file, xlsx_file

JAN_2, JAN_9 = date(2025, 1, 2), datetime(2025, 1, 9, 20, 15)
RATINGS = ["订单编号", "买家", "评价时间", "描述相符", "服务态度", "物流服务", "评价内容"]
ORDER = "100000000000000001"


def read(content: bytes, *, name: str = "评分.csv", **options: Any) -> Reading:
    (reading,) = read_file(name, content, **options)
    return reading


def fits(reading: Reading) -> bool:
    """Whether the rows are those of their table."""
    rows = reading.rows.with_columns(shop=pl.lit("示例店"))
    return FED_TABLES[reading.table].is_valid(rows, cast=True)


@pytest.mark.parametrize(
    "headings",
    [
        pytest.param(RATINGS, id="Chinese"),
        pytest.param(
            ["order_id", "buyer", "rated_at", "description", "service", "logistics", "comment"],
            id="English",
        ),
    ],
)
def test_ratings_template(headings: list[str]) -> None:
    reading = read(
        csv_file(
            headings,
            [ORDER, "tb000000001", "2025-01-09 20:15:00", "5", "5", "4", "好看，电话13800000000"],
            ["100000000000000002", "tb000000002", "2025-01-10 08:00:00", "4", "", "5", ""],
        )
    )
    assert reading.table == "ratings"
    columns = ("order_id", "rated_at", "nth", "description", "service", "logistics", "comment")
    assert reading.rows.select(columns).rows() == [
        (ORDER, JAN_9, 0, 5, 5, 4, "好看，电话***"),
        ("100000000000000002", datetime(2025, 1, 10, 8), 0, 4, None, 5, None),
    ]
    assert fits(reading)


def test_several_ratings_of_one_order_and_day_only_times() -> None:
    """Other marketplaces rate every item of an order, and tell the day only."""
    rows = [[ORDER, "", "2025-01-09", stars, "", "", ""] for stars in "551"]
    reading = read(csv_file(RATINGS, *rows, [ORDER, "", "2025-01-10", "4", "", "", ""]))
    assert reading.rows.select("rated_at", "nth", "description").rows() == [
        (datetime(2025, 1, 9), 0, 5),
        (datetime(2025, 1, 9), 1, 5),
        (datetime(2025, 1, 9), 2, 1),
        (datetime(2025, 1, 10), 0, 4),
    ]
    assert fits(reading)


def test_one_dimension_is_enough() -> None:
    reading = read(csv_file(["order_id", "rated_at", "description"], [ORDER, "2025-01-09", "3"]))
    assert reading.rows.select("description", "service").rows() == [(3, None)]
    assert fits(reading)


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        pytest.param(["4.5", "5", "5"], ("描述相符", "4.5", "unreadable_stars"), id="half a star"),
        pytest.param(["", "", ""], ("描述相符", "", "missing_value"), id="nothing rated"),
    ],
)
def test_ratings_that_are_none(row: list[str], fault: tuple[str, str, str]) -> None:
    reading = read(csv_file(RATINGS, [ORDER, "", "2025-01-09 20:15:00", *row, ""]))
    assert reading.rows.is_empty()
    assert reading.rejected.select("column", "value", "reason").rows() == [fault]


@pytest.mark.parametrize("stars", ["6", "0", "-1", "999"])
def test_stars_that_cannot_be_leave_the_others(stars: str) -> None:
    row = [ORDER, "", "2025-01-09 20:15:00", "5", stars, "4", ""]
    reading = read(csv_file(RATINGS, row))
    assert reading.rows.select("description", "service", "logistics").rows() == [(5, None, 4)]
    assert reading.rejected.is_empty()
    assert reading.emptied.select("source_row", "column", "value", "reason").rows() == [
        (2, "服务态度", stars, "impossible_stars")
    ]


@pytest.mark.parametrize(
    ("headings", "words"),
    [
        pytest.param(
            ["日期", "维度", "得分", "次数"], ["描述相符", "服务态度", "物流服务"], id="zh"
        ),
        pytest.param(
            ["day", "dimension", "score", "count"],
            ["description", "service", "logistics"],
            id="en",
        ),
    ],
)
def test_rating_days_template(headings: list[str], words: list[str]) -> None:
    reading = read(
        csv_file(
            headings,
            ["2025-01-02", words[0], "4.90", "31"],
            ["2025-01-02", words[1], "", "0"],
            ["2025-01-02", words[2], "4.75", ""],
        )
    )
    columns = ("day", "dimension", "source", "item_id", "score", "count")
    assert reading.rows.select(columns).rows() == [
        (JAN_2, "description", "template", "", 4.9, 31),
        (JAN_2, "service", "template", "", None, 0),
        (JAN_2, "logistics", "template", "", 4.75, None),
    ]
    assert fits(reading)


@pytest.mark.parametrize(
    ("cells", "fault"),
    [
        pytest.param(["描述相符", "", "3"], ("得分", "missing_value"), id="ratings, no score"),
        pytest.param(["描述相符", "", ""], ("得分", "missing_value"), id="nothing at all"),
        pytest.param(["描述相符", "很好", "3"], ("得分", "unreadable_score"), id="no number"),
        pytest.param(["发货速度", "4.9", "3"], ("维度", "unknown_word"), id="another question"),
    ],
)
def test_daily_scores_that_contradict_themselves(cells: list[str], fault: tuple[str, str]) -> None:
    reading = read(csv_file(["日期", "维度", "得分", "次数"], ["2025-01-02", *cells]))
    assert reading.rows.is_empty()
    assert reading.rejected.select("column", "reason").rows() == [fault]


@pytest.mark.parametrize(
    ("score", "count", "reason"),
    [
        pytest.param("5.1", "3", "impossible_score", id="over five"),
        pytest.param("4.9", "0", "score_rests_on_ratings", id="a score of no rating"),
    ],
)
def test_a_daily_score_that_cannot_be_leaves_nothing_of_its_row(
    score: str, count: str, reason: str
) -> None:
    header = ["日期", "维度", "得分", "次数"]
    reading = read(csv_file(header, ["2025-01-02", "描述相符", score, count]))
    assert reading.rows.is_empty()
    assert reading.emptied.is_empty()
    assert reading.rejected.select("column", "value", "reason").rows() == [("得分", score, reason)]


@pytest.mark.parametrize(
    ("headings", "word"),
    [
        pytest.param(
            ["日期", "维度", "得分", "评价人数", "行业均值", "行业最高", "行业最低", "目标值"],
            "描述相符",
            id="zh",
        ),
        pytest.param(
            [
                "day",
                "dimension",
                "score",
                "raters",
                "industry_mean",
                "industry_best",
                "industry_worst",
                "target",
            ],
            "description",
            id="en",
        ),
    ],
)
def test_rating_snapshots_template(headings: list[str], word: str) -> None:
    row = ["2025-01-02", word, "4.71", "5210", "4.73", "5.00", "3.90", "4.75"]
    reading = read(csv_file(headings, row))
    columns = ("day", "dimension", "score", "raters", "industry_mean", "industry_best", "target")
    assert reading.rows.select(columns).rows() == [
        (JAN_2, "description", 4.71, 5210, 4.73, 5.0, 4.75)
    ]
    assert fits(reading)


def test_a_snapshot_needs_day_dimension_and_score_only() -> None:
    reading = read(csv_file(["日期", "维度", "得分"], ["2025-01-02", "服务态度", "4.8"]))
    assert reading.layout == "rating_snapshots_zh"
    assert reading.rows.select("dimension", "score", "raters").rows() == [("service", 4.8, None)]


def test_dsr_workbook_feeds_two_tables() -> None:
    content = xlsx_file({"Sheet1": [*HEADLINE, *DAYS, *ITEMS]})
    readings = read_file("店铺DSR数据_2025-01-02.xlsx", content)
    assert [(r.layout, r.table, r.rows.height) for r in readings] == [
        ("dsr_workbook", "rating_snapshots", 3),
        ("dsr_workbook", "rating_days", 5),
        ("dsr_workbook", "rating_days", 5),
    ]
    assert all(map(fits, readings))
    assert readings[0].rows["five_star_gap"].to_list() == [18, None, None]


def test_dsr_workbook_takes_the_day_of_its_name() -> None:
    content = xlsx_file({"Sheet1": HEADLINE[1:]})
    reading = read(content, name="店铺DSR数据_2025-01-02.xlsx")
    assert reading.rows["day"].unique().to_list() == [JAN_2]
    with pytest.raises(DayUnknownError):
        read(content, name="店铺DSR数据.xlsx")


def test_dsr_workbook_empties_a_score_that_cannot_be() -> None:
    rows = [*HEADLINE[:2], ["近180天服务态度DSR", "7.1"], HEADLINE[2]]
    reading = read(xlsx_file({"Sheet1": rows}), name="dsr.xlsx")
    scores = dict(reading.rows.select("dimension", "score").iter_rows())
    assert set(scores) == {"service", "description"}
    assert scores["service"] is None
    assert reading.emptied.select("source_row", "column", "value", "reason").rows() == [
        (3, "得分", "7.1", "impossible_score")
    ]


SHOP_INFO = [
    [
        "物流服务",
        "描述相符",
        "服务态度",
        "店铺id",
        "用户id",
        "用户昵称",
        "综合体验星级",
        "主营类目",
        "店铺类型",
    ],
    ["4.75", "4.71", "4.80", "1", "2", "示例店", "4.5", "女装", "天猫"],
]
REPORT = [
    ["统计日期", "访客数", "支付金额", "评价数", "描述相符评分", "物流服务评分", "服务态度评分"],
    ["2025-01-01", "900", "8000", "12", "4.70", "4.74", "-"],
    ["2025-01-02", "950", "8100", "15", "4.71", "4.75", "4.80"],
]


def test_shop_information_gives_three_snapshots() -> None:
    reading = read(xlsx_file({"Sheet1": SHOP_INFO}), name="商家中心_店铺信息_20250102.xlsx")
    assert reading.layout == "shop_info"
    assert reading.rows.select("day", "dimension", "score").rows() == [
        (JAN_2, "description", 4.71),
        (JAN_2, "service", 4.8),
        (JAN_2, "logistics", 4.75),
    ]
    assert fits(reading)


def test_shop_information_without_a_day_asks() -> None:
    with pytest.raises(DayUnknownError):
        read(xlsx_file({"Sheet1": SHOP_INFO}), name="店铺信息.xlsx")


def test_the_daily_report_is_read_only_where_somebody_says_what_its_scores_are() -> None:
    content = xlsx_file({"Sheet1": REPORT})
    with pytest.raises(DailyReportError, match="shop_daily_report"):
        read(content, name="店铺日报.xlsx")
    reading = read(content, name="店铺日报.xlsx", layout="shop_daily_report")
    assert reading.rows.select("day", "dimension", "score").rows() == [
        (date(2025, 1, 1), "description", 4.7),
        (date(2025, 1, 1), "logistics", 4.74),
        (JAN_2, "description", 4.71),
        (JAN_2, "service", 4.8),
        (JAN_2, "logistics", 4.75),
    ]
    assert fits(reading)


def test_scores_side_by_side_are_told_in_the_files_own_words() -> None:
    header = [*SHOP_INFO[0][:3], " 店铺 id ", *SHOP_INFO[0][4:]]
    row = ["9.9分", "4.71", "0.80", *SHOP_INFO[1][3:]]
    content = xlsx_file({"Sheet1": [header, ["9.9", *row[1:]], row]})
    reading = read(content, name="商家中心_店铺信息_20250102.xlsx")
    assert reading.rows.select("dimension", "score").rows() == [
        ("description", 4.71),
        ("service", None),
        ("logistics", None),
    ]
    told = ("source_row", "column", "value", "reason")
    assert reading.emptied.select(told).rows() == [
        (2, "服务态度", "0.80", "impossible_score"),
        (2, "物流服务", "9.9", "impossible_score"),
    ]
    assert json.loads(reading.emptied["cells"].to_list()[0])["店铺类型"] == "天猫"
    assert reading.rejected.select(told).rows() == [(3, "物流服务", "9.9分", "unreadable_score")]


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        pytest.param(["昨天", "9"], ("统计日期", "昨天", "unreadable_day"), id="no day"),
        pytest.param(["", "9"], ("统计日期", "", "missing_value"), id="no day at all"),
        pytest.param(
            ["2025-01-03", "9", "", "", "-"], ("描述相符评分", "-", "missing_value"), id="no score"
        ),
    ],
)
def test_a_line_of_the_daily_report_that_says_nothing_is_told(
    row: list[str], fault: tuple[str, str, str]
) -> None:
    content = xlsx_file({"Sheet1": [*REPORT, [], row]})
    reading = read(content, name="店铺日报.xlsx", layout="shop_daily_report")
    assert reading.rows.height == 5
    columns = ("source_row", "column", "value", "reason")
    assert reading.rejected.select(columns).rows() == [(5, *fault)]


def test_a_rating_file_asked_for_by_name_wants_its_headings() -> None:
    with pytest.raises(MissingColumnsError, match="统计日期"):
        read(xlsx_file({"Sheet1": SHOP_INFO}), name="x.xlsx", layout="shop_daily_report")


@pytest.mark.parametrize(
    ("layout", "headings", "row", "expected"),
    [
        pytest.param(
            "reviews_sycm",
            [
                "评论",
                "昵称",
                "追评内容",
                "追评时间",
                "评价时间",
                "商品id",
                "颜色分类",
                "评价分类",
                "skuid",
            ],
            [
                "好看",
                "t**3",
                "还好",
                "2025-02-01 08:00:00",
                "2025-01-09 20:15:00",
                "100001",
                "红",
                "好评",
                "7",
            ],
            ("t**3", JAN_9, "100001", "好看", "红", "还好", datetime(2025, 2, 1, 8), "好评"),
            id="生参 商品评价",
        ),
        pytest.param(
            "reviews_public",
            ["品牌", "用户名", "评价日期", "初评内容", "追评内容", "购买产品", "初评情感评分"],
            ["某牌", "t**3", "2025-01-09", "好看", "", "甲款", "0.98"],
            ("t**3", datetime(2025, 1, 9), "", "好看", None, None, None, None),
            id="public set with brand",
        ),
        pytest.param(
            "reviews_public_short",
            ["买家", "初评内容", "评价日期", "追评"],
            ["t**3", "好看", "2025-01-09", "还好"],
            ("t**3", datetime(2025, 1, 9), "", "好看", None, "还好", None, None),
            id="public set",
        ),
    ],
)
def test_text_reviews(
    layout: str, headings: list[str], row: list[str], expected: tuple[Any, ...]
) -> None:
    reading = read(csv_file(headings, row))
    assert (reading.table, reading.layout) == ("reviews", layout)
    columns = (
        "buyer",
        "rated_at",
        "item_id",
        "text",
        "sku_text",
        "later_text",
        "later_at",
        "rating_class",
    )
    assert reading.rows.select(columns).rows() == [expected]
    assert reading.unknown_headers == ()
    assert fits(reading)
