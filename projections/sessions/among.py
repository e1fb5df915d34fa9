"""Which conversations of many are placed in a certain way, and whose they are.

For those who have found conversations by other means and ask what the session views say about
them: it is one look at each, by its id.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol
from uuid import UUID

import msgspec
from msgspec import Struct

from domain import streams
from domain.access import Rights
from domain.envelope import Access
from domain.ports import Row
from projections.ports import LabelCipher, ReadModels
from projections.projection import identified
from projections.sessions.projection import NAME, VERSION, blind_tags, label_codec, sql

CHECKPOINT = identified(NAME, VERSION)
"""Under which it stands how far session views are."""


class Placed(Protocol):
    """Where a conversation has to be now; None is anywhere. ``assignee`` "none": nobody's."""

    @property
    def assignee(self) -> str | None: ...

    @property
    def department(self) -> str | None: ...

    @property
    def tag(self) -> str | None: ...


class Visitor(Struct, frozen=True):
    """Whose a conversation is. Erased visitors have no name."""

    id: str
    name: str | None


class Talk(Struct, frozen=True):
    """A visitor's last conversation, and where it is placed."""

    conversation: str
    status: str
    access: Access


class SessionsAmong:
    """Asks the session views about conversations."""

    def __init__(self, models: ReadModels, cipher: LabelCipher) -> None:
        self._models = models
        self._cipher = cipher
        self._labels = label_codec(cipher)

    async def fitting(
        self, log: UUID, conversations: Iterable[str], placed: Placed, rights: Rights | None
    ) -> set[str]:
        """Those that are placed like this and that these rights (None: all) may read, now."""
        tag = None
        if placed.tag is not None:
            (tag,) = await blind_tags(self._cipher, log, [placed.tag])
        limited = rights if rights is not None and not rights.unlimited else None
        async with self._models.reading(log) as transaction:
            rows = await transaction.fetch(
                sql("among"),
                log,
                sorted(set(conversations)),
                placed.assignee,
                placed.department,
                tag,
                limited and limited.agent,
                sorted(limited.departments) if limited else [],
            )
        return {str(row["id"]) for row in rows}

    async def visitors(self, log: UUID, conversations: Iterable[str]) -> dict[str, Visitor]:
        """Whose each of them is."""
        async with self._models.reading(log) as transaction:
            rows = await transaction.fetch(sql("visitors"), log, sorted(set(conversations)))
        labels = await self._labels.decrypt(
            log,
            [
                (streams.visitor(str(row["visitor"])), msgspec.convert(row["label"], bytes | None))
                for row in rows
            ],
        )
        return {
            str(row["id"]): Visitor(str(row["visitor"]), label.visitor_name if label else None)
            for row, label in zip(rows, labels, strict=True)
        }

    async def last_of(self, log: UUID, visitors: Iterable[str]) -> dict[str, Talk]:
        """The last conversation of each of these visitors who has had one."""
        async with self._models.reading(log) as transaction:
            rows = await transaction.fetch(sql("of_visitors"), log, sorted(set(visitors)))
        return {str(row["visitor"]): _talk(row) for row in rows}


def _talk(row: Row) -> Talk:
    access = msgspec.convert((row["department"], row["assignee"]), Access)
    return Talk(str(row["id"]), str(row["status"]), access)
