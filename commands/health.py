"""Every matter of a shop with its verdict, as the first page tells it."""

from datetime import date
from typing import TYPE_CHECKING, Literal

import click

from commands.numbers import FORMATS
from commands.options import Day, opened_shops, store_option

if TYPE_CHECKING:
    import polars as pl

    from told.spoken import Spoken

COLUMNS = (
    *("shop", "family", "metric", "verdict", "change", "standing", "since"),
    *("value", "n", "low", "high", "target", "sentence"),
)


@click.command()
@store_option
@click.option("--shop", help="Only this shop.")
@click.option("--as-of", type=Day(), help="Last known day; else each number's last final day.")
@click.option("--set", "changes", multiple=True, metavar="NAME=VALUE", help="Set a rule this once.")
@click.option("--format", "style", type=click.Choice(FORMATS), default="table", show_default=True)
@click.option("--lang", type=click.Choice(("zh", "en")), default="en", show_default=True)
def health(
    store: str,
    shop: str | None,
    as_of: date | None,
    changes: tuple[str, ...],
    style: str,
    lang: Literal["zh", "en"],
) -> None:
    """Print one row a family: what changed, whether the target is met, since when, and why."""
    import polars as pl

    from commands.console import printed
    from opening import judged
    from team.known import known_matters
    from told.spoken import Spoken

    parts = [
        _told(
            judged(tables, rules, until=as_of, known=known_matters(store, tables.shop)),
            Spoken(lang, rules.paid_in),
        )
        .with_columns(shop=pl.lit(tables.shop))
        .select(COLUMNS)
        for tables, rules in opened_shops(store, shop, changes)
    ]
    click.echo(printed(pl.concat(parts), style))


def _told(rows: "pl.DataFrame", spoken: "Spoken") -> "pl.DataFrame":
    import polars as pl

    sentences = [spoken.sentence(row) for row in rows.to_dicts()]
    return rows.with_columns(sentence=pl.Series(sentences, dtype=pl.String))
