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
    x_title: str,
    y_title: str = "",
    quiet: Sequence[str] = (),
) -> go.Figure:
    """One bar per class, the first on top, labelled with its share; some may be greyed.

    Args:
        classes: Names in their natural order.
        shares: Part of the whole, 0-1.
        counts: What the shares rest on, in the hover.
        x_title: Axis title of the shares.
        y_title: Axis title with the unit of the classes.
        quiet: Classes drawn grey, such as "unanswered".
    """
    figure = go.Figure(
        go.Bar(
            x=list(shares),
            y=list(classes),
            orientation="h",
            customdata=list(counts),
            text=[None if share is None else f"{share:.1%}" for share in shares],
            textposition="outside",
            cliponaxis=False,
            marker={"color": [QUIET if name in quiet else ACCENT for name in classes]},
            hovertemplate="%{y}: %{x:.1%} · n %{customdata}<extra></extra>",
            **PICKABLE,
        )
    )
    # A little longer than the longest bar, for the share written at its end.
    longest = max((share for share in shares if share is not None), default=0.0)
    figure.update_xaxes(title=x_title, tickformat=".0%", range=[0, 1.2 * longest or 1.0])
    figure.update_yaxes(
        title=y_title or None,
        type="category",
        tickvals=list(classes),
        ticktext=[wrapped(name, width=16) for name in classes],
        autorange="reversed",
        showgrid=False,
    )
    return dressed(figure, height=70 + 32 * max(len(classes), 1))


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
                textangle=0,
                marker={"color": colours[index % len(colours)]},
                hovertemplate=f"{name} · %{{y}}: %{{x:.1%}}"
                + (" · n %{customdata}" if hover_counts else "")
                + "<extra></extra>",
                **PICKABLE,
            )
        )
    # A share that does not fit into its bar is left to the hover.
    figure.update_layout(
        barmode="stack",
        legend_traceorder="normal",
        uniformtext={"minsize": 10, "mode": "hide"},
    )
    figure.update_yaxes(autorange="reversed", showgrid=False)
    # The last tick is the edge of the plot, and its name reaches into the margin.
    figure.update_xaxes(
        title=x_title, tickformat=".0%", range=[0, 1], dtick=0.25, ticklabeloverflow="allow"
    )
    return dressed(figure, height=100 + 40 * max(len(rows), 1), legend=True)
