"""The two order reports: ExportOrderList (2021-2022, 71 columns) and the item report (2026, 35)."""

from pathlib import Path

import polars as pl

from sample_data.csv_files import (
    guarded,
    moment,
    number,
    quoted,
    slices,
    write_platform_csv,
    yuan,
)

# fmt: off
ORDER_HEADERS = (
    "订单编号", "买家会员名", "买家会员昵称", "支付单号", "支付详情", "买家应付货款",
    "买家应付邮费", "买家支付积分", "总金额", "返点积分", "买家实际支付金额", "买家实际支付积分",
    "订单状态", "买家留言", "收货人姓名", "收货地址", "运送方式", "联系电话", "联系手机",
    "虚拟号过期时间", "订单创建时间", "订单付款时间 ", "宝贝标题 ", "宝贝种类", "物流单号 ",
    "物流公司", "订单备注", "宝贝总数量", "店铺Id", "店铺名称", "订单关闭原因", "卖家服务费",
    "买家服务费", "发票抬头", "是否手机订单", "分阶段订单信息", "特权订金订单id",
    "是否上传合同照片", "是否上传小票", "是否代付", "定金排名", "修改后的sku", "修改后的收货地址",
    "异常信息", "天猫卡券抵扣", "集分宝抵扣", "是否是O2O交易", "新零售交易类型",
    "新零售导购门店名称", "新零售导购门店id", "新零售发货门店名称", "新零售发货门店id",
    "退款金额", "预约门店", "确认收货时间", "打款商家金额", "含应开票给个人的个人红包",
    "是否信用购", "体验期结束时间", "前N有礼", "配送类型", "直播返现状态", "返现金额",
    "延迟发货自动赔付金额", "新零售成交门店昵称", "新零售成交门店id", "新零售成交经销商id",
    "预售订单", "发货时间", "商家备忘", "主订单编号",
)
ITEM_HEADERS = (
    "子订单编号", "主订单编号", "商品标题", "商品价格", "购买数量", "外部系统编号", "商品属性",
    "套餐信息", "联系方式备注", "订单状态", "商家编码", "支付单号", "买家应付货款",
    "买家实付金额", "退款状态", "退款金额", "订单创建时间", "订单付款时间", "发货时间",
    "应发货时间", "淘鲜达渠道", "飞猪购订单信息", "免单资格", "免单金额", "百亿补贴超链订单信息",
    "超链半托管订单信息", "商品ID", "备注标签", "商家备注", "主订单买家留言", "物流单号",
    "物流公司", "是否主动赔付", "主动赔付金额", "主动赔付出账时间",
)
# fmt: on
#: What stands in the personal columns: nobody's name, address or number.
RECEIVERS = ("收货人一", "收货人二", "收货人三", "收货人四", "收货人五")
PHONE = "'13000000000"
#: A report spans three months at most.
_QUARTER = pl.col("created_at").dt.truncate("1q")


def write_orders(out: Path, orders: pl.DataFrame, stamp: str) -> list[Path]:
    """One ExportOrderList per quarter; ``stamp`` is the day of the export (yyyyMMdd)."""
    paths = []
    for place, (_, part) in enumerate(_quarters(orders)):
        path = out / f"ExportOrderList{stamp}{901 + place:04d}.csv"
        pieces = (_order_cells(piece) for piece in slices(part))
        write_platform_csv(path, ORDER_HEADERS, pieces)
        paths.append(path)
    return paths


def write_items(out: Path, items: pl.DataFrame, stamp: str) -> list[Path]:
    """One ExportOrderDetailList per quarter."""
    paths = []
    for place, (_, part) in enumerate(_quarters(items)):
        path = out / f"ExportOrderDetailList{stamp}{911 + place:04d}.csv"
        write_platform_csv(path, ITEM_HEADERS, (_item_cells(piece) for piece in slices(part)))
        paths.append(path)
    return paths


def _quarters(rows: pl.DataFrame) -> list[tuple[tuple[object, ...], pl.DataFrame]]:
    return list(rows.group_by(_QUARTER, maintain_order=True))


def _order_cells(orders: pl.DataFrame) -> pl.DataFrame:
    place = pl.col("order_id").str.slice(-6).cast(pl.Int64) // 10
    receiver = place % len(RECEIVERS)
    street = pl.format('"{} 示例市 示例区 示例路{}号(000000)"', "region", place % 90 + 1)
    shipped = pl.col("shipped_at").is_not_null()
    cells = {
        "订单编号": guarded("order_id"),
        "买家会员名": quoted("buyer"),
        "买家会员昵称": quoted("buyer"),
        "支付详情": pl.when(pl.col("paid_at").is_not_null()).then(pl.lit('"支付方式：支付宝"')),
        "买家应付货款": yuan("goods_payable_fen"),
        "买家应付邮费": yuan("postage_fen"),
        "买家支付积分": pl.lit("0"),
        "总金额": yuan("total_fen"),
        "返点积分": pl.lit("0"),
        "买家实际支付金额": yuan("paid_fen"),
        "买家实际支付积分": pl.lit("0"),
        "订单状态": quoted("status_text"),
        "收货人姓名": receiver.replace_strict(range(len(RECEIVERS)), RECEIVERS),
        "收货地址": street,
        "运送方式": pl.lit("快递"),
        "联系手机": pl.lit(PHONE),
        "订单创建时间": moment("created_at"),
        "订单付款时间 ": moment("paid_at"),
        "宝贝标题 ": quoted("title"),
        "宝贝种类": number("kinds"),
        "物流单号 ": pl.when(shipped).then(pl.format("No:SL{}", pl.col("order_id").str.slice(-9))),
        "物流公司": pl.when(shipped).then(pl.lit("示例快递")),
        "宝贝总数量": number("pieces"),
        "店铺Id": pl.lit("0"),
        "店铺名称": quoted("shop"),
        "订单关闭原因": quoted("close_reason"),
        "卖家服务费": pl.lit("0元"),
        "买家服务费": pl.lit("0元"),
        "是否手机订单": pl.lit("手机订单"),
        "是否代付": pl.lit("否"),
        "退款金额": yuan("refund_fen"),
        "确认收货时间": moment("received_at"),
        "打款商家金额": pl.concat_str(yuan("settled_fen"), pl.lit("元")).replace("元", ""),
        "发货时间": moment("shipped_at").replace("", "null"),
        "主订单编号": guarded("order_id"),
    }
    return _in_order(orders, ORDER_HEADERS, cells)


def _item_cells(items: pl.DataFrame) -> pl.DataFrame:
    untouched = pl.col("refund_state") == "没有申请退款"
    cells = {
        "子订单编号": guarded("item_order_id"),
        "主订单编号": guarded("order_id"),
        "商品标题": quoted("title"),
        "商品价格": yuan("price_fen"),
        "购买数量": number("quantity"),
        "商品属性": quoted("sku_text"),
        "订单状态": quoted("status_text"),
        "商家编码": quoted("merchant_code"),
        "买家应付货款": yuan("payable_fen"),
        "买家实付金额": yuan("paid_fen"),
        "退款状态": quoted("refund_state"),
        "退款金额": pl.when(untouched).then(pl.lit("无退款申请")).otherwise(yuan("refund_fen")),
        "订单创建时间": moment("created_at"),
        "订单付款时间": moment("paid_at"),
        "发货时间": moment("shipped_at"),
        "应发货时间": moment("ship_by"),
        "商品ID": guarded("item_id"),
        "是否主动赔付": pl.lit("否"),
    }
    return _in_order(items, ITEM_HEADERS, cells)


def _in_order(
    rows: pl.DataFrame, headers: tuple[str, ...], cells: dict[str, pl.Expr]
) -> pl.DataFrame:
    """All columns of the report; those nothing is known of are empty."""
    return rows.select(
        cells.get(header, pl.lit("")).fill_null("").alias(header) for header in headers
    )
