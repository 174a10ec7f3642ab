"""The weekly review as one file: opens without network, prints to A4, speaks both languages."""

from collections.abc import Sequence
from html import escape
from pathlib import Path

import plotly.graph_objects as go

from reports.review.agenda import agenda
from reports.review.points import Number, Point, Table
from reports.review.weekly import Review
from told.language import LANGUAGE_NAMES, LANGUAGES, Language, number
from told.spoken import Spoken
from told.tables import DIGITS, Column, in_hours, shown

CONFIG = {"displaylogo": False, "displayModeBar": False, "responsive": True}
#: Longer tables stay folded; their rows are in the XLSX anyway.
LONG = 30

_HERE = Path(__file__).parent
STYLE = (_HERE / "offline.css").read_text(encoding="utf-8")
SCRIPT = (_HERE / "offline.js").read_text(encoding="utf-8")


def offline_html(review: Review, /, *, languages: Sequence[Language] = LANGUAGES) -> str:
    """The review as one HTML file that asks the network for nothing.

    The same review gives the same bytes. Buyers' names are always left out: files travel.

    Args:
        review: The week.
        languages: Those inside; the first is shown first.
    """
    spoken = {tongue: Spoken(tongue, review.settings.paid_in) for tongue in languages}
    told = {tongue: agenda(review, words) for tongue, words in spoken.items()}
    first = next(
        (f"{p.code}-{tongue}" for tongue, points in told.items() for p in points if p.figure), None
    )
    mains = "\n".join(
        _main(review, Spoken(tongue, review.settings.paid_in), points, first)
        for tongue, points in told.items()
    )
    buttons = "".join(
        f'<button type="button" value="{tongue}">{LANGUAGE_NAMES[tongue]}</button>'
        for tongue in languages
    )
    nav = f"<nav>{buttons}</nav>" if len(languages) > 1 else ""
    title = escape(f"{review.shop} · {review.name}")
    script = SCRIPT if first else SCRIPT.replace("ink(dark.matches);\nspeak", "speak")
    return (
        f'<!doctype html>\n<html lang="{languages[0]}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<link rel="icon" href="data:,">\n'
        f"<title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n{nav}\n{mains}\n"
        f"<script>\n{script}</script>\n</body>\n</html>\n"
    )


def _main(review: Review, words: Spoken, points: Sequence[Point], first: str | None) -> str:
    _ = words
    span = f"{_.day(review.counted.week)} – {_.day(review.sunday)}"
    known = _("Files to {day}").format(day=_.day(review.counted.as_of))
    heading = _("Weekly review {week}").format(week=review.name)
    body = "\n".join(_point(point, words, first) for point in points)
    return (
        f'<main lang="{words.language}">\n<h1>{escape(heading)}</h1>\n'
        f'<p class="quiet">{escape(review.shop)} · {escape(span)} · {escape(known)}</p>\n'
        f"{body}\n</main>"
    )


def _point(point: Point, words: Spoken, first: str | None) -> str:
    chart_id = f"{point.code}-{words.language}"
    parts = [f'<section id="point-{chart_id}">', f"<h2>{escape(point.title)}</h2>"]
    parts.append(f'<p class="finding">{escape(point.finding)}</p>')
    if point.numbers:
        parts.append(f'<div class="numbers">{"".join(map(_number, point.numbers))}</div>')
    if point.lines:
        items = "".join(f"<li>{escape(line)}</li>" for line in point.lines)
        parts.append(f"<ul>{items}</ul>")
    if point.figure is not None:
        chart = _chart(point.figure, chart_id, with_plotly=chart_id == first)
        parts.append(
            f'<div class="chart" role="img" aria-label="{escape(point.alt)}">{chart}</div>'
        )
    parts += [_table(table, words) for table in point.tables if table.frame.height]
    return "\n".join([*parts, "</section>"])


def _number(number: Number) -> str:
    return (
        f'<div class="number">{escape(number.label)}'
        f'<b class="{number.state}">{escape(number.value)}</b>'
        f'<span class="quiet">{escape(number.note)}</span></div>'
    )


def _chart(figure: go.Figure, chart_id: str, *, with_plotly: bool) -> str:
    """The figure without a background of its own; only the first brings Plotly along."""
    clear = "rgba(0,0,0,0)"
    shown = go.Figure(figure).update_layout(
        template="none", paper_bgcolor=clear, plot_bgcolor=clear, font={"size": 13}
    )
    return str(
        shown.to_html(
            full_html=False,
            include_plotlyjs=with_plotly,
            include_mathjax=False,
            div_id=chart_id,
            config=CONFIG,
        )
    )


def _table(table: Table, words: Spoken) -> str:
    right = ["" if column.kind == "text" else ' class="n"' for column in table.columns]
    heads = "".join(
        f"<th{side}>{escape(column.label)}</th>"
        for side, column in zip(right, table.columns, strict=True)
    )
    rows = "".join(
        "<tr>"
        + "".join(
            f"<td{side}>{escape(_cell(value, column, words))}</td>"
            for side, value, column in zip(right, row, table.columns, strict=True)
        )
        + "</tr>"
        for row in table.frame.select(column.name for column in table.columns).rows()
    )
    name = escape(table.name)
    if table.frame.height > LONG:
        body = f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
        return f'<details><summary>{name}</summary><div class="scroll">{body}</div></details>'
    return (
        f'<div class="scroll"><table><caption>{name}</caption><thead><tr>{heads}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _cell(value: object, column: Column, words: Spoken) -> str:
    """A cell as people read it; nothing in a page runs as a formula, so text stays as it is."""
    if column.kind == "text":
        return "" if value is None else str(value)
    if column.kind in DIGITS and column.kind != "share" and isinstance(value, int | float):
        amount = in_hours(value) if column.kind == "hours" else value
        return number(amount, words.language, digits=DIGITS[column.kind])
    return shown(value, column.kind, words.language)
