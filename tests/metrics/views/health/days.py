"""Days of one family, as literal counts."""

from collections.abc import Sequence

import numpy as np

from metrics.views.health.change import Days
from metrics.views.health.likelihood import Law


def of(
    total: Sequence[float],
    n: float | Sequence[float] = 100,
    *,
    law: Law = "share",
    higher_better: bool = True,
) -> Days:
    """One entry a day from a Monday on; one ``n`` stands for all."""
    counts = np.full(len(total), float(n)) if isinstance(n, int | float) else np.array(n, float)
    days = np.arange(len(total)) % 7
    return Days(law, higher_better, np.array(total, dtype=float), counts, days)


def calm(days: int) -> list[float]:
    """95 of 100, one more or less."""
    return [94.0, 96.0, 95.0, 95.0] * (days // 4) + [95.0] * (days % 4)
