"""What every metric of the sample shop must be, by bookkeeping of our own.

Plain Python over the rows that were generated, written from docs/numbers.md and from nothing in
``metrics/``: the tests hold the product to it. Every metric is a list of facts per day (and per
agent) with one way to bring them together; the rows below cut those lists.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

#: (value, numerator, denominator)
Result = tuple[float | None, float | None, float | None]
#: The days that also get daily rows, counted from the end, and for which metrics.
DAILY_DAYS = 40
DAILY_METRICS = (
    "inquiry_conversion",
    "reply_rate",
    "response_time_platform",
    "response_time_median",
    "unit_price",
    "refund_retention",
    "refund_rate",
    "dsr_service",
)


@dataclass(frozen=True, kw_only=True)
class Facts:
    """One metric's facts and what is known of their days."""

    unit: str
    #: Default span: first and last covered day.
    first: date
    last: date
    #: Last day whose value will not change any more.
    final: date
    together: Callable[[Sequence[Any]], Result]
    shop: list[tuple[date, Any]]
    agents: dict[str, list[tuple[date, Any]]] = field(default_factory=dict)
    #: A day's value looks back so many days (the DSR); 0 for its own day only.
    window: int = 0


def added(pairs: Sequence[tuple[float, float]]) -> Result:
    """Σ numerator ÷ Σ denominator; null where there is nothing to divide by."""
    numerator, denominator = sum(pair[0] for pair in pairs), sum(pair[1] for pair in pairs)
    return (numerator / denominator if denominator else None), numerator, denominator


def counted(pairs: Sequence[tuple[int, int]]) -> Result:
    """Σ numerator as the value, beside Σ denominator; null where there was nothing to count."""
    numerator, denominator = sum(pair[0] for pair in pairs), sum(pair[1] for pair in pairs)
    return (float(numerator) if denominator else None), numerator, denominator


def quantile(share: float) -> Callable[[Sequence[float]], Result]:
    """The value that this share stays under, by straight lines between neighbours."""

    def of(waits: Sequence[float]) -> Result:
        if not waits:
            return None, None, 0
        ordered = sorted(waits)
        place = share * (len(ordered) - 1)
        low = int(place)
        high = min(low + 1, len(ordered) - 1)
        return ordered[low] + (place - low) * (ordered[high] - ordered[low]), None, len(ordered)

    return of


def truth_rows(facts: dict[str, Facts]) -> list[dict[str, object]]:
    """Rows by period, month, agent and, for some metrics, by day."""
    rows = []
    for metric, of in facts.items():
        rows.append(_row(metric, of, "period", of.first, of.last))
        for start, end in months(of.first, of.last):
            rows.append(_row(metric, of, "month", start, end))
        if metric in DAILY_METRICS:
            start = max(of.first, of.last - timedelta(days=DAILY_DAYS - 1))
            for day in days(start, of.last):
                rows.append(_row(metric, of, "day", day, day))
        for agent in sorted(of.agents):
            if any(day <= of.final for day, _ in of.agents[agent]):
                rows.append(_row(metric, of, "agent", of.first, of.last, agent=agent))
    return rows


def days(first: date, last: date) -> list[date]:
    """Every day from first to last."""
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def months(first: date, last: date) -> list[tuple[date, date]]:
    """Natural months, the outer ones cut off at first and last."""
    ends: dict[tuple[int, int], list[date]] = defaultdict(list)
    for day in days(first, last):
        ends[day.year, day.month].append(day)
    return [(part[0], part[-1]) for part in ends.values()]


def _row(
    metric: str, of: Facts, by: str, start: date, end: date, *, agent: str | None = None
) -> dict[str, object]:
    mature_only = by in ("period", "agent")
    until = min(end, of.final) if mature_only else end
    since = end - timedelta(days=of.window - 1) if of.window else start
    listed = of.shop if agent is None else of.agents[agent]
    value, numerator, denominator = of.together(
        [fact for day, fact in listed if since <= day <= until]
    )
    unsettled = mature_only and until < start
    return {
        "metric": metric,
        "by": by,
        "start": str(start),
        "end": str(end),
        "agent": agent,
        "value": None if unsettled else value,
        "numerator": None if unsettled else numerator,
        "denominator": None if unsettled else denominator,
        "unit": of.unit,
        "immature": unsettled if mature_only else end > of.final,
    }
