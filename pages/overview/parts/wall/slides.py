"""The shared screen: agenda points as slides that fill the whole screen."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from pages.shared import wording
from reports.review.points import Point

_HERE = Path(__file__).parent
_SLIDES = st.components.v2.component(
    "store_health_wall",
    html='<div class="wall" popover="manual" role="region"></div>',
    css=(_HERE / "wall.css").read_text(encoding="utf-8"),
    js=(_HERE / "wall.js").read_text(encoding="utf-8"),
)


def show(points: Sequence[Point], *, foot: str, key: str) -> bool:
    """Draw the slides; the browser turns them, by key or by the clock.

    Which slide and how many seconds stand in the address: ``?slide=2&auto=20``.

    Args:
        points: The agenda.
        foot: Small line under every slide.
        key: Of the component.

    Returns:
        Whether somebody pressed Escape.
    """
    _ = wording.words()
    keys = _("← → turn · ↑ ↓ seconds per slide · F full screen · Esc back")
    result = _SLIDES(
        data={"slides": [_slide(point) for point in points], "foot": foot, "keys": keys},
        key=key,
        height=1,
        on_leave_change=lambda: None,
    )
    return bool(result.leave)


def _slide(point: Point) -> dict[str, Any]:
    return {
        "title": point.title,
        "finding": point.finding,
        "numbers": [
            {
                "label": number.label,
                "value": number.value,
                "note": number.note,
                "state": number.state,
                "line": list(number.line),
            }
            for number in point.numbers
        ],
        "lines": list(point.lines),
    }
