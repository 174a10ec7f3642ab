"""Checks of the store and of what surrounds it."""

import sys
from collections.abc import Iterator
from typing import Literal

import click

from commands.options import store_option


@click.command()
@store_option
def doctor(store: str) -> None:
    """Check the store, versions, fonts and login; heal and tidy up what can be."""
    from commands.surroundings import surroundings
    from store.doctor import doctor as examined

    marks = {"ok": "ok      ", "healed": "healed  ", "note": "note    ", "problem": "PROBLEM "}
    checks: list[tuple[str, str]] = [(check.state, str(check)) for check in examined(store)]
    if all(state != "problem" for state, _ in checks):
        checks += _tidied(store)
    checks += [(check.state, check.sentence) for check in surroundings()]
    for state, sentence in checks:
        click.echo(marks[state] + sentence)
    sys.exit(1 if any(state == "problem" for state, _ in checks) else 0)


def _tidied(store: str) -> Iterator[tuple[Literal["ok", "problem"], str]]:
    """Upkeep of a sound store: small files joined, old ones deleted."""
    from store.doctor import optimize
    from store.errors import StoreError
    from store.tables import shops

    if not shops(store):
        return
    try:
        deleted = optimize(store)
    except StoreError as error:
        yield "problem", str(error)
    else:
        yield "ok", f"Small files are joined; {deleted} old files were deleted."
