"""The table of metrics in docs/numbers.md, drawn from the catalogue.

``python -m reports.metric_table`` prints it.
"""

import sys

from metrics.catalog import METRICS
from metrics.kit.metric import Metric
from told.language import translator

UNITS = {
    "share": "%",
    "seconds": "s",
    "money": "money",
    "score": "★",
    "pieces": "pieces",
    "per_message": "per line",
    "buyer_days": "buyer-days",
}
SOURCES = {"guide": "seller guides", "export": "export columns", "ours": "ours"}


def metric_table() -> str:
    """One Markdown row per metric, in catalogue order."""
    head = "| id | name | what it is | numerator ÷ denominator | unit | source |"
    return "\n".join([head, "|---|---|---|---|---|---|", *map(_row, METRICS)])


def _row(metric: Metric) -> str:
    chinese = translator("zh")(metric.name)
    cells = (
        f"`{metric.id}`",
        f"{metric.name} {chinese}",
        metric.told("definition"),
        f"{metric.told('numerator')} ÷ {metric.told('denominator')}",
        UNITS[metric.unit],
        SOURCES[metric.source],
    )
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    sys.stdout.write(metric_table() + "\n")
