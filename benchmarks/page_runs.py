"""Script time of every page: ``python -m benchmarks.page_runs STORE [PAGE …]``.

Runs the app as Streamlit's own test runner does, without a browser, and prints a JSON object per
page: what its first run after an import, the next run and a run after another period cost.
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
    "overview/review",
    "overview/wall",
    "service/inquiries",
    "service/replies",
    "service/agents",
    "service/cases",
    "sales/unit_price",
    "sales/refunds",
    "score/dsr",
    "score/forecast",
    "records/uploads",
    "records/settings",
)
WARM_RUNS = 5
PERIOD = "filters_period"
#: Periods a person might switch to, each for the first time.
OTHER_PERIODS = ("7", "month")
LIMIT = 300


def page_costs(page: str) -> dict[str, Cost]:
    """Cost of a page's script: cold, warm, and after a change of the period where it has one."""
    _forget()
    at = AppTest.from_file(str(APP), default_timeout=LIMIT)
    at.query_params["lang"] = "en"
    # The first run of a session is the start page, and that of a process imports what pages need:
    # neither is part of what an import makes a page cost.
    at.run()
    _forget()
    if page != PAGES[0]:
        at.switch_page(f"pages/{page}.py")
    costs = {"cold": _run(at)}
    costs["warm"] = _middle([_run(at) for _ in range(WARM_RUNS)])
    if any(box.key == PERIOD for box in at.selectbox):
        costs["change"] = _middle([_changed(at, period) for period in OTHER_PERIODS])
    return costs


def _forget() -> None:
    st.cache_data.clear()
    st.cache_resource.clear()


def _changed(at: AppTest, period: str) -> Cost:
    at.selectbox(key=PERIOD).select(period)
    return _run(at)


def _run(at: AppTest) -> Cost:
    cost = cost_of(at.run)
    if at.exception:
        raise RuntimeError(str(at.exception))
    return cost


def _middle(costs: list[Cost]) -> Cost:
    columns = zip(*(asdict(cost).values() for cost in costs), strict=True)
    return Cost(*map(statistics.median_low, columns))


def main() -> None:
    """Print the costs of the pages named, of all pages if none is, each as soon as it is known."""
    os.environ["STORE_HEALTH_STORE"] = sys.argv[1]
    for page in sys.argv[2:] or PAGES:
        costs = {run: asdict(cost) for run, cost in page_costs(page).items()}
        print(json.dumps({"page": page, "costs": costs}), flush=True)


if __name__ == "__main__":
    main()
