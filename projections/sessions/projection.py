"""The session views' way between rows in memory and tables: its SQL, its encryption.

What changes is decided in ``evolve``; this module only loads what that may touch and writes what
it changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from domain import streams
from domain.envelope import RecordedEvent
from domain.ports import Row, Table, Transaction
from projections.labels import LabelCodec
from projections.ports import LabelCipher, ReadModels
from projections.projection import Write, statement
from projections.sessions import evolve
from projections.sessions.rows import Called, Label, SessionRow, Sessions

NAME = "sessions"
VERSION = 2


_CLEAR = tuple(name for name in SessionRow.__struct_fields__ if name != "label")

SESSION = Table("session_2", ("tenant", *_CLEAR, "label"), ("tenant", "id"))
TAG = Table("session_tag_2", ("tenant", "tag", "conversation"), ("tenant", "tag", "conversation"))
USER = Table("session_user_2", ("tenant", "visitor", "label"), ("tenant", "visitor"))


class _Named(Struct, frozen=True):
    """What an event page may touch: conversations, visitors who are identified, who speak."""

    conversations: list[str]
    identified: list[str]
    speaking: list[str]


class SessionViewsProjection:
    """The projection ``sessions``; a :class:`~projections.projection.Projection`."""

    name = NAME
    version = VERSION
    types: frozenset[str] | None = evolve.TYPES
    owned = (SESSION.name, TAG.name, USER.name)
    cost = 2
    late_indexes = tuple(
        f"session_2_{each}"
        for each in ("last", "status", "assignee", "department", "position", "waiting", "missed")
    )

    def __init__(self, models: ReadModels, cipher: LabelCipher) -> None:
        self._models = models
        self._cipher = cipher
        self._labels = label_codec(cipher)
        self._users = LabelCodec(cipher, "rm.session_user.label", Called)

    @property
    def tables(self) -> str:
        return sql("tables")

    async def load(
        self, log: UUID, events: Sequence[RecordedEvent], kept: Sessions | None = None
    ) -> Sessions:
        named = _named(events)
        if kept is None or named.identified:  # then every row of that visitor is to be found
            return await self._read(log, named)
        rows = {name: kept.rows[name] for name in named.conversations if name in kept.rows}
        known = {row.visitor for row in rows.values()}
        users = {name: kept.users[name] for name in known if name in kept.users}
        missing = _Named(
            [name for name in named.conversations if name not in rows],
            [],
            [visitor for visitor in named.speaking if visitor not in known],
        )
        if not missing.conversations:
            return Sessions(rows, users)
        read = await self._read(log, missing)
        return Sessions(rows | read.rows, users | read.users)

    async def _read(self, log: UUID, named: _Named) -> Sessions:
        """These rows, and who the visitors of them are, and of those who speak."""
        async with self._models.reading(log) as transaction:
            stored = await transaction.fetch(
                sql("load"), log, named.conversations, named.identified
            )
            visitors = sorted({str(row["visitor"]) for row in stored}.union(named.speaking))
            users = await transaction.fetch(sql("load_users"), log, visitors)
        rows = await read_rows(self._labels, log, stored)
        names = await self._users.decrypt(log, [_user(row) for row in users])
        return Sessions(
            {row.id: row if label is None else replace(row, label=label) for row, label in rows},
            # An erased one's cannot be read; known still, it goes when the erasure is folded.
            {str(row["visitor"]): name or Called() for row, name in zip(users, names, strict=True)},
        )

    def evolve(self, rows: Sessions, events: Sequence[RecordedEvent]) -> Sessions:
        return evolve.evolve(rows, events)

    async def change(self, log: UUID, before: Sessions, after: Sessions) -> Write:
        changed = [row for name, row in after.rows.items() if before.rows.get(name) != row]
        rows = await self._stored_rows(log, changed)
        retagged = [row for row in changed if _is_retagged(before.rows.get(row.id), row)]
        tags = await self._stored_tags(log, retagged)
        users = await self._stored_users(log, before, after)
        untagged = [row.id for row in retagged if row.id in before.rows]
        forgotten = [visitor for visitor in before.users if visitor not in after.users]

        async def write(transaction: Transaction) -> None:
            await transaction.put(SESSION, rows)
            if untagged:
                await transaction.execute(sql("untag"), log, untagged)
            await transaction.put(TAG, tags)
            await transaction.put(USER, users)
            if forgotten:
                await transaction.execute(sql("forget_users"), log, forgotten)

        return write

    async def clear(self, transaction: Transaction, log: UUID) -> None:
        await transaction.execute(sql("clear"), log)

    async def _stored_rows(self, log: UUID, rows: Sequence[SessionRow]) -> list[tuple[object, ...]]:
        labelled = [row for row in rows if row.status != "erased"]
        encrypted = await self._labels.encrypt(log, [(row.subject, row.label) for row in labelled])
        labels = dict(zip((row.id for row in labelled), encrypted, strict=True))
        return [(log, *_columns(row), labels.get(row.id)) for row in rows]

    async def _stored_tags(
        self, log: UUID, rows: Iterable[SessionRow]
    ) -> list[tuple[UUID, bytes, str]]:
        tagged = [(tag, row.id) for row in rows for tag in dict.fromkeys(row.label.tags)]
        digests = await blind_tags(self._cipher, log, [tag for tag, _ in tagged])
        return [(log, digest, row) for digest, (_, row) in zip(digests, tagged, strict=True)]

    async def _stored_users(
        self, log: UUID, before: Sessions, after: Sessions
    ) -> list[tuple[UUID, str, bytes]]:
        new = [
            (visitor, user)
            for visitor, user in after.users.items()
            if before.users.get(visitor) != user
        ]
        encrypted = await self._users.encrypt(
            log, [(streams.visitor(visitor), user) for visitor, user in new]
        )
        return [
            (log, visitor, label)
            for (visitor, _), label in zip(new, encrypted, strict=True)
            if label is not None
        ]


def sql(name: str) -> str:
    """A statement of this projection."""
    return statement("projections.sessions", name)


def label_codec(cipher: LabelCipher) -> LabelCodec[Label]:
    """How labels of session views are stored."""
    return LabelCodec(cipher, "rm.session.label", Label)


async def blind_tags(cipher: LabelCipher, log: UUID, tags: Sequence[str]) -> list[bytes]:
    """What stands for each tag in the table of tags."""
    return await cipher.digests(log, "rm.session_tag.tag", tags)


async def read_rows(
    labels: LabelCodec[Label], log: UUID, stored: Sequence[Row]
) -> list[tuple[SessionRow, Label | None]]:
    """Rows as stored, each with its label; None where that cannot be read any more."""
    rows = [_row(columns) for columns in stored]
    encrypted = [
        (row.subject, msgspec.convert(columns["label"], bytes | None))
        for row, columns in zip(rows, stored, strict=True)
    ]
    opened = await labels.decrypt(log, encrypted)
    return list(zip(rows, opened, strict=True))


def _row(columns: Row) -> SessionRow:
    clear = {name: columns[name] for name in _CLEAR if name != "reads"}
    reads = msgspec.json.decode(str(columns["reads"]))
    return msgspec.convert({**clear, "reads": reads}, SessionRow)


def _columns(row: SessionRow) -> tuple[object, ...]:
    """The columns in clear, in their order."""
    columns = {name: getattr(row, name) for name in _CLEAR}
    columns["reads"] = msgspec.json.encode(row.reads).decode()
    return tuple(columns.values())


def _is_retagged(before: SessionRow | None, after: SessionRow) -> bool:
    """Of an erased row the tags there were cannot be read any more; whatever they were, they go."""
    known = () if before is None else before.label.tags
    return after.status == "erased" or known != after.label.tags


def _user(row: Row) -> tuple[str, bytes]:
    return streams.visitor(str(row["visitor"])), msgspec.convert(row["label"], bytes)


def _named(events: Iterable[RecordedEvent]) -> _Named:
    conversations, identified, speaking = set(), set(), set()
    for event in events:
        conversation = streams.conversation_id(event.stream)
        if conversation is None:
            identified.add(streams.visitor_id(event.stream))
        else:
            conversations.add(conversation)
        if event.actor.role == "visitor":
            speaking.add(event.actor.id)
    return _Named(sorted(conversations), sorted(identified), sorted(identified | speaking))
