"""What goes out of the house: the weekly review as a file, the day's digest."""

import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from commands.options import one_shop, store_option

if TYPE_CHECKING:
    from store.shop_tables import ShopTables

LANGUAGES = ("zh", "en")


class Week(click.ParamType[date]):
    """A week written like 2025-W46, as its Monday."""

    name = "YYYY-Www"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Read the week, or end the command with a sentence."""
        from metrics.views.review import week_named

        try:
            return value if isinstance(value, date) else week_named(value)
        except ValueError:
            self.fail(f"{value!r} is no week; write it like 2025-W46", param, ctx)


@click.command()
@store_option
@click.option("--week", type=Week(), help="The week; else the last one the files cover whole.")
@click.option("--shop", help="Which shop, where the store has several.")
@click.option("--lang", type=click.Choice(LANGUAGES), help="Only this language; else both.")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="The review as one HTML file."
)
@click.option(
    "--xlsx", type=click.Path(dir_okay=False, path_type=Path), help="Its tables as a workbook."
)
def report(
    store: str,
    week: date | None,
    shop: str | None,
    lang: Any,
    out: Path | None,
    xlsx: Path | None,
) -> None:
    """Write the weekly review: one HTML file that needs no network, and its tables."""
    from metrics.views.review import week_name
    from reports.review.offline import offline_html
    from reports.review.weekly import weekly_review
    from reports.review.workbook import review_xlsx

    if out is None and xlsx is None:
        raise click.UsageError("Say where to write: --out FILE.html, --xlsx FILE.xlsx or both.")
    tables, _rules = one_shop(store, shop, ())
    review = weekly_review(store, tables.shop, _reviewed(tables, week))
    languages = (lang,) if lang else LANGUAGES
    try:
        if out is not None:
            out.write_text(offline_html(review, languages=languages), encoding="utf-8")  # type: ignore[arg-type]
            click.echo(f"Wrote the review of {week_name(review.counted.week)} to {out}.")
        if xlsx is not None:
            xlsx.write_bytes(review_xlsx(review, language=lang or "zh"))
            click.echo(f"Wrote its tables to {xlsx}.")
    except OSError as error:
        raise click.UsageError(f"{error.filename}: cannot be written ({error.strerror})") from error


def _reviewed(tables: "ShopTables", week: date | None) -> date:
    """The week asked for, which the files must reach; else the last one they cover whole."""
    from metrics.views.review import reviewable_weeks, week_name

    weeks = reviewable_weeks(tables)
    if not weeks:
        raise click.UsageError("The shop's files cover no whole week (Monday to Sunday) yet.")
    if week is not None and week not in weeks:
        first, last = week_name(weeks[-1]), week_name(weeks[0])
        raise click.UsageError(f"The shop's files cover the weeks {first} to {last} whole.")
    return week or weeks[0]


@click.command()
@store_option
@click.option(
    "--to", "addresses", multiple=True, metavar="URL", help="Apprise address; repeatable."
)
@click.option("--dry-run", is_flag=True, help="Print the digest; send nothing.")
@click.option("--shop", help="Only this shop, where the store has several.")
@click.option("--lang", type=click.Choice(LANGUAGES), default="zh", show_default=True)
@click.option("--link", metavar="URL", help="Address of the dashboard, for the last line.")
def digest(
    store: str,
    addresses: tuple[str, ...],
    dry_run: bool,
    shop: str | None,
    lang: Any,
    link: str | None,
) -> None:
    """Send the day in ten lines to chat groups or mail: verdicts, work waiting, a link."""
    from reports.digest import LINK, send
    from reports.digest import digest as told
    from team.known import known_matters

    if not addresses and not dry_run:
        raise click.UsageError("Say where to send it: --to URL, or --dry-run to print it.")
    tables, rules = one_shop(store, shop, ())
    as_of = tables.coverage.filter("whole")["day"].max()
    if not isinstance(as_of, date):
        raise click.UsageError("The shop's files cover no whole day yet.")
    message = told(
        tables,
        rules,
        as_of=as_of,
        language=lang,
        link=(link or LINK).rstrip("/"),
        known=known_matters(store, tables.shop),
    )
    click.echo(f"{message.title}\n{message.text}")
    if dry_run:
        return
    failed = send(message, addresses)
    for address in failed:
        click.echo(f"Could not send it to {address}.", err=True)
    sys.exit(1 if failed else 0)
