"""The agenda's first points: what changed, and why."""

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go
import polars as pl

from charts.bridge import bridge
from charts.trend import trend
from metrics.catalog import BY_ID
from metrics.kit.metric import Unit
from metrics.views.contributions import CUTS
from metrics.views.review import CHANGES
from reports.review.points import Number, Point, State, Table, Telling
from told.mark import mark
from told.names import DIMENSIONS, REFUND_TIERS
from told.spoken import Spoken
from told.tables import Column

#: Shown where nothing moved beyond chance.
FIRST_TOLD = ("inquiry_conversion", "reply_rate", "response_time_platform")
GRAVITY = {"worse": 0, "better": 1}
VERDICTS = {
    "better": mark("Better"),
    "worse": mark("Worse"),
    "as_usual": mark("As usual"),
    "too_few": mark("Too few"),
    "no_history": mark("Too short a history"),
    "no_before": mark("Nothing before"),
    "no_value": mark("Not final yet"),
}
CUT_NAMES = {
    "agent": mark("Agent"),
    "hour": mark("Hour"),
    "buyers": mark("Buyers"),
    "product": mark("Product"),
    "reason": mark("Reason"),
    "tier": mark("Kind of refund"),
}
SLICES = {
    "new": mark("New buyers"),
    "returning": mark("Returning buyers"),
    **REFUND_TIERS,
}
PARTS = {
    "new": mark("New ratings"),
    "expired": mark("Expired ratings"),
    "capped": mark("Pushed out by the monthly cap"),
}
#: Movers named in a chart, and numbers explained in sentences.
MOVERS, EXPLAINED = 5, 2


def changed(telling: Telling) -> Point:
    """Every metric week over week, the worst first."""
    _, rows = telling.words, ranked(telling)
    moved = [row for row in rows if row["verdict"] in GRAVITY]
    worse = sum(row["verdict"] == "worse" for row in moved)
    judged = [row for row in rows if row["verdict"] in {*GRAVITY, "as_usual"}]
    finding = _("There are too few weeks yet to tell a change from chance.")
    if judged:
        finding = _(
            "{moved} of {judged} numbers moved more than chance explains: "
            "{worse} worse, {better} better."
        ).format(moved=len(moved), judged=len(judged), worse=worse, better=len(moved) - worse)
    first = rows[0]["metric"]
    return Point(
        code="changed",
        title=_("What changed"),
        finding=finding,
        numbers=tuple(_number(telling, row) for row in rows[:3]),
        lines=tuple(
            _("{name}: {said}").format(name=_.metric_name(row["metric"]), said=_sentence(_, row))
            for row in rows[:6]
        ),
        figure=_weeks(telling, first),
        alt=_("{name}, week by week").format(name=_.metric_name(first)),
        tables=(_changes_table(telling, rows), _weeks_table(telling)),
    )


def ranked(telling: Telling) -> list[dict[str, Any]]:
    """Rows of the changes: worse, better, then the headlines, then the rest."""
    rows = telling.review.counted.changes.to_dicts()

    def place(row: Mapping[str, Any]) -> tuple[int, float, int]:
        size = abs(row["change"] or 0) / row["noise"] if row["noise"] else 0.0
        quiet = len(FIRST_TOLD)
        headline = FIRST_TOLD.index(row["metric"]) if row["metric"] in FIRST_TOLD else quiet
        if row["value"] is None:
            return 3, 0.0, headline
        return GRAVITY.get(row["verdict"], 2), -size if row["verdict"] in GRAVITY else 0.0, headline

    return sorted(rows, key=place)


def _sentence(words: Spoken, row: Mapping[str, Any]) -> str:
    unit = BY_ID[row["metric"]].unit
    return words(CHANGES[row["verdict"]]).format(
        before=words.figure(row["before"], unit),
        value=words.figure(row["value"], unit),
        noise=words.difference(row["noise"], unit).lstrip("+±"),
        n=words.count(row["n"]),
    )


def _number(telling: Telling, row: Mapping[str, Any]) -> Number:
    _, metric_id = telling.words, row["metric"]
    unit = BY_ID[metric_id].unit
    line = telling.review.counted.weeks.filter(pl.col("metric") == metric_id, "final")
    notes = [_("before {value}").format(value=_.figure(row["before"], unit))]
    if row["n"] is not None:
        notes.append(_("n {n}").format(n=_.count(row["n"])))
    if row["week"] is not None and row["week"] != telling.review.counted.week:
        notes.append(telling.week(row["week"]))
    state: State = row["verdict"] if row["verdict"] in GRAVITY else ""
    return Number(
        label=_.metric_name(metric_id),
        value=_.figure(row["value"], unit),
        note=" · ".join(notes),
        state=state,
        line=tuple(line["value"].to_list()),
    )


def _weeks(telling: Telling, metric_id: str) -> go.Figure:
    title, form = telling.words.axis(metric_id)
    _, settings = telling.words, telling.review.settings
    target = settings.targets.get(metric_id)
    rows = telling.review.counted.weeks.filter(
        pl.col("metric") == metric_id, pl.col("value").is_not_null()
    )
    return trend(
        rows.with_columns(open=~pl.col("final")),
        x="week",
        y="value",
        y_title=title,
        y_format=form,
        n="n",
        immature="open",
        target=target,
        target_label=_("target {target}").format(target=_.figure(target, BY_ID[metric_id].unit)),
    )


def _changes_table(telling: Telling, rows: Sequence[Mapping[str, Any]]) -> Table:
    _ = telling.words
    told = [
        {
            **row,
            "name": _.metric_name(row["metric"]),
            "weeks": telling.week(row["week"]) if row["week"] else None,
            "was": _.figure(row["before"], BY_ID[row["metric"]].unit),
            "now": _.figure(row["value"], BY_ID[row["metric"]].unit),
            "moved": _arrow(_, row),
            "chance": _.difference(row["noise"], BY_ID[row["metric"]].unit).lstrip("+±"),
            "word": _(word),
        }
        for row, word in ((row, VERDICTS[row["verdict"]]) for row in rows)
    ]
    texts = ("metric", "name", "weeks", "was", "now", "moved", "chance", "word")
    frame = pl.DataFrame(
        told,
        schema=dict.fromkeys(texts, pl.String) | {"n": pl.Float64, "value": pl.Float64},
        orient="row",
    )
    return Table(
        _("Week over week"),
        frame,
        (
            Column("name", _("Number")),
            Column("weeks", _("Week")),
            Column("was", _("Week before")),
            Column("now", _("This week")),
            Column("moved", _("Change")),
            Column("chance", _("Chance explains")),
            Column("word", _("Verdict")),
            Column("n", _("n"), "count"),
            Column("value", _("Exact value"), "score"),
        ),
    )


def _arrow(words: Spoken, row: Mapping[str, Any]) -> str:
    """A change without a sign, which spreadsheets would take for a formula."""
    told = words.difference(row["change"], BY_ID[row["metric"]].unit)
    return told.replace("+", "↑ ").replace("−", "↓ ").replace("±", "")


def _weeks_table(telling: Telling) -> Table:
    _ = telling.words
    frame = telling.review.counted.weeks.with_columns(
        name=pl.col("metric").replace({name: _.metric_name(name) for name in BY_ID}),
        state=pl.when("final").then(pl.lit(_("final"))).otherwise(pl.lit(_("still open"))),
    )
    return Table(
        _("Week by week"),
        frame.filter(pl.col("value").is_not_null()),
        (
            Column("name", _("Number")),
            Column("week", _("Week from"), "day"),
            Column("value", _("Exact value"), "score"),
            Column("n", _("n"), "count"),
            Column("state", _("State")),
        ),
    )


def why(telling: Telling) -> Point:
    """Who and what moved the numbers that moved most."""
    _, counted = telling.words, telling.review.counted
    rows = [row for row in ranked(telling) if row["metric"] in CUTS and row["change"] is not None]
    told = [lines for row in rows[:EXPLAINED] if (lines := _moved_by(telling, row))]
    numbers: tuple[Number, ...] = ()
    figure, alt = None, ""
    if rows and told:
        top = _top(telling, rows[0])
        figure = _bridge(telling, rows[0], top)
        numbers = tuple(_mover(telling, rows[0], mover) for mover in top.head(3).to_dicts())
        alt = _("What moved {name}").format(name=_.metric_name(rows[0]["metric"]))
    scores = [_score_line(telling, name) for name in DIMENSIONS]
    finding = told[0][0] if told else _("There is no earlier week to compare with.")
    sentences = [line for pair in told for line in pair][1:]
    return Point(
        code="why",
        title=_("Why it changed"),
        finding=finding,
        numbers=numbers,
        lines=(*sentences, *(line for line in scores if line)),
        figure=figure,
        alt=alt,
        tables=(
            _movers_table(telling),
            *([_bridge_table(telling)] if counted.bridge.height else []),
        ),
    )


def _top(telling: Telling, row: Mapping[str, Any]) -> pl.DataFrame:
    """The slices of the cut whose first slice explains most of the change."""
    movers = telling.review.counted.movers.filter(pl.col("metric") == row["metric"])
    if movers.is_empty():
        return movers
    towards = (pl.col("total") * (1 if row["change"] >= 0 else -1)).max().over("cut")
    return movers.filter(towards == towards.max()).head(MOVERS)


def slice_name(telling: Telling, cut: str, name: str) -> str:
    """A slice as people call it."""
    _ = telling.words
    if not name:
        return _("Nobody named") if cut == "agent" else _("Not known")
    if cut == "agent":
        return telling.agent(name)
    return _(SLICES[name]) if name in SLICES and cut in ("buyers", "tier") else name


def _moved_by(telling: Telling, row: Mapping[str, Any]) -> tuple[str, ...]:
    """Two sentences: the first two movers; what the parts did themselves and what the mix did."""
    _, unit = telling.words, BY_ID[row["metric"]].unit
    top = _top(telling, row)
    if top.is_empty():
        return ()
    whole = telling.review.counted.movers.filter(
        pl.col("metric") == row["metric"], pl.col("cut") == top["cut"][0]
    )
    names = _(", ").join(
        f"{slice_name(telling, each['cut'], each['slice'])} {_.difference(each['total'], unit)}"
        for each in top.head(2).to_dicts()
    )
    cut_name = CUT_NAMES[top["cut"][0]]
    name, cut = _.metric_name(row["metric"]), _(cut_name)
    return (
        _("{name} {change}, most of it: {movers}.").format(
            name=name, change=_.difference(row["change"], unit), movers=names
        ),
        _("{name} by {cut}: {rate} from the parts themselves, {mix} from their mix.").format(
            name=name,
            cut=cut,
            rate=_.difference(float(whole["rate"].sum()), unit),
            mix=_.difference(float(whole["mix"].sum()), unit),
        ),
    )


def _mover(telling: Telling, row: Mapping[str, Any], mover: Mapping[str, Any]) -> Number:
    _, metric = telling.words, BY_ID[row["metric"]]
    good = (mover["total"] > 0) == (metric.better == "higher")
    return Number(
        label=slice_name(telling, mover["cut"], mover["slice"]),
        value=_.difference(mover["total"], metric.unit),
        note=f"{_.figure(mover['before'], metric.unit)} → {_.figure(mover['value'], metric.unit)}"
        + " · "
        + _("n {n}").format(n=_.count(mover["denominator"])),
        state="better" if good else "worse",
    )


def _bridge(telling: Telling, row: Mapping[str, Any], top: pl.DataFrame) -> go.Figure:
    _, metric = telling.words, BY_ID[row["metric"]]
    steps = [(slice_name(telling, m["cut"], m["slice"]), m["total"]) for m in top.to_dicts()]
    rest = row["change"] - sum(change for _name, change in steps)
    title, form = _.axis(row["metric"])
    return bridge(
        (_("Week before"), row["before"]),
        [*steps, (_("All others"), rest)],
        _("This week"),
        x_title=title,
        x_format=form,
        step_format=_python_format(metric.unit, sign="+"),
        level_format=_python_format(metric.unit),
        higher_is_better=metric.better == "higher",
    )


def _python_format(unit: Unit, *, sign: str = "") -> str:
    return sign + {"share": ".1%", "score": ".4f", "seconds": ".1f"}.get(unit, ".2f")


def _score_line(telling: Telling, dimension: str) -> str:
    _, parts = telling.words, telling.review.counted.bridge
    rows = parts.filter(pl.col("dimension") == dimension).to_dicts() if parts.height else []
    if not rows:
        return ""
    steps = _(", ").join(
        f"{_(PARTS[row['part']])} {_.difference(row['hundredths'] / 100, 'score')}"
        for row in rows
        if row["ratings"]
    )
    change = rows[0]["score_after"] - rows[0]["score_before"]
    return _("DSR {name} {change}: {parts}.").format(
        name=_(DIMENSIONS[dimension]), change=_.difference(change, "score"), parts=steps
    )


def _movers_table(telling: Telling) -> Table:
    _, movers = telling.words, telling.review.counted.movers
    named = [
        slice_name(telling, cut, name) for cut, name in movers.select("cut", "slice").iter_rows()
    ]
    frame = movers.with_columns(
        name=pl.col("metric").replace({name: _.metric_name(name) for name in CUTS}),
        by=pl.col("cut").replace({cut: _(name) for cut, name in CUT_NAMES.items()}),
        shown=pl.Series(named, dtype=pl.String),
    )
    return Table(
        _("What moved the numbers"),
        frame,
        (
            Column("name", _("Number")),
            Column("by", _("Split by")),
            Column("shown", _("Part")),
            Column("before_denominator", _("n before"), "count"),
            Column("before", _("Week before"), "score"),
            Column("denominator", _("n"), "count"),
            Column("value", _("This week"), "score"),
            Column("rate", _("By own change"), "score"),
            Column("mix", _("By mix"), "score"),
            Column("total", _("Contribution"), "score"),
        ),
    )


def _bridge_table(telling: Telling) -> Table:
    _ = telling.words
    frame = telling.review.counted.bridge.with_columns(
        dimension=pl.col("dimension").replace({k: _(name) for k, name in DIMENSIONS.items()}),
        part=pl.col("part").replace({k: _(name) for k, name in PARTS.items()}),
        effect=pl.col("hundredths") / 100,
    )
    return Table(
        _("DSR: new against expired"),
        frame,
        (
            Column("dimension", _("Dimension")),
            Column("part", _("Part")),
            Column("ratings", _("Ratings"), "count"),
            Column("effect", _("Contribution"), "score"),
            Column("score_before", _("Week before"), "score"),
            Column("score_after", _("This week"), "score"),
        ),
    )
