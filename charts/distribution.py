"""How a whole splits into classes."""

from collections.abc import Sequence

import plotly.graph_objects as go

from charts.dress import PICKABLE, dressed, wrapped
from charts.palette import ACCENT, PARTS, QUIET


def distribution(
    classes: Sequence[str],
    shares: Sequence[float | None],
    /,
    *,
    counts: Sequence[int],
    y_title: str,
    x_title: str = "",
    quiet: Sequence[str] = (),
    height: int = 280,
) -> go.Figure:
    """One column per class, labelled with its share; the last ones may be greyed.

    Args:
        classes: Names in their natural order.
        shares: Part of the whole, 0-1.
        counts: What the shares rest on, in the hover.
        y_title: Axis title.
        x_title: Axis title with the unit of the classes.
        quiet: Classes drawn grey, such as "unanswered".
        height: Pixels.
    """
    figure = go.Figure(
        go.Bar(
            x=list(classes),
            y=list(shares),
            customdata=list(counts),
            text=[None if share is None else f"{share:.1%}" for share in shares],
            textposition="outside",
            cliponaxis=False,
            marker={"color": [QUIET if name in quiet else ACCENT for name in classes]},
            hovertemplate="%{x}: %{y:.1%} · n %{customdata}<extra></extra>",
            **PICKABLE,
        )
    )
    figure.update_yaxes(title=y_title, tickformat=".0%", rangemode="tozero")
    figure.update_xaxes(
        title=x_title or None,
        type="category",
        # Short lines stay level on a phone, where long names would be turned.
        tickvals=list(classes),
        ticktext=[wrapped(name) for name in classes],
        tickangle=0,
    )
    return dressed(figure, height=height)


def stacked_shares(
    rows: Sequence[str],
    parts: Sequence[tuple[str, Sequence[float | None]]],
    /,
    *,
    x_title: str,
    hover_counts: Sequence[Sequence[int]] | None = None,
    colours: Sequence[str] = PARTS,
) -> go.Figure:
    """One bar of 100 % per row, split into the same named parts.

    Args:
        rows: Names of the bars, the first on top.
        parts: Name of each part with its share (0-1) per row.
        x_title: Axis title.
        hover_counts: Per part the counts per row, in the hover.
        colours: Of the parts, in their order.
    """
    figure = go.Figure()
    for index, (name, shares) in enumerate(parts):
        figure.add_trace(
            go.Bar(
                x=list(shares),
                y=list(rows),
                name=name,
                orientation="h",
                customdata=list(hover_counts[index]) if hover_counts else None,
                text=[f"{share:.0%}" if share and share >= 0.06 else "" for share in shares],
                textposition="inside",
                insidetextanchor="middle",
                marker={"color": colours[index % len(colours)]},
                hovertemplate=f"{name} · %{{y}}: %{{x:.1%}}"
                + (" · n %{customdata}" if hover_counts else "")
                + "<extra></extra>",
                **PICKABLE,
            )
        )
    figure.update_layout(barmode="stack", legend_traceorder="normal")
    figure.update_yaxes(autorange="reversed", showgrid=False)
    figure.update_xaxes(title=x_title, tickformat=".0%", range=[0, 1], dtick=0.2)
    return dressed(figure, height=100 + 40 * max(len(rows), 1), legend=True)
