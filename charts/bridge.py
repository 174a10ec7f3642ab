"""From one value to another, step by step."""

from collections.abc import Sequence

import plotly.graph_objects as go

from charts.dress import dressed, wrapped
from charts.palette import ACT, FINE, QUIET

#: Room for the figures at the ends of the bars, as a part of what the bars span.
ROOM = 0.3


def bridge(
    start: tuple[str, float],
    steps: Sequence[tuple[str, float]],
    end: str,
    /,
    *,
    x_title: str,
    x_format: str,
    step_format: str = "+.4f",
    level_format: str = ".4f",
    higher_is_better: bool = True,
) -> go.Figure:
    """A waterfall from the top row to the bottom row whose steps add up exactly to the end.

    It lies on its side, because names beside bars fit on a phone where names below them do not.
    The axis does not start at zero: a score of 4.8 moves by thousandths, and the steps are the
    message. Start and end are drawn as marks, not as bars, so that no length is cut short.

    Args:
        start: Name and value before the steps.
        steps: Name and change of each step.
        end: Name of the last value.
        x_title: Axis title with its unit.
        x_format: d3 format of ticks.
        step_format: Python format of the change written at each step.
        level_format: Python format of the two values written at the ends.
        higher_is_better: False where a fall is the good news.
    """
    figure, levels = go.Figure(), [start[1]]
    up, down = (FINE, ACT) if higher_is_better else (ACT, FINE)
    names = [wrapped(name, width=16) for name in (start[0], *(name for name, _ in steps), end)]
    for row, (name, change) in enumerate(steps, start=1):
        figure.add_trace(
            go.Bar(
                x=[change],
                # A row number keeps two parts of one name apart.
                y=[row],
                base=[levels[-1]],
                orientation="h",
                name=name,
                text=[_written(change, step_format)],
                textposition="outside",
                cliponaxis=False,
                marker={"color": up if change > 0 else down if change < 0 else QUIET},
                hovertemplate=f"{name}: {_written(change, step_format)}<extra></extra>",
            )
        )
        levels.append(levels[-1] + change)
    low, high = min(levels), max(levels)
    middle, span = (low + high) / 2, (high - low) or abs(high) / 100 or 1.0
    ends = [levels[0], levels[-1]]
    figure.add_trace(
        go.Scatter(
            x=ends,
            y=[0, len(names) - 1],
            customdata=[start[0], end],
            mode="markers+text",
            text=[f" {format(level, level_format)} " for level in ends],
            # Towards the middle there is room.
            textposition=["middle left" if level > middle else "middle right" for level in ends],
            marker={"symbol": "line-ns-open", "size": 24, "color": QUIET, "line": {"width": 3}},
            hovertemplate="%{customdata}: %{text}<extra></extra>",
            name="levels",
        )
    )
    figure.update_yaxes(
        tickvals=list(range(len(names))),
        ticktext=names,
        range=[len(names) - 0.5, -0.5],
        showgrid=False,
    )
    figure.update_xaxes(
        title=x_title,
        tickformat=x_format,
        range=[low - ROOM * span, high + ROOM * span],
        tickangle=0,
        nticks=5,
    )
    return dressed(figure, height=70 + 40 * len(names))


def _written(change: float, form: str) -> str:
    """A change with its sign; nothing has none, not even when it is rounded to nothing.

    >>> _written(-0.0011, "+.4f"), _written(-0.00001, "+.4f"), _written(0.5, "+.1%")
    ('−0.0011', '0.0000', '+50.0%')
    """
    text = format(change, form)
    return (text if text.strip("+-0.%") else text.lstrip("+-")).replace("-", "−")
