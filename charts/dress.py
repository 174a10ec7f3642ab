"""What all figures share: margins, quiet grids, number formats, heights."""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import plotly.graph_objects as go

from charts.palette import QUIET

#: Pixels: of a line of small text, of one of its letters, of an axis with its title.
LINE, LETTER, AXIS = 15, 6.2, 70
#: Digits only, so that one axis reads in every language.
DAY_TICKS = "%-m/%-d"
DAY_HOVER = "%Y-%m-%d"


#: Bars that carry text and can be picked: Plotly fails on them unless both looks are given.
PICKABLE: dict[str, dict[str, dict[str, float]]] = {
    "selected": {"marker": {"opacity": 1.0}},
    "unselected": {"marker": {"opacity": 0.5}},
}


def dressed(figure: go.Figure, *, height: int = 300, legend: bool = False) -> go.Figure:
    """The figure with the house margins and grids, and a zoom that survives a rerun.

    Args:
        figure: Changed in place.
        height: Pixels; fixed, so that nothing jumps while the page reruns.
        legend: Whether names stand above the plot; direct labels are better where they fit.
    """
    figure.update_layout(
        height=height,
        margin={"l": 8, "r": 16, "t": 28 if legend else 12, "b": 8},
        showlegend=legend,
        legend={"orientation": "h", "x": 0, "y": 1.0, "yanchor": "bottom", "title": None},
        hovermode="closest",
        dragmode=False,
        uirevision="kept",
        bargap=0.25,
    )
    figure.update_xaxes(automargin=True, zeroline=False, showgrid=False)
    figure.update_yaxes(automargin=True, zeroline=False, gridcolor="rgba(138, 148, 160, 0.22)")
    return figure


class Level(NamedTuple):
    """A quiet horizontal line with a name: a target, a peer group."""

    y: float
    label: str
    dash: str = "dash"


def levels(figure: go.Figure, drawn: Sequence[Level], drawn_with: Iterable[float | None]) -> None:
    """Draw the levels, each named in the margin to its right, where no line runs.

    Args:
        figure: Dressed already; changed in place.
        drawn: The levels; one without a label is only drawn.
        drawn_with: Heights of everything else in the plot.
    """
    heights = [*(y for y in drawn_with if y is not None), *(level.y for level in drawn)]
    span = max(heights, default=0.0) - min(heights, default=0.0)
    step = LINE * span / (figure.layout.height - AXIS)
    lowest = float("-inf")
    for y, label, dash in sorted(drawn):
        figure.add_hline(y=y, line={"color": QUIET, "width": 1.4, "dash": dash})
        if not label:
            continue
        # Names of levels close together are moved apart.
        at = max(y, lowest + step)
        lowest = at
        figure.add_annotation(
            x=1,
            xref="paper",
            xanchor="left",
            xshift=4,
            y=y,
            yshift=LINE * (at - y) / step if step else 0,
            text=label,
            font={"color": QUIET, "size": 12},
            showarrow=False,
        )
    widest = max((cells(level.label) for level in drawn), default=0)
    figure.update_layout(margin_r=16 + LETTER * widest if widest else 16)


def cells(text: str) -> int:
    """How wide a text is, in letters; a Chinese character is as wide as two.

    >>> cells("目标 95%")
    8
    """
    return len(text) + sum(letter > "\u2e7f" for letter in text)


def shortened(name: str, *, width: int = 22) -> str:
    """A long name with its middle left out; the end often tells sub-accounts apart.

    >>> shortened("旗舰店:客服小雨"), shortened("flagship-store:evening-02", width=12)
    ('旗舰店:客服小雨', 'flagsh…ng-02')
    """
    if len(name) <= width:
        return name
    head = width // 2
    return f"{name[:head]}…{name[-(width - head - 1) :]}"


def wrapped(name: str, *, width: int = 8) -> str:
    """A name broken into short lines, so that labels need not be turned.

    A Chinese character is as wide as two letters, and a line may end after any.

    >>> wrapped("Pushed out by the cap"), wrapped("被每月三次上限挤出")
    ('Pushed<br>out by<br>the cap', '被每月三<br>次上限挤<br>出')
    """
    lines = [""]
    for piece in re.findall(r"\s+|[\u2e80-\uffff]|[^\s\u2e80-\uffff]+", name):
        longer = lines[-1] + piece
        if lines[-1] and cells(longer) > width:
            lines.append(piece)
        else:
            lines[-1] = longer
    return "<br>".join(line.strip() for line in lines)
