"""How wide a column of text is made."""

import polars as pl
import pytest

from pages.shared.tables import text_width

ROWS = ["37 s"] * 10


@pytest.mark.parametrize(
    ("texts", "width"),
    [
        pytest.param([], None, id="no rows"),
        pytest.param([*ROWS, "12 s"], None, id="the first ten rows hold the longest"),
        pytest.param([*ROWS, "12 seconds"], None, id="the heading is no shorter"),
        pytest.param([*ROWS, "12 345 678 s"], 110, id="twelve letters further down"),
        pytest.param([*ROWS, "退款处理中退款"], 125, id="a Chinese character counts as two"),
        pytest.param([*ROWS, "s" * 40], None, id="a sentence is cut anyway"),
        pytest.param([None] * 11, None, id="nothing known"),
    ],
)
def test_a_text_far_down_is_not_cut(texts: list[str | None], width: int | None) -> None:
    assert text_width("First wait", pl.Series(texts, dtype=pl.String)) == width
