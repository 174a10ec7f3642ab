"""Script time of every page: ``python -m benchmarks.page_runs STORE [PAGE …]``.

Runs the app as Streamlit's own test runner does, without a browser, and prints one JSON object:
per page what its first run after an import, the next run and a run after another period cost.
"""

import json
import os
import statistics
import sys
from dataclasses import asdict
from pathlib import Path

import streamlit as st
from streamlit.testing.v1 import AppTest

from benchmarks.measuring import Cost, cost_of

APP = Path(__file__).parents[1] / "app.py"
PAGES = (
    "overview/today",
    "service/inquiries",
    "service/replies",
    "sales/unit_price",
    "sales/refunds",
    "score/dsr",
    "score/forecast",
    "records/uploads",
    "records/settings",
)
WARM_RUNS = 5
#: Periods a person might switch to, each for the first time.
OTHER_PERIODS = ("7", "month")
LIMIT = 300


def page_costs(page: str) -> dict[str, Cost]:
    """Cost of a page's script: cold, warm, and after a change of the period."""
    st.cache_data.clear()
    at = AppTest.from_file(str(APP), default_timeout=LIMIT)
    at.query_params["lang"] = "en"
    path = f"pages/{page}.py"
    if page != PAGES[0]:
        # The first run of a session is the start page; it must not be part of another's cost.
        at.run()
        st.cache_data.clear()
        at.switch_page(path)
    costs = {"cold": _run(at)}
    costs["warm"] = _middle([_run(at) for _ in range(WARM_RUNS)])
    changes = []
    for period in OTHER_PERIODS:
        at.selectbox(key="filters_period").select(period)
        changes.append(_run(at))
    costs["change"] = _middle(changes)
    return costs


def _run(at: AppTest) -> Cost:
    cost = cost_of(at.run)
    if at.exception:
        raise RuntimeError(str(at.exception))
    return cost


def _middle(costs: list[Cost]) -> Cost:
    columns = zip(*(asdict(cost).values() for cost in costs), strict=True)
    return Cost(*map(statistics.median_low, columns))


def main() -> None:
    """Print the costs of the pages named, of all pages if none is."""
    os.environ["STORE_HEALTH_STORE"] = sys.argv[1]
    pages = sys.argv[2:] or [page for page in PAGES if (APP.parent / f"pages/{page}.py").exists()]
    told = {page: {run: asdict(cost) for run, cost in page_costs(page).items()} for page in pages}
    print(json.dumps(told))


if __name__ == "__main__":
    main()
