"""The forecast page of a shop that only the seller page's snapshots speak of."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.pages.shops import fill, opened, said


def snapshot(**more: Any) -> dict[str, Any]:
    return {"day": date(2024, 5, 1), "dimension": "service", "score": 4.71} | more


@pytest.mark.parametrize(
    ("known", "told"),
    [
        pytest.param(
            # (1 - 4.71) ÷ 96, (1 - 4.71) ÷ 129 and (5 - 4.71) ÷ 96
            {"five_star_gap": 18, "target": 4.75},
            "Between 95 and 128 ratings stand behind it: one more 1 ★ costs -0.0386 to -0.0288"
            " stars, one more 5 ★ brings +0.0030.",
            id="a gap",
        ),
        pytest.param(
            {"score": 4.75, "five_star_gap": 3, "target": 4.75},
            "Between 101 and ∞ ratings stand behind it: one more 1 ★ costs -0.0368 to +0.0000",
            id="a gap without an upper end",
        ),
        pytest.param(
            {"raters": 99}, "Between 99 and 99 ratings stand behind it", id="a known number"
        ),
        pytest.param({}, "How many ratings stand behind it is not known.", id="nothing"),
    ],
)
def test_a_snapshot_says_what_one_rating_does(
    store: Path, known: dict[str, Any], told: str
) -> None:
    fill(store, {"rating_snapshots": [snapshot(**known)]})
    assert told in said(opened("score/forecast", lang="en"))
