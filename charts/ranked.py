"""Bars from the largest to the smallest, each with how sure it is."""

import plotly.graph_objects as go
import polars as pl

from charts.dress import dressed, shortened
from charts.palette import ACCENT, QUIET


def ranked_bars(
    frame: pl.DataFrame,
    /,
    *,
    name: str,
    value: str,
    x_title: str,
    x_format: str,
    n: str | None = None,
    low: str | None = None,
    high: str | None = None,
    shop: float | None = None,
    shop_label: str = "",
    few: str | None = None,
) -> go.Figure:
    """One bar per row, in the frame's order from the top, with its interval and the shop's line.

    Args:
        frame: Collected rows in the order wanted.
        name: Column of names; long ones are shortened in the middle, whole in the hover.
        value: Column of bar lengths; null draws no bar.
        x_title: Axis title with its unit.
        x_format: d3 format of ticks, labels and hover.
        n: Column of denominators, shown in the hover.
        low: Column with the interval's lower end.
        high: Column with its upper end.
        shop: The whole shop's value, a dashed line.
        shop_label: Its name.
        few: Column of flags: true greys a bar that rests on too few observations.
    """
    values = frame[value].to_list()
    weak = frame[few].fill_null(True).to_list() if few else [False] * len(values)
    counts = frame[n].to_list() if n else [None] * len(values)
    whole_names = frame[name].to_list()
    figure = go.Figure(
        go.Bar(
            x=values,
            # A row number keeps two names apart that are shortened to the same text.
            y=list(range(len(values))),
            orientation="h",
            marker={"color": [QUIET if is_weak else ACCENT for is_weak in weak]},
            error_x=_interval(frame, value, low, high),
            customdata=list(zip(whole_names, counts, strict=True)),
            hovertemplate=f"%{{customdata[0]}}: %{{x:{x_format}}}"
            + (" · n %{customdata[1]}" if n else "")
            + "<extra></extra>",
        )
    )
    if shop is not None:
        figure.add_vline(
            x=shop,
            line={"color": QUIET, "width": 1.4, "dash": "dash"},
            annotation={"text": shop_label, "font": {"color": QUIET, "size": 12}},
            annotation_position="top",
        )
    figure.update_yaxes(
        tickvals=list(range(len(values))),
        ticktext=[shortened(text) for text in whole_names],
        autorange="reversed",
        showgrid=False,
    )
    figure.update_xaxes(title=x_title, tickformat=x_format, rangemode="tozero")
    dressed(figure, height=90 + 34 * max(len(values), 1))
    return figure.update_layout(margin_t=30) if shop is not None else figure


def _interval(
    frame: pl.DataFrame, value: str, low: str | None, high: str | None
) -> dict[str, object] | None:
    if low is None or high is None:
        return None
    above, below = frame.select(
        above=pl.col(high) - pl.col(value), below=pl.col(value) - pl.col(low)
    )
    return {
        "type": "data",
        "symmetric": False,
        "array": above.to_list(),
        "arrayminus": below.to_list(),
        "color": QUIET,
        "thickness": 1.4,
        "width": 4,
    }
