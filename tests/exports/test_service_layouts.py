"""Every performance table of docs/exports.md, in exactly its header spelling."""

from datetime import date
from io import BytesIO
from typing import Any

import polars as pl
import pytest
import xlsxwriter

from exports.errors import DayUnknownError
from exports.reading import Reading, read_file
from exports.refusals import ConsultByItemError, SeveralDaysError
from store.schemas import ServiceDays

JAN_2 = date(2025, 1, 2)
DAILY = "某表20250102.xlsx"

Row = list[str]


def workbook(**sheets: list[Row]) -> bytes:
    """An XLSX of text cells, one sheet per keyword."""
    content = BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for at, row in enumerate(rows):
                for place, cell in enumerate(row):
                    if cell:
                        sheet.write_string(at, place, cell)
    return content.getvalue()


def table(header: str, *rows: str) -> list[Row]:
    """Cells of a sheet; ``|`` parts them, so that commas may stand in a cell."""
    return [header.split(", "), *(row.split("|") for row in rows)]


def read(rows: list[Row], *, name: str = DAILY, **options: Any) -> Reading:
    (reading,) = read_file(name, workbook(Sheet1=rows), **options)
    return reading


def filled(reading: Reading) -> list[dict[str, Any]]:
    """The rows without their empty columns, and without what every row has."""
    always = ("layout", "source_row", "scope", "agent", "day")
    return [
        {key: value for key, value in row.items() if value is not None and key not in always}
        for row in reading.rows.to_dicts()
    ]


def who(reading: Reading) -> list[tuple[str, str]]:
    return reading.rows.select("scope", "agent").rows()


# Layout, header, one agent's (or the shop's) cells, what they say.
AGENT_TABLES = [
    pytest.param(
        "sycm_agents",
        "旺旺昵称, 询单最终付款人数, 询单人数, 询单最终付款转化率, 首次响应时长（秒), "
        "平均响应时长（秒), 客户满意率, 旺旺回复率, 询单最终付款金额, 成功退款金额",
        "示例店:小一|12|40|30.00%|5.2|21.4|95.00%|99.71%|1,234.50|￥12",
        {
            "paid_users_final": 12,
            "inquiry_users": 40,
            "conv_final": 0.3,
            "first_response_s": 5.2,
            "avg_response_s": 21.4,
            "satisfaction": 0.95,
            "reply_rate": 0.9971,
            "paid_amount_final_fen": 123_450,
            "refund_amount_fen": 1_200,
        },
        id="客服绩效",
    ),
    pytest.param(
        "sycm_agent_reception",
        "旺旺昵称, 咨询人数, 接待人数, 未回复人数, 有效接待人数, "
        "平均响应时长（秒), 3分钟人工响应率, "
        "旺旺回复率, 首次响应时长（秒), 慢响应人数, 答问比, 旺旺分组",
        "示例店:小一|110|100|3|90|30|0.92|0.97|6|4|1.35|售前",
        {
            "group": "售前",
            "consult_users": 110,
            "received_users": 100,
            "unreplied_users": 3,
            "valid_users": 90,
            "avg_response_s": 30.0,
            "reply_3min_rate": 0.92,
            "reply_rate": 0.97,
            "first_response_s": 6.0,
            "slow_users": 4,
            "qa_ratio": 1.35,
        },
        id="咨询接待分析",
    ),
    pytest.param(
        "sycm_agent_details",
        "旺旺昵称, 旺旺分组, 有效接待人数, 当日询单人数, 销售人数, 净销售额, 客单价, 询单流失人数, "
        "首次响应时长（秒), 平均响应时长（秒), 答问比, 客户满意率, 销售额, 询单最终付款转化率",
        "示例店：小一|售前|90|35|20|1，900.50|100.03|15|5|20|1.2|0.9|2,000.60|0.4",
        {
            "group": "售前",
            "valid_users": 90,
            "inquiry_users_today": 35,
            "sales_users": 20,
            "net_sales_fen": 190_050,
            "spend_per_buyer_fen": 10_003,
            "first_response_s": 5.0,
            "avg_response_s": 20.0,
            "qa_ratio": 1.2,
            "satisfaction": 0.9,
            "sales_fen": 200_060,
            "conv_final": 0.4,
        },
        id="客服绩效明细",
    ),
    pytest.param(
        "sycm_accounts",
        "旺旺昵称, 咨询人数, 有效接待人数, 询单人数, 下单人数, 下单金额, 销售人数, 销售额, 销售量, "
        "订单量, 个人销售额占比, 成功退款金额, 净销售额",
        "示例店:小一|110|90|40|25|2500|20|2000|30|22|50%|100|1900",
        {
            "consult_users": 110,
            "valid_users": 90,
            "inquiry_users": 40,
            "ordered_users": 25,
            "sales_users": 20,
            "sales_fen": 200_000,
            "sales_pieces": 30,
            "sales_orders": 22,
            "refund_amount_fen": 10_000,
            "net_sales_fen": 190_000,
        },
        id="account list",
    ),
    pytest.param(
        "qianniu_voice",
        "旺旺账号名称, 平均响应时长, 人工接待会话量, 3分钟人工响应率",
        "示例店:小一|2分30秒|80|92.5%",
        {"avg_response_s": 150.0, "reply_3min_rate": 0.925},
        id="客户之声 by agent",
    ),
    pytest.param(
        "qianniu_voice_ratings",
        "旺旺账号名称, 满意评价量, 旺旺评价量",
        "示例店:小一|18|20",
        {"satisfaction": 0.9},
        id="客户之声 ratings",
    ),
    pytest.param(
        "chitu_satisfaction",
        "客服昵称, 接待人数, 平均响应(秒), 回复率, 询单->最终付款转化率, 上班天数, "
        "服务满意度评价参与率, 客户满意率, 服务满意度评价很满意, 服务满意度评价满意, "
        "服务满意度评价一般, 服务满意度评价不满, 服务满意度评价很不满",
        "小一|100|21.5|1.0|35.00%|1|20%|90%|8|1|1|0|0",
        {
            "received_users": 100,
            "avg_response_s": 21.5,
            "reply_rate": 1.0,
            "conv_final": 0.35,
            "satisfaction": 0.9,
        },
        id="赤兔 a",
    ),
    pytest.param(
        "chitu_sales",
        "客服昵称, 聊天人数(原咨询人数), 接待人数, 询单人数, 销售额, 销售量, 销售人数, 销售订单数",
        "小一|110|100|40|2000.00|30|20|22",
        {
            "consult_users": 110,
            "received_users": 100,
            "inquiry_users": 40,
            "sales_fen": 200_000,
            "sales_pieces": 30,
            "sales_users": 20,
            "sales_orders": 22,
        },
        id="赤兔 b",
    ),
    pytest.param(
        "chitu_reception",
        "客服昵称, 聊天人数(原咨询人数), 接待人数, 直接接入人数, 转发接入人数, 转出人数, 总消息数, "
        "买家消息数, 客服消息数, 答问比, 客服字数, 最大同时聊天数, 未回复人数, 回复率, 慢接待人数, "
        "长接待人数, 首次响应(秒), 平均响应(秒), 平均接待时长",
        "小一|110|100|95|5|3|900|400|500|125%|8000|9|3|0.97|4|6|5|21|8分48秒",
        {
            "consult_users": 110,
            "received_users": 100,
            "unreplied_users": 3,
            "reply_rate": 0.97,
            "first_response_s": 5.0,
            "avg_response_s": 21.0,
            "slow_users": 4,
            "long_users": 6,
            "buyer_messages": 400,
            "agent_messages": 500,
            "qa_ratio": 1.25,
        },
        id="赤兔 c",
    ),
    pytest.param(
        "chitu_2019",
        "日期, 店铺, 旺旺昵称, 咨询人数, 接待人数, 直接接待人数, 转入人数, 转出人数, 买家发起, "
        "客服主动跟进, 总消息, 买家消息, 客服消息, 答问比, 客服字数, 最大同时接待, 未回复人数, "
        "旺旺回复率, 慢响应人数, 长接待人数, 首次响应(秒), 平均响应(秒), 平均接待时长, 发出评价数, "
        "收到评价数, 很满意, 满意, 一般, 不满, 很不满, 评价发送率, "
        "评价返回率, 客户满意比, 客服服务满意度",
        "2025-01-02|示例店|示例店:小一|110|100|95|5|3|90|10|900|400|500|1.25|8000|9|3|97%|4|6|5|21|"
        "8分48秒|50|20|15|3|1|1|0|50%|40%|90%|4.8",
        {
            "shop_name": "示例店",
            "consult_users": 110,
            "received_users": 100,
            "unreplied_users": 3,
            "reply_rate": 0.97,
            "first_response_s": 5.0,
            "avg_response_s": 21.0,
            "slow_users": 4,
            "long_users": 6,
            "buyer_messages": 400,
            "agent_messages": 500,
            "qa_ratio": 1.25,
            "satisfaction": 0.9,
        },
        id="赤兔 2019",
    ),
    pytest.param(
        "jd_service",
        "客服, 促成下单商品金额, 售前接待人数, 促成下单人数, 接待量, "
        "平均响应时长（新）, 30s应答率, "
        "首次平均响应时间, 客服3分钟人工回复率, 好评量, 评价量, 差评量, 客服总消息数, 客户总消息数",
        "小一|2000|40|20|100|21.5|90%|5.5|95%|18|20|1|500|400",
        {
            "received_users": 100,
            "inquiry_users": 40,
            "ordered_users": 20,
            "reply_3min_rate": 0.95,
            "first_response_s": 5.5,
            "avg_response_s": 21.5,
            "buyer_messages": 400,
            "agent_messages": 500,
            "satisfaction": 0.9,
            "sales_fen": 200_000,
        },
        id="JD 咚咚",
    ),
    pytest.param(
        "pinduoduo_service",
        "客服账号, 咨询人数, 询单人数, 最终成团人数, 询单流失人数, 询单转化率, 客服销售额（元）, "
        "去退销售额（元）, 人工接待人数, 需要人工回复的咨询人数, 3分钟未回复人数, "
        "3分钟人工回复率(8-23点), 30秒应答率(8-23点), "
        "平均人工响应时长(分/秒), 3分钟人工回复率(全天), "
        "30秒应答率(全天), 评分≤3订单数, 评分数, 评分≤3率, 纠纷退款数, 投诉数",
        "小一|110|40|20|20|50%|2000|1900|100|90|2|97%|80%|1分30秒|96%|79%|1|20|5%|0|0",
        {
            "consult_users": 110,
            "received_users": 100,
            "inquiry_users": 40,
            "paid_users_final": 20,
            "conv_unspecified": 0.5,
            "reply_3min_rate": 0.97,
            "avg_response_s": 90.0,
            "sales_fen": 200_000,
            "net_sales_fen": 190_000,
        },
        id="Pinduoduo",
    ),
    pytest.param(
        "douyin_service",
        "客服账号, 客服在线天数, 接待会话量, 待回复会话量, 已接待人数, 转出会话量, 有效评价数, "
        "有效好评数, 有效差评数, 全天不满意率, 全天满意率, 全天平响时长, 全天首响时长, "
        "全天3分钟回复率, 工作时间平响时长, 工作时间3分钟回复率, 询单人数, 下单人数, 支付人数, "
        "退款人数, 客服询单支付额, 退款金额, 退款后销售额, 询单转化率",
        "小一|1|120|1|100|3|20|18|1|5%|90%|11秒|5秒|97%|10秒|98%|40|25|20|2|2000|100|1900|50%",
        {
            "received_users": 100,
            "inquiry_users": 40,
            "ordered_users": 25,
            "paid_users_final": 20,
            "conv_unspecified": 0.5,
            "reply_3min_rate": 0.97,
            "first_response_s": 5.0,
            "avg_response_s": 11.0,
            "satisfaction": 0.9,
            "sales_fen": 200_000,
            "net_sales_fen": 190_000,
            "refund_amount_fen": 10_000,
        },
        id="Douyin 飞鸽",
    ),
    pytest.param(
        "xianyu_service",
        "账号名称, 咨询人数, 接待人数, 咨询商品数, 平均响应时长, 3 分钟响应率, 客户服务满意度, "
        "客户服务满意率, 有效评价数, 有效好评数, 有效差评数",
        "小一|110|100|30|11秒|97%|4.8|90%|20|18|1",
        {
            "consult_users": 110,
            "received_users": 100,
            "reply_3min_rate": 0.97,
            "avg_response_s": 11.0,
            "satisfaction": 0.9,
        },
        id="闲鱼",
    ),
]
SHOP_TABLES = [
    pytest.param(
        "sycm_inquiry",
        table(
            "日期, 询单人数, 当日询单人数, 当日付款人数, 当日付款金额, 最终付款人数, 最终付款金额, "
            "询单当日付款转化率, 询单最终付款转化率",
            "2025-01-02|200|180|60|6000.00|80|8000.10|30.00%|40.00%",
        ),
        {
            "inquiry_users": 200,
            "inquiry_users_today": 180,
            "paid_users_today": 60,
            "paid_users_final": 80,
            "conv_today": 0.3,
            "conv_final": 0.4,
            "paid_amount_today_fen": 600_000,
            "paid_amount_final_fen": 800_010,
        },
        id="业绩询单",
    ),
    pytest.param(
        "sycm_reception",
        table(
            "日期, 咨询人数, 接待人数, 未回复人数, 有效接待人数, 平均响应时长, 3分钟人工响应率, "
            "咨询客服人次, 客服回复人次, 客服未回复人次, 旺旺回复率, 首次响应时长, 慢响应人数, "
            "长接待人数, 买家发起人数, 客服主动跟进人数, 总消息数, 买家消息条数, 客服消息条数, "
            "答问比, 客服字数, 平均接待时长",
            "2025-01-02|510|500|10|450|25|0.93|520|505|15|0.98|6|12|8|480|20|4500|2000|2500|1.25|"
            "40000|500",
        ),
        {
            "consult_users": 510,
            "received_users": 500,
            "unreplied_users": 10,
            "valid_users": 450,
            "reply_rate": 0.98,
            "reply_3min_rate": 0.93,
            "first_response_s": 6.0,
            "avg_response_s": 25.0,
            "slow_users": 12,
            "long_users": 8,
            "buyer_messages": 2000,
            "agent_messages": 2500,
            "qa_ratio": 1.25,
        },
        id="咨询接待",
    ),
    pytest.param(
        "sycm_unit_price",
        table(
            "日期, 销售额, 销售量, 销售人数, 客单价, 客件数, 件均价",
            "2025-01-02|8000|120|80|100|1.5|66.67",
        ),
        {
            "sales_fen": 800_000,
            "sales_users": 80,
            "sales_pieces": 120,
            "spend_per_buyer_fen": 10_000,
        },
        id="客单价",
    ),
    pytest.param(
        "sycm_inquiry_paid",
        table("日期, 延 询单人数, 当日询单人数, 当日付款人数", "2025-01-02|200|180|60"),
        {"inquiry_users": 200, "inquiry_users_today": 180, "paid_users_today": 60},
        id="询单到付款",
    ),
    pytest.param(
        "sycm_overview",
        table(
            "客服销售额, 客服销售人数, 客服销售占比, 客服销售客单价, "
            "成功退款金额, 净销售额, 咨询人数, "
            "接待人数, 询单转化率, 平均响应时长（秒）, 客户满意率, 旺旺回复率, "
            "仅退款自主完结时长（小时）, 退货退款完结时长（小时）, 平台求助率, 平台判责率",
            "8000|80|40%|100|500|7500|510|500|40%|25|90%|98%|5|48|1%|0%",
        ),
        {
            "consult_users": 510,
            "received_users": 500,
            "conv_unspecified": 0.4,
            "reply_rate": 0.98,
            "avg_response_s": 25.0,
            "satisfaction": 0.9,
            "sales_fen": 800_000,
            "net_sales_fen": 750_000,
            "sales_users": 80,
            "refund_amount_fen": 50_000,
            "spend_per_buyer_fen": 10_000,
        },
        id="客服概览",
    ),
    pytest.param(
        "kuaishou_service",
        table(
            "三分钟回复率（人维度）, 三分钟回复率（会话）, 不服务率, "
            "咨询人数, 咨询人次, 人工会话量, "
            "人工平均回复时长, 好评率（人维度）, 好评率（会话）, 差评率（人维度）, 差评率（会话）, "
            "IM不满意率（人维度）, 询单人数, 下单人数, 支付人数, "
            "询单转化率, 询单客单价, 客服销售额",
            "97%|96%|1%|510|520|500|25秒|90%|89%|1%|1%|2%|200|90|80|40%|100|8000",
        ),
        {
            "consult_users": 510,
            "inquiry_users": 200,
            "ordered_users": 90,
            "paid_users_final": 80,
            "conv_unspecified": 0.4,
            "reply_3min_rate": 0.97,
            "avg_response_s": 25.0,
            "satisfaction": 0.9,
            "sales_fen": 800_000,
            "spend_per_buyer_fen": 10_000,
        },
        id="快手",
    ),
]
GROUPS = [
    "发出",
    "收到",
    "很满意",
    "满意",
    "一般",
    "不满",
    "很不满",
    "发送率",
    "返回率",
    "满意率",
    "服务度",
]
TOTAL = ["50", "20", "15", "3", "1", "1", "0", "50%", "40%", "90%", "4.8"]
INVITED = ["40", "10", "5", "3", "1", "1", "0", "40%", "25%", "80%", "4.5"]


@pytest.mark.parametrize(("layout", "header", "cells", "expected"), AGENT_TABLES)
def test_agent_tables(layout: str, header: str, cells: str, expected: dict[str, Any]) -> None:
    reading = read(table(header, cells))
    assert reading.layout == layout
    assert who(reading) == [("agent", "小一")]
    assert reading.rows["day"].to_list() == [JAN_2]
    assert filled(reading) == [expected]
    assert reading.rejected.is_empty()
    assert reading.unknown_headers == ()


@pytest.mark.parametrize(("layout", "rows", "expected"), SHOP_TABLES)
def test_shop_tables(layout: str, rows: list[Row], expected: dict[str, Any]) -> None:
    reading = read(rows)
    assert reading.layout == layout
    assert who(reading) == [("shop", "")]
    assert reading.rows["day"].to_list() == [JAN_2]
    assert filled(reading) == [expected]
    assert reading.rejected.is_empty()
    assert reading.unknown_headers == ()


@pytest.mark.parametrize(
    "header",
    [
        pytest.param(
            [
                ["", "", "总", *[""] * 10, "邀请", *[""] * 10],
                ["日期", "接待人数", *GROUPS, *GROUPS],
            ],
            id="day and count in row 2",
        ),
        pytest.param(
            [
                ["日期", "接待人数", "总", *[""] * 10, "邀请", *[""] * 10],
                ["", "", *GROUPS, *GROUPS],
            ],
            id="day and count in row 1, cells merged",
        ),
    ],
)
def test_q19_two_header_rows_of_chat_ratings(header: list[Row]) -> None:
    reading = read([*header, ["2025-01-02", "500", *TOTAL, *INVITED]])
    assert reading.layout == "sycm_satisfaction"
    assert who(reading) == [("shop", "")]
    assert filled(reading) == [{"received_users": 500, "satisfaction": 0.9}]


@pytest.mark.parametrize("first", [True, False], ids=["summaries first", "summaries last"])
def test_q18_summary_rows_are_known_by_their_label_wherever_they_stand(first: bool) -> None:
    header = (
        "旺旺昵称, 询单最终付款人数, 询单人数, 询单最终付款转化率, 首次响应时长（秒), "
        "平均响应时长（秒), 客户满意率, 旺旺回复率, 询单最终付款金额, 成功退款金额"
    )
    agents = [f"示例店:小{n}|1|4|25%|5|20|90%|99%|100|0" for n in "一二"]
    summaries = [
        "汇总值|2|8|25%|5|20|90%|99%|200|0",
        "平均值|1|4|25%|5|20|90%|99%|100|0",
        "全店汇总值|3|9|33.3%|5|20|90%|99%|300|0",
        "全店平均值|1|4|25%|5|20|90%|99%|100|0",
        "同行同层优秀|9|20|45%|3|10|98%|100%|900|0",
        "同行同层均值|5|15|33%|6|25|92%|97%|500|0",
    ]
    reading = read(table(header, *(summaries + agents if first else agents + summaries)))
    rows = sorted(reading.rows.select("scope", "agent", "inquiry_users").rows())
    assert rows == [
        ("agent", "小一", 4),
        ("agent", "小二", 4),
        ("peer_best", "", 20),
        ("peer_mean", "", 15),
        ("shop", "", 9),
    ]
    assert reading.rejected.is_empty()


@pytest.mark.parametrize(
    "label",
    ["汇总", "汇总值", "均值", "平均", "平均值", "总和", "总计", "总值", "合计", "店铺平均值"],
)
def test_q18_every_summary_label_is_left_out(label: str) -> None:
    rows = table(
        "旺旺账号名称, 平均响应时长, 人工接待会话量, 3分钟人工响应率",
        "小一|11秒|80|92%",
        f"{label}|11秒|80|92%",
    )
    assert who(read(rows)) == [("agent", "小一")]


def test_q18_peer_rows_of_a_shop_sheet_take_the_day_of_its_data_row() -> None:
    rows = table(
        "日期, 销售额, 销售量, 销售人数, 客单价, 客件数, 件均价",
        "2025-01-02|8000|120|80|100|1.5|66.67",
        "汇总值|8000|120|80|100|1.5|66.67",
        "同行同层均值|9000|-|90|100|1.5|66.67",
        "同行同层优秀|20000|-|150|133|1.5|66.67",
    )
    reading = read(rows, name="业绩.xlsx")
    assert reading.rows.select("scope", "day", "sales_users", "sales_pieces").rows() == [
        ("shop", JAN_2, 80, 120),
        ("peer_mean", JAN_2, 90, None),
        ("peer_best", JAN_2, 150, None),
    ]
    assert reading.rejected.is_empty()


def test_q17_not_settled_is_a_state_of_its_own_and_not_zero() -> None:
    rows = table(
        "日期, 询单人数, 当日询单人数, 当日付款人数, 当日付款金额, 最终付款人数, 最终付款金额, "
        "询单当日付款转化率, 询单最终付款转化率",
        "2025-01-02|200|180|60|6000|延迟统计|延迟统计|30%|延迟统计",
    )
    reading = read(rows)
    row = reading.rows.row(0, named=True)
    assert row["unsettled"] == "paid_users_final,conv_final,paid_amount_final_fen"
    assert (row["paid_users_final"], row["conv_final"]) == (None, None)
    assert [remark.code for remark in reading.remarks] == ["unsettled_column"]


@pytest.mark.parametrize(
    ("cells", "rates"),
    [
        pytest.param(["0.9971", "1"], [0.9971, 1.0], id="fractions: 1 is all"),
        pytest.param(["99.71", "1"], [0.9971, 0.01], id="percent: 1 is one hundredth"),
        pytest.param(["99.71%", "1%"], [0.9971, 0.01], id="percent signs"),
        pytest.param(["-", "99.71"], [None, 0.9971], id="a placeholder is null, not 0"),
    ],
)
def test_q15_the_shape_of_a_rate_is_its_columns(cells: list[str], rates: list[float]) -> None:
    rows = table(
        "旺旺账号名称, 平均响应时长, 人工接待会话量, 3分钟人工响应率",
        *(f"小{n}|11|80|{cell}" for n, cell in zip("一二", cells, strict=True)),
    )
    assert read(rows).rows["reply_3min_rate"].to_list() == pytest.approx(rates)


@pytest.mark.parametrize(
    ("heading", "cell", "seconds"),
    [
        pytest.param("平均人工响应时长(分)", "1.5", 90.0, id="minutes by the heading"),
        pytest.param("平均人工响应时长(秒)", "90", 90.0, id="seconds by the heading"),
        pytest.param("平均人工响应时长(分/秒)", "1分30秒", 90.0, id="units in the cell"),
    ],
)
def test_q16_pinduoduo_names_the_unit_of_its_durations(
    heading: str, cell: str, seconds: float
) -> None:
    rows = table(f"客服账号, 询单人数, 人工接待人数, {heading}", f"小一|40|100|{cell}")
    reading = read(rows)
    assert reading.layout == "pinduoduo_service"
    assert reading.rows["avg_response_s"].to_list() == [seconds]


def test_q16_a_bare_number_under_two_units_is_set_aside() -> None:
    rows = table("客服账号, 询单人数, 人工接待人数, 平均人工响应时长(分/秒)", "小一|40|100|1.5")
    reading = read(rows)
    assert reading.rows.is_empty()
    assert reading.rejected["reason"].to_list() == ["unreadable_duration"]


def test_a_lone_blank_of_chitu_is_zero_and_a_blank_column_is_not_settled() -> None:
    rows = table(
        "客服昵称, 聊天人数(原咨询人数), 接待人数, 询单人数, 销售额, 销售量, 销售人数, 销售订单数",
        "小一|110|100|40||30||22",
        "小二|50|40|20||||",
    )
    reading = read(rows)
    columns = ("sales_fen", "sales_pieces", "sales_users", "sales_orders", "unsettled")
    assert reading.rows.select(columns).rows() == [
        (None, 30, None, 22, "sales_fen,sales_users"),
        (None, 0, None, 0, "sales_fen,sales_users"),
    ]


def test_a_blank_of_another_sheet_stays_unknown() -> None:
    rows = table(
        "旺旺昵称, 咨询人数, 接待人数, 未回复人数, 有效接待人数, 旺旺回复率", "小一|110|100||90|"
    )
    row = read(rows).rows.row(0, named=True)
    assert (row["unreplied_users"], row["reply_rate"], row["unsettled"]) == (None, None, None)


@pytest.mark.parametrize(
    "heading",
    ["旺旺昵称", "客服昵称", "客服账号", "旺旺账号", "旺旺账号名称", "账户名", "客服", "昵称"],
)
def test_the_name_column_has_many_names(heading: str) -> None:
    rows = table(f"{heading}, 咨询人数, 接待人数, 未回复人数, 回复率", "小一|110|100|3|0.97")
    reading = read(rows)
    assert who(reading) == [("agent", "小一")]
    assert filled(reading) == [
        {"consult_users": 110, "received_users": 100, "unreplied_users": 3, "reply_rate": 0.97}
    ]


def test_two_sheets_of_the_customer_voice_are_read_each() -> None:
    content = workbook(
        按客服查看=table(
            "旺旺账号名称, 平均响应时长, 人工接待会话量, 3分钟人工响应率", "小一|11|80|92%"
        ),
        旺旺账号咨询接待能力明细=table("旺旺账号名称, 满意评价量, 旺旺评价量", "小一|18|20"),
    )
    readings = read_file(DAILY, content)
    assert [(r.layout, r.rows["agent"].to_list()) for r in readings] == [
        ("qianniu_voice", ["小一"]),
        ("qianniu_voice_ratings", ["小一"]),
    ]


def test_no_inquiries_known_is_no_row() -> None:
    rows = table("日期, 延 询单人数, 当日询单人数, 当日付款人数", "暂无数据|0|0|0")
    reading = read(rows)
    assert reading.rows.is_empty()
    assert reading.rejected.is_empty()


def test_two_days_of_inquiries_to_payment_are_a_wrong_export() -> None:
    rows = table(
        "日期, 延 询单人数, 当日询单人数, 当日付款人数", "2025-01-02|1|1|1", "2025-01-03|1|1|1"
    )
    with pytest.raises(SeveralDaysError, match="Export each day by itself"):
        read(rows)


def test_q20_a_sheet_without_a_day_asks_for_one() -> None:
    rows = table("旺旺账号名称, 平均响应时长, 人工接待会话量, 3分钟人工响应率", "小一|11|80|92%")
    with pytest.raises(DayUnknownError):
        read(rows, name="客户之声.xlsx")
    assert read(rows, name="客户之声.xlsx", day=JAN_2).rows["day"].to_list() == [JAN_2]


def test_an_agent_row_without_a_name_is_set_aside() -> None:
    rows = table("旺旺账号名称, 平均响应时长, 人工接待会话量, 3分钟人工响应率", "-|11|80|92%")
    reading = read(rows)
    assert reading.rows.is_empty()
    assert reading.rejected.select("column", "reason").rows() == [("旺旺账号名称", "missing_value")]


def test_q10_consultations_per_item_are_refused_with_the_reason() -> None:
    text = "商品id,商品名称,总咨询人数,移动端咨询人数,PC端咨询人数\nID：100001,甲款,3,2,1\n"
    with pytest.raises(ConsultByItemError, match="per item"):
        read_file("2025-01-02.csv", text.encode("utf-8-sig"))


def test_the_rows_fit_their_table() -> None:
    reading = read(table("旺旺账号名称, 满意评价量, 旺旺评价量", "小一|18|20"))
    rows = reading.rows.with_columns(shop=pl.lit("示例店"))
    assert ServiceDays.validate(rows, cast=True).height == 1
