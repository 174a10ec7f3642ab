"""Stores as the first release made them, and what its withdrawals left behind."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from store import lake, rows
from store.uploads import withdraw
from tests.store.feeds import reading, row, upload


def release_0_1_0(patch: pytest.MonkeyPatch, *, checkpoint_interval: int = 20) -> None:
    """Write as release 0.1.0 did.

    Its tables name no columns for statistics, so that readers know the first 32 columns' only, and
    its withdrawals pass over files whose range of upload ids is missing.
    """
    named = {"delta.checkpointInterval": str(checkpoint_interval)}
    patch.setattr(lake, "_configuration", lambda _ranged: named)
    patch.setattr(rows, "within", _surely_within)


def _surely_within(files: pl.DataFrame, column: str, low: Any, high: Any) -> pl.DataFrame:
    return files.filter((pl.col(f"min.{column}") <= low) & (pl.col(f"max.{column}") >= high))


def left_standing(store: Path, monkeypatch: pytest.MonkeyPatch, *values: int, gone: int) -> None:
    """Files of one service day with these values, one of them taken back by release 0.1.0."""
    with monkeypatch.context() as patch:
        release_0_1_0(patch)
        ids = [
            upload(store, reading("service_days", [row("service_days", 0, value=value)]), sha=sha)
            for value, sha in zip(values, "abcdef", strict=False)
        ]
        withdraw(store, ids[gone])
