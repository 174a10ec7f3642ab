from datetime import date, timedelta

import polars as pl
import pytest

from charts.bridge import bridge
from charts.distribution import distribution, stacked_shares
from charts.dress import shortened
from charts.fan import fan
from charts.funnel import funnel
from charts.heat import MISSING, PART, WHOLE, coverage_calendar, heat_map
from charts.palette import ACCENT, ACT, FINE, QUIET
from charts.ranked import ranked_bars

DAY = date(2024, 5, 1)


@pytest.mark.parametrize(
    ("counts", "labels"),
    [
        pytest.param([200, 90, 50], ["200 · 100.0%", "90 · 45.0%", "50 · 25.0%"], id="shares"),
        pytest.param([0, 0, 0], ["0", "0", "0"], id="nobody asked"),
    ],
)
def test_funnel_labels_counts_with_their_share_of_the_first(
    counts: list[int], labels: list[str]
) -> None:
    figure = funnel(["asked", "ordered", "paid"], counts, x_title="Buyers")
    assert list(figure.data[0].text) == labels
    assert figure.layout.xaxis.rangemode == "tozero"


def test_heat_map_keeps_empty_cells_empty() -> None:
    figure = heat_map(
        [[0.5, None]],
        x=["8", "9"],
        y=["Mon"],
        x_title="Hour",
        value_title="Replies (%)",
        value_format=".0%",
        counts=[[4, None]],
    )
    assert [list(row) for row in figure.data[0].z] == [[0.5, None]]
    # Only what is there can be picked.
    assert (figure.data[1].x, figure.data[1].y) == (("8",), ("Mon",))
    assert figure.data[1].customdata == ([0.5, 4],)


def test_coverage_calendar_names_each_state() -> None:
    figure = coverage_calendar(
        [[MISSING, PART, WHOLE]],
        days=[DAY + timedelta(days=i) for i in range(3)],
        tables=["Orders"],
        words=("no file", "part of the day", "whole day"),
    )
    assert [list(row) for row in figure.data[0].customdata] == [
        ["no file", "part of the day", "whole day"]
    ]


def ranked(**columns: list[object]) -> pl.DataFrame:
    return pl.DataFrame({"agent": ["xiaoyu", "ann"], "value": [0.9, 0.5], **columns})


def test_ranked_bars_grey_what_rests_on_too_few() -> None:
    figure = ranked_bars(
        ranked(few=[False, True]),
        name="agent",
        value="value",
        few="few",
        x_title="Reply rate (%)",
        x_format=".1%",
    )
    assert list(figure.data[0].marker.color) == [ACCENT, QUIET]


def test_ranked_bars_draw_the_interval_around_the_value() -> None:
    figure = ranked_bars(
        ranked(low=[0.8, 0.25], high=[0.95, 1.0]),
        name="agent",
        value="value",
        low="low",
        high="high",
        x_title="x",
        x_format=".1%",
    )
    assert list(figure.data[0].error_x.array) == pytest.approx([0.05, 0.5])
    assert list(figure.data[0].error_x.arrayminus) == pytest.approx([0.1, 0.25])


def test_two_names_that_shorten_alike_stay_two_bars() -> None:
    names = ["flagship-store:evening-shift-02", "flagship-store:morning-shift-02"]
    frame = pl.DataFrame({"agent": names, "value": [1.0, 2.0]})
    figure = ranked_bars(frame, name="agent", value="value", x_title="x", x_format=".1f")
    assert shortened(names[0]) == shortened(names[1])
    assert list(figure.data[0].y) == [0, 1]
    assert [name for name, _ in figure.data[0].customdata] == names


def test_distribution_greys_what_is_no_answer() -> None:
    figure = distribution(
        ["≤15 s", "unanswered"], [0.75, 0.25], counts=[3, 1], x_title="Rounds (%)",
        quiet=["unanswered"],
    )  # fmt: skip
    assert list(figure.data[0].marker.color) == [ACCENT, QUIET]
    assert list(figure.data[0].text) == ["75.0%", "25.0%"]


def test_stacked_shares_leave_slivers_without_a_label() -> None:
    figure = stacked_shares(["DSR"], [("5", [0.95]), ("1", [0.05])], x_title="%")
    assert [list(trace.text) for trace in figure.data] == [["95%"], [""]]


def test_bridge_adds_up_and_colours_by_sign() -> None:
    figure = bridge(
        ("yesterday", 4.8), [("new", 0.01), ("expired", -0.02)], "today", x_title="Score",
        x_format=".3f",
    )  # fmt: skip
    assert [bar.marker.color for bar in figure.data[:2]] == [FINE, ACT]
    assert figure.data[1].base[0] == pytest.approx(4.81)
    assert figure.data[1].x == (-0.02,)
    assert list(figure.data[-1].x) == pytest.approx([4.8, 4.79])


def test_fan_draws_the_wide_band_under_the_narrow_one() -> None:
    past = pl.DataFrame({"day": [DAY], "value": [4.8]})
    future = pl.DataFrame(
        {
            "day": [DAY, DAY + timedelta(days=1)],
            "mean": [4.8, 4.79],
            "low_80": [4.8, 4.78],
            "high_80": [4.8, 4.80],
            "low_95": [4.8, 4.77],
            "high_95": [4.8, 4.81],
        }
    )
    figure = fan(
        past, future, y_title="Score", today=DAY, today_label="today", persistence=4.8,
        persistence_label="stays", gates={"Target": 4.7},
    )  # fmt: skip
    assert [trace.name for trace in figure.data] == ["95 %", "80 %", "past", "mean", "stays"]
    assert list(figure.data[0].y) == [4.8, 4.81, 4.77, 4.8]
    named = next(note for note in figure.layout.annotations if note.text == "today")
    assert (named.y, named.yref, named.yanchor) == (1, "paper", "bottom")
