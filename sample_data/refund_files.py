"""The refund report of 2026 (51 columns), as a workbook or, when it is long, as CSV."""

from pathlib import Path

import polars as pl

from sample_data.csv_files import moment, write_template_csv, yuan
from sample_data.xlsx_files import MOST_ROWS, write_xlsx

# fmt: off
REFUND_HEADERS = (
    "订单编号", "退款编号", "支付单号", "订单付款时间", "商品id", "商品编码", "退款完结时间",
    "买家实际支付金额", "宝贝标题", "买家退款金额", "手工退款/系统退款", "售后类型",
    "退款的申请时间", "超时时间", "退款状态", "货物状态", "退货物流信息", "发货物流信息",
    "客服介入状态", "卖家真实姓名", "卖家真实姓名(新)", "卖家退货地址", "卖家邮编", "卖家电话",
    "卖家手机", "退货物流单号", "退货物流公司", "买家退款原因", "买家退款说明", "买家退货时间",
    "责任方", "售中或售后", "备注标签", "商家备注", "完结时间", "部分退款/全部退款", "审核操作人",
    "审核操作人新会员名", "举证超时", "是否零秒响应", "退款操作人", "退款操作人新会员名",
    "退款原因标签", "业务类型", "是否帮他退款", "帮他退款操作账号", "小额收款", "淘特订单",
    "百亿补贴超链退款信息", "智能退款策略", "执行方案",
)
# fmt: on


def write_refunds(out: Path, refunds: pl.DataFrame, stamp: str) -> list[Path]:
    """The report of all applications; ``stamp`` is the day of the export (yyyyMMdd)."""
    cells = {
        "订单编号": pl.col("order_id"),
        "退款编号": pl.col("refund_id"),
        "订单付款时间": moment("order_paid_at"),
        "商品id": pl.col("item_id"),
        "商品编码": pl.col("merchant_code"),
        "退款完结时间": moment("ended_at"),
        "买家实际支付金额": yuan("paid_fen"),
        "宝贝标题": pl.col("title"),
        "买家退款金额": yuan("amount_fen"),
        "手工退款/系统退款": pl.lit("手工退款"),
        "售后类型": pl.col("kind"),
        "退款的申请时间": moment("asked_at"),
        "超时时间": moment("due_at"),
        "退款状态": pl.col("status_text"),
        "货物状态": pl.col("goods_state"),
        "客服介入状态": pl.col("step_in"),
        "卖家真实姓名": pl.lit("卖家一"),
        "卖家退货地址": pl.lit("示例省 示例市 示例路1号"),
        "卖家手机": pl.lit("13000000000"),
        "买家退款原因": pl.col("reason"),
        "售中或售后": pl.col("stage"),
        "完结时间": moment("ended_at"),
        "部分退款/全部退款": pl.col("scope"),
        "是否零秒响应": pl.lit("否"),
    }
    rows = refunds.select(
        cells.get(header, pl.lit("")).fill_null("").alias(header) for header in REFUND_HEADERS
    )
    if rows.height >= MOST_ROWS:
        path = out / f"天猫退款单{stamp}.csv"
        write_template_csv(path, rows, encoding="gb18030")
        return [path]
    path = out / f"天猫退款单{stamp}.xlsx"
    write_xlsx(path, {"退款单": [REFUND_HEADERS, *rows.rows()]})
    return [path]
