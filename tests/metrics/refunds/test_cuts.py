from datetime import date, datetime, timedelta
from typing import Any

import pytest

from metrics.refunds.cuts import (
    described_cases,
    final_cases,
    handling_by_tier,
    open_refunds,
    reasons_named,
    retention_by,
)
from store.settings import ShopSettings
from tests.frames import shop_tables

MAY_1, MAY_30 = date(2024, 5, 1), date(2024, 5, 30)
NINE = datetime(2024, 5, 1, 9)
HOUR = timedelta(hours=1)
DEFAULT = ShopSettings()
COVERS = {"refunds": (MAY_1, MAY_30)}


def asked(name: str, **more: Any) -> dict[str, Any]:
    return {"refund_id": name, "order_id": name, "asked_at": NINE, **more}


def shipped(order_id: str, at: datetime | None) -> dict[str, Any]:
    return {"order_id": order_id, "created_at": NINE, "shipped_at": at, "buyer": "ann"}


@pytest.mark.parametrize(
    ("refund", "orders", "tier"),
    [
        ({"kind": "仅退款", "goods_state": "未发货"}, [], "unshipped_refund_only"),
        ({"kind": "仅退款", "goods_state": "买家未收到货"}, [], "shipped_refund_only"),
        ({"kind": "未发货仅退款"}, [], "unshipped_refund_only"),
        ({"kind": "退货退款", "goods_state": "买家已收到货"}, [], "return_refund"),
        ({"kind": "是"}, [], "return_refund"),
        ({"kind": "不需要退货", "goods_state": "买家已收到货"}, [], "shipped_refund_only"),
        ({"kind": None, "goods_state": "买家已退货"}, [], "return_refund"),
        ({"kind": "天猫换货", "goods_state": "买家已收到货"}, [], "exchange"),
        ({"kind": "仅退款"}, [shipped("1", None)], "unshipped_refund_only"),
        ({"kind": "仅退款"}, [shipped("1", NINE + HOUR)], "unshipped_refund_only"),
        ({"kind": "仅退款"}, [shipped("1", NINE)], "shipped_refund_only"),
        ({"kind": "仅退款"}, [], "unknown"),
        ({"kind": "维修"}, [], "unknown"),
    ],
)
def test_tiers(refund: dict[str, Any], orders: list[dict[str, Any]], tier: str) -> None:
    tables = shop_tables(refunds=[asked("1", **refund)], orders=orders)
    assert described_cases(tables, DEFAULT).collect()["tier"].to_list() == [tier]


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("商品质量问题", "ours"),
        ("描述不符", "ours"),
        ("卖家发错货", "ours"),
        ("漏发", "ours"),
        ("未按约定时间发货", "ours"),
        ("快递/物流一直未送到", "ours"),
        ("空包裹", "ours"),
        ("七天无理由退换货", "buyer"),
        ("拍错/多拍/不喜欢", "buyer"),
        ("拍错.多拍.不想要", "buyer"),
        ("买/卖双方协商一致", "buyer"),
        ("其他", "buyer"),
        ("外星人", "unknown"),
        (None, "unknown"),
    ],
)
def test_reasons(reason: str | None, told: str) -> None:
    tables = shop_tables(refunds=[asked("1", reason=reason)])
    assert described_cases(tables, DEFAULT).collect()["reason_class"].to_list() == [told]


def test_the_shops_own_reasons_come_first() -> None:
    rules = ShopSettings(refund_reasons={"外星人": "ours", "其他": "ours"})
    rows = [asked("1", reason="外星人"), asked("2", reason="其他"), asked("3", reason="其他原因")]
    told = described_cases(shop_tables(refunds=rows), rules).sort("order_id").collect()
    assert told["reason_class"].to_list() == ["ours", "ours", "buyer"]


def test_the_last_application_describes_the_case() -> None:
    rows = [
        asked("1", order_id="o", reason="其他", asked_at=NINE + HOUR),
        asked("2", order_id="o", reason="质量"),
    ]
    for given_rows in (rows, rows[::-1]):
        case = described_cases(shop_tables(refunds=given_rows), DEFAULT).collect()
        assert case.select("reason", "reason_class").rows() == [("其他", "buyer")]


def test_retention_by_tier_leaves_open_and_young_cases_out() -> None:
    rows = [
        asked("1", outcome="closed", kind="退货退款", amount_fen=500),
        asked("2", outcome="success", kind="退货退款", amount_fen=500),
        asked("3", outcome="open", kind="退货退款"),
        asked("4", outcome="success", kind="换货"),
        asked("5", outcome="closed", kind="换货", asked_at=datetime(2024, 5, 17)),
    ]
    tables = shop_tables(refunds=rows, covers=COVERS)
    cases = final_cases(tables, DEFAULT, first=MAY_1, last=MAY_30)
    cut = retention_by(cases, cut="tier").collect()
    columns = "slice", "cases", "open", "exchanged", "numerator", "denominator", "lost"
    assert cut.select(columns).rows() == [
        ("return_refund", 3, 1, 0, 1, 2, 5.0),
        ("exchange", 1, 0, 1, 1, 1, 0.0),
    ]


def test_handling_time_apart_by_tier() -> None:
    def took(name: str, hours: int, kind: str) -> dict[str, Any]:
        return asked(name, outcome="success", kind=kind, ended_at=NINE + hours * HOUR)

    rows = [took("1", 1, "退货退款"), took("2", 3, "退货退款"), took("3", 8, "换货"), asked("4")]
    times = handling_by_tier(
        shop_tables(refunds=rows, covers=COVERS), first=MAY_1, last=MAY_30
    ).collect()
    assert times.select("slice", "applications", "mean", "median").rows() == [
        ("return_refund", 2, 7200.0, 7200.0),
        ("exchange", 1, 28800.0, 28800.0),
        ("all", 3, 14400.0, 10800.0),
    ]


def test_the_clock_on_open_refunds() -> None:
    now = NINE + 24 * HOUR
    rows = [
        asked("calm", due_at=NINE + 100 * HOUR, step_in="未介入"),
        asked("complaint", due_at=NINE + 100 * HOUR, step_in="客服已经介入"),
        asked("late", due_at=NINE + 23 * HOUR),
        asked("no clock"),
        asked("done", outcome="closed", due_at=NINE),
        asked("tomorrow", asked_at=now + HOUR, due_at=NINE),
    ]
    orders = [shipped("late", None)]
    clock = open_refunds(shop_tables(refunds=rows, orders=orders), DEFAULT, now=now).collect()
    assert clock.select("refund_id", "buyer", "complaint", "left_s").rows() == [
        ("late", "ann", False, -3600),
        ("complaint", None, True, 24 * 3600),
        ("calm", None, False, 76 * 3600),
        ("no clock", None, False, None),
    ]


def test_reasons_come_with_the_built_in_tables_word() -> None:
    reasons = ["质量问题", "不喜欢", "不喜欢", None]
    tables = shop_tables(
        refunds=[
            {"refund_id": f"{n}", "order_id": "1", "asked_at": NINE, "reason": reason}
            for n, reason in enumerate(reasons)
        ]
    )
    rows = reasons_named(tables).collect().rows()
    assert rows == [("不喜欢", 2, "buyer"), ("质量问题", 1, "ours")]
