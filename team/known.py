"""Matters that somebody is working on, so that they do not shout every morning."""

from datetime import date

from store.lake import Store
from team.entries import entries
from team.kinds import KnownMatter


def known_matters(store: Store, shop: str) -> dict[str, date]:
    """Families that are being worked on, with the day to look again."""
    return {
        matter.subject: matter.until
        for matter in entries(store, shop, KnownMatter)
        if not matter.done
    }
