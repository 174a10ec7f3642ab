"""Bad ratings and reviews that nobody has answered yet, and what they complain of."""

import tomllib
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl

from metrics.chats.conversations import conversations
from metrics.refunds.words import first_class
from store.schemas import DSR_DIMENSIONS
from store.settings import ShopSettings
from store.shop_tables import ShopTables

WORDS: dict[str, dict[str, list[str]]] = tomllib.loads(
    Path(__file__).with_name("comment_words.toml").read_text(encoding="utf-8")
)
#: What the buyer is unhappy with.
SUBJECTS = ("product", "service", "logistics", "other")
#: The subject that each dimension's stars speak of.
DIMENSION_SUBJECTS = dict(zip(DSR_DIMENSIONS, ("product", "service", "logistics"), strict=True))
#: A bad rating is worth an answer for so long (ours: the explanation stands under the review).
BAD_RATING_REACTION = timedelta(days=3)
BAD_STARS = 3


def bad_ratings(tables: ShopTables, settings: ShopSettings, /, *, now: datetime) -> pl.LazyFrame:
    """Ratings of three stars or fewer and bad or neutral reviews that nobody has answered.

    Answered means that a human wrote to the buyer after the rating (ours: no file holds the
    explanation under a review). A review that was given with a listed rating is not listed twice.

    Args:
        tables: The shop's tables.
        settings: Which senders are robots.
        now: The moment the list stands at; three days back are looked at.

    Returns:
        One row per rating or review, in no order: ``subject``, ``order_id``, ``buyer``, ``at``,
        ``deadline``, ``amount_fen`` (paid for the order), ``reason`` (where it was said and one
        of ``SUBJECTS``, joined by ";"), ``number`` (lowest stars, null for reviews), ``text``.
    """
    recent = pl.col("rated_at").is_between(now - BAD_RATING_REACTION, now, "left")
    ratings = _ratings(tables, recent).cache()
    reviews = _reviews(tables, recent).join(
        ratings.select("at", letter=_letter()), on=["at", "letter"], how="anti"
    )
    talks = conversations(tables, settings, first=(now - BAD_RATING_REACTION).date())
    said = (
        talks.contacts.filter(pl.col("replied_at") >= now - BAD_RATING_REACTION)
        .group_by(buyer=pl.col("buyer").cast(pl.String))
        .agg(said_at=pl.col("replied_at").max())
    )
    return (
        pl.concat([ratings, reviews.drop("letter")], how="diagonal")
        .join(said, on="buyer", how="left", validate="m:1")
        .filter((pl.col("said_at") < pl.col("at")).fill_null(True))
        .drop("said_at")
        .with_columns(deadline=pl.col("at") + BAD_RATING_REACTION)
    )


def _ratings(tables: ShopTables, recent: pl.Expr) -> pl.LazyFrame:
    lowest = pl.min_horizontal(*DSR_DIMENSIONS)
    low = tables.ratings.filter(recent, lowest <= BAD_STARS).cache()
    # The few orders first: a join would prepare every order of the shop for being looked up.
    trades = tables.orders.select("order_id", order_buyer="buyer", amount_fen="paid_fen")
    trades = trades.join(low, on="order_id", how="semi")
    return low.join(trades, on="order_id", how="left", validate="m:1").select(
        "order_id",
        "amount_fen",
        buyer=pl.coalesce("buyer", "order_buyer"),
        subject=pl.concat_str(
            "order_id", pl.col("rated_at").dt.to_string("%Y%m%d%H%M%S"), "nth", separator="|"
        ),
        at="rated_at",
        reason=pl.concat_str(pl.lit("low_rating;"), rating_subject()),
        number=lowest.cast(pl.Float64),
        text="comment",
    )


def rating_subject() -> pl.Expr:
    """What a rating is about: its lowest dimension; where several are lowest, its words.

    Needs the dimensions and ``comment``. One of ``SUBJECTS``; "other" where neither tells.
    """
    lowest = pl.min_horizontal(*DSR_DIMENSIONS)
    alone = pl.sum_horizontal((pl.col(name) == lowest).fill_null(False) for name in DSR_DIMENSIONS)
    of_stars = pl.coalesce(
        *(
            pl.when(pl.col(name) == lowest).then(pl.lit(subject))
            for name, subject in DIMENSION_SUBJECTS.items()
        )
    )
    return pl.when(alone == 1).then(of_stars).otherwise(text_subject(pl.col("comment")))


def text_subject(text: pl.Expr, /) -> pl.Expr:
    """What a text complains of, by ``comment_words.toml``; "other" where no word tells."""
    return first_class(text.str.to_lowercase(), WORDS["subjects"]).fill_null("other")


def _reviews(tables: ShopTables, recent: pl.Expr) -> pl.LazyFrame:
    """Bad and neutral reviews; what one buyer wrote of one item at once is one row."""
    classed = first_class(pl.col("rating_class").str.to_lowercase(), WORDS["classes"])
    return (
        tables.reviews.filter(recent)
        .with_columns(classed=classed)
        .filter(pl.col("classed").is_not_null())
        .group_by("buyer", "rated_at", "item_id")
        .agg(pl.col("classed").sort().first(), text=pl.col("text").sort().str.join("\n"))
        .select(
            "buyer",
            "text",
            subject=pl.concat_str(
                pl.lit("review"),
                "buyer",
                pl.col("rated_at").dt.to_string("%Y%m%d%H%M%S"),
                "item_id",
                separator="|",
            ),
            at="rated_at",
            reason=pl.concat_str("classed", pl.lit(";"), text_subject(pl.col("text"))),
            letter=_letter(),
        )
    )


def _letter() -> pl.Expr:
    """A buyer's first letter: what a blurred name keeps."""
    return pl.col("buyer").str.slice(0, 1)
