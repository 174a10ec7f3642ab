"""Figures of different sizes against limits that narrow as the size grows."""

import plotly.graph_objects as go
import polars as pl

from charts.dress import dressed, shortened
from charts.palette import ACCENT, ACT, BAND, QUIET


def control_funnel(
    points: pl.DataFrame,
    limits: pl.DataFrame,
    /,
    *,
    x_title: str,
    y_title: str,
    y_format: str,
    words: tuple[str, str],
    height: int = 380,
) -> go.Figure:
    """One point per row; those outside the limits bear a colour, a shape and their name.

    Args:
        points: ``name``, ``n``, ``value``, ``outside`` (flag).
        limits: ``n`` ascending, ``team``, ``low``, ``high``; the funnel's two edges and middle.
        x_title: What the size counts.
        y_title: The figure with its unit.
        y_format: d3 format of ticks and hover.
        words: What the middle line and the edges are called.
        height: Pixels.
    """
    figure = go.Figure()
    sizes = limits["n"].to_list()
    for column, fill in (("low", None), ("high", "tonexty")):
        figure.add_trace(
            go.Scatter(
                x=sizes,
                y=limits[column].to_list(),
                mode="lines",
                line={"color": QUIET, "width": 1, "dash": "dot"},
                fill=fill,
                fillcolor=BAND,
                name=words[1],
                showlegend=False,
                hovertemplate=f"%{{y:{y_format}}}<extra>{words[1]}</extra>",
            )
        )
    figure.add_trace(
        go.Scatter(
            x=sizes,
            y=limits["team"].to_list(),
            mode="lines",
            line={"color": QUIET, "width": 1.4, "dash": "dash"},
            name=words[0],
            hovertemplate=f"%{{y:{y_format}}}<extra>{words[0]}</extra>",
        )
    )
    outside = points["outside"].to_list()
    figure.add_trace(
        go.Scatter(
            x=points["n"].to_list(),
            y=points["value"].to_list(),
            mode="markers+text",
            marker={
                "color": [ACT if is_out else ACCENT for is_out in outside],
                "symbol": ["diamond" if is_out else "circle" for is_out in outside],
                "size": 11,
            },
            # Points inside crowd each other, and their names would invite a ranking.
            text=[
                shortened(name, width=14) if is_out else ""
                for name, is_out in zip(points["name"].to_list(), outside, strict=True)
            ],
            textposition="top center",
            customdata=points["name"].to_list(),
            hovertemplate=f"%{{customdata}}: %{{y:{y_format}}} · n %{{x:,.0f}}<extra></extra>",
            cliponaxis=False,
        )
    )
    figure.update_xaxes(title=x_title, rangemode="tozero")
    figure.update_yaxes(title=y_title, tickformat=y_format)
    return dressed(figure, height=height)
