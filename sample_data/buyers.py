"""Who comes to the shop: mostly once, some again, a few every week."""

import numpy as np
import polars as pl

from sample_data.plan import Ints, Plan

#: Shares of the visits.
HEAVY_SHARE, REGULAR_SHARE = 0.03, 0.22
#: Visits of the shop per heavy buyer and per regular: heavy ones pass three rated trades a month.
VISITS_PER_HEAVY, VISITS_PER_REGULAR = 900, 30
#: Spreads the numbers of nicks over the range; prime to 10^9, so no two buyers share one.
_STRIDE = 7_919


def draw_buyers(
    rng: np.random.Generator, plan: Plan, count: int, *, first_new: int, heavy: float = HEAVY_SHARE
) -> Ints:
    """Buyer numbers of ``count`` visits; those who come once are numbered from ``first_new``."""
    heavies, regulars = _known(plan)
    kind, pick = rng.random(count), rng.random(count)
    return np.select(
        [kind < heavy, kind < heavy + REGULAR_SHARE],
        [(pick * heavies).astype(np.int64), heavies + (pick**1.6 * regulars).astype(np.int64)],
        first_new + np.arange(count),
    )


def first_new_buyer(plan: Plan) -> int:
    """The first number that no heavy or regular buyer has."""
    return sum(_known(plan))


def _known(plan: Plan) -> tuple[int, int]:
    return max(2, plan.visits // VISITS_PER_HEAVY), max(4, plan.visits // VISITS_PER_REGULAR)


def nicks(buyers: Ints) -> pl.Series:
    """The default nicks (tb + nine digits) of buyer numbers."""
    scattered = pl.Series((buyers * _STRIDE + 101) % 1_000_000_000)
    return "tb" + scattered.cast(pl.String).str.zfill(9)
