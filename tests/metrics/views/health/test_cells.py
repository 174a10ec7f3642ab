from datetime import date, datetime, timedelta

from metrics.views.health.cells import cells
from store.settings import ShopSettings
from tests.frames import shop_tables

MAY_1 = date(2024, 5, 1)


def test_a_days_spending_and_the_stars_that_were_missed() -> None:
    paid = [("ann", 10), ("ann", 20), ("bob", 60)]
    orders = [
        {"order_id": f"o{at}", "buyer": buyer, "paid_fen": yuan * 100}
        | dict.fromkeys(("created_at", "paid_at"), datetime(2024, 5, 1, 9))
        for at, (buyer, yuan) in enumerate(paid)
    ]
    ratings = [
        {"order_id": f"r{at}", "buyer": f"b{at}", "rated_at": datetime(2024, 5, day, 9),
         "service": stars}
        for at, (day, stars) in enumerate([(1, 5), (1, 3), (2, 4)])
    ]  # fmt: skip
    tables = shop_tables(orders=orders, ratings=ratings)
    rows = cells(tables, ShopSettings()).collect()
    spend = rows.filter(family="spend")
    assert spend.select("metric", "day", "total", "n").rows() == [("unit_price", MAY_1, 90.0, 2.0)]
    service = rows.filter(family="dsr_service")
    assert service.select("day", "total", "n", "score", "ratings").rows() == [
        (MAY_1, 2.0, 2.0, 4.0, 2.0),
        (MAY_1 + timedelta(1), 1.0, 1.0, 4.0, 3.0),
    ]


def test_price_per_order_speaks_where_nobody_is_named() -> None:
    order = {"order_id": "o", "buyer": None, "paid_fen": 500} | dict.fromkeys(
        ("created_at", "paid_at"), datetime(2024, 5, 1, 9)
    )
    rows = cells(shop_tables(orders=[order]), ShopSettings()).collect()
    assert rows.filter(family="spend").select("metric", "total", "n").rows() == [
        ("order_price", 5.0, 1.0)
    ]


def test_until_looks_back_from_an_earlier_day() -> None:
    orders = [
        {"order_id": f"o{day}", "buyer": "ann", "paid_fen": 100}
        | dict.fromkeys(("created_at", "paid_at"), datetime(2024, 5, day, 9))
        for day in (1, 2, 3)
    ]
    rows = cells(shop_tables(orders=orders), ShopSettings(), until=date(2024, 5, 2)).collect()
    assert rows.filter(family="spend")["day"].max() == date(2024, 5, 2)
