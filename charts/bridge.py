"""From one value to another, step by step."""

from collections.abc import Sequence

import plotly.graph_objects as go

from charts.dress import dressed, wrapped
from charts.palette import ACT, FINE, QUIET


def bridge(
    start: tuple[str, float],
    steps: Sequence[tuple[str, float]],
    end: str,
    /,
    *,
    y_title: str,
    y_format: str,
    step_format: str = "+.4f",
    level_format: str = ".4f",
    higher_is_better: bool = True,
    height: int = 320,
) -> go.Figure:
    """A waterfall whose steps add up exactly to the end.

    The axis does not start at zero: a score of 4.8 moves by thousandths, and the steps are the
    message. Start and end are drawn as marks, not as bars, so that no length is cut short.

    Args:
        start: Name and value before the steps.
        steps: Name and change of each step.
        end: Name of the last value.
        y_title: Axis title with its unit.
        y_format: d3 format of ticks.
        step_format: Python format of the change written at each step.
        level_format: Python format of the two values written at the ends.
        higher_is_better: False where a fall is the good news.
        height: Pixels.
    """
    figure, level = go.Figure(), start[1]
    first, end = wrapped(start[0]), wrapped(end)
    steps = [(wrapped(name), change) for name, change in steps]
    up, down = (FINE, ACT) if higher_is_better else (ACT, FINE)
    for name, change in steps:
        figure.add_trace(
            go.Bar(
                x=[name],
                y=[change],
                base=[level],
                name=name,
                text=[format(change, step_format)],
                textposition="outside",
                cliponaxis=False,
                marker={"color": up if change > 0 else down if change < 0 else QUIET},
                hovertemplate=f"{name}: {format(change, step_format)}<extra></extra>",
            )
        )
        level += change
    figure.add_trace(
        go.Scatter(
            x=[first, end],
            y=[start[1], level],
            mode="markers+text",
            text=[format(start[1], level_format), format(level, level_format)],
            textposition="top center",
            marker={"symbol": "line-ew-open", "size": 42, "color": QUIET, "line": {"width": 3}},
            hovertemplate="%{x}: %{text}<extra></extra>",
            name="levels",
        )
    )
    order = [first, *(name for name, _ in steps), end]
    figure.update_xaxes(
        type="category",
        categoryorder="array",
        categoryarray=order,
        tickangle=0,
        tickfont={"size": 11},
    )
    figure.update_yaxes(title=y_title, tickformat=y_format)
    return dressed(figure, height=height)
