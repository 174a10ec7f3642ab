"""The guard against slow code: processor time against DuckDB's in the same run, at size S.

At this size most of the time goes into planning, not counting, so the bounds are generous: they
catch a family that has become several times slower, on any machine.
"""

from pathlib import Path

import pytest

from benchmarks import families
from benchmarks.against_others import assert_same
from benchmarks.growth import exponent
from benchmarks.measuring import Cost, cost_of
from benchmarks.peers import in_duckdb, in_pandas
from benchmarks.worlds import SIZES, world_folder

pytestmark = pytest.mark.benchmark
ROUNDS = 3
#: Our processor time ÷ DuckDB's, about three times what was measured at this size.
MOST = {"reply": 2.0, "inquiry": 2.0, "unit_price": 7.0, "refund": 7.0, "dsr": 7.5}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STORE_HEALTH_BENCHMARKS", str(tmp_path_factory.mktemp("kept")))
        return world_folder(SIZES["S"])


@pytest.mark.parametrize("family", families.FAMILIES)
def test_no_family_falls_behind_duckdb(family: str, world: Path, tmp_path: Path) -> None:
    in_pandas.FAMILIES[family](world).to_parquet(tmp_path / "pandas.parquet")
    ours, theirs = [], []
    for _ in range(ROUNDS):
        ours.append(cost_of(lambda: _count(family, world, tmp_path)))
        theirs.append(cost_of(lambda: in_duckdb.family(family, world, tmp_path / "duckdb.parquet")))
    assert_same(family, tmp_path, families.FAMILIES[family][1])
    assert _least(ours) <= MOST[family] * _least(theirs)


def _count(family: str, world: Path, folder: Path) -> None:
    families.ours(family, world).write_parquet(folder / "polars.parquet")


def _least(costs: list[Cost]) -> float:
    return min(cost.cpu for cost in costs)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        pytest.param([3.0, 6.0, 12.0, 24.0], 1.0, id="in step with the shop"),
        pytest.param([2.0, 2.0, 2.0, 2.0], 0.0, id="flat"),
        pytest.param([1.0, 4.0, 16.0, 64.0], 2.0, id="with its square"),
    ],
)
def test_growth_is_the_slope_between_doublings(values: list[float], expected: float) -> None:
    assert exponent(values) == pytest.approx(expected)


def test_figures_that_differ_are_not_compared_for_speed(world: Path, tmp_path: Path) -> None:
    _count("unit_price", world, tmp_path)
    in_duckdb.family("unit_price", world, tmp_path / "duckdb.parquet")
    orders = in_pandas.unit_price(world)
    orders.loc[0, "denominator"] += 1
    orders.to_parquet(tmp_path / "pandas.parquet")
    with pytest.raises(AssertionError, match="unit_price: pandas found other figures"):
        assert_same("unit_price", tmp_path, ("start",))
