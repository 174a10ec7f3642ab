"""Who serves, asked beside waiting chats that do not say it."""

import streamlit as st

from intake.speakers import Speaker
from pages.records.parts.staging import Staged
from pages.shared import wording

#: Of so many who may serve sample lines are shown; the others are there to be chosen.
_SAMPLED = 8


def ask(waiting: list[Staged]) -> dict[str, list[str]]:
    """Ask for each waiting file that leaves it open.

    Returns:
        By the key of a file, who serves as far as somebody has said so.
    """
    return {staged.key: chosen for staged in waiting if (chosen := _asked(staged))}


def _asked(staged: Staged) -> list[str]:
    speakers = [speaker for part in staged.plan.parts for speaker in part.speakers]
    if not speakers:
        return []
    _ = wording.words()
    with st.container(border=True):
        st.markdown(_("**{file}: who of these answers for the shop?**").format(file=staged.name))
        for speaker in speakers[:_SAMPLED]:
            st.caption(_told(speaker))
        names = list(dict.fromkeys(speaker.name for speaker in speakers))
        chosen: list[str] = st.multiselect(
            _("Who answers for the shop"),
            names,
            help=_(
                "Kept with the shop's settings, where it can be changed; every chat is counted by "
                "it. Without an answer reply figures leave these chats out."
            ),
            key=f"uploads_agents_{staged.key}",
        )
    return chosen


def _told(speaker: Speaker) -> str:
    _ = wording.words()
    said = _("; ").join(f"“{sample}”" for sample in speaker.samples)
    told = _("{name}, {count} lines: {said}").format(
        name=speaker.name, count=wording.count(speaker.lines), said=said
    )
    # What people write is text, not markup.
    return "".join(f"\\{sign}" if sign in r"\`*_{}[]()#+!|<>~$:" else sign for sign in told)
