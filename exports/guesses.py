"""What an unknown file probably holds, guessed from its headings and the shapes of its cells.

A guess is where the mapping form starts; a person sees it beside the rows it gives before anything
is kept. So a heading is taken for a column only where its cells can be read as that column, and
what could be either of two columns is left open.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

import polars as pl

from exports.cells.headings import normal_header
from exports.cells.plain import plain
from exports.cells.values import words
from exports.files.sheets import Sheet
from exports.layouts import load_layouts
from exports.mapping import (
    NEEDED,
    Offered,
    cells_read,
    explained_words,
    lacking,
    offered_columns,
)
from store.schemas import FED_TABLES

#: So many rows are looked at.
_LOOKED_AT = 200
#: Of the filled cells, the share that must be readable as the column's shape.
_READABLE = 0.9
#: Of the ids in a list of orders, the share that must differ; below it a row is a line of an order.
_DIFFERENT = 0.98
#: How sure a guess is: a spelling of a known export, a word of the field, the only cells that fit.
_SPELLED, _NAMED, _FITTING = 3, 2, 1

#: What headings call a column, as :func:`_bare` writes them; the first column that fits is it.
WORDS: dict[str, str] = {
    "item_order_id": "子订单号 子订单编号 明细编号 明细号 orderlineid orderitemid lineitemid",
    "refund_id": "退款编号 退款单号 售后单号 售后编号 refundid refundno refundnumber returnid rma",
    "order_id": "订单号 订单编号 订单id 单号 编号 主订单号 交易号 交易编号 平台订单号 原始单号 "
    "单据编号 order orderid orderno ordernr ordernumber orderref orderreference ordercode "
    "transactionid auftrag auftragsnummer bestellnummer bestellung",
    "item_id": "商品id 商品编号 宝贝id 货品编号 产品编号 itemid itemno itemnumber productid",
    "merchant_code": "商家编码 货号 sku编码 sku articleno",
    "created_at": "下单时间 下单日期 创建时间 创建日期 拍下时间 成交时间 成交日期 订单时间 "
    "订单日期 订单创建时间 提交时间 created createdat createdon creationdate orderdate ordertime "
    "orderedat orderedon purchasedate purchasedat placedat placedon angelegt bestelldatum",
    "order_paid_at": "订单付款时间 订单支付时间",
    "paid_at": "付款时间 付款日期 支付时间 支付日期 到账时间 支付完成时间 付款成功时间 paid "
    "paidat paidon paymentdate paymenttime bezahltam",
    "ship_by": "最晚发货时间 承诺发货时间 应发货时间 shipby shipbydate",
    "shipped_at": "发货时间 发货日期 出库时间 揽收时间 shippedat shippedon shipdate shippingdate "
    "dispatchedat fulfilledat versendetam",
    "received_at": "收货时间 签收时间 确认收货时间 完成时间 交易完成时间 deliveredat deliveredon "
    "deliverydate receivedat completedat",
    "asked_at": "申请时间 退款申请时间 售后申请时间 退款的申请时间 requestedat refundrequestedat "
    "requestdate",
    "ended_at": "完结时间 退款完结时间 退款完成时间 售后完成时间 结束时间 refundedat closedat",
    "rated_at": "评价时间 评价日期 评论时间 评论日期 打分时间 ratedat ratedon ratingdate "
    "reviewedat reviewdate bewertetam",
    "sent_at": "发送时间 消息时间 聊天时间 sentat senton messagetime chattime",
    "day": "日期 统计日期 时间 day date datum tag",
    "refund_fen": "退款金额 已退款金额 退款总额 refund refundamount refundedamount refunded",
    "amount_fen": "退款金额 申请退款金额 申请金额 refundamount amount",
    "paid_fen": "实付 实付款 实付金额 实收 实收金额 实收款 实际支付金额 支付金额 付款金额 "
    "成交金额 金额 货款 订单金额 订单实付金额 买家实付金额 paid amountpaid paidamount amount "
    "betrag revenue",
    "postage_fen": "运费 邮费 快递费 postage freight shippingfee shippingcost shippingprice",
    "total_fen": "总金额 总价 总额 总计 合计 订单总额 订单总价 total ordertotal totalamount "
    "totalprice summe",
    "price_fen": "单价 价格 商品单价 商品价格 price unitprice preis",
    "quantity": "数量 件数 商品数量 购买数量 quantity qty pieces menge",
    "pieces": "数量 件数 商品数量 商品总数 购买数量 quantity qty pieces items menge",
    "status": "状态 订单状态 交易状态 进展 status state orderstatus stand",
    "outcome": "退款状态 退款结果 售后状态 售后结果 refundstatus outcome status",
    "buyer": "买家 买家昵称 买家会员名 客户 客户昵称 客户名称 顾客 会员名 会员昵称 用户 用户名 "
    "用户昵称 旺旺 旺旺名 buyer buyername buyernick customer customerid customername client "
    "kunde kundin username",
    "agent": "客服 客服昵称 客服名称 客服账号 接待客服 接待人 坐席 员工 agent agentname staff "
    "employee",
    "sender": "发送方 发送人 发言人 角色 sender role from",
    "later_text": "追评 追加评价 追加评论 追评内容",
    "text": "内容 正文 消息内容 聊天内容 消息 评价内容 评论内容 评价 评论 text message content "
    "review",
    "comment": "评价内容 评论内容 评价 评论 comment review remark kommentar",
    "title": "商品名称 商品标题 宝贝标题 宝贝名称 商品 产品名称 title item itemname itemtitle "
    "product productname artikel",
    "sku_text": "规格 商品规格 商品属性 颜色分类 型号 variant variation options",
    "region": "省份 省 地区 收货省份 收货地区 所在地 收货地址 送货地址 地址 region province",
    "description": "描述 描述相符 描述相符评分 宝贝与描述相符 商品评分 质量 description "
    "asdescribed ware",
    "service": "服务 服务态度 服务评分 服务态度评分 service serviceattitude servicescore bedienung",
    "logistics": "物流 物流服务 物流评分 物流服务评分 发货速度 logistics deliveryscore versand",
    "dimension": "维度 评分维度 评分项 dimension aspect",
    "score": "得分 评分 分数 分值 score",
    "count": "次数 评价次数 评价数 评价人数 count ratings",
    "reason": "原因 理由 退款原因 售后原因 申请原因 reason",
    "shop_name": "店铺 店铺名称 网店 店名 shop shopname store storename",
}
#: What stands in headings beside their words: blanks, signs, a unit in brackets at the end.
_SIGNS = re.compile(r"[\s_\-./#:：]+|[(（][^()（）]*[)）]$")


@dataclass(frozen=True)
class Guess:
    """A table, and which heading probably feeds which of its columns."""

    table: str
    #: Column -> heading, as the file spells it.
    columns: Mapping[str, str]
    #: How much speaks for it.
    weight: int


def guessed_table(sheet: Sheet, header_row: int) -> str | None:
    """The table that most of the headings speak for; None where the needed columns are not met.

    Args:
        sheet: The file's sheet.
        header_row: Where its headings stand, from 0.
    """
    guesses = [guess(table, sheet, header_row) for table in NEEDED]
    whole = [one for one in guesses if not lacking(one.table, one.columns) and _says_enough(one)]
    best = max(whole, key=lambda one: one.weight, default=None)
    return best.table if best else None


def guess(table: str, sheet: Sheet, header_row: int) -> Guess:
    """Which headings probably feed the columns of a table; each feeds one at most."""
    cells = _cells_by_heading(sheet, header_row)
    offers = {offer.column: offer for offer in offered_columns(table)}
    if table == "orders" and _repeats(cells):
        # Lines of orders: of several rows with one number only the last would be kept.
        return Guess(table, {}, 0)
    chosen: dict[str, str] = {}
    weight = 0
    for sure, column, heading in sorted(_named(table, cells), key=lambda one: -one[0]):
        if column in chosen or heading in chosen.values():
            continue
        if column in offers and _fits(offers[column], cells[heading]):
            chosen[column] = heading
            weight += sure
    for column, heading in _only_ones(table, offers, chosen, cells):
        chosen[column] = heading
        weight += _FITTING
    in_order = {column: chosen[column] for column in offers if column in chosen}
    return Guess(table, in_order, weight)


def _says_enough(one: Guess) -> bool:
    """Whether more than chance speaks for a table: one with few needs wants further columns."""
    if len(NEEDED[one.table]) > 1:
        return True
    of_someone = one.table != "service_days" or bool({"agent", "day"} & one.columns.keys())
    return len(one.columns) > 2 and of_someone


def _cells_by_heading(sheet: Sheet, header_row: int) -> dict[str, pl.Series]:
    """The filled cells of the first rows, by heading."""
    below = sheet.cells.slice(header_row + 1, _LOOKED_AT)
    found: dict[str, pl.Series] = {}
    for place, heading in enumerate(sheet.cells.row(header_row)):
        if heading and heading not in found:
            found[heading] = plain(below.to_series(place)).drop_nulls()
    return found


def _named(table: str, cells: Mapping[str, pl.Series]) -> Iterator[tuple[int, str, str]]:
    """Headings that name a column of the table: how sure, the column, the heading."""
    spelled = _spellings(table)
    for heading in cells:
        name = _bare(heading)
        if column := spelled.get(name):
            yield _SPELLED, column, heading
        for column, words_of in WORDS.items():
            if name in words_of.split():
                yield _NAMED, column, heading


def _bare(heading: str) -> str:
    """A heading's words alone: "Order No. (shop)" and "order_no" are one."""
    return _SIGNS.sub("", normal_header(heading).lower()).strip()


@cache
def _spellings(table: str) -> dict[str, str]:
    """Headings of the built-in layouts of a table, and the column each feeds."""
    columns = {_bare(name): name for name in FED_TABLES[table].column_names()}
    for layout in load_layouts():
        for column, field in layout.fields.items() if layout.table == table else ():
            for text in field.spellings:
                columns.setdefault(_bare(text), column)
    return columns


def _fits(offer: Offered, cells: pl.Series) -> bool:
    """Whether the cells can be read as the column's; an empty column says nothing against it."""
    if offer.shape == "word":
        strange = words(cells, explained_words(offer.column)).bad
        # What nobody has explained is asked for; but words are few, and numbers are none.
        return cells.n_unique() <= max(30, cells.len() // 4) and not (
            strange.all() and _digits(cells)
        )
    if offer.shape == "id":
        return not cells.len() or bool(cells.str.contains(r"\d").mean() >= _READABLE)  # type: ignore[operator]
    read = cells_read(offer.shape, cells)
    return not cells.len() or int(read.bad.sum()) <= (1 - _READABLE) * cells.len()


def _digits(cells: pl.Series) -> bool:
    return bool(cells.str.contains(r"^[\d.,:/ -]+$").all())


def _repeats(cells: Mapping[str, pl.Series]) -> bool:
    """Whether the column that looks like order numbers names some twice."""
    named = [heading for _, column, heading in _named("orders", cells) if column == "order_id"]
    numbers = cells[named[0]] if named else None
    return numbers is not None and numbers.n_unique() < _DIFFERENT * numbers.len()


def _only_ones(
    table: str,
    offers: Mapping[str, Offered],
    chosen: Mapping[str, str],
    cells: Mapping[str, pl.Series],
) -> Iterator[tuple[str, str]]:
    """Needed columns that nothing names, where exactly one heading left over has such cells."""
    # What a heading names it is, here or in another table.
    speaking = {heading for _, _, heading in _named(table, cells)} | {*chosen.values()}
    left = {heading: found for heading, found in cells.items() if heading not in speaking}
    for choices in lacking(table, chosen):
        offer = offers[choices[0]]
        fitting = [
            heading for heading, found in left.items() if found.len() and _can_only_be(offer, found)
        ]
        if len(fitting) == 1:
            del left[fitting[0]]
            yield offer.column, fitting[0]


def _can_only_be(offer: Offered, cells: pl.Series) -> bool:
    """Whether the cells are of a shape that little else has: moments, days, ids one by one."""
    match offer.shape:
        case "time" | "day":
            dated = cells.str.contains(r"\d[-/.年]\d").all()
            return bool(dated) and not cells_read(offer.shape, cells).bad.any()
        case "id":
            alike = cells.str.contains(r"^\D{0,4}\d{6,}\w*$").all()
            return bool(alike) and cells.n_unique() >= _DIFFERENT * cells.len()
        case _:
            return False
