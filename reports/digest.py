"""The day in ten lines, for chat groups and mail."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from metrics.work.lists import WORK_KINDS, WorkKind, work
from opening import judged as judged_of
from store.settings import ShopSettings
from store.shop_tables import ShopTables
from told.language import Language
from told.mark import mark
from told.spoken import Spoken
from told.work_words import KIND_NAMES

#: Verdicts told one by one, gravest first; the fine ones are only counted.
TOLD = ("act", "watch")
MOST_TOLD = 5
VERDICTS = {"act": mark("Act"), "watch": mark("Watch")}
#: Where the dashboard runs unless told otherwise.
LINK = "http://127.0.0.1:8501"


@dataclass(frozen=True)
class Digest:
    """A message: its heading and its lines, ten in all at most."""

    title: str
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """The message as it is sent."""
        return "\n".join(self.lines)


def digest(
    tables: ShopTables,
    settings: ShopSettings,
    /,
    *,
    as_of: date,
    language: Language,
    link: str,
    known: Mapping[str, date] | None = None,
) -> Digest:
    """What the shop's numbers say of a day, and what is to be done.

    Args:
        tables: The shop's tables.
        settings: The shop's rules and targets.
        as_of: The day; usually the last one the files cover whole.
        language: Of the words.
        link: Address of the dashboard.
        known: Families that are being worked on, with the day to look again.
    """
    _ = Spoken(language, settings.paid_in)
    judged = judged_of(tables, settings, until=as_of, known=known)
    checks = judged.filter(pl.col("verdict") != "too_few")
    fine = checks.filter(pl.col("verdict") == "fine").height
    lines = [_("{n} of {m} checks are fine").format(n=fine, m=checks.height)]
    told = [row for verdict in TOLD for row in judged.filter(verdict=verdict).to_dicts()]
    lines += [
        _("{name}: {said}").format(
            name=f"{_(VERDICTS[row['verdict']])} · {_.family_name(row['family'])}",
            said=_.sentence(row),
        )
        for row in told[:MOST_TOLD]
    ]
    if len(told) > MOST_TOLD:
        lines.append(_("{n} more to look at.").format(n=len(told) - MOST_TOLD))
    lines.append(_todo(_, _work_counts(tables, settings, as_of)))
    lines.append(f"{link}/?lang={language}")
    title = _("{shop}: health on {day}").format(shop=tables.shop, day=_.day(as_of))
    return Digest(title, tuple(lines))


def _work_counts(tables: ShopTables, settings: ShopSettings, as_of: date) -> dict[WorkKind, int]:
    counts = [
        work(kind, tables, settings, as_of=as_of).select(pl.len().cast(pl.Int64))
        for kind in WORK_KINDS
    ]
    return {
        kind: int(frame.item())
        for kind, frame in zip(WORK_KINDS, pl.collect_all(counts), strict=True)
    }


def _todo(words: Spoken, counts: dict[WorkKind, int]) -> str:
    _ = words
    waiting = _(", ").join(
        f"{_(KIND_NAMES[kind])} {_.count(count)}" for kind, count in counts.items() if count
    )
    return _("To do: {list}").format(list=waiting) if waiting else _("Nothing is waiting.")


def send(message: Digest, addresses: Sequence[str]) -> list[str]:
    """Send a digest through Apprise.

    Args:
        message: The digest.
        addresses: Apprise addresses, such as ``dingtalk://…`` or ``mailto://…``.

    Returns:
        The addresses that could not be reached or understood, without their secrets.
    """
    from apprise import Apprise

    failed = []
    for address in addresses:
        service = Apprise()
        known = service.add(address)
        if not known or not service.notify(body=message.text, title=message.title):
            hidden = service[0].url(privacy=True) if known else address.split("://")[0]  # type: ignore[no-untyped-call]
            failed.append(str(hidden))
    return failed
