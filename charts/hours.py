"""Columns over the hours of a day."""

from collections.abc import Sequence

import plotly.graph_objects as go

from charts.dress import dressed
from charts.palette import ACCENT, QUIET


def hour_columns(
    hours: Sequence[int],
    values: Sequence[float | None],
    /,
    *,
    counts: Sequence[int],
    inside: Sequence[bool],
    x_title: str,
    y_title: str,
    words: tuple[str, str],
    height: int = 300,
) -> go.Figure:
    """One column per hour; hours outside the shop's own working time are grey and hatched.

    Args:
        hours: 0-23.
        values: Column heights; None draws none.
        counts: What they rest on, in the hover.
        inside: Whether the hour is working time.
        x_title: Axis title.
        y_title: Axis title with its unit.
        words: What working time and the rest are called.
        height: Pixels.
    """
    figure = go.Figure()
    for wanted, name, colour, shape in (
        (True, words[0], ACCENT, ""),
        (False, words[1], QUIET, "/"),
    ):
        figure.add_trace(
            go.Bar(
                x=list(hours),
                y=[
                    value if is_in == wanted else None
                    for value, is_in in zip(values, inside, strict=True)
                ],
                customdata=list(counts),
                name=name,
                marker={"color": colour, "pattern": {"shape": shape}},
                hovertemplate=f"%{{x}}:00 · %{{y:,.0f}} · n %{{customdata}}<extra>{name}</extra>",
            )
        )
    figure.update_layout(barmode="overlay")
    figure.update_xaxes(title=x_title, dtick=2)
    figure.update_yaxes(title=y_title, tickformat=",.0f", rangemode="tozero")
    return dressed(figure, height=height, legend=True)
