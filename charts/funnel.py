"""Steps that lose people: what is left after each."""

from collections.abc import Sequence

import plotly.graph_objects as go

from charts.dress import PICKABLE, dressed
from charts.palette import ACCENT


def funnel(
    steps: Sequence[str], counts: Sequence[int], /, *, x_title: str, height: int = 220
) -> go.Figure:
    """Bars from the top step down, each with its count and its share of the first.

    Args:
        steps: Names from the first step to the last.
        counts: What each step holds; a later one never exceeds an earlier one.
        x_title: Axis title: what is counted.
        height: Pixels.
    """
    whole = counts[0] if counts and counts[0] else None
    labels = [f"{count:,} · {count / whole:.1%}" if whole else f"{count:,}" for count in counts]
    figure = go.Figure(
        go.Bar(
            x=list(counts),
            y=list(steps),
            orientation="h",
            text=labels,
            textposition="auto",
            marker={"color": ACCENT, "opacity": [1 - 0.22 * i for i in range(len(counts))]},
            hovertemplate="%{y}: %{text}<extra></extra>",
            **PICKABLE,
        )
    )
    figure.update_yaxes(autorange="reversed", showgrid=False)
    figure.update_xaxes(title=x_title, rangemode="tozero", tickformat=",d")
    return dressed(figure, height=height)
