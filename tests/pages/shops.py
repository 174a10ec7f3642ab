"""A small shop in the test's store, and the app opened on one of its pages."""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
from streamlit.testing.v1 import AppTest

from exports.result import Reading, day_span, row_schema
from store.uploads import commit
from tests.frames import table

APP = Path(__file__).parents[2] / "app.py"
MAY_1 = datetime(2024, 5, 1)
HOUR, MINUTE, DAY = timedelta(hours=1), timedelta(minutes=1), timedelta(days=1)
#: The pages of the metrics.
PAGES = [
    "overview/today",
    "service/inquiries",
    "service/replies",
    "sales/unit_price",
    "sales/refunds",
    "score/dsr",
]
#: Pages whose address is not the name of their file: a session knows them from its second run on.
RENAMED = {"sales/unit_price"}
#: Seconds a page may take on a busy machine.
LIMIT = 120


def fill(
    store: Path, tables: Mapping[str, Iterable[Mapping[str, Any]]], /, *, shop: str = "shop"
) -> None:
    """Upload literal rows, one file per table."""
    for name, rows in tables.items():
        frame = table(name, rows).with_columns(
            shop_name=pl.lit(None, pl.String), source_row=pl.int_range(2, pl.len() + 2)
        )
        cast = frame.select(pl.col(key).cast(kind) for key, kind in row_schema(name).items())
        first, last = day_span(name, cast)
        nothing = pl.DataFrame(
            schema={
                "source_row": pl.Int64,
                **dict.fromkeys(("column", "value", "reason", "cells"), pl.String),
            }
        )
        reading = Reading(
            name, "test", f"{name}.csv", "", cast, nothing, first_day=first, last_day=last
        )
        digest = hashlib.sha256(f"{shop} {name} {cast.rows()}".encode()).hexdigest()
        commit(
            store,
            [reading],
            shop=shop,
            file_name=f"{name}.csv",
            sha256=digest,
            uploaded_by="test",
        )


def trading(days: int = 12) -> dict[str, list[dict[str, Any]]]:
    """A shop in which every day two buyers ask agent ann, one of them answered and paying.

    Day by day: "asker-n" is answered after a minute and pays 20 yuan; "waiter-n" is not answered.
    The buyer of the first order asked for a refund that was closed, the buyer of the last one for
    a refund that is open; every order is rated 5, 4, 3.
    """
    shop: dict[str, list[dict[str, Any]]] = {
        name: [] for name in ("messages", "orders", "refunds", "ratings")
    }
    for n in range(days):
        at = MAY_1 + n * DAY + 9 * HOUR
        asker, waiter = f"asker-{n:02}", f"waiter-{n:02}"
        shop["messages"] += [
            {"buyer": asker, "sent_at": at, "sender": "buyer", "agent": "ann"},
            {"buyer": asker, "sent_at": at + MINUTE, "sender": "agent", "agent": "ann"},
            {"buyer": waiter, "sent_at": at, "sender": "buyer", "agent": "ann"},
        ]
        shop["orders"].append(
            {
                "order_id": f"{n:04}",
                "buyer": asker,
                "created_at": at + 5 * MINUTE,
                "paid_at": at + 6 * MINUTE,
                "paid_fen": 2000,
                "pieces": 1,
            }
        )
        shop["ratings"].append(
            {
                "order_id": f"{n:04}",
                "rated_at": at + HOUR,
                "buyer": asker,
                "description": 5,
                "service": 4,
                "logistics": 3,
            }
        )
    asked = MAY_1 + 10 * HOUR
    shop["refunds"] = [
        {
            "refund_id": "r1",
            "order_id": "0000",
            "asked_at": asked,
            "ended_at": asked + HOUR,
            "amount_fen": 2000,
            "outcome": "closed",
        },
        {
            "refund_id": "r2",
            "order_id": f"{days - 1:04}",
            "asked_at": asked + (days - 1) * DAY,
            "amount_fen": 2000,
            "outcome": "open",
        },
    ]
    return shop


def opened(page: str | None = None, **link: str) -> AppTest:
    """The app as a link opens it; ``page`` is a file under ``pages/``."""
    at = AppTest.from_file(str(APP), default_timeout=LIMIT)
    for name, value in link.items():
        at.query_params[name.rstrip("_")] = value
    if page and page not in RENAMED:
        at.switch_page(f"pages/{page}.py")
    at.run()
    assert not at.exception, at.exception
    return gone_to(at, page) if page in RENAMED else at


def gone_to(at: AppTest, page: str) -> AppTest:
    """The same session on another page, as its navigation leads there."""
    at.switch_page(f"pages/{page}.py").run()
    assert not at.exception, at.exception
    return at


def said(at: AppTest) -> str:
    """Everything the page writes in words."""
    parts = [*at.title, *at.subheader, *at.markdown, *at.caption, *at.info, *at.success, *at.error]
    return "\n".join(str(part.value) for part in parts)
