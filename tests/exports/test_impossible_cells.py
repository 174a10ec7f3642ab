"""Cells that cannot be, told in the file's own words."""

import json

import polars as pl

from exports.layouts import Layout
from exports.mapping import Mapped, mapped_layout
from exports.reading import read_file
from tests.exports.small_files import csv_file

TOLD = ("source_row", "column", "value", "reason")
NUMBER = "100000000000000001"


def test_the_raw_cell_is_told_and_persons_are_not() -> None:
    header = ["订单编号", "买家会员名", "收货人姓名", "总金额", "买家实际支付金额", "订单状态"]
    header += ["订单创建时间", "订单付款时间", "退款金额"]
    times = ["2025-03-05 09:00:00", "2025-03-05 09:01:00"]
    row = [f'="{NUMBER}"', "tb1", "王某", "￥100.00", "￥90.00", "交易成功", *times, "￥1,090.00"]
    (reading,) = read_file("订单.csv", csv_file(header, row))
    assert reading.rows.select("paid_fen", "refund_fen").rows() == [(9_000, None)]
    assert reading.rejected.is_empty()
    assert reading.emptied.select(TOLD).rows() == [
        (2, "退款金额", "￥1,090.00", "refunded_within_paid")
    ]
    cells = json.loads(reading.emptied["cells"].item())
    assert cells["买家实际支付金额"] == "￥90.00"
    assert "收货人姓名" not in cells


def test_what_two_tables_are_made_of_is_told_once() -> None:
    header = ["订单号", "商品id", "商品", "订单状态", "商品总价(元)", "用户实付金额(元)"]
    header += ["商品数量(件)", "商品规格", "订单成交时间", "支付时间"]
    row = ["250305-1", "100001", "杯子", "已收货", "30.00", "-5.00", "1", "白"]
    row += ["2025-03-05 09:00:00", "2025-03-05 09:01:00"]
    orders, items = read_file("拼多多.csv", csv_file(header, row), layout="pinduoduo_orders")
    assert (orders.table, items.table) == ("orders", "order_items")
    assert orders.rows["paid_fen"].to_list() == items.rows["paid_fen"].to_list() == [None]
    assert orders.emptied.select(TOLD).rows() == [(2, "用户实付金额(元)", "-5.00", "below_zero")]
    assert items.emptied.is_empty()


def test_an_own_mapping_passes_the_same_door() -> None:
    headings = ["who", "day", "came", "left alone"]
    columns = {
        "agent": Mapped("who"),
        "day": Mapped("day"),
        "received_users": Mapped("came"),
        "unreplied_users": Mapped("left alone"),
    }
    own: Layout = mapped_layout("ours", "service_days", headings, columns)
    content = csv_file(headings, ["li", "2025-01-02", "44", "50"], ["wu", "2025-01-02", "4", "0"])
    (reading,) = read_file("ours.csv", content, layouts=[own])
    assert reading.rows.select("agent", "unreplied_users").rows() == [("li", None), ("wu", 0)]
    assert reading.emptied.select(TOLD).rows() == [
        (2, "left alone", "50", "unanswered_within_consulted")
    ]


def test_a_part_larger_than_its_whole_is_no_share() -> None:
    header = ["旺旺账号名称", "满意评价量", "旺旺评价量"]
    content = csv_file(header, ["小一", "12", "10"], ["小二", "9", "10"])
    (reading,) = read_file("客户之声_2025-01-02.csv", content, layout="qianniu_voice_ratings")
    assert reading.rows["satisfaction"].to_list() == [None, 0.9]
    assert reading.emptied.select(TOLD).rows() == [(2, "满意评价量", "12", "impossible_share")]


def test_a_count_below_zero_leaves_the_row() -> None:
    header = ["旺旺昵称", "询单最终付款人数", "询单人数", "旺旺回复率"]
    content = csv_file(header, ["小一", "-3", "10", "101%"])
    (reading,) = read_file("客服绩效20250102.csv", content, layout="sycm_agents")
    columns = ("agent", "paid_users_final", "inquiry_users", "reply_rate")
    assert reading.rows.select(columns).rows() == [("小一", None, 10, None)]
    assert reading.emptied.select(TOLD).rows() == [
        (2, "询单最终付款人数", "-3", "below_zero"),
        (2, "旺旺回复率", "101%", "impossible_share"),
    ]
    assert reading.emptied.schema == pl.Schema(reading.rejected.schema)
