"""What all figures share: margins, quiet grids, number formats, heights."""

import plotly.graph_objects as go

from charts.palette import QUIET

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


def reference(figure: go.Figure, *, y: float, label: str, dash: str = "dash") -> None:
    """A quiet horizontal line with its name at the right end: a target, a peer group."""
    figure.add_hline(
        y=y,
        line={"color": QUIET, "width": 1.4, "dash": dash},
        annotation={
            "text": label,
            "font": {"color": QUIET, "size": 12},
            "xanchor": "right",
            "showarrow": False,
        },
        annotation_position="top right",
    )


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
    """A name broken into short lines, so that labels under bars need not be turned.

    A Chinese character is as wide as two letters.

    >>> wrapped("Pushed out by the cap"), wrapped("被每月三次上限挤出")
    ('Pushed<br>out by<br>the cap', '被每月三<br>次上限挤<br>出')
    """
    words = name.split(" ") if " " in name else [name]
    lines: list[str] = []
    for word in words:
        wide = any(ord(letter) > 0x2E7F for letter in word)
        size = width // 2 if wide else max(width, len(word))
        parts = [word[start : start + size] for start in range(0, len(word), size)] or [""]
        if lines and not wide and len(lines[-1]) + 1 + len(word) <= width:
            lines[-1] += f" {word}"
        else:
            lines += parts
    return "<br>".join(lines)
