"""What leaves on which day, over what is left behind."""

import plotly.graph_objects as go
import polars as pl
from plotly.subplots import make_subplots

from charts.dress import DAY_HOVER, DAY_TICKS, dressed
from charts.palette import ACCENT, QUIET


def expiry_bars(
    frame: pl.DataFrame, /, *, leaving_title: str, score_title: str, height: int = 340
) -> go.Figure:
    """Bars of what leaves below a line of the score that stays behind.

    Two plots over one calendar, because two axes in one plot invite false crossings.

    Args:
        frame: Columns ``day``, ``leaving`` (count) and ``score`` (null once nothing is left).
        leaving_title: Axis title of the bars, with its unit.
        score_title: Axis title of the line, with its unit.
        height: Pixels, of both.
    """
    figure = make_subplots(rows=2, cols=1, shared_xaxes=True, vertical_spacing=0.08)
    days = frame["day"].to_list()
    figure.add_trace(
        go.Scatter(
            x=days,
            y=frame["score"].to_list(),
            mode="lines",
            line={"color": ACCENT, "width": 2},
            connectgaps=False,
            hovertemplate=f"%{{x|{DAY_HOVER}}}: %{{y:.4f}}<extra></extra>",
        ),
        row=1,
        col=1,
    )
    figure.add_trace(
        go.Bar(
            x=days,
            y=frame["leaving"].to_list(),
            marker={"color": QUIET},
            hovertemplate=f"%{{x|{DAY_HOVER}}}: %{{y}}<extra></extra>",
        ),
        row=2,
        col=1,
    )
    figure.update_yaxes(title=score_title, tickformat=".3f", row=1, col=1)
    figure.update_yaxes(title=leaving_title, rangemode="tozero", row=2, col=1)
    figure.update_xaxes(tickformat=DAY_TICKS, type="date")
    return dressed(figure, height=height)
