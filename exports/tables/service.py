"""Performance tables (``service_days``) beyond their cells: who a row is about."""

import polars as pl

from exports.chats.speakers import agent_account
from exports.layouts import Layout
from exports.result import Remark


def finish_service_days(
    rows: pl.DataFrame, layout: Layout, present: frozenset[str]
) -> tuple[pl.DataFrame, list[Remark]]:
    """Rows with their scope, their agent's own name and the layout they came by.

    An agent is listed as ``示例店:小一`` in one sheet and as ``小一`` in the next: the part after
    the colon is kept, as in chats. Rows of the shop and of its peers name no agent.
    """
    default = "agent" if "agent" in present else "shop"
    scope = pl.col("scope") if "scope" in rows.columns else pl.lit(default)
    agent = agent_account(pl.col("agent")) if "agent" in present else pl.lit("")
    rows = rows.with_columns(scope=scope, layout=pl.lit(layout.id))
    return rows.with_columns(
        agent=pl.when(pl.col("scope") == "agent").then(agent).otherwise(pl.lit(""))
    ), []
