"""Two tables that tell of the same thing fill each other's gaps, whichever came first."""

from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from metrics.measure import measure
from opening import opened
from store.settings import ShopSettings
from tests.test_refund_files import File, applications, imported, items, taobao_orders

DEFAULT, NET = ShopSettings(), ShopSettings(unit_price_without_refunded=True)


def orders(**more: str) -> File:
    """Twelve orders of 20.00 without refunds, pieces and shipping times, but what is given."""
    return [row | more for row in taobao_orders(None)]


def lines(**more: str) -> File:
    """An item of each order."""
    return [row | more for row in items()]


def stars(**given: str) -> File:
    row = {"订单编号": "1", "评价时间": "2025-03-05 10:00:00", "买家": "tb1"}
    blank = {"描述相符": "", "服务态度": "", "物流服务": ""}
    return [row | blank | given]


def daily(dimension: str, score: str, count: str) -> File:
    return [{"日期": "2025-03-05", "维度": dimension, "得分": score, "次数": count}]


def snapshot(dimension: str, score: str) -> File:
    return [{"日期": "2025-03-05", "维度": dimension, "得分": score}]


LATE = {"发货时间": "2025-03-20 10:00:00"}
SOON = {"发货时间": "2025-03-01 20:00:00"}


def told(store: Path, metric_id: str, rules: ShopSettings) -> tuple[Any, ...]:
    tables = opened(store, "X", rules)
    row = measure(tables, rules, ids=[metric_id]).collect().row(0, named=True)
    return row["value"], row["numerator"], row["denominator"]


@pytest.mark.parametrize(
    ("metric_id", "files", "rules", "expected"),
    [
        pytest.param(
            "pieces_per_buyer", [orders(), lines(购买数量="3")], DEFAULT, (3, 36, 12), id="pieces"
        ),
        pytest.param(
            "pieces_per_buyer",
            [orders(宝贝总数量="2"), lines(购买数量="3")],
            DEFAULT,
            (2, 24, 12),
            id="an order that counts its own pieces",
        ),
        pytest.param(
            "cross_sell_rate", [orders(), lines()], DEFAULT, (0, 0, 12), id="what was bought"
        ),
        pytest.param(
            "same_day_shipping_rate",
            [orders(), lines(**SOON)],
            DEFAULT,
            (1, 10, 10),
            id="the items tell when the order left",
        ),
        pytest.param(
            "unit_price",
            [orders(), items({4: "20.00", 5: "5.00"})],
            NET,
            (215 / 11, 215, 11),
            id="money given back on items",
        ),
        pytest.param(
            "unit_price",
            [orders(), applications("4")],
            NET,
            (20, 200, 10),
            id="money given back by the refund file",
        ),
        pytest.param("unit_price", [orders(), lines()], NET, (None, 0, 0), id="nobody tells"),
        pytest.param(
            "dsr_service",
            [stars(描述相符="5"), daily("服务态度", "4.5", "10")],
            DEFAULT,
            (4.5, 45, 10),
            id="rating rows of another dimension",
        ),
        pytest.param(
            "dsr_description",
            [stars(描述相符="5"), daily("描述相符", "4.5", "10")],
            DEFAULT,
            (5, 5, 1),
            id="rating rows come first",
        ),
        pytest.param(
            "dsr_service",
            [stars(描述相符="5"), snapshot("服务态度", "4.7")],
            DEFAULT,
            (4.7, None, None),
            id="the printed score of another dimension",
        ),
        pytest.param(
            "dsr_service",
            [daily("描述相符", "4.5", "10"), snapshot("服务态度", "4.7")],
            DEFAULT,
            (4.7, None, None),
            id="daily scores of another dimension",
        ),
    ],
)
def test_the_value_is_the_same_in_either_order(
    metric_id: str,
    files: list[File],
    rules: ShopSettings,
    expected: tuple[Any, ...],
    tmp_path: Path,
) -> None:
    for nth, turned in enumerate(permutations(files)):
        store = tmp_path / str(nth)
        imported(store, *turned)
        assert told(store, metric_id, rules) == pytest.approx(expected)
