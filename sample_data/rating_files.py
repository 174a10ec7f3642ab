"""What the shop knows of its score: ratings, the copied DSR workbook, snapshots, text reviews."""

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from sample_data.csv_files import write_template_csv
from sample_data.xlsx_files import MOST_ROWS, Cell, write_xlsx

#: Industry mean, best and worst that the made-up seller page prints.
INDUSTRY = {
    "description": (4.77, 4.98, 3.90),
    "service": (4.79, 4.99, 4.02),
    "logistics": (4.78, 4.98, 3.95),
}
TARGET = 4.8
WORDS = {"description": "描述相符", "service": "服务态度", "logistics": "物流服务"}
HEADLINES = {
    "description": "近180天宝贝与描述相符DSR",
    "service": "近180天服务态度DSR",
    "logistics": "近180天物流质量DSR",
}
#: In the second block the workbook puts logistics before service.
_BLOCK_ORDER = ("description", "logistics", "service")
#: Σ stars and number of ratings in the window of a day, by (day, dimension).
Scores = Mapping[tuple[date, str], tuple[int, int]]


def write_ratings(out: Path, ratings: pl.DataFrame, stamp: str) -> list[Path]:
    """The ratings in the project's template, in GBK as a Chinese Excel saves it."""
    path = out / f"订单评价{stamp}.csv"
    rows = ratings.select(
        pl.col("order_id").alias("订单编号"),
        pl.col("buyer").alias("买家"),
        pl.col("rated_at").alias("评价时间"),
        *(pl.col(name).alias(word) for name, word in WORDS.items()),
        pl.col("comment").alias("评价内容"),
    )
    write_template_csv(path, rows, encoding="gb18030")
    return [path]


def write_snapshots(out: Path, scores: Scores, days: list[date]) -> list[Path]:
    """The seller page's headline of some days, with the industry, in the template."""
    rows = [
        {
            "日期": day,
            "维度": WORDS[name],
            "得分": f"{stars / count:.2f}",
            "评价人数": count,
            "行业均值": f"{INDUSTRY[name][0]:.2f}",
            "行业最高": f"{INDUSTRY[name][1]:.2f}",
            "行业最低": f"{INDUSTRY[name][2]:.2f}",
            "目标值": f"{TARGET:.2f}",
        }
        for day in days
        for name in WORDS
        for stars, count in [scores.get((day, name), (0, 0))]
        if count
    ]
    if not rows:
        return []
    path = out / "店铺评分快照.csv"
    write_template_csv(path, pl.DataFrame(rows))
    return [path]


def write_workbook(
    out: Path, scores: Scores, new: Scores, items: pl.DataFrame, last: date
) -> list[Path]:
    """The DSR workbook of a day: headline with industry and gap, 14 days of new scores, items.

    Args:
        out: Folder.
        scores: Sums of the window ending on each day.
        new: Sums of each day's own ratings.
        items: The last day's ratings with ``title`` and ``item_id`` of what was rated.
        last: The day the workbook speaks of.
    """
    if not all(scores.get((last, name), (0, 0))[1] for name in WORDS):
        return []
    head: list[list[Cell]] = [
        [f"店铺180天 DSR（数据日期：{last}）"],
        ["指标", "得分", "趋势", "行业均值", "与行业对比", "目标值", "距目标值差距"],
        *(_headline(name, *scores[last, name]) for name in WORDS),
        [],
    ]
    first = last - timedelta(days=13)
    days = [first + timedelta(days=n) for n in range(14)]
    daily: list[list[Cell]] = [
        [f"店铺新增 DSR（日维度，{first} 至 {last}）"],
        ["日期", "描述得分（较上日）", "物流得分（较上日）", "服务得分（较上日）"],
        *(_new_scores(new, day) for day in days),
    ]
    path = out / f"店铺DSR数据_{last}.xlsx"
    write_xlsx(path, {"店铺DSR数据": [*head, *daily, [], *_item_block(items, last)]})
    return [path]


def write_reviews(out: Path, reviews: pl.DataFrame) -> list[Path]:
    """The text reviews as 生参 lists them: blurred nicks, class, item, SKU."""
    path = out / "生参_商品评价_评价.xlsx"
    nick = pl.col("buyer")
    rows = reviews.select(
        pl.col("comment").alias("评论"),
        pl.concat_str(nick.str.head(1), pl.lit("**"), nick.str.tail(1)).alias("昵称"),
        pl.lit("").alias("追评内容"),
        pl.lit("").alias("追评时间"),
        pl.col("rated_at").dt.strftime("%Y-%m-%d %H:%M:%S").alias("评价时间"),
        pl.col("item_id").alias("商品id"),
        pl.col("sku_text").alias("颜色分类"),
        pl.col("rating_class").alias("评价分类"),
        pl.lit("").alias("skuid"),
    ).head(MOST_ROWS)
    write_xlsx(path, {"评价": [tuple(rows.columns), *rows.rows()]})
    return [path]


def _headline(name: str, stars: int, count: int) -> list[Cell]:
    mean, best, worst = INDUSTRY[name]
    score = round(stars / count, 2)
    if score == mean:
        versus = "持平"
    elif score > mean:
        versus = f"高于行业 {(score - mean) / (best - mean):.2%}"
    else:
        versus = f"低于行业 {(mean - score) / (mean - worst):.2%}"
    # In hundredths, so that no binary rounding moves the ceiling.
    missing = round(TARGET * 100) * count - stars * 100
    gap = -(-missing // (500 - round(TARGET * 100)))
    return [
        HEADLINES[name],
        f"{score:.2f}",
        "↑ 表现良好，继续保持" if gap <= 0 else "↓ 低于目标，需要改善",
        f"{mean:.2f}",
        versus,
        f"{TARGET:.2f}",
        f"{max(gap, 0)} 笔 5 分评价订单",
    ]


def _item_block(items: pl.DataFrame, last: date) -> list[list[Cell]]:
    """The third block: score and number of the day's new ratings, item by item."""
    score = [
        pl.when(pl.col(name).count() > 0).then(
            pl.format("{} ({})", pl.col(name).mean().round(2), pl.col(name).count())
        )
        for name in ("description", "service", "logistics")
    ]
    rows = items.group_by("title", "item_id").agg(*score).sort("item_id")
    return [
        [f"商品新增 DSR（日维度，{last}）"],
        ["商品名称", "商品ID", "描述（得分/次数）", "服务（得分/次数）", "物流（得分/次数）"],
        *([cell or "-" for cell in row] for row in rows.rows()),
    ]


def _new_scores(new: Scores, day: date) -> list[Cell]:
    return [str(day), *(_new_score(new, day, name) for name in _BLOCK_ORDER)]


def _new_score(new: Scores, day: date, name: str) -> str:
    stars, count = new.get((day, name), (0, 0))
    if not count:
        return "-"
    before, of = new.get((day - timedelta(days=1), name), (0, 0))
    change = (stars / count) / (before / of) - 1 if of else 0.0
    return f"{stars / count:.2f} ({change:+.2%})"
