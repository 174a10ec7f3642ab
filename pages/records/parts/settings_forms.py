"""The parts of a shop's settings, each as a form that returns what it would change.

Every form returns the changed fields once its button was pressed, else None. Nothing is checked
here: ``store.settings.ShopSettings`` does that, and ``settings_errors`` puts it in sentences.
"""

from collections.abc import Mapping
from typing import Any

import polars as pl
import streamlit as st

from metrics.catalog import METRICS
from metrics.ratings.counted import DSR_WINDOW
from pages.shared import wording
from pages.shared.setting_names import (
    ATTRIBUTIONS,
    DSR_DAYS,
    DSR_WINDOWS,
    REASON_CLASSES,
    WEEKDAYS,
    WINDOWS,
)
from store.currency import current_currencies
from store.lake import store_path
from store.schemas import DSR_DIMENSIONS
from store.settings import ShopSettings, time_zones
from store.uploads import brought_elsewhere
from told import language
from told.names import DIMENSIONS

#: Fields of the settings by name and their values: what a form hands back.
Changes = Mapping[str, Any]


def forget(shop: str) -> None:
    """Drop what was typed for another shop, so that this shop's own settings fill the forms."""
    if st.session_state.get("settings_of") != shop:
        for key in list(st.session_state):
            if str(key).startswith("settings_") and key != "settings_part":
                del st.session_state[key]
        st.session_state["settings_of"] = shop


def rules(settings: ShopSettings) -> Changes | None:
    """How conversations and orders are counted."""
    _ = wording.words()
    with st.form("settings_rules"):
        changes: dict[str, Any] = {
            "conversion_window": _choice(
                _("Inquiry conversion counts"), WINDOWS, settings.conversion_window, key="window"
            ),
            "attribution": _choice(
                _("A sale belongs to"), ATTRIBUTIONS, settings.attribution, key="attribution"
            ),
            **_numbers(settings),
            "robot_counts_as_reply": st.toggle(
                _("A robot's reply counts for the reply rate"),
                settings.robot_counts_as_reply,
                key="settings_robot",
            ),
            "unit_price_without_refunded": st.toggle(
                _("Unit price without refunded money"),
                settings.unit_price_without_refunded,
                key="settings_refunded",
            ),
            "dsr_window": _choice(
                _("The DSR looks back"),
                DSR_WINDOWS,
                settings.dsr_window,
                key="dsr_window",
                days=DSR_WINDOW.days,
            ),
            "dsr_day": _choice(
                _("A rating leaves the DSR by"), DSR_DAYS, settings.dsr_day, key="dsr_day"
            ),
            "filtered_buyers": _lines(
                _("Buyers left out everywhere, one per line"),
                settings.filtered_buyers,
                key="settings_filtered",
                help=_("Advertisers, colleagues, test accounts."),
            ),
            "robot_agents": _lines(
                _("Accounts that are robots, one per line"),
                settings.robot_agents,
                key="settings_robots",
                help=_("Senders that the file calls agents although a robot writes."),
            ),
            "time_zone": _time_zone(settings.time_zone),
            "currency": _currency(settings.currency),
        }
        return changes if _save() else None


def targets(settings: ShopSettings) -> Changes | None:
    """What each metric is compared with; an empty field means the shop's own 28-day median."""
    _ = wording.words()
    with st.form("settings_targets"):
        st.caption(_("Leave a field empty to compare with the shop's own last 28 days."))
        wanted: dict[str, float] = {}
        with st.grid("auto", min_column_width=240):
            for metric in METRICS:
                scale = 100 if metric.unit == "share" else 1
                now = settings.targets.get(metric.id)
                key = f"settings_target_{metric.id}"
                # Streamlit lets a person empty only a field whose default is empty.
                st.session_state.setdefault(key, None if now is None else round(now * scale, 6))
                given = st.number_input(
                    wording.axis(metric.id)[0],
                    1.0 if metric.unit == "score" else 0.0,
                    {"share": 100.0, "score": 5.0}.get(metric.unit),
                    None,
                    step={"score": 0.01, "money": 1.0}.get(metric.unit, 1.0),
                    format="%.2f" if metric.unit in ("score", "pieces") else "%.1f",
                    help=metric.told("definition", _),
                    key=key,
                )
                if given is not None:
                    wanted[metric.id] = round(given / scale, 8)
        gates = st.text_input(
            _("Scores that campaigns demand, separated by commas"),
            ", ".join(f"{gate:g}" for gate in settings.campaign_gates),
            key="settings_gates",
        )
        if not _save():
            return None
        # Unreadable numbers stay text, so that the check names them.
        parts = gates.replace("，", ",").split(",")
        return {"targets": wanted, "campaign_gates": tuple(p.strip() for p in parts if p.strip())}


def working_hours(settings: ShopSettings) -> Changes | None:
    """When agents are at work; several blocks make split shifts."""
    _ = wording.words()
    names = [_(day) for day in WEEKDAYS]
    rows = [
        {"days": [names[day - 1] for day in block.weekdays], "start": block.start, "end": block.end}
        for block in settings.working_hours
    ]
    with st.form("settings_hours"):
        st.caption(_("One row per shift. 00:00 as the end means midnight; split a night shift."))
        edited = _editor(
            rows,
            {"days": pl.List(pl.String), "start": pl.Time, "end": pl.Time},
            {
                "days": st.column_config.MultiselectColumn(
                    _("Weekdays"), options=names, required=True, default=names
                ),
                "start": st.column_config.TimeColumn(_("From"), format="HH:mm", required=True),
                "end": st.column_config.TimeColumn(_("Until"), format="HH:mm", required=True),
            },
            key="settings_hours_rows",
            alt=_("Working hours"),
        )
        if not _save():
            return None
        blocks = [
            {
                "weekdays": tuple(names.index(day) + 1 for day in row["days"] or names),
                "start": row["start"],
                "end": row["end"],
            }
            for row in edited
        ]
        return {"working_hours": tuple(blocks)}


def agents(settings: ShopSettings, accounts: list[str], undecided: list[str]) -> Changes | None:
    """Who serves, how sub-accounts are called on screen and the groups they belong to.

    Args:
        settings: The shop's settings as they are.
        accounts: Every sub-account that the files name.
        undecided: Who speaks in chats of which nothing says who serves.
    """
    _ = wording.words()
    known = {agent.account: agent for agent in settings.agents}
    rows = [
        {
            "account": account,
            "display": known[account].display if account in known else "",
            "group": known[account].group if account in known else "",
        }
        for account in sorted({*accounts, *known})
    ]
    with st.form("settings_agents"):
        st.caption(_("Every sub-account your files name; give it the name people know."))
        if undecided:
            st.caption(
                _(
                    "Who of these answers for the shop is not known, so reply figures leave their "
                    "chats out: {names}. Add a row with the account of each who does."
                ).format(names=_(", ").join(undecided))
            )
        edited = _editor(
            rows,
            {"account": pl.String, "display": pl.String, "group": pl.String},
            {
                "account": st.column_config.TextColumn(_("Sub-account"), required=True),
                "display": st.column_config.TextColumn(_("Name on screen")),
                "group": st.column_config.TextColumn(_("Group")),
            },
            key="settings_agents_rows",
            alt=_("Agents"),
        )
        if not _save():
            return None
        named = [{name: text or "" for name, text in row.items()} for row in edited]
        # A row that only repeats what the files say is none of the settings.
        said = {*known} | {row["account"] for row in named} - {*accounts}
        kept = [
            row
            for row in named
            if row["account"] and (row["display"] or row["group"] or row["account"] in said)
        ]
        return {"agents": tuple(kept)}


def refund_reasons(settings: ShopSettings, named: pl.DataFrame) -> Changes | None:
    """Whose fault a refund reason is, where the shop sees it otherwise than the built-in table.

    Args:
        settings: The shop's settings as they are.
        named: Rows of ``metrics.refunds.cuts.reasons_named``.
    """
    _ = wording.words()
    classes = {code: _(name) for code, name in REASON_CLASSES.items()}
    built_in = dict(named.select("reason", "reason_class").rows())
    told: dict[str, str] = {**built_in, **settings.refund_reasons}
    rows = [{"reason": reason, "class": classes.get(whose)} for reason, whose in told.items()]
    with st.form("settings_reasons"):
        st.caption(
            _(
                "Every reason your refund files name, the most frequent first. Change whose doing "
                "it is where the built-in table is wrong for your shop, or does not know."
            )
        )
        edited = _editor(
            rows,
            {"reason": pl.String, "class": pl.String},
            {
                "reason": st.column_config.TextColumn(_("Refund reason"), required=True),
                "class": st.column_config.SelectboxColumn(
                    _("Whose"), options=list(classes.values())
                ),
            },
            key="settings_reasons_rows",
            alt=_("Refund reasons"),
        )
        if not _save():
            return None
        codes = {name: code for code, name in classes.items()}
        placed = {row["reason"]: codes.get(row["class"]) for row in edited if row["reason"]}
        # What the built-in table says anyway stays its own, so that a better table helps.
        return {
            "refund_reasons": {
                reason: whose
                for reason, whose in placed.items()
                if whose and whose != built_in.get(reason)
            }
        }


def industry(settings: ShopSettings) -> Changes | None:
    """Mean, best and worst score of the industry, per dimension, as the seller page tells them."""
    _ = wording.words()
    names = {code: _(name) for code, name in DIMENSIONS.items()}
    rows = []
    for dimension in DSR_DIMENSIONS:
        known = settings.industry.get(dimension)
        rows.append(
            {
                "dimension": names[dimension],
                "mean": known.mean if known else None,
                "best": known.best if known else None,
                "worst": known.worst if known else None,
            }
        )
    score: dict[str, Any] = {"min_value": 1.0, "max_value": 5.0, "format": "%.3f"}
    with st.form("settings_industry"):
        st.caption(_("Only needed where your files do not tell them. Empty means unknown."))
        edited = _editor(
            rows,
            {"dimension": pl.String, "mean": pl.Float64, "best": pl.Float64, "worst": pl.Float64},
            {
                "dimension": st.column_config.TextColumn(_("Dimension"), disabled=True),
                "mean": st.column_config.NumberColumn(_("Industry mean"), **score),
                "best": st.column_config.NumberColumn(_("Industry best"), **score),
                "worst": st.column_config.NumberColumn(_("Industry worst"), **score),
            },
            key="settings_industry_rows",
            alt=_("Industry scores"),
            fixed=True,
        )
        if not _save():
            return None
        return {
            "industry": {
                dimension: {
                    part: row[part] for part in ("mean", "best", "worst") if row[part] is not None
                }
                for dimension, row in zip(DSR_DIMENSIONS, edited, strict=True)
                if row["mean"] is not None
            }
        }


def campaigns(settings: ShopSettings) -> Changes | None:
    """Campaigns behind and ahead; the forecast counts on their orders."""
    _ = wording.words()
    with st.form("settings_campaigns"):
        st.caption(_("Such as Double 11. Extra orders are those on top of the usual level."))
        edited = _editor(
            [campaign.model_dump() for campaign in settings.campaigns],
            {
                "name": pl.String,
                "first": pl.Date,
                "last": pl.Date,
                "orders": pl.Int64,
                "mean_stars": pl.Float64,
            },
            {
                "name": st.column_config.TextColumn(_("Campaign"), required=True),
                "first": st.column_config.DateColumn(_("First day"), required=True),
                "last": st.column_config.DateColumn(_("Last day"), required=True),
                "orders": st.column_config.NumberColumn(
                    _("Extra orders"), min_value=0, step=1, default=0
                ),
                "mean_stars": st.column_config.NumberColumn(
                    _("Mean stars"), min_value=1.0, max_value=5.0, format="%.2f"
                ),
            },
            key="settings_campaigns_rows",
            alt=_("Campaigns"),
        )
        if not _save():
            return None
        return {"campaigns": tuple(row | {"orders": row["orders"] or 0} for row in edited)}


def privacy(settings: ShopSettings) -> Changes | None:
    """Whose names are shown."""
    _ = wording.words()
    with st.form("settings_privacy"):
        changes = {
            "mask_buyers": st.toggle(
                _("Hide buyers' names"),
                settings.mask_buyers,
                help=_("On every page and in every saved file. The shared screen always hides."),
                key="settings_mask_buyers",
            ),
            "mask_agents_on_wall": st.toggle(
                _("Hide agents' names on the shared screen"),
                settings.mask_agents_on_wall,
                key="settings_mask_agents",
            ),
        }
        return changes if _save() else None


def _choice(label: str, names: Mapping[str, str], now: str, *, key: str, **figures: int) -> str:
    _ = wording.words()
    chosen: str = st.selectbox(
        label,
        list(names),
        list(names).index(now),
        format_func=lambda code: _(names[code]).format(**figures),
        key=f"settings_{key}",
    )
    return chosen


def _numbers(settings: ShopSettings) -> Changes:
    """A field for each whole number that the settings give a title, within its bounds."""
    _ = wording.words()
    given: dict[str, Any] = {}
    for name, field in ShopSettings.model_fields.items():
        if field.title:
            bounds = [getattr(rule, end, None) for rule in field.metadata for end in ("ge", "le")]
            least, most = (bound for bound in bounds if bound is not None)
            given[name] = st.number_input(
                _(field.title),
                least,
                most,
                getattr(settings, name),
                help=field.description and _(field.description),
                key=f"settings_{name}",
            )
    return given


def _time_zone(now: str) -> str:
    _, zones = wording.words(), time_zones()
    chosen: str = st.selectbox(
        _("Time zone of the shop"),
        zones,
        zones.index(now),
        key="settings_zone",
        help=_(
            "Times that a file writes with their offset from universal time (Shopify, Amazon) are "
            "brought to this zone when the file is read, and the offset is not kept. After a "
            "change, take these files back on the uploads page and upload them again; times "
            "without an offset are shop time already and stay as they are."
        ),
    )
    return chosen


def _currency(now: str) -> str:
    _, tongue = wording.words(), wording.tongue()
    as_told = _("As the files name it")
    codes = list(dict.fromkeys(["", *([now] if now else []), *current_currencies()]))
    chosen: str = st.selectbox(
        _("Currency of the shop"),
        codes,
        codes.index(now),
        format_func=lambda code: (
            f"{code} · {language.currency_name(code, tongue)}" if code else as_told
        ),
        key="settings_currency",
        help=_(
            "What all amounts are in; rows of a file in another currency are set aside. Changing "
            "it converts nothing."
        ),
    )
    return chosen


def read_elsewhere(shop: str, zone: str) -> None:
    """The files whose times were brought to another zone, and what makes them right again."""
    _, elsewhere = wording.words(), brought_elsewhere(store_path(), shop, zone)
    if elsewhere.height:
        st.warning(
            _(
                "The times of {n} files were brought to {zones}, not to {zone}. Take them back on "
                "the uploads page and upload them again: {files}"
            ).format(
                n=elsewhere.height,
                zones=_(", ").join(elsewhere["zone"].unique().sort()),
                zone=zone,
                files=_(", ").join(elsewhere["file_name"].unique(maintain_order=True)),
            ),
            icon=":material/schedule:",
        )


def _lines(label: str, now: tuple[str, ...], *, key: str, help: str) -> tuple[str, ...]:
    text = st.text_area(label, "\n".join(now), key=key, help=help)
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def _editor(
    rows: list[dict[str, Any]],
    schema: dict[str, Any],
    config: dict[str, Any],
    *,
    key: str,
    alt: str,
    fixed: bool = False,
) -> list[dict[str, Any]]:
    """The rows as edited, without the ones left wholly empty."""
    edited: pl.DataFrame = st.data_editor(
        pl.DataFrame(rows, schema=schema),
        column_config=config,
        hide_index=True,
        num_rows="fixed" if fixed else "dynamic",
        key=key,
        alt=alt,
    )
    return [
        row for row in edited.to_dicts() if any(value not in (None, "") for value in row.values())
    ]


def _save() -> bool:
    _ = wording.words()
    return st.form_submit_button(_("Save"), type="primary", icon=":material/save:")
