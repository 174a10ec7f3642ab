"""How often the agents page names the planted outliers, and how often anybody else.

Every seed is another sample shop of six agents with known habits (``sample_data.agents``). A
planted (agent, metric) pair should be outside its limits; any other pair outside is a false alarm.

    python -m benchmarks.agents --seeds 30
"""

import argparse
from collections import Counter
from time import perf_counter

import polars as pl

from metrics.agents.scorecard import scorecard, totals
from metrics.agents.units import AGENT_METRICS, agent_units
from sample_data.agents import AGENTS
from sample_data.plan import Plan
from store.settings import ShopSettings
from tests.sample_data.drawn import drawn_shop

#: Planted in no answer key: stars follow the waits and the tone of the agents.
NOT_PLANTED = ("dsr_service",)
PLANTED = {
    (metric, agent.name): side
    for agent in AGENTS
    for side, metrics in (("worse", agent.worse_in), ("better", agent.better_in))
    for metric in metrics
}


def outside(plan: Plan) -> dict[tuple[str, str], tuple[str, float]]:
    """The (metric, agent) pairs outside their limits, each with its side and distance."""
    units = agent_units(drawn_shop(plan), ShopSettings(), first=plan.first_day, last=plan.last_day)
    scores = scorecard(totals(units).collect())
    named = scores.filter(pl.col("verdict").is_in(["better", "worse"]))
    return {(row["metric"], row["agent"]): (row["verdict"], row["z"]) for row in named.to_dicts()}


def main() -> None:
    """Draw the shops and print what was found in each, then the shares."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=30)
    parser.add_argument("--first", type=int, default=100)
    parser.add_argument("--days", type=int, default=65)
    parser.add_argument("--orders", type=float, default=30.0)
    options = parser.parse_args()
    missed: Counter[tuple[str, str]] = Counter()
    false: Counter[tuple[str, str]] = Counter()
    shops, began = 0, perf_counter()
    for seed in range(options.first, options.first + options.seeds):
        named = outside(Plan(days=options.days, orders_per_day=options.orders, seed=seed))
        wrong = {
            pair: side
            for pair, side in named.items()
            if PLANTED.get(pair) != side[0] and pair[0] not in NOT_PLANTED
        }
        shops += bool(wrong)
        false.update(wrong.keys())
        missed.update(pair for pair in PLANTED if pair not in named)
        print(
            seed,
            "false alarms:",
            wrong or "none",
            "missed:",
            [p for p in PLANTED if p not in named],
        )
    pairs = options.seeds * (len(AGENTS) * (len(AGENT_METRICS) - 1) - len(PLANTED))
    print(f"{options.seeds} shops in {perf_counter() - began:.0f} s")
    print(f"planted pairs found: {1 - missed.total() / (options.seeds * len(PLANTED)):.3f}")
    print(f"shops with any false alarm: {shops} of {options.seeds}")
    print(f"other pairs outside: {false.total()} of {pairs}")
    print("missed:", missed.most_common(), "false:", false.most_common())


if __name__ == "__main__":
    main()
