"""The past as a line, the future as a fan."""

from collections.abc import Mapping
from datetime import date

import plotly.graph_objects as go
import polars as pl

from charts.dress import DAY_HOVER, DAY_TICKS, LINE, Level, dressed, levels
from charts.palette import ACCENT, FORECAST, FORECAST_80, FORECAST_95, QUIET


def fan(
    past: pl.DataFrame,
    future: pl.DataFrame,
    /,
    *,
    y_title: str,
    today: date,
    today_label: str,
    persistence: float | None = None,
    persistence_label: str = "",
    gates: Mapping[str, float] | None = None,
    height: int = 360,
) -> go.Figure:
    """What happened, what to expect, and how sure that is (80 % and 95 %).

    Args:
        past: Columns ``day`` and ``value``.
        future: Columns ``day, mean, low_80, high_80, low_95, high_95``; its first row is best
            today's value with all bounds equal, so that the fan opens from the line.
        y_title: Axis title with its unit.
        today: Where past and future meet.
        today_label: Its name.
        persistence: "Stays as it is": a dotted level over the future.
        persistence_label: Its name.
        gates: Named levels such as the target or a campaign's demand.
        height: Pixels.
    """
    figure = go.Figure()
    days = future["day"].to_list()
    for width, colour in (("95", FORECAST_95), ("80", FORECAST_80)):
        figure.add_trace(
            go.Scatter(
                x=[*days, *reversed(days)],
                y=[*future[f"high_{width}"].to_list(), *reversed(future[f"low_{width}"].to_list())],
                fill="toself",
                fillcolor=colour,
                line={"width": 0},
                mode="lines",
                hoverinfo="skip",
                name=f"{width} %",
            )
        )
    hover = f"%{{x|{DAY_HOVER}}}: %{{y:.4f}}"
    figure.add_trace(
        go.Scatter(
            x=past["day"].to_list(),
            y=past["value"].to_list(),
            mode="lines",
            line={"color": ACCENT, "width": 2},
            connectgaps=False,
            hovertemplate=hover + "<extra></extra>",
            name="past",
        )
    )
    figure.add_trace(
        go.Scatter(
            x=days,
            y=future["mean"].to_list(),
            customdata=future.select("low_80", "high_80", "low_95", "high_95").rows(),
            mode="lines",
            line={"color": FORECAST, "width": 2, "dash": "dash"},
            hovertemplate=hover
            + "<br>80 %: %{customdata[0]:.4f} – %{customdata[1]:.4f}"
            + "<br>95 %: %{customdata[2]:.4f} – %{customdata[3]:.4f}<extra></extra>",
            name="mean",
        )
    )
    if persistence is not None and days:
        figure.add_trace(
            go.Scatter(
                x=[days[0], days[-1]],
                y=[persistence, persistence],
                mode="lines",
                line={"color": QUIET, "width": 1.4, "dash": "dot"},
                hovertemplate=f"{persistence_label}: %{{y:.4f}}<extra></extra>",
                name=persistence_label,
            )
        )
    # A plain shape: plotly's own vline label averages its ends, which dates cannot.
    figure.add_shape(
        type="line",
        x0=today,
        x1=today,
        y0=0,
        y1=1,
        yref="paper",
        line={"color": QUIET, "width": 1},
    )
    # Its name stands above the plot, where no level runs.
    figure.add_annotation(
        x=today, y=1, yref="paper", yanchor="bottom", text=today_label, showarrow=False
    )
    figure.update_yaxes(title=y_title, tickformat=".3f")
    figure.update_xaxes(tickformat=DAY_TICKS, type="date")
    drawn = [Level(level, label) for label, level in (gates or {}).items()]
    heights = [*past["value"], *future["low_95"], *future["high_95"]]
    levels(dressed(figure, height=height), drawn, heights)
    return figure.update_layout(margin_t=LINE + 12)
