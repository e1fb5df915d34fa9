"""What groups are called whose values stand in the tables as digests: read off some of their rows.

A digest never leaves: a group that no row can name any more is one with those that have no value.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

import msgspec

from domain.ports import Row
from projections.analytics import parts
from projections.analytics.projection import sql
from projections.analytics.rows import (
    Fact,
    FactLabel,
    GoalLabel,
    GoalReached,
    Visit,
    VisitLabel,
)
from projections.analytics.stored import PAGE, SOURCE, TAG, Stored
from projections.ports import ReadModels

SAMPLES = 3
"""Rows that are asked for a group's name: the newest may be of somebody erased a moment ago."""

Labelled = Fact | Visit | GoalReached

_PURPOSES = {"source": SOURCE, "tag": TAG, "page": PAGE}


class Names:
    """Finds what groups are called."""

    def __init__(self, models: ReadModels, stored: Stored) -> None:
        self._models = models
        self._stored = stored

    async def keys(
        self, log: UUID, by: str | None, rows: Sequence[Row], known: Mapping[str, str]
    ) -> Mapping[str | None, str | None]:
        """For each group of a statement's rows the key by which clients know it."""
        groups = {str(row["grp"]) for row in rows if row["grp"] is not None}
        if by not in parts.DIGESTED:
            return {group: group for group in groups}
        unknown = [row for row in rows if row["grp"] is not None and row["grp"] not in known]
        texts = await self._texts(log, by, unknown)
        digests = await self._stored.digests(log, _PURPOSES[by], texts)
        named = {str(digest): text for text, digest in digests.items()} | dict(known)
        return {group: named.get(group) for group in groups}

    async def _texts(self, log: UUID, by: str, rows: Iterable[Row]) -> list[str]:
        """What some rows of each group say there; other rows' words among them do no harm."""
        samples = _samples(rows)
        async with self._models.reading(log) as transaction:
            facts = await transaction.fetch(sql("name_facts"), log, samples["facts"])
            visits = await transaction.fetch(sql("name_visits"), log, samples["visits"])
            goals = await transaction.fetch(sql("name_goals"), log, samples["goals"])
        labelled: list[Labelled] = [
            *await self._stored.facts(log, facts),
            *await self._stored.visits(log, visits),
            *await self._stored.goals(log, goals),
        ]
        return [text for row in labelled for text in said(row, by) if text]


def said(row: Labelled, by: str) -> Iterable[str | None]:
    """What a row's label says of a dimension."""
    if row.label is None:
        return ()
    if by == "source":
        return (row.label.source,)
    match row.label:
        case FactLabel() if by == "tag":
            return row.label.tags
        case VisitLabel() if by == "page":
            return (row.label.entry,)
        case GoalLabel() if by == "page":
            return (row.label.page,)
        case _:
            return ()


def _samples(rows: Iterable[Row]) -> dict[str, list[int]]:
    """Positions of some rows of each group that changed last, by kind."""
    by_group: dict[tuple[str, str], list[int]] = {}
    for row in rows:
        sample = msgspec.convert(row["sample"], int)
        by_group.setdefault((str(row["part"]), str(row["grp"])), []).append(sample)
    samples: dict[str, list[int]] = {"facts": [], "visits": [], "goals": []}
    for (kind, _), positions in by_group.items():
        samples[kind] += sorted(positions)[-SAMPLES:]
    return samples
