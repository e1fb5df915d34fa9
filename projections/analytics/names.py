"""What groups are called whose values stand in the tables as digests: read off some of their rows.

A digest never leaves: a group that no row can name any more is one with those that have no value.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from domain.ports import Clock, Row
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
from projections.pauses import Pauses
from projections.ports import ReadModels

SAMPLES = 3
"""Rows that are asked for a group's name: one may be of somebody erased a moment ago. Of one part
of time there are two."""

_ROWS_AT_ONCE = 200
"""Rows that are read and decrypted together: some milliseconds of this process."""

Labelled = Fact | Visit | GoalReached

Sample = tuple[str, datetime]
"""The kind of a row, and when it begins: of one moment there is one, and more would do no harm."""

_PURPOSES = {"source": SOURCE, "tag": TAG, "page": PAGE}


class Names:
    """Finds what groups are called."""

    def __init__(self, models: ReadModels, stored: Stored, clock: Clock) -> None:
        self._models = models
        self._stored = stored
        self._clock = clock

    async def keys(
        self, log: UUID, by: str | None, rows: Sequence[Row], known: Mapping[str, str]
    ) -> Mapping[str | None, str | None]:
        """For each group of a statement's rows the key by which clients know it."""
        groups = {str(row["grp"]) for row in rows if row["grp"] is not None}
        if by not in parts.DIGESTED:
            return {group: group for group in groups}
        named, pauses = dict(known), Pauses(self._clock)
        samples = _samples(
            row for row in rows if row["grp"] is not None and row["grp"] not in known
        )
        for start in range(0, len(samples), _ROWS_AT_ONCE):
            texts = await self._texts(log, by, samples[start : start + _ROWS_AT_ONCE])
            digests = await self._stored.digests(log, _PURPOSES[by], texts)
            named |= {str(digest): text for text, digest in digests.items()}
            await pauses.due()
        return {group: named.get(group) for group in groups}

    async def _texts(self, log: UUID, by: str, samples: Sequence[Sample]) -> list[str]:
        """What these rows say there; other rows' words among them do no harm."""
        asked = {kind: [at for of, at in samples if of == kind] for kind in parts.KINDS}
        async with self._models.reading(log) as transaction:
            facts = await transaction.fetch(sql("name_facts"), log, asked["facts"])
            visits = await transaction.fetch(sql("name_visits"), log, asked["visits"])
            goals = await transaction.fetch(sql("name_goals"), log, asked["goals"])
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


def _samples(rows: Iterable[Row]) -> list[Sample]:
    """Some rows of each group, as far from one another as the statement's rows let them be."""
    by_group: dict[str, list[Sample]] = {}
    for row in rows:
        times = msgspec.convert(row["sample"], list[datetime])
        by_group.setdefault(str(row["grp"]), []).extend((str(row["part"]), at) for at in times)
    return [
        found[at]
        for found in by_group.values()
        for at in sorted({n * (len(found) - 1) // (SAMPLES - 1) for n in range(SAMPLES)})
    ]
