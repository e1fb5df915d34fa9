"""What the values stand for that analysts see in the place of texts: for a tenant's own operator.

The views hold no text; who may decrypt can make a table of both, and join it where it is asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from msgspec import Struct

from domain.ports import Clock, Row
from projections.agents.reader import AgentReader
from projections.analytics.names import Names
from projections.analytics.stored import Stored
from projections.ports import LabelCipher, ReadModels
from projections.projection import statement

KINDS = ("source", "tag", "page")


class Label(Struct, frozen=True):
    """A value of the views: of which kind, as it stands there, and what it stands for."""

    kind: str
    value: str
    label: str


async def labels(models: ReadModels, cipher: LabelCipher, clock: Clock, log: UUID) -> list[Label]:
    """Every agent, source, tag and page that can still be named. Raises StoreUnavailable."""
    agents = await AgentReader(models, cipher).agents(log)
    found = [Label("agent", agent.id, agent.name) for agent in agents]
    async with models.reading(log) as transaction:
        rows = await transaction.fetch(statement("projections.analysts", "tokens"), log)
    names = Names(models, Stored(cipher), clock)
    for kind in KINDS:
        found += await _named(names, log, kind, [row for row in rows if row["by"] == kind])
    return found


async def _named(names: Names, log: UUID, kind: str, rows: Sequence[Row]) -> list[Label]:
    keys = await names.keys(log, kind, rows, {})
    told = [Label(kind, value, text) for value, text in keys.items() if value and text]
    return sorted(told, key=lambda each: each.label)
