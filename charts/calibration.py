"""Forecasts beside what happened."""

import plotly.graph_objects as go
import polars as pl

from charts.dress import DAY_HOVER, DAY_TICKS, dressed
from charts.palette import ACCENT, ACT, FORECAST_80, FORECAST_95


def hindsight(frame: pl.DataFrame, /, *, y_title: str, height: int = 300) -> go.Figure:
    """Per day what had been forecast, with its bands, and what came.

    Args:
        frame: Columns ``day, mean, low_80, high_80, low_95, high_95, actual``, by day.
        y_title: Axis title with its unit.
        height: Pixels.
    """
    figure, days = go.Figure(), frame["day"].to_list()
    for width, colour, stroke in (("95", FORECAST_95, 6), ("80", FORECAST_80, 10)):
        low, high = frame[f"low_{width}"], frame[f"high_{width}"]
        figure.add_trace(
            go.Bar(
                x=days,
                y=(high - low).to_list(),
                base=low.to_list(),
                width=stroke * 6 * 3_600_000,
                marker={"color": colour},
                hoverinfo="skip",
                name=f"{width} %",
            )
        )
    outside = (frame["actual"] < frame["low_95"]) | (frame["actual"] > frame["high_95"])
    figure.add_trace(
        go.Scatter(
            x=days,
            y=frame["actual"].to_list(),
            customdata=frame.select("mean", "low_80", "high_80").rows(),
            mode="markers",
            marker={
                "size": 9,
                "color": [ACT if missed else ACCENT for missed in outside.fill_null(False)],
                "symbol": ["x" if missed else "circle" for missed in outside.fill_null(False)],
            },
            hovertemplate=f"%{{x|{DAY_HOVER}}}: %{{y:.4f}} (%{{customdata[0]:.4f}}, "
            "80 %: %{customdata[1]:.4f} – %{customdata[2]:.4f})<extra></extra>",
            name="actual",
        )
    )
    figure.update_layout(barmode="overlay")
    figure.update_yaxes(title=y_title, tickformat=".3f")
    figure.update_xaxes(tickformat=DAY_TICKS, type="date")
    return dressed(figure, height=height)
