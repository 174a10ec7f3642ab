"""The weekly review as one file: opens without network, prints to A4, speaks both languages."""

from collections.abc import Sequence
from html import escape

import plotly.graph_objects as go

from reports.review.agenda import agenda
from reports.review.points import Number, Point, Table
from reports.review.weekly import Review
from told.language import LANGUAGES, Language, number
from told.spoken import Spoken
from told.tables import DIGITS, Column, shown

LANGUAGE_NAMES: dict[Language, str] = {"zh": "中文", "en": "English"}
CONFIG = {"displaylogo": False, "displayModeBar": False, "responsive": True}
#: Longer tables stay folded; their rows are in the XLSX anyway.
LONG = 30

STYLE = """
:root { color-scheme: light dark; --text: #1b2430; --quiet: #5b6673; --back: #ffffff;
  --box: #f4f6f8; --line: #d5dbe2; --accent: #1f5fa8; --worse: #b5400a; }
@media (prefers-color-scheme: dark) { :root { --text: #e6eaef; --quiet: #95a1af;
  --back: #11161d; --box: #1a212b; --line: #36414e; --accent: #7db8ea; --worse: #f07b3f; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1040px; padding: 24px 20px 60px; background: var(--back);
  color: var(--text); font: 16px/1.55 system-ui, -apple-system, "Segoe UI", "PingFang SC",
  "Microsoft YaHei", "Noto Sans CJK SC", "Source Han Sans SC", sans-serif; }
h1 { font-size: 28px; margin: 0 0 4px; } h2 { font-size: 22px; margin: 36px 0 6px; }
.quiet, caption { color: var(--quiet); } .finding { font-size: 18px; margin: 0 0 12px; }
.numbers { display: grid; grid-template-columns: repeat(auto-fit, minmax(220px, 1fr)); gap: 12px; }
.number { background: var(--box); border: 1px solid var(--line); border-radius: 8px;
  padding: 10px 14px; }
.number b { display: block; font-size: 28px; line-height: 1.25; }
.better { color: var(--accent); } .worse { color: var(--worse); }
.scroll { overflow-x: auto; } table { border-collapse: collapse; width: 100%; font-size: 14px; }
caption { text-align: left; padding: 8px 0 4px; }
th, td { text-align: left; padding: 4px 8px; border-bottom: 1px solid var(--line);
  vertical-align: top; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
summary { cursor: pointer; color: var(--accent); padding: 8px 0; }
nav { float: right; display: flex; gap: 8px; }
nav button { font: inherit; border: 1px solid var(--line); border-radius: 8px; cursor: pointer;
  background: var(--box); color: var(--text); padding: 4px 12px; }
nav button[aria-pressed=true] { border-color: var(--accent); color: var(--accent); }
[hidden] { display: none; }
@page { size: A4; margin: 14mm; }
@media print { :root { color-scheme: light; --text: #1b2430; --quiet: #5b6673; --back: #fff;
    --box: #fff; --line: #c5ccd4; --accent: #1f5fa8; --worse: #b5400a; }
  body { max-width: none; padding: 0; font-size: 10.5pt; }
  nav, details:not([open]) { display: none; }
  h2 { break-after: avoid; } .numbers, .chart, tr, .finding { break-inside: avoid; }
  .numbers { grid-template-columns: repeat(3, 1fr); } table { font-size: 8.5pt; } }
"""

SCRIPT = """
const dark = matchMedia('(prefers-color-scheme: dark)');
const charts = () => [...document.querySelectorAll('.plotly-graph-div')];
function ink(isDark) {
  const colour = isDark ? '#c4ccd6' : '#3d4855';
  for (const chart of charts()) Plotly.relayout(chart, {'font.color': colour});
}
function speak(language) {
  for (const main of document.querySelectorAll('main')) main.hidden = main.lang !== language;
  for (const button of document.querySelectorAll('nav button'))
    button.setAttribute('aria-pressed', String(button.value === language));
  document.documentElement.lang = language;
  for (const chart of charts()) if (chart.offsetParent) Plotly.Plots.resize(chart);
}
for (const button of document.querySelectorAll('nav button'))
  button.addEventListener('click', () => speak(button.value));
dark.addEventListener('change', event => ink(event.matches));
addEventListener('beforeprint', () => { ink(false);
  for (const chart of charts()) if (chart.offsetParent) Plotly.relayout(chart, {width: 680}); });
addEventListener('afterprint', () => { ink(dark.matches);
  for (const chart of charts()) Plotly.relayout(chart, {width: null, autosize: true}); });
ink(dark.matches);
speak(document.querySelector('main').lang);
"""


def offline_html(review: Review, /, *, languages: Sequence[Language] = LANGUAGES) -> str:
    """The review as one HTML file that asks the network for nothing.

    The same review gives the same bytes. Buyers' names are always left out: files travel.

    Args:
        review: The week.
        languages: Those inside; the first is shown first.
    """
    told = {tongue: agenda(review, Spoken(tongue)) for tongue in languages}
    first = next(
        (f"{p.code}-{tongue}" for tongue, points in told.items() for p in points if p.figure), None
    )
    mains = "\n".join(
        _main(review, Spoken(tongue), points, first) for tongue, points in told.items()
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
        f"<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n{nav}\n{mains}\n"
        f"<script>{script}</script>\n</body>\n</html>\n"
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
        return number(value, words.language, digits=DIGITS[column.kind])
    return shown(value, column.kind, words.language)
