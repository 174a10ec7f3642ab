"""Lines over days: limits, target, immature days, gaps."""

from collections.abc import Mapping

import plotly.graph_objects as go
import polars as pl

from charts.dress import DAY_HOVER, DAY_TICKS, Level, dressed, levels
from charts.palette import ACCENT, BAND, PARTS, QUIET


def trend(
    frame: pl.DataFrame,
    /,
    *,
    x: str,
    y: str,
    y_title: str,
    y_format: str,
    n: str | None = None,
    immature: str | None = None,
    low: str | None = None,
    high: str | None = None,
    target: float | None = None,
    target_label: str = "",
    references: Mapping[str, float] | None = None,
    colour: str = ACCENT,
    from_zero: bool = False,
    height: int = 300,
) -> go.Figure:
    """One line with gaps left open, a quiet band between its limits and a dashed target.

    Immature days are dashed with hollow marks and joined to the last final day, so that the eye
    follows the line but sees where it is still moving.

    Args:
        frame: Collected rows in the order of ``x``; at most a few thousand.
        x: Column of days.
        y: Column drawn; nulls break the line.
        y_title: Axis title with its unit, such as "Reply rate (%)".
        y_format: d3 format of ticks and hover, such as ".1%".
        n: Column of denominators, shown in the hover.
        immature: Column of flags: true where the value still changes.
        low: Column with the lower control limit.
        high: Column with the upper control limit.
        target: Value of the dashed line.
        target_label: Its name.
        references: Further named lines, such as peers.
        colour: Of the line.
        from_zero: Whether the axis starts at zero.
        height: Pixels.
    """
    figure = go.Figure()
    days = frame[x].to_list()
    if low is not None and high is not None:
        _band(figure, days, frame[low].to_list(), frame[high].to_list())
    values = frame[y].to_list()
    open_days = frame[immature].fill_null(False).to_list() if immature else [False] * len(values)
    counts = frame[n].to_list() if n else None
    hover = f"%{{x|{DAY_HOVER}}}: %{{y:{y_format}}}" + (" · n %{customdata}" if counts else "")
    final = [None if is_open else value for value, is_open in zip(values, open_days, strict=True)]
    figure.add_trace(_line(days, final, counts, hover, colour, name="final"))
    if any(open_days):
        figure.add_trace(
            _line(days, _tail(values, open_days), counts, hover, colour, name="immature")
        )
        figure.data[-1].line.dash = "dot"
        figure.data[-1].marker.symbol = "circle-open"
    drawn = [Level(target, target_label)] if target is not None else []
    drawn += [Level(value, label, "dot") for label, value in (references or {}).items()]
    figure.update_yaxes(
        title=y_title, tickformat=y_format, rangemode="tozero" if from_zero else "normal"
    )
    figure.update_xaxes(tickformat=DAY_TICKS, type="date")
    levels(dressed(figure, height=height), drawn, values)
    return figure


def trends(
    frame: pl.DataFrame,
    /,
    *,
    x: str,
    y: str,
    by: str,
    names: Mapping[str, str],
    y_title: str,
    y_format: str,
    target: float | None = None,
    target_label: str = "",
    height: int = 320,
) -> go.Figure:
    """One line per value of ``by``, each named at its right end.

    Args:
        frame: Collected rows in the order of ``x``.
        x: Column of days.
        y: Column drawn; nulls break the lines.
        by: Column that tells the lines apart.
        names: What to draw, in this order: value of ``by`` -> name on screen.
        y_title: Axis title with its unit.
        y_format: d3 format of ticks and hover.
        target: Value of the dashed line.
        target_label: Its name.
        height: Pixels.
    """
    figure = go.Figure()
    for (value, name), colour in zip(names.items(), PARTS, strict=False):
        part = frame.filter(pl.col(by) == value)
        figure.add_trace(
            go.Scatter(
                x=part[x].to_list(),
                y=part[y].to_list(),
                name=name,
                mode="lines",
                line={"color": colour, "width": 2},
                connectgaps=False,
                hovertemplate=f"{name} · %{{x|{DAY_HOVER}}}: %{{y:{y_format}}}<extra></extra>",
            )
        )
    figure.update_yaxes(title=y_title, tickformat=y_format)
    figure.update_xaxes(tickformat=DAY_TICKS, type="date")
    drawn = [Level(target, target_label)] if target is not None else []
    levels(dressed(figure, height=height, legend=True), drawn, frame[y])
    return figure


def _band(
    figure: go.Figure, days: list[object], low: list[float | None], high: list[float | None]
) -> None:
    line = {"color": QUIET, "width": 0}
    figure.add_trace(
        go.Scatter(x=days, y=low, mode="lines", line=line, hoverinfo="skip", name="low")
    )
    figure.add_trace(
        go.Scatter(
            x=days,
            y=high,
            mode="lines",
            line=line,
            fill="tonexty",
            fillcolor=BAND,
            hoverinfo="skip",
            name="high",
        )
    )


def _line(
    days: list[object],
    values: list[float | None],
    counts: list[object] | None,
    hover: str,
    colour: str,
    *,
    name: str,
) -> go.Scatter:
    return go.Scatter(
        x=days,
        y=values,
        customdata=counts,
        name=name,
        mode="lines+markers",
        line={"color": colour, "width": 2},
        marker={"size": 6, "color": colour},
        connectgaps=False,
        hovertemplate=hover + "<extra></extra>",
    )


def _tail(values: list[float | None], open_days: list[bool]) -> list[float | None]:
    """The open days and, before each run of them, the final day they continue."""
    keep = [
        is_open or (later and not is_open)
        for is_open, later in zip(open_days, [*open_days[1:], False], strict=True)
    ]
    return [value if kept else None for value, kept in zip(values, keep, strict=True)]
