"""The chat lines in the project's template: UTF-8 with BOM, one file per month."""

from pathlib import Path

import polars as pl

from sample_data.csv_files import write_template_csv

SENDER_WORDS = {"buyer": "买家", "agent": "客服", "robot": "机器人", "system": "系统"}


def write_messages(out: Path, messages: pl.DataFrame) -> list[Path]:
    """One template per month; the lines stand in the order they were written."""
    paths = []
    months = messages.group_by(
        pl.col("sent_at").dt.truncate("1mo").alias("month"), maintain_order=True
    )
    for (month,), part in months:
        path = out / f"聊天记录{month:%Y-%m}.csv"
        write_template_csv(path, _cells(part))
        paths.append(path)
    return paths


def _cells(messages: pl.DataFrame) -> pl.DataFrame:
    return messages.select(
        pl.col("shop").alias("店铺"),
        pl.col("buyer").alias("买家"),
        pl.col("agent").alias("客服"),
        pl.col("sender").replace_strict(SENDER_WORDS).alias("发送方"),
        pl.col("sent_at").alias("发送时间"),
        pl.col("text").alias("消息内容"),
    )
