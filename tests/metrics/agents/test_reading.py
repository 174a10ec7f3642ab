"""A scorecard as a page reads it, from a few literal rows."""

from typing import Any

import polars as pl

from metrics.agents.reading import (
    equal_places,
    in_reading_order,
    outside_limits,
    to_read,
    with_shown,
)


def card(*rows: tuple[str, str, float, float, str], **more: list[Any]) -> pl.DataFrame:
    """Figures: metric, agent, value, the team's, verdict."""
    columns = ["metric", "agent", "value", "team", "verdict"]
    frame = pl.DataFrame(rows, schema=columns, orient="row")
    return frame.with_columns(name=pl.col("agent").str.to_uppercase(), **_series(more))


def _series(columns: dict[str, list[Any]]) -> dict[str, pl.Series]:
    return {name: pl.Series(values) for name, values in columns.items()}


def test_a_stand_in_gives_way_to_the_figure_of_other_pages() -> None:
    judged = card(
        ("response_time_median", "ann", 0.5, 0.4, "inside"),
        ("response_time_median", "bea", 0.3, 0.4, "inside"),
        ("response_time_median", "cat", 0.2, 0.4, "inside"),
        ("reply_rate", "ann", 0.9, 0.8, "inside"),
        low=[0.4, 0.2, 0.1, 0.7],
        high=[0.6, 0.4, 0.3, 0.95],
    )
    shown = pl.DataFrame(
        {"metric": ["response_time_median"] * 2, "agent": ["bea", "ann"], "value": [20.0, 40.0]}
    )
    rows = with_shown(judged, shown).select("agent", "value", "judged", "team", "low", "high")
    assert rows.rows() == [
        # The middle of 20 and 40 seconds; nobody has told cat's.
        ("ann", 40.0, 0.5, 30.0, None, None),
        ("bea", 20.0, 0.3, 30.0, None, None),
        ("cat", None, 0.2, 30.0, None, None),
        ("ann", 0.9, 0.9, 0.8, 0.7, 0.95),
    ]


def test_metrics_stand_in_the_order_of_the_scorecard() -> None:
    rows = card(
        ("unit_price", "ann", 1, 1, "inside"),
        ("reply_rate", "bea", 1, 1, "inside"),
        ("reply_rate", "ann", 1, 1, "inside"),
    )
    assert in_reading_order(rows).select("metric", "agent").rows() == [
        ("reply_rate", "ann"),
        ("reply_rate", "bea"),
        ("unit_price", "ann"),
    ]


def test_the_furthest_outside_comes_first_whichever_side() -> None:
    rows = card(
        ("reply_rate", "ann", 1, 1, "better"),
        ("reply_rate", "bea", 1, 1, "inside"),
        ("reply_rate", "cat", 1, 1, "worse"),
        z=[3.0, 9.0, -4.0],
    )
    assert outside_limits(rows)["agent"].to_list() == ["cat", "ann"]


def test_most_figures_outside_then_the_lowest_reply_rate_is_read_first() -> None:
    rows = card(
        ("reply_rate", "ann", 0.7, 0.9, "inside"),
        ("reply_rate", "bea", 0.6, 0.9, "inside"),
        ("reply_rate", "cat", 0.95, 0.9, "inside"),
        ("reply_rate", "dan", 0.5, 0.9, "worse"),
        ("unit_price", "cat", 10, 20, "worse"),
        ("unit_price", "dan", 10, 20, "worse"),
    )
    read = to_read(rows).select("agent", "name", "metrics", "rate", "team_rate", "count")
    assert read.rows() == [
        ("dan", "DAN", ["reply_rate", "unit_price"], 0.5, 0.9, 2),
        ("cat", "CAT", ["unit_price"], None, None, 1),
        ("bea", "BEA", None, 0.6, 0.9, 0),
        ("ann", "ANN", None, 0.7, 0.9, 0),
    ]


def test_who_may_hold_the_same_places_stands_together() -> None:
    rows = pl.DataFrame(
        {
            "name": ["dan", "cat", "ann", "bea"],
            "rank_from": [4, 1, 1, 2],
            "rank_to": [4, 2, 2, 3],
        }
    )
    assert equal_places(rows).rows() == [(1, 2, ["ann", "cat"]), (2, 3, ["bea"]), (4, 4, ["dan"])]
