"""The habits planted in the six agents show, and nothing else does."""

import pytest

from sample_data.agents import AGENTS, Habits
from sample_data.generate import true_facts
from sample_data.plan import Plan
from sample_data.truth import Facts
from sample_data.world import draw_world

Planted = dict[str, Facts]
LOWER_IS_BETTER = {
    "response_time_platform",
    "response_time_tool",
    "response_time_median",
    "response_time_p90",
    "first_response_time",
    "slow_conversations",
}
ORDINARY = [agent.name for agent in AGENTS if agent.habit == "ordinary"]
PLANTED = [(agent, metric) for agent in AGENTS for metric in (*agent.worse_in, *agent.better_in)]


@pytest.fixture(scope="module")
def facts() -> Planted:
    """What is true of a shop large enough for habits to show."""
    return true_facts(draw_world(Plan(days=120, orders_per_day=60, seed=11)).frames)


def value(facts: Planted, metric: str, agent: str) -> float:
    found = facts[metric].together([fact for _, fact in facts[metric].agents[agent]])[0]
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("agent", "metric"), [pytest.param(*pair, id=f"{pair[0].name} {pair[1]}") for pair in PLANTED]
)
def test_a_planted_habit_stands_far_out(agent: Habits, metric: str, facts: Planted) -> None:
    own = value(facts, metric, agent.name)
    usual = [value(facts, metric, name) for name in ORDINARY]
    upward = (metric in agent.better_in) != (metric in LOWER_IS_BETTER)
    assert own > 1.15 * max(usual) if upward else own < 0.85 * min(usual)


@pytest.mark.parametrize(
    "metric",
    [
        "reply_rate",
        "within_three_minutes",
        "response_time_platform",
        "answer_ratio",
        "inquiry_conversion",
    ],
)
def test_agents_without_that_habit_are_alike(metric: str, facts: Planted) -> None:
    alike = [agent.name for agent in AGENTS if metric not in (*agent.worse_in, *agent.better_in)]
    values = [value(facts, metric, name) for name in alike]
    assert len(values) >= 3
    # Chance alone parts shares of some thousand inquiries by a few percent.
    assert max(values) < 1.2 * min(values)


def test_six_agents_two_of_them_ordinary() -> None:
    assert len(AGENTS) == 6
    assert len(ORDINARY) == 2
    assert all(not agent.worse_in + agent.better_in for agent in AGENTS if agent.name in ORDINARY)
