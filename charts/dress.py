"""What all figures share: margins, quiet grids, number formats, heights."""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import plotly.graph_objects as go

from charts.palette import QUIET

#: Heights from left to right; None where there is a gap.
Line = Sequence[float | None]

#: Where a level may be named, the usual place first.
CORNERS = (("top", "right"), ("bottom", "right"), ("top", "left"), ("bottom", "left"))
#: What a label takes of the plot's width and height.
LABEL_WIDTH, LABEL_HEIGHT = 0.3, 0.08
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


def levels(figure: go.Figure, drawn: Sequence[Level], lines: Sequence[Line]) -> None:
    """Draw the levels, each named at whichever of its corners the lines leave most room.

    Args:
        figure: Changed in place.
        drawn: The levels; one without a label is only drawn.
        lines: What else the plot holds, each evenly spaced over its whole width.
    """
    known = [y for line in lines for y in line if y is not None]
    heights = [*known, *(level.y for level in drawn)]
    tall = LABEL_HEIGHT * (max(heights, default=0.0) - min(heights, default=0.0))
    taken: list[tuple[str, float]] = []
    for y, label, dash in drawn:
        corner, side, low = min(
            ((corner, corner[1], y if corner[0] == "top" else y - tall) for corner in CORNERS),
            key=lambda spot: _crowd(lines, taken, spot[1], spot[2], tall),
        )
        if label:
            taken.append((side, low))
        figure.add_hline(
            y=y,
            line={"color": QUIET, "width": 1.4, "dash": dash},
            annotation={
                "text": label,
                "font": {"color": QUIET, "size": 12},
                "showarrow": False,
            },
            annotation_position=" ".join(corner),
        )


def _crowd(
    lines: Sequence[Line], taken: Sequence[tuple[str, float]], side: str, low: float, tall: float
) -> int:
    """How much already lies where a label would: points of the lines, other labels."""
    others = sum(abs(other - low) < tall for where, other in taken if where == side)
    return 1000 * others + sum(
        low - tall / 2 <= y <= low + 1.5 * tall for line in lines for y in _near(line, side)
    )


def _near(line: Line, side: str) -> list[float]:
    """Heights of a line near one side, between its points too."""
    part = max(2, round(LABEL_WIDTH * len(line)))
    near = line[:part] if side == "left" else line[-part:]
    return [
        start + (end - start) * step / 8
        for start, end in pairwise(near)
        if start is not None and end is not None
        for step in range(9)
    ]


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
        if lines[-1] and len(longer) + sum(letter > "\u2e7f" for letter in longer) > width:
            lines.append(piece)
        else:
            lines[-1] = longer
    return "<br>".join(line.strip() for line in lines)
