"""The tables every metric reads: one class per table, one line per column.

Times are shop time without a zone: the exports carry local wall-clock text, every rule of the
field speaks of natural days, and a zone on twenty million rows would be paid for at every
``dt.date()``. A file that does carry an offset (Shopify) is brought to shop time when it is read.

Money is whole fen, hundredths of the shop's currency whatever that currency's own smallest unit is
(1500 JPY = 150,000 fen; the third decimal of a KWD is rounded away), so that sums stay exact and
no table needs to say its currency: a shop has one (``store.settings``). Words such as a status are
plain strings checked against the lists below: Delta Lake has no enum type.

What a cell can say is stated here and nowhere else, and ``store.door`` holds every import to it.
A column's own bounds empty its cell; a rule across columns empties the cell named in
``CONTRADICTED``; what is reckoned from an emptied cell (``RESTING``) goes with it. Only a row whose
key, day or order cannot be is set aside, and one that says nothing (``SAYING``).
"""

import dataframely as dy
import polars as pl

DSR_DIMENSIONS = ("description", "service", "logistics")
SENDERS = ("buyer", "agent", "robot", "system")
#: Sender of a line whose file leaves open who serves (``store.sides``).
OPEN_SENDER = "unknown"
ORDER_STATES = (
    "unpaid",
    "paid",
    "part_shipped",
    "shipped",
    "finished",
    "closed",
    "unknown",
)
REFUND_OUTCOMES = ("success", "closed", "open")
#: What a row of ``service_days`` speaks of; peers are 同行同层均值 and 同行同层优秀.
SERVICE_SCOPES = ("agent", "shop", "peer_mean", "peer_best")
#: Where a daily score comes from, best first; see ``RatingDays.source``.
RATING_DAY_SOURCES = ("template", "workbook_items", "workbook_days")
PLATFORMS = (
    *("taobao", "jd", "pinduoduo", "douyin", "shopify", "etsy", "shopee", "lazada", "ebay"),
    *("amazon", "woocommerce", "tiktok", "1688", "wechat", "kuaishou", "xiaohongshu", "other"),
)


# ``impossible`` is the reason (of ``exports.reasons``) told where a cell breaks its bounds;
# ``unknown`` is what a column without nulls says instead of an impossible word.


def _fen() -> dy.Int64:
    """An amount that corrections may bring below 0."""
    return dy.Int64(nullable=True)


def _amount() -> dy.Int64:
    """An amount that went from one pocket to another."""
    return dy.Int64(nullable=True, min=0, metadata={"impossible": "below_zero"})


def _time() -> dy.Datetime:
    return dy.Datetime(nullable=True, time_unit="us")


def _text() -> dy.String:
    return dy.String(nullable=True)


def _count() -> dy.Int32:
    return dy.Int32(nullable=True, min=0, metadata={"impossible": "below_zero"})


def _stars() -> dy.Int8:
    return dy.Int8(nullable=True, min=1, max=5, metadata={"impossible": "impossible_stars"})


def _score() -> dy.Float64:
    return dy.Float64(nullable=True, min=1, max=5, metadata={"impossible": "impossible_score"})


def _share() -> dy.Float64:
    return dy.Float64(nullable=True, min=0, max=1, metadata={"impossible": "impossible_share"})


def _from_zero() -> dy.Float64:
    return dy.Float64(nullable=True, min=0, metadata={"impossible": "below_zero"})


def _word(words: tuple[str, ...], *, unknown: str) -> dy.String:
    told = {"impossible": "impossible_word", "unknown": unknown}
    return dy.String(check=lambda col: col.is_in(words), metadata=told)


class Messages(dy.Schema):
    """One row per chat line."""

    shop = dy.String(primary_key=True)
    buyer = dy.String(primary_key=True)
    sent_at = dy.Datetime(primary_key=True, time_unit="us")
    sender = dy.String(primary_key=True, check=lambda col: col.is_in([*SENDERS, OPEN_SENDER]))
    #: The sub-account that wrote, or that the buyer's line was addressed to; "" where unknown.
    agent = dy.String(primary_key=True)
    #: Phone numbers and e-mail addresses inside the text are masked before it is written.
    text = dy.String(primary_key=True)
    #: 0 for the first, 1 for the second of several identical lines of one second.
    nth = dy.Int16(primary_key=True, min=0)

    @dy.rule()
    def agent_named_when_an_agent_wrote(cls) -> pl.Expr:
        return (cls.sender.col != "agent") | (cls.agent.col != "")


class ServiceDays(dy.Schema):
    """One row per day, agent (or shop, or peer group) and export layout.

    The layout is part of the key because one day's figures lie in several sheets.
    Rates are 0-1, durations seconds.
    """

    shop = dy.String(primary_key=True)
    day = dy.Date(primary_key=True)
    scope = dy.String(primary_key=True, check=lambda col: col.is_in(SERVICE_SCOPES))
    #: "" unless ``scope`` is "agent".
    agent = dy.String(primary_key=True)
    layout = dy.String(primary_key=True)
    group = _text()
    consult_users = _count()
    received_users = _count()
    valid_users = _count()
    unreplied_users = _count()
    inquiry_users = _count()
    inquiry_users_today = _count()
    ordered_users = _count()
    paid_users_today = _count()
    paid_users_final = _count()
    conv_today = _share()
    conv_final = _share()
    conv_unspecified = _share()
    paid_amount_today_fen = _amount()
    paid_amount_final_fen = _amount()
    reply_rate = _share()
    reply_3min_rate = _share()
    first_response_s = _from_zero()
    avg_response_s = _from_zero()
    slow_users = _count()
    long_users = _count()
    buyer_messages = _count()
    agent_messages = _count()
    qa_ratio = _from_zero()
    satisfaction = _share()
    sales_fen = _amount()
    net_sales_fen = _fen()
    sales_users = _count()
    sales_orders = _count()
    sales_pieces = _count()
    #: Of the day, whenever it was paid for: may pass what was sold on it.
    refund_amount_fen = _amount()
    spend_per_buyer_fen = _amount()
    #: Names of the columns whose cell read 延迟统计 (not settled yet), joined by commas.
    unsettled = _text()

    # Only what speaks of one window is compared: the same-day counts with each other, and those
    # of the whole conversion window. 下单人数 stands beside 询单人数 and is of its window.

    @dy.rule()
    def unanswered_within_consulted(cls) -> pl.Expr:
        asked = pl.coalesce(cls.consult_users.col, cls.received_users.col)
        return cls.unreplied_users.col <= asked

    @dy.rule()
    def ordered_within_inquiries(cls) -> pl.Expr:
        return cls.ordered_users.col <= cls.inquiry_users.col

    @dy.rule()
    def paid_within_ordered(cls) -> pl.Expr:
        return cls.paid_users_final.col <= cls.ordered_users.col

    @dy.rule()
    def paid_within_inquiries(cls) -> pl.Expr:
        return cls.paid_users_final.col <= cls.inquiry_users.col

    @dy.rule()
    def paid_today_within_inquiries(cls) -> pl.Expr:
        return cls.paid_users_today.col <= cls.inquiry_users_today.col


class Orders(dy.Schema):
    """One row per (parent) order."""

    shop = dy.String(primary_key=True)
    order_id = dy.String(primary_key=True)
    #: Null where the file has no buyer column (order files since 2024).
    buyer = _text()
    created_at = _time()
    paid_at = _time()
    shipped_at = _time()
    #: When the buyer confirmed receipt, which ends the trade.
    received_at = _time()
    #: Until when the shop promised to ship.
    ship_by = _time()
    goods_payable_fen = _fen()
    postage_fen = _fen()
    total_fen = _fen()
    paid_fen = _amount()
    #: True where the file's paid column is already net of refunds (total = paid + refund).
    paid_is_net = dy.Bool(metadata={"impossible": "impossible_word", "unknown": False})
    settled_fen = _fen()
    refund_fen = _amount()
    status = _word(ORDER_STATES, unknown="unknown")
    status_text = _text()
    close_reason = _text()
    title = _text()
    kinds = _count()
    pieces = _count()
    region = _text()
    platform = _word(PLATFORMS, unknown="other")

    @dy.rule()
    def created_before_paid(cls) -> pl.Expr:
        return (cls.created_at.col <= cls.paid_at.col).fill_null(True)

    @dy.rule()
    def refunded_within_paid(cls) -> pl.Expr:
        paid, refund, total = cls.paid_fen.col, cls.refund_fen.col, cls.total_fen.col
        # Net of refunds, the paid column of a refunded order may well read 0.
        net = cls.paid_is_net.col | (total == paid + refund).fill_null(False)
        return refund <= pl.when(net).then(total).otherwise(paid)


class OrderItems(dy.Schema):
    """One row per sub-order (an item of an order)."""

    shop = dy.String(primary_key=True)
    order_id = dy.String(primary_key=True)
    #: The sub-order id; where the file has none, an id made of the line's own content.
    item_order_id = dy.String(primary_key=True)
    item_id = _text()
    merchant_code = _text()
    title = _text()
    sku_text = _text()
    price_fen = _fen()
    quantity = _count()
    paid_fen = _amount()
    refund_state = _text()
    refund_fen = _amount()
    status = _word(ORDER_STATES, unknown="unknown")
    created_at = _time()
    paid_at = _time()
    shipped_at = _time()
    ship_by = _time()

    @dy.rule()
    def created_before_paid(cls) -> pl.Expr:
        return (cls.created_at.col <= cls.paid_at.col).fill_null(True)

    @dy.rule()
    def refunded_within_paid(cls) -> pl.Expr:
        paid, refund = cls.paid_fen.col, cls.refund_fen.col
        full = cls.price_fen.col * cls.quantity.col
        # A paid column net of refunds tells itself as in orders, by the line's full price.
        net = (full == paid + refund).fill_null(False)
        return refund <= pl.when(net).then(full).otherwise(paid)


class Refunds(dy.Schema):
    """One row per refund application (退款编号)."""

    shop = dy.String(primary_key=True)
    refund_id = dy.String(primary_key=True)
    #: Order or sub-order id: the files do not say which; metrics try both joins.
    order_id = dy.String()
    buyer = _text()
    asked_at = dy.Datetime(time_unit="us")
    ended_at = _time()
    #: 超时时间: when the open application decides itself.
    due_at = _time()
    order_paid_at = _time()
    amount_fen = _amount()
    paid_fen = _amount()
    outcome = _word(REFUND_OUTCOMES, unknown="open")
    status_text = _text()
    goods_state = _text()
    kind = _text()
    stage = _text()
    reason = _text()
    reason_tag = _text()
    step_in = _text()
    scope = _text()
    zero_second = dy.Bool(nullable=True)
    item_id = _text()
    merchant_code = _text()

    @dy.rule()
    def refunded_within_paid(cls) -> pl.Expr:
        return cls.amount_fen.col <= cls.paid_fen.col


class Ratings(dy.Schema):
    """One row per rating of an order; a dimension the buyer skipped is null."""

    shop = dy.String(primary_key=True)
    order_id = dy.String(primary_key=True)
    rated_at = dy.Datetime(primary_key=True, time_unit="us")
    #: Tells apart different ratings of one order in one second; 0 for the first.
    nth = dy.Int16(primary_key=True, min=0)
    buyer = _text()
    description = _stars()
    service = _stars()
    logistics = _stars()
    comment = _text()

    @dy.rule()
    def rated_or_commented(cls) -> pl.Expr:
        return pl.any_horizontal(
            cls.description.col.is_not_null(),
            cls.service.col.is_not_null(),
            cls.logistics.col.is_not_null(),
            cls.comment.col.is_not_null(),
        )


class RatingDays(dy.Schema):
    """Score of one day's new ratings in one dimension, for the shop or one item."""

    shop = dy.String(primary_key=True)
    day = dy.Date(primary_key=True)
    dimension = dy.String(primary_key=True, check=lambda col: col.is_in(DSR_DIMENSIONS))
    source = dy.String(primary_key=True, check=lambda col: col.is_in(RATING_DAY_SOURCES))
    #: "" for the whole shop.
    item_id = dy.String(primary_key=True)
    item_title = _text()
    score = _score()
    #: Null where the file gives no count; 0 goes with a null score.
    count = _count()

    @dy.rule()
    def score_rests_on_ratings(cls) -> pl.Expr:
        return cls.score.col.is_null() | (cls.count.col > 0)

    @dy.rule()
    def scored_where_rated(cls) -> pl.Expr:
        # Only 0 ratings have no score.
        return cls.score.col.is_not_null() | (cls.count.col == 0).fill_null(False)


class RatingSnapshots(dy.Schema):
    """The seller page's 180-day headline of one day and dimension."""

    shop = dy.String(primary_key=True)
    day = dy.Date(primary_key=True)
    dimension = dy.String(primary_key=True, check=lambda col: col.is_in(DSR_DIMENSIONS))
    #: Null where the file's cell was none; the row then tells of nothing but its other cells.
    score = _score()
    raters = _count()
    industry_mean = _score()
    industry_best = _score()
    industry_worst = _score()
    #: Share above (+) or below (-) the industry, as the page prints it.
    versus_industry = dy.Float64(nullable=True)
    target = _score()
    #: 5-star ratings still needed to reach the target, as the page prints it.
    five_star_gap = _count()


class Reviews(dy.Schema):
    """One row per text review."""

    shop = dy.String(primary_key=True)
    buyer = dy.String(primary_key=True)
    rated_at = dy.Datetime(primary_key=True, time_unit="us")
    #: "" where unknown.
    item_id = dy.String(primary_key=True)
    text = dy.String(primary_key=True)
    sku_text = _text()
    later_text = _text()
    later_at = _time()
    #: The file's own class (好评, 中评, 差评), as text.
    rating_class = _text()


#: The tables that uploads feed, by name.
FED_TABLES: dict[str, type[dy.Schema]] = {
    "messages": Messages,
    "service_days": ServiceDays,
    "orders": Orders,
    "order_items": OrderItems,
    "refunds": Refunds,
    "ratings": Ratings,
    "rating_days": RatingDays,
    "rating_snapshots": RatingSnapshots,
    "reviews": Reviews,
}
#: Per table and rule across columns, the cell that cannot be where the rule is broken.
CONTRADICTED: dict[str, dict[str, str]] = {
    "messages": {"agent_named_when_an_agent_wrote": "agent"},
    "service_days": {
        "unanswered_within_consulted": "unreplied_users",
        "ordered_within_inquiries": "ordered_users",
        "paid_within_ordered": "paid_users_final",
        "paid_within_inquiries": "paid_users_final",
        "paid_today_within_inquiries": "paid_users_today",
    },
    # The payment carries money, so its time stays.
    "orders": {"refunded_within_paid": "refund_fen", "created_before_paid": "created_at"},
    "order_items": {"refunded_within_paid": "refund_fen", "created_before_paid": "created_at"},
    "refunds": {"refunded_within_paid": "amount_fen"},
    "rating_days": {"score_rests_on_ratings": "score"},
}
#: Per table and rule, the cell without which a row says nothing: such a row is set aside; one that
#: lost the cell because it cannot be goes with it.
SAYING: dict[str, dict[str, str]] = {
    "ratings": {"rated_or_commented": "description"},
    "rating_days": {"scored_where_rated": "score"},
}
#: Per table and cell, the figures of the row that are reckoned from it or say nothing without it.
RESTING: dict[str, dict[str, tuple[str, ...]]] = {
    "service_days": {
        "received_users": ("reply_rate",),
        "unreplied_users": ("reply_rate",),
        "inquiry_users": ("conv_final", "conv_unspecified"),
        "inquiry_users_today": ("conv_today",),
        "paid_users_final": ("conv_final",),
        "paid_users_today": ("conv_today",),
        "buyer_messages": ("qa_ratio",),
        "agent_messages": ("qa_ratio",),
        "sales_fen": ("net_sales_fen", "spend_per_buyer_fen"),
        "sales_users": ("spend_per_buyer_fen",),
        "refund_amount_fen": ("net_sales_fen",),
    },
    "rating_days": {"score": ("count",)},
    "rating_snapshots": {
        "score": ("versus_industry", "five_star_gap"),
        "industry_mean": ("versus_industry",),
        "target": ("five_star_gap",),
    },
}
#: Per table with a state: the column that says it, and its words from least to most.
PROGRESS: dict[str, tuple[str, tuple[str, ...]]] = {
    **dict.fromkeys(
        ("orders", "order_items"),
        (
            "status",
            ("unknown", "unpaid", "closed", "paid", "part_shipped", "shipped", "finished"),
        ),
    ),
    "refunds": ("outcome", ("open", "closed", "success")),
}
#: Later times of a row that figures are dated by, and up to which a file therefore speaks.
LATER_TIMES: dict[str, str] = {"orders": "paid_at", "order_items": "paid_at"}
#: Times until which something is due; they may lie ahead.
DUE_TIMES = ("ship_by", "due_at")
#: The columns whose earliest value dates a row of each table (its event time), best first.
EVENT_TIMES: dict[str, tuple[str, ...]] = {
    "messages": ("sent_at",),
    "service_days": ("day",),
    "orders": ("created_at", "paid_at"),
    "order_items": ("created_at", "paid_at"),
    "refunds": ("asked_at",),
    "ratings": ("rated_at",),
    "rating_days": ("day",),
    "rating_snapshots": ("day",),
    "reviews": ("rated_at",),
}


def reached(table: str, suffix: str = "") -> pl.Expr | None:
    """How far a row has got, as a number; None for a table whose rows have no state.

    Of two rows with one key the one that got further is the current one, whichever came later: by
    ``PROGRESS``, where an order closed after payment is furthest of all and a payment time says
    that an unknown state is at least paid; then by a payment time, then by money given back.

    Args:
        table: Name of the table.
        suffix: What the names of the row's columns end in.
    """
    if table not in PROGRESS:
        return None
    name, words = PROGRESS[table]
    word = pl.col(name + suffix)
    places = {each: nth for nth, each in enumerate(words)}
    place = word.replace_strict(places, default=0, return_dtype=pl.Int8)
    if name != "status":
        return place
    paid, back, amount = (pl.col(each + suffix) for each in ("paid_at", "refund_fen", "paid_fen"))
    has_time, is_back = paid.is_not_null(), (back > 0).fill_null(False)
    has_paid = has_time | is_back | (amount > 0).fill_null(False)
    place = (
        pl.when((word == "closed") & has_paid)
        .then(pl.lit(len(words), pl.Int8))
        .when((word == "unknown") & has_time)
        .then(pl.lit(words.index("paid"), pl.Int8))
        .otherwise(place)
    )
    return place * 4 + has_time.cast(pl.Int8) * 2 + is_back.cast(pl.Int8)


class Coverage(dy.Schema):
    """Which shop days each table's files cover; a day not listed is missing, not zero."""

    table = dy.String(primary_key=True)
    day = dy.Date(primary_key=True)
    #: False for a day that was not over when its file was made.
    whole = dy.Bool()
