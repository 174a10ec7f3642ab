"""The table of layouts in docs/exports.md, drawn from exports/layouts.

``python -m reports.layout_table`` prints it.
"""

import sys

from exports.cells.headings import normal_header
from exports.layouts import Layout, load_layouts
from store.schemas import FED_TABLES, PLATFORMS
from told.language import translator

NAMES = {
    "taobao": "Taobao, Tmall 淘宝天猫",
    "jd": "JD 京东",
    "pinduoduo": "Pinduoduo 拼多多",
    "douyin": "Douyin 抖店",
    "shopify": "Shopify",
    "other": "Others",
}
#: How a file is known whose layout asks for no heading, where it is no plain table and where it is.
_TOLD = ("told by what they hold", "most of its own")


def layout_table() -> str:
    """One Markdown row per layout, by platform, then in the order of the tables they feed."""
    head = "| platform | file | feeds | headings that must be there | layout |"
    rows = sorted(load_layouts(), key=_place)
    return "\n".join([head, "|---|---|---|---|---|", *map(_row, rows)])


def _place(layout: Layout) -> tuple[bool, int, int, str]:
    tables = [*FED_TABLES]
    return (
        layout.template,
        PLATFORMS.index(layout.platform),
        tables.index(layout.table),
        layout.id,
    )


def _row(layout: Layout) -> str:
    english, chinese = layout.name, translator("zh")(layout.name)
    cells = (
        "Template 模板" if layout.template else NAMES[layout.platform],
        english if english == chinese else f"{english} · {chinese}",
        layout.table,
        ", ".join(_needed(layout)) or _TOLD[layout.reader == "table"],
        f"`{layout.id}`",
    )
    return f"| {' | '.join(cells)} |"


def _needed(layout: Layout) -> list[str]:
    """Per heading that must be there, the spelling of this layout; of several that will do, all."""
    choices = ((item,) if isinstance(item, str) else item for item in layout.required)
    return [" / ".join(_spelling(layout, field) for field in some) for some in choices]


def _spelling(layout: Layout, field: str) -> str:
    own = {normal_header(heading): heading.strip() for heading in layout.header}
    known = (own[heading] for heading in layout.spelled(field) if heading in own)
    return next(known, layout.fields[field].spellings[0])


if __name__ == "__main__":
    sys.stdout.write(layout_table() + "\n")
