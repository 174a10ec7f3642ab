"""The table of all files that are recognised, drawn from the layouts.

``python -m exports.layout_table`` prints it.
"""

import sys
from collections.abc import Iterable

from exports.layouts import Layout, load_layouts

_HEAD = ("file", "gives", "needs", "drops", "currency", "payment", "times")


def layout_table() -> str:
    """One Markdown row per layout that a file can be recognised as, by id."""
    every = {layout.id: layout for layout in load_layouts()}
    read = [layout for layout in every.values() if not layout.companion_only]
    rows = [_row(layout, [every[name] for name in layout.companions]) for layout in read]
    return "\n".join(map(_line, [_HEAD, ["---"] * len(_HEAD), *rows])) + "\n"


def _row(layout: Layout, beside: Iterable[Layout]) -> list[str]:
    tables = dict.fromkeys([layout.table, *(each.table for each in beside)])
    return [
        f"`{layout.id}` {layout.name}",
        ", ".join(tables),
        ", ".join(_needs(layout)) or "—",
        ", ".join(layout.personal) or "—",
        _currency(layout),
        _payment(layout),
        _times(layout),
    ]


def _needs(layout: Layout) -> Iterable[str]:
    """Per needed field the heading this file has for it; of several fields one is enough."""
    for item in layout.required:
        fields = (item,) if isinstance(item, str) else item
        yield " or ".join(dict.fromkeys(_heading(layout, field) for field in fields))


def _heading(layout: Layout, field: str) -> str:
    spellings = layout.fields[field].spellings
    return next((name for name in spellings if name in layout.header), spellings[0])


def _currency(layout: Layout) -> str:
    if "currency" in layout.fields:
        return _heading(layout, "currency")
    money = any(field.shape == "money" for field in layout.fields.values())
    return layout.currency or ("by sign" if money else "—")


def _payment(layout: Layout) -> str:
    """What says when an order was paid."""
    if layout.table != "orders" or "paid_at" not in layout.fields:
        return "—"
    heading = _heading(layout, "paid_at")
    states = ", ".join(layout.paid_states)
    return f"{heading}, if {states}" if states else heading


def _times(layout: Layout) -> str:
    """The zone of its times, an offset in a cell aside, and the order of open dates."""
    if not any(field.shape in ("time", "day") for field in layout.fields.values()):
        return "—"
    zone = "universal" if layout.universal_times else "the shop's"
    return f"{zone}, {layout.own_order}" if layout.own_order else zone


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


if __name__ == "__main__":
    sys.stdout.write(layout_table())
