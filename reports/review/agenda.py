"""The agenda of a weekly review: one point each for the page, a slide and the offline file."""

import polars as pl

from charts.ranked import ranked_bars
from reports.review.changes import changed, why
from reports.review.coming import forecast
from reports.review.points import Number, Point, Table, Telling, agent_names
from reports.review.weekly import AGENT_METRICS, Review
from told.spoken import Spoken
from told.tables import Column

#: Agents and actions named in sentences; the tables have all.
NAMED = 5


def agenda(
    review: Review, words: Spoken, /, *, mask_buyers: bool = True, mask_agents: bool = False
) -> tuple[Point, ...]:
    """The six points in their order: changed, why, forecast, agents, cases, actions.

    Args:
        review: The week.
        words: The language.
        mask_buyers: Whether buyers' names are left out.
        mask_agents: Whether agents are called by number.
    """
    agents = agent_names(review, words, mask=mask_agents)
    telling = Telling(review, words, agents, mask_buyers)
    return tuple(point(telling) for point in (changed, why, forecast, _agents, _cases, _actions))


def _agents(telling: Telling) -> Point:
    """How each agent's week went."""
    _, rows = telling.words, telling.review.counted.agents
    title = _("Agents")
    if rows.is_empty():
        none = _("The files of this week name no agents.")
        return Point(code="agents", title=title, finding=none)
    named = rows.with_columns(name=pl.col("agent").replace(dict(telling.agents)))
    timed = named.drop_nulls("response_time_platform").sort("response_time_platform")
    finding = _("{n} agents received buyers this week.").format(n=_.count(rows.height))
    if timed.height > 1:
        told = _("From {fast} to {slow}: {first} answers fastest, {last} needs help most.")
        finding = told.format(
            fast=_.figure(timed["response_time_platform"][0], "seconds"),
            slow=_.figure(timed["response_time_platform"][-1], "seconds"),
            first=timed["name"][0],
            last=timed["name"][-1],
        )
    lines = [
        _("{name}: {received} buyers, {rate} answered, {time} on average").format(
            name=row["name"],
            received=_.count(row["received"]),
            rate=_.figure(row["reply_rate"], "share"),
            time=_.figure(row["response_time_platform"], "seconds"),
        )
        for row in named.head(NAMED).to_dicts()
    ]
    shop = telling.review.counted.changes.filter(pl.col("metric") == "response_time_platform")
    axis, form = _.axis("response_time_platform")
    figure = ranked_bars(
        timed,
        name="name",
        value="response_time_platform",
        x_title=axis,
        x_format=form,
        shop=shop["value"][0] if shop.height else None,
        shop_label=_("shop"),
    )
    return Point(
        code="agents",
        title=title,
        finding=finding,
        numbers=_best(telling, named),
        lines=tuple(lines),
        figure=figure if timed.height else None,
        alt=finding,
        tables=(_agents_table(telling, named),),
    )


def _best(telling: Telling, named: pl.DataFrame) -> tuple[Number, ...]:
    """Who received most, answered fastest and sold best."""
    _ = telling.words
    most = named.drop_nulls("received").sort("received", descending=True).head(1)
    fast = named.drop_nulls("response_time_platform").sort("response_time_platform").head(1)
    sold = named.drop_nulls("inquiry_conversion").sort("inquiry_conversion", descending=True)
    told = [
        (_("Most buyers"), most, "received", "buyer_days"),
        (_("Fastest"), fast, "response_time_platform", "seconds"),
        (_("Best conversion"), sold.head(1), "inquiry_conversion", "share"),
    ]
    return tuple(
        Number(
            label=label,
            value=_.figure(rows[column][0], unit),  # type: ignore[arg-type]
            note=rows["name"][0],
        )
        for label, rows, column, unit in told
        if rows.height
    )


def _agents_table(telling: Telling, named: pl.DataFrame) -> Table:
    _ = telling.words
    kinds = {"response_time_platform": "seconds", "unit_price": _.money_kind}
    columns = [Column("name", _("Agent")), Column("received", _("Buyers received"), "count")]
    for metric_id in AGENT_METRICS:
        title, _form = _.axis(metric_id)
        kind = kinds.get(metric_id, "share")
        columns.append(Column(metric_id, title, kind))
        before = _("{name}, week before").format(name=title)
        columns.append(Column(f"{metric_id}_before", before, kind))
    return Table(_("Agents"), named, tuple(columns))


def _cases(telling: Telling) -> Point:
    """Three conversations to talk about."""
    _, rows = telling.words, telling.review.cases
    title = _("Three cases to discuss")
    if rows.is_empty():
        none = _("No case is marked for this week; keep conversations in the case book.")
        return Point(code="cases", title=title, finding=none)
    shown = rows.with_columns(
        pl.Series("agent", [telling.agent(name) for name in rows["agent"]], dtype=pl.String),
        pl.Series("buyer", [telling.buyer(name) for name in rows["buyer"]], dtype=pl.String),
    )
    lines = [
        " · ".join(
            part
            for part in (row["day"], row["agent"], row["buyer"], row["tags"], row["text"])
            if part
        )
        + (_(" → better: {better}").format(better=row["better"]) if row["better"] else "")
        for row in shown.to_dicts()
    ]
    return Point(
        code="cases",
        title=title,
        finding=_("What would have been a better answer?"),
        lines=tuple(lines),
        tables=(
            Table(
                title,
                shown,
                (
                    Column("day", _("Day")),
                    Column("agent", _("Agent")),
                    Column("buyer", _("Buyer")),
                    Column("tags", _("Tags")),
                    Column("text", _("Note")),
                    Column("better", _("Better answer")),
                ),
            ),
        ),
    )


def _actions(telling: Telling) -> Point:
    """What was agreed, last week's open ones included."""
    _, rows, as_of = telling.words, telling.review.actions, telling.review.counted.as_of
    title = _("Actions")
    open_ones = rows.filter(~pl.col("done"))
    late = open_ones.filter(pl.col("due") < as_of)
    carried = open_ones.filter(pl.col("week") < telling.review.name)
    finding = _("{n} actions are open, {carried} of them carried over.").format(
        n=open_ones.height, carried=carried.height
    )
    lines = [
        f"{'✓' if row['done'] else '○'} {row['text']} — {row['owner']}"
        + (_(", due {day}").format(day=_.day(row["due"])) if row["due"] else "")
        for row in rows.sort("done", maintain_order=True).head(NAMED).to_dicts()
    ]
    state = pl.when("done").then(pl.lit(_("done"))).otherwise(pl.lit(_("open")))
    return Point(
        code="actions",
        title=title,
        finding=finding if rows.height else _("No action is written down yet."),
        numbers=(
            Number(_("Open"), _.count(open_ones.height)),
            Number(_("Overdue"), _.count(late.height), state="worse" if late.height else ""),
            Number(_("Done"), _.count(rows.height - open_ones.height)),
        ),
        lines=tuple(lines),
        tables=(
            Table(
                title,
                rows.with_columns(state=state),
                (
                    Column("text", _("Action")),
                    Column("owner", _("Owner")),
                    Column("due", _("Due"), "day"),
                    Column("week", _("Decided in")),
                    Column("state", _("State")),
                ),
            ),
        ),
    )
