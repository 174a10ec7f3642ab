"""What the forecast page says of its chances."""

from datetime import date

import polars as pl
import pytest

from pages.score.parts.ahead import crossing_sentence

DAY = date(2024, 6, 1)


@pytest.mark.parametrize(
    ("chance", "told"),
    [
        pytest.param(0.0, "<1.0%", id="no forecast rules anything out"),
        pytest.param(0.214, "21.4%", id="a chance as it is"),
        pytest.param(1.0, ">99.0%", id="nor is anything certain"),
    ],
)
def test_a_forecast_is_never_sure(chance: float, told: str) -> None:
    below = pl.DataFrame({"day": [DAY], "gate": [4.7], "below": [chance]})
    sentence = crossing_sentence(below, 4.75)
    assert told in sentence
    # Markdown would take a first ">" for a quotation.
    assert not sentence.startswith(">")
