"""The families as an analyst would write them in pandas, reading the same Parquet files."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd

WHO = {"buyer": 0, "robot": 1, "system": 2, "agent": 3}
DIMENSIONS = ["description", "service", "logistics"]
BUYER_DAY = ["buyer", "day"]


def _addressed(folder: Path) -> pd.DataFrame:
    """Chat lines in order; buyer lines know whom they address."""
    columns = ["buyer", "sent_at", "sender", "agent"]
    lines = pd.read_parquet(folder / "messages.parquet", columns=columns)
    lines["day"] = lines["sent_at"].dt.normalize()
    lines["who"] = lines["sender"].map(WHO).astype("int8")
    lines["agent"] = lines["agent"].where(lines["agent"] != "")
    lines = lines.sort_values(["buyer", "sent_at", "who"], ignore_index=True)
    days = lines.groupby(BUYER_DAY, sort=False)["agent"]
    near = days.ffill().fillna(days.bfill())
    lines["agent"] = lines["agent"].where(lines["who"] != 0, near)
    return lines


def reply(folder: Path) -> pd.DataFrame:
    """Reply metrics per agent and day."""
    lines = _addressed(folder)
    robots = lines[lines["who"] == 1].groupby(BUYER_DAY)["sent_at"].max().rename("last_robot_at")
    turns = lines[lines["who"].isin([0, 3])]
    before = turns.groupby(BUYER_DAY, sort=False)["who"].shift()
    turns = turns[before != turns["who"]].copy()
    by_day = turns.groupby(BUYER_DAY, sort=False)
    turns["nth"] = by_day.cumcount()
    turns["next_at"], turns["replier"] = by_day["sent_at"].shift(-1), by_day["agent"].shift(-1)
    rounds = turns[turns["who"] == 0].merge(robots, "left", left_on=BUYER_DAY, right_index=True)
    rounds["wait"] = (rounds["next_at"] - rounds["sent_at"]).dt.total_seconds()
    rounds["in_hours"] = rounds["sent_at"].dt.hour.between(8, 22)
    alone = rounds["next_at"].isna() & (rounds["last_robot_at"] >= rounds["sent_at"])
    timed = rounds["in_hours"] & ~alone
    short = rounds["wait"] < 600
    rounds["platform_n"] = rounds["wait"].fillna(600).clip(upper=600).where(timed)
    rounds["platform_d"] = timed
    rounds["tool_n"], rounds["tool_d"] = rounds["wait"].where(short), short
    rounds["quick_n"] = rounds["in_hours"] & (rounds["wait"] <= 180)
    rounds["quick_d"] = rounds["in_hours"]
    names = ["platform_n", "platform_d", "tool_n", "tool_d", "quick_n", "quick_d"]
    keys = ["day", "agent"]
    waits = rounds.groupby(keys)[names].sum()
    crowds = rounds[rounds["wait"] > 120].groupby(["buyer", *keys]).size()
    slow = crowds[crowds >= 3].groupby(keys).size().rename("slow_n")
    opening = rounds[(rounds["nth"] <= 1) & rounds["wait"].notna()]
    firsts = opening.groupby(["day", "replier"])["wait"].agg(first_n="sum", first_d="count")
    firsts.index = firsts.index.set_names(keys)
    written = lines.assign(answer_n=lines["who"] == 3, answer_d=lines["who"] == 0)
    written = written.groupby(keys)[["answer_n", "answer_d"]].sum()
    is_reply = lines["who"].isin([1, 3])
    received = lines[lines["who"] != 2].assign(
        asked_at=lines["sent_at"].where(lines["who"] == 0),
        replied_at=lines["sent_at"].where(is_reply),
    )
    received = received.groupby(["buyer", *keys]).agg({"asked_at": "min", "replied_at": "max"})
    received = received.dropna(subset="asked_at")
    received["reply_n"] = received["replied_at"] >= received["asked_at"]
    received["reply_d"] = True
    received = received.groupby(keys)[["reply_n", "reply_d"]].sum()
    return pd.concat([waits, written, slow, received, firsts], axis=1).fillna(0).reset_index()


def inquiry(folder: Path) -> pd.DataFrame:
    """Inquiries and those that paid, per agent and inquiry day."""
    lines = _addressed(folder)
    asking = lines[lines["who"] == 0]
    asked = asking.groupby(BUYER_DAY)["sent_at"].min().rename("asked_at").reset_index()
    columns = ["order_id", "buyer", "created_at", "paid_at"]
    orders = pd.read_parquet(folder / "orders.parquet", columns=columns).dropna(subset="buyer")
    orders = orders[~orders["buyer"].str.contains("*", regex=False)]
    pairs = asked.merge(orders, on="buyer")
    earlier = pairs[pairs["paid_at"] < pairs["asked_at"]]
    last_paid = earlier.groupby(BUYER_DAY)["paid_at"].max().rename("last_paid_at")
    until = pairs["day"] + pd.Timedelta(days=4)
    new = (pairs["created_at"] >= pairs["asked_at"]) & (pairs["created_at"] < until)
    pays = (pairs["paid_at"] >= pairs["asked_at"]) & (pairs["paid_at"] < until)
    asked = asked.merge(last_paid, "left", left_on=BUYER_DAY, right_index=True)
    asked["paid_before"] = asked["last_paid_at"] >= asked["asked_at"] - pd.Timedelta(days=21)
    has_new = pairs.loc[new, BUYER_DAY].drop_duplicates().assign(has_new=True)
    asked = asked.merge(has_new, "left", on=BUYER_DAY)
    inquiries = asked[~asked["paid_before"] | asked["has_new"].notna()]
    paying = pairs.assign(new=new)[pays].merge(asked[[*BUYER_DAY, "paid_before"]], on=BUYER_DAY)
    paying = paying[paying["new"] | ~paying["paid_before"]].sort_values(["paid_at", "order_id"])
    paid = paying.drop_duplicates(BUYER_DAY)
    paid = paid.merge(inquiries[BUYER_DAY], on=BUYER_DAY)
    sellers = _sellers(orders[orders["order_id"].isin(paid["order_id"])], lines)
    keys = ["day", "agent"]
    wrote = asking.dropna(subset="agent")[["buyer", *keys]].drop_duplicates()
    sold = paid.merge(sellers, on="order_id").merge(wrote, on=["buyer", *keys])
    sold = sold.groupby(keys).size().rename("numerator")
    asked_of = inquiries[BUYER_DAY].merge(wrote, on=BUYER_DAY).groupby(keys).size()
    counts = pd.concat([sold, asked_of.rename("denominator")], axis=1)
    return counts.fillna(0).reset_index()


def _sellers(orders: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
    human = lines[lines["who"] == 3].sort_values(["sent_at", "agent"])
    found = []
    for moment in ("created_at", "paid_at"):
        at = orders[["order_id", "buyer", moment]].dropna().sort_values(moment)
        last = pd.merge_asof(
            at, human[["buyer", "sent_at", "agent"]], left_on=moment, right_on="sent_at", by="buyer"
        )
        opens = last[moment].dt.normalize() - pd.Timedelta(days=3)
        found.append(last[last["sent_at"] >= opens].set_index("order_id")["agent"])
    return found[0].combine_first(found[1]).rename("agent").reset_index()


def unit_price(folder: Path) -> pd.DataFrame:
    """Money paid and distinct buyers per month."""
    orders = pd.read_parquet(folder / "orders.parquet", columns=["buyer", "paid_at", "paid_fen"])
    orders = orders.dropna()
    months = orders.groupby(orders["paid_at"].dt.to_period("M").dt.start_time.rename("start"))
    counts = months.agg(numerator=("paid_fen", "sum"), denominator=("buyer", "nunique"))
    counts["numerator"] /= 100
    return counts.reset_index()


def refund(folder: Path) -> pd.DataFrame:
    """Cases retained and decided, by number and amount, per day."""
    columns = ["order_id", "asked_at", "outcome", "kind", "amount_fen", "paid_fen"]
    rows = pd.read_parquet(folder / "refunds.parquet", columns=columns)
    exchange = rows["kind"].str.contains("换货", regex=False).fillna(False).astype(bool)
    rows["lost"] = (rows["outcome"] == "success") & ~exchange
    rows["open"] = rows["outcome"] == "open"
    rows["lost_fen"] = rows["amount_fen"].where(rows["lost"])
    cases = rows.groupby("order_id").agg(
        asked_at=("asked_at", "min"),
        lost=("lost", "any"),
        open=("open", "any"),
        amount_fen=("amount_fen", "max"),
        paid_fen=("paid_fen", "max"),
        lost_fen=("lost_fen", "sum"),
    )
    cases = cases[cases["lost"] | ~cases["open"]]
    asked_fen = cases["amount_fen"].fillna(cases["paid_fen"])
    cases["kept"] = (asked_fen - cases["lost_fen"]).clip(lower=0) / 100
    cases["asked"] = cases["kept"] + cases["lost_fen"] / 100
    cases["retained"] = ~cases["lost"]
    days = cases.groupby(cases["asked_at"].dt.normalize().rename("start"))
    count = days.agg(numerator=("retained", "sum"), denominator=("retained", "count"))
    money = days.agg(numerator=("kept", "sum"), denominator=("asked", "sum"))
    both = {"refund_retention": count, "refund_retention_amount": money}
    return pd.concat(both, names=["metric"]).reset_index()


def dsr(folder: Path) -> pd.DataFrame:
    """Rolling 180 days of the ratings that count."""
    ratings = pd.read_parquet(
        folder / "ratings.parquet", columns=["order_id", "rated_at", "nth", "buyer", *DIMENSIONS]
    )
    columns = ["order_id", "received_at", "status", "buyer"]
    orders = pd.read_parquet(folder / "orders.parquet", columns=columns)
    rated = ratings.merge(orders, "left", on="order_id", suffixes=("", "_order"))
    rated = rated[(rated["status"] != "closed") & rated[DIMENSIONS].notna().any(axis=1)]
    rated = rated.assign(
        buyer=rated["buyer"].fillna(rated["buyer_order"]),
        ended_at=rated["received_at"].fillna(rated["rated_at"]),
    )
    named = rated["buyer"].notna() & ~rated["buyer"].str.contains("*", regex=False).fillna(True)
    ranked = rated[named].sort_values(["ended_at", "rated_at", "order_id", "nth"])
    place = ranked.groupby(["buyer", ranked["ended_at"].dt.to_period("M")]).cumcount()
    counted = pd.concat([ranked[place < 3], rated[~named]])
    by_day = counted.groupby(counted["rated_at"].dt.normalize())[DIMENSIONS]
    sums, counts = by_day.sum(), by_day.count()
    days = pd.date_range(sums.index.min(), sums.index.max(), name="start")
    parts = {}
    for name in DIMENSIONS:
        window = pd.DataFrame({"numerator": sums[name], "denominator": counts[name]})
        window = window.reindex(days, fill_value=0).rolling("180D").sum()
        parts[f"dsr_{name}"] = window[window["denominator"] > 0]
    return pd.concat(parts, names=["metric"]).reset_index()


FAMILIES: dict[str, Callable[[Path], pd.DataFrame]] = {
    "reply": reply,
    "inquiry": inquiry,
    "unit_price": unit_price,
    "refund": refund,
    "dsr": dsr,
}
