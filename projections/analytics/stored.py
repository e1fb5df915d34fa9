"""The facts as tables have them: columns, labels and digests, there and back.

Digests stand beside the labels so that rows can be counted and found by what nobody can read there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import msgspec
from msgspec.structs import replace

from domain import streams
from domain.ports import Row, Table
from projections.analytics.rows import (
    Fact,
    FactLabel,
    GoalLabel,
    GoalReached,
    Took,
    Visit,
    VisitLabel,
)
from projections.labels import LabelCodec
from projections.ports import LabelCipher

_TIMES = ("wait", "first_response", "handling", "resolution")
_CLEAR = tuple(
    name for name in Fact.__struct_fields__ if name not in {*_TIMES, "goals", "rating", "label"}
)
_TOOK = tuple(f"{name}_{part}" for name in _TIMES for part in ("ms", "business_ms"))

FACT = Table(
    "fact_2",
    ("tenant", *_CLEAR, "goals", "rating", *_TOOK, "source", "tags", "label"),
    ("tenant", "conversation"),
)
_VISIT = tuple(name for name in Visit.__struct_fields__ if name != "label")
VISIT = Table(
    "visit_2", ("tenant", *_VISIT, "source", "page", "label"), ("tenant", "visitor", "begun")
)
_GOAL = tuple(name for name in GoalReached.__struct_fields__ if name != "label")
GOAL = Table(
    "goal_reached_2",
    ("tenant", *_GOAL, "source", "page", "label"),
    ("tenant", "visitor", "position", "goal"),
)
SETTINGS = Table("analytics_settings_2", ("tenant", "settings"), ("tenant",))

_GONE = GoalLabel("", "")
UNREAD = VisitLabel("", "")
"""Stands for a visit's label that does not open, where it matters that one is stored."""

DIGEST_BYTES = 8

SOURCE, TAG, PAGE = "rm.fact.source", "rm.fact.tag", "rm.visit.page"
"""The purposes of the digests: those of one purpose can be compared, across tables too."""


class Stored:
    """Rows on their way into tables and back."""

    def __init__(self, cipher: LabelCipher) -> None:
        self._cipher = cipher
        self._facts = LabelCodec(cipher, "rm.fact.label", FactLabel)
        self._visits = LabelCodec(cipher, "rm.visit.label", VisitLabel)
        self._goals = LabelCodec(cipher, "rm.goal_reached.label", GoalLabel)

    async def digests(self, log: UUID, purpose: str, texts: Iterable[str]) -> dict[str, int]:
        """What stands for each of these texts: :data:`DIGEST_BYTES` of a blind digest, as a number.

        Numbers are grouped a third faster than bytes. That two of a million texts share one has a
        chance of one in a hundred million.
        """
        different = list(dict.fromkeys(texts))
        found = await self._cipher.digests(log, purpose, different) if different else []
        return {
            text: int.from_bytes(digest[:DIGEST_BYTES], "big", signed=True)
            for text, digest in zip(different, found, strict=True)
        }

    async def fact_columns(self, log: UUID, facts: Sequence[Fact]) -> list[tuple[object, ...]]:
        """Rows of :data:`FACT`."""
        labels = await _encrypted(self._facts, log, facts)
        shown = [fact.label or FactLabel() for fact in facts]
        sources = await self.digests(log, SOURCE, [each.source for each in shown if each.source])
        tags = await self.digests(log, TAG, [tag for each in shown for tag in each.tags])
        return [
            (
                log,
                *(getattr(fact, name) for name in _CLEAR),
                fact.goals,
                fact.rating,
                *_spread(fact),
                sources.get(each.source or ""),
                None if fact.label is None else [tags[tag] for tag in each.tags],
                label,
            )
            for fact, each, label in zip(facts, shown, labels, strict=True)
        ]

    async def visit_columns(self, log: UUID, visits: Sequence[Visit]) -> list[tuple[object, ...]]:
        """Rows of :data:`VISIT`."""
        labels = await _encrypted(self._visits, log, visits)
        shown = [visit.label for visit in visits if visit.label is not None]
        sources = await self.digests(log, SOURCE, [each.source for each in shown])
        pages = await self.digests(log, PAGE, [each.entry for each in shown])
        return [
            (
                log,
                *(getattr(visit, name) for name in _VISIT),
                None if visit.label is None else sources[visit.label.source],
                None if visit.label is None else pages[visit.label.entry],
                label,
            )
            for visit, label in zip(visits, labels, strict=True)
        ]

    async def goal_columns(
        self, log: UUID, goals: Sequence[GoalReached]
    ) -> list[tuple[object, ...]]:
        """Rows of :data:`GOAL`."""
        labels = await _encrypted(self._goals, log, goals)
        sources = await self.digests(log, SOURCE, [goal.label.source for goal in goals])
        pages = await self.digests(log, PAGE, [goal.label.page for goal in goals])
        return [
            (
                log,
                *(getattr(goal, name) for name in _GOAL),
                sources[goal.label.source],
                pages[goal.label.page],
                label,
            )
            for goal, label in zip(goals, labels, strict=True)
        ]

    async def facts(self, log: UUID, rows: Sequence[Row]) -> list[Fact]:
        """Facts as they are stored; one whose label does not open has none."""
        labels = await self._facts.decrypt(log, _labels(rows))
        return [replace(_fact(row), label=label) for row, label in zip(rows, labels, strict=True)]

    async def visits(
        self, log: UUID, rows: Sequence[Row], unread: VisitLabel | None = None
    ) -> list[Visit]:
        """Visits as they are stored; one whose label does not open has the one that is given."""
        bare = [msgspec.convert({name: row[name] for name in _VISIT}, Visit) for row in rows]
        stored = _labels(rows)
        labels = await self._visits.decrypt(log, stored)
        return [
            replace(visit, label=unread if label is None and kept is not None else label)
            for visit, label, (_, kept) in zip(bare, labels, stored, strict=True)
        ]

    async def goals(self, log: UUID, rows: Sequence[Row]) -> list[GoalReached]:
        """Goals as they are stored; one whose label does not open has an empty one."""
        bare = [
            msgspec.convert({**{name: row[name] for name in _GOAL}, "label": _GONE}, GoalReached)
            for row in rows
        ]
        labels = await self._goals.decrypt(log, _labels(rows))
        return [
            replace(goal, label=label or _GONE) for goal, label in zip(bare, labels, strict=True)
        ]


async def _encrypted(
    codec: LabelCodec[Any], log: UUID, rows: Sequence[Fact | Visit | GoalReached]
) -> list[bytes | None]:
    """The label of each row, encrypted; None where there is none any more."""
    labels: list[Any] = [row.label for row in rows]
    labelled = [
        (streams.visitor(row.visitor), label)
        for row, label in zip(rows, labels, strict=True)
        if label is not None
    ]
    encrypted = iter(await codec.encrypt(log, labelled))
    return [None if label is None else next(encrypted) for label in labels]


def _labels(rows: Sequence[Row]) -> list[tuple[str, bytes | None]]:
    """The label of each row as it is stored, and its subject."""
    return [
        (streams.visitor(str(row["visitor"])), msgspec.convert(row["label"], bytes | None))
        for row in rows
    ]


def _spread(fact: Fact) -> list[int | None]:
    """The times of :data:`_TOOK`."""
    took: list[Took | None] = [getattr(fact, name) for name in _TIMES]
    return [value for each in took for value in _parts(each)]


def _parts(took: Took | None) -> tuple[int | None, int | None]:
    return (None, None) if took is None else (took.ms, took.business_ms)


def _fact(row: Row) -> Fact:
    clear: dict[str, Any] = {name: row[name] for name in (*_CLEAR, "goals", "rating")}
    for name in _TIMES:
        if row[f"{name}_ms"] is not None:
            clear[name] = (row[f"{name}_ms"], row[f"{name}_business_ms"])
    return msgspec.convert(clear, Fact)
