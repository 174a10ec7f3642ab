import polars as pl
import pytest

from metrics.kit.order import place_in

ORDER = ("high", "low", "all")


def ordered(*names: str | None, others_last: bool = False) -> list[str | None]:
    frame = pl.DataFrame({"name": names}, schema={"name": pl.String})
    places = frame.select(place_in(ORDER, "name", others_last=others_last)).to_series()
    return [name for _, name in sorted(zip(places, names, strict=True), key=lambda both: both[0])]


def test_names_stand_as_the_list_has_them() -> None:
    assert ordered("all", "low", "high", "low") == ["high", "low", "low", "all"]


def test_a_name_that_the_list_lacks_is_an_error() -> None:
    with pytest.raises(pl.exceptions.InvalidOperationError, match="replace"):
        ordered("all", "middle")


def test_other_names_and_missing_ones_come_last_if_asked() -> None:
    names = ["middle", "all", None, "high"]
    assert ordered(*names, others_last=True) == ["high", "all", "middle", None]
