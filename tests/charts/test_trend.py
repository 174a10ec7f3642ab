from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

from charts.palette import ACT, FINE, PARTS, QUIET, STARS
from charts.trend import trend, trends

DAY = date(2024, 5, 1)
WORDS: dict[str, Any] = {"y_title": "Reply rate (%)", "y_format": ".1%"}


def days(values: list[float | None], **columns: Any) -> pl.DataFrame:
    dates = [DAY + timedelta(days=i) for i in range(len(values))]
    return pl.DataFrame({"day": dates, "value": values, **columns}, strict=False)


def test_a_missing_day_stays_a_gap() -> None:
    figure = trend(days([0.9, None, 0.8]), x="day", y="value", **WORDS)
    assert list(figure.data[0].y) == [0.9, None, 0.8]
    assert figure.data[0].connectgaps is False


def test_the_axis_names_its_unit_and_formats_as_the_hover_does() -> None:
    figure = trend(days([0.9], n=[20]), x="day", y="value", n="n", **WORDS)
    assert figure.layout.yaxis.title.text == "Reply rate (%)"
    assert figure.layout.yaxis.tickformat == ".1%"
    assert "%{y:.1%}" in figure.data[0].hovertemplate
    assert list(figure.data[0].customdata) == [20]


@pytest.mark.parametrize(
    ("is_open", "final", "dashed"),
    [
        pytest.param([False, False, False], [1, 2, 3], None, id="all final: one line"),
        pytest.param(
            [False, True, True], [1, None, None], [1, 2, 3], id="joined to the last final day"
        ),
        pytest.param([True, True, True], [None] * 3, [1, 2, 3], id="nothing final yet"),
        pytest.param(
            [True, False, True], [None, 2, None], [1, 2, 3], id="an open day in the middle"
        ),
        pytest.param([None, False, True], [1, 2, None], [None, 2, 3], id="unknown counts as final"),
    ],
)
def test_immature_days_are_dashed(
    is_open: list[bool], final: list[float], dashed: list[float] | None
) -> None:
    figure = trend(
        days([1, 2, 3], immature=is_open), x="day", y="value", immature="immature", **WORDS
    )
    assert list(figure.data[0].y) == final
    if dashed is None:
        assert len(figure.data) == 1
    else:
        assert list(figure.data[1].y) == dashed
        assert figure.data[1].line.dash == "dot"


def test_limits_are_a_band_under_the_line() -> None:
    frame = days([0.9, 0.8], low=[0.7, 0.7], high=[1.0, 1.0])
    figure = trend(frame, x="day", y="value", low="low", high="high", **WORDS)
    assert [trace.name for trace in figure.data] == ["low", "high", "final"]
    assert figure.data[1].fill == "tonexty"


def test_target_and_peers_are_named_lines() -> None:
    figure = trend(
        days([0.9]),
        x="day",
        y="value",
        target=0.95,
        target_label="Target 95 %",
        references={"Peers": 0.97},
        **WORDS,
    )
    assert [shape.y0 for shape in figure.layout.shapes] == [0.95, 0.97]
    assert [shape.line.dash for shape in figure.layout.shapes] == ["dash", "dot"]
    assert [note.text for note in figure.layout.annotations] == ["Target 95 %", "Peers"]


def test_several_lines_keep_the_order_of_their_names() -> None:
    frame = pl.concat([days([4.8]).with_columns(of=pl.lit(of)) for of in ("a", "b", "c")])
    figure = trends(frame, x="day", y="value", by="of", names={"b": "B", "a": "A"}, **WORDS)
    assert [trace.name for trace in figure.data] == ["B", "A"]


def test_no_days_still_give_a_figure() -> None:
    assert list(trend(days([]), x="day", y="value", **WORDS).data[0].x) == []


def test_no_colour_is_red_or_green() -> None:
    for colour in (FINE, ACT, QUIET, *PARTS, *STARS):
        red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
        assert not (green > red and green > blue), f"{colour} is a green"
        assert not (red > 180 and green < 60 and blue < 60), f"{colour} is a red"


def test_names_of_levels_close_together_are_moved_apart() -> None:
    figure = trend(
        days([0.0, 1.0]),
        x="day",
        y="value",
        **WORDS,
        target=0.50,
        target_label="target",
        references={"peers": 0.51, "best": 0.9},
        height=300,
    )
    shifts = {label.text: label.yshift for label in figure.layout.annotations}
    assert (shifts["target"], shifts["best"]) == (0, 0)
    # 0.01 of a range of 1 are some two pixels; a line of text takes fifteen.
    assert shifts["peers"] == pytest.approx(15 - 2.3)
