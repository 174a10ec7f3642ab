"""A value over two scales: hour by weekday, table by day."""

from collections.abc import Sequence

import plotly.graph_objects as go

from charts.dress import DAY_TICKS, dressed
from charts.palette import ACCENT, QUIET, STEPS


def heat_map(
    values: Sequence[Sequence[float | None]],
    /,
    *,
    x: Sequence[str],
    y: Sequence[str],
    x_title: str,
    value_title: str,
    value_format: str,
    counts: Sequence[Sequence[int | None]] | None = None,
    height: int = 280,
) -> go.Figure:
    """Rows of ``y`` by columns of ``x``; an empty cell stays empty and cannot be picked.

    Args:
        values: One list per row of ``y``, one entry per column of ``x``.
        x: Column names.
        y: Row names, the first on top.
        x_title: Axis title.
        value_title: What the colour stands for, with its unit.
        value_format: d3 format of colour scale and hover.
        counts: Denominators in the same shape, shown in the hover.
        height: Pixels.
    """
    cells = [(row, column) for row in range(len(y)) for column in range(len(x))]
    hover = f"%{{y}} · %{{x}}: %{{customdata[0]:{value_format}}}"
    figure = go.Figure(
        go.Heatmap(
            z=[list(row) for row in values],
            x=list(x),
            y=list(y),
            colorscale=[list(step) for step in STEPS],
            hoverinfo="skip",
            xgap=2,
            ygap=2,
            colorbar={
                "title": {"text": value_title, "side": "right"},
                "tickformat": value_format,
                "thickness": 10,
                "outlinewidth": 0,
            },
        )
    )
    # Plotly lets nobody pick a cell of a heat map; unseen points over the cells can be picked.
    unseen = {"marker": {"opacity": 0}}
    shown = [(row, column) for row, column in cells if values[row][column] is not None]
    figure.add_trace(
        go.Scatter(
            x=[x[column] for _, column in shown],
            y=[y[row] for row, _ in shown],
            customdata=[
                (values[row][column], counts[row][column] if counts else None)
                for row, column in shown
            ],
            mode="markers",
            marker={"symbol": "square", "size": 22, "opacity": 0, "color": ACCENT},
            selected=unseen,
            unselected=unseen,
            showlegend=False,
            hovertemplate=hover + (" · n %{customdata[1]}" if counts else "") + "<extra></extra>",
        )
    )
    # The points would have room of their own at the edges; the cells need none.
    figure.update_yaxes(range=[len(y) - 0.5, -0.5], showgrid=False, type="category")
    figure.update_xaxes(title=x_title, range=[-0.5, len(x) - 0.5], type="category", tickangle=0)
    return dressed(figure, height=height)


#: What a day of a table is: without a file, covered in part, covered whole.
MISSING, PART, WHOLE = 0, 1, 2


def coverage_calendar(
    states: Sequence[Sequence[int]],
    /,
    *,
    days: Sequence[object],
    tables: Sequence[str],
    words: tuple[str, str, str],
) -> go.Figure:
    """One row per table, one cell per day: no file, part of the day, the whole day.

    Args:
        states: Per table one of ``MISSING``, ``PART``, ``WHOLE`` per day.
        days: Columns, oldest first.
        tables: Names of the rows, the first on top.
        words: What the three states are called, in that order.
    """
    colours = ("rgba(138, 148, 160, 0.14)", "rgba(217, 146, 10, 0.85)", "rgba(40, 120, 189, 0.9)")
    scale = [
        [edge, colour]
        for state, colour in enumerate(colours)
        for edge in (state / 3, (state + 1) / 3)
    ]
    figure = go.Figure(
        go.Heatmap(
            z=[list(row) for row in states],
            x=list(days),
            y=list(tables),
            customdata=[[words[state] for state in row] for row in states],
            zmin=-0.5,
            zmax=2.5,
            colorscale=scale,
            showscale=False,
            xgap=1 if len(days) <= 120 else 0,
            ygap=4,
            hovertemplate="%{y} · %{x|%Y-%m-%d}: %{customdata}<extra></extra>",
        )
    )
    figure.update_yaxes(autorange="reversed", showgrid=False)
    figure.update_xaxes(tickformat=DAY_TICKS, type="date", tickfont={"color": QUIET})
    return dressed(figure, height=80 + 30 * max(len(tables), 1))
