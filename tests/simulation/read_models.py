"""The read models' tables in memory: what the SQL of the session views does, said in Python.

Projector, engine, projection, folding and labels are the product's own; the twin is of PostgreSQL
only: rows and checkpoint move together on commit, whoever moves a checkpoint holds its lock until
then, and a transaction that is left by an error did not happen.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from copy import deepcopy
from hashlib import sha256
from typing import Any
from uuid import UUID

from msgspec import Struct

from domain.errors import StoreUnavailable
from domain.ports import Row, Table
from projections.ports import NOTHING, Checkpoint, Labels
from projections.projection import statement
from projections.sessions.projection import SESSION, TAG, USER, sql
from tests.doubles.connected_store import Connections
from tests.simulation.store import Link

_Key = tuple[str, UUID]
_Rows = dict[tuple[UUID, str], dict[str, Any]]


class Tables(Struct):
    """All that is committed. Keys begin with the log.

    ``broken`` is what the port forbids and somebody did; ``restored`` counts the backups.
    """

    checkpoints: dict[_Key, Checkpoint] = {}
    sessions: _Rows = {}
    users: dict[tuple[UUID, str], bytes] = {}
    tags: set[tuple[UUID, bytes, str]] = set()
    parked: list[tuple[object, ...]] = []
    broken: list[str] = []
    restored: int = 0

    def copy(self) -> Tables:
        """A backup of it."""
        return deepcopy(self)

    def become(self, backup: Tables) -> None:
        """Be what the backup has. Transactions that are open do not happen."""
        broken, restored = self.broken, self.restored + 1
        for name in self.__struct_fields__:
            setattr(self, name, deepcopy(getattr(backup, name)))
        self.broken, self.restored = broken, restored


class LinkedReadModels:
    """:class:`~projections.ports.ReadModels` over a link to tables that all nodes share."""

    def __init__(
        self,
        tables: Tables,
        locks: dict[_Key, asyncio.Lock],
        link: Link,
        connections: Connections,
    ) -> None:
        self._tables = tables
        self._locks = locks
        self._link = link
        self._connections = connections

    async def _connect(self) -> None:
        """The way there, to a history that is known then."""
        await self._link.there()
        self._connections.meet()

    async def checkpoints(self, projection: str) -> dict[UUID, Checkpoint]:
        await self._connect()
        stored = self._tables.checkpoints.items()
        return {log: at for (name, log), at in stored if name == projection}

    async def checkpoint(self, projection: str, log: UUID) -> Checkpoint:
        await self._connect()
        return self._tables.checkpoints.get((projection, log), NOTHING)

    @asynccontextmanager
    async def projecting(self, log: UUID) -> AsyncIterator[_Transaction]:  # the port's
        await self._connect()
        transaction, before = (
            _Transaction(self._tables, self._locks, self._link),
            self._tables.restored,
        )
        try:
            yield transaction
            await self._link.there()
            if self._tables.restored != before:
                raise StoreUnavailable("the tables were restored meanwhile")
            if transaction.fenced:
                self._tables.broken.append(f"a fenced transaction on log {log} was committed")
            for write in transaction.writes:
                write()
        finally:
            for lock in transaction.locked:
                lock.release()
        await self._link.back()

    @asynccontextmanager
    async def reading(self, log: UUID) -> AsyncIterator[_Transaction]:  # the port's
        await self._connect()
        yield _Transaction(self._tables, self._locks, self._link)


class _Transaction:
    """A :class:`~projections.ports.Projecting`: ``writes`` is what it does on commit."""

    def __init__(self, tables: Tables, locks: dict[_Key, asyncio.Lock], link: Link) -> None:
        self.writes: list[Callable[[], None]] = []
        self.fenced = False
        self.locked: list[asyncio.Lock] = []
        self._tables = tables
        self._locks = locks
        self._link = link

    async def move_checkpoint(
        self, projection: str, log: UUID, was: Checkpoint, to: Checkpoint
    ) -> bool:
        await self._link.there()
        key = (projection, log)
        lock = self._locks.setdefault(key, asyncio.Lock())
        await lock.acquire()
        self.locked.append(lock)
        if self._tables.checkpoints.get(key, NOTHING) != was:
            self.fenced = True
            return False
        self.writes.append(lambda: self._tables.checkpoints.update({key: to}))
        return True

    async def generations(self, name: str) -> int:  # the port's
        await self._link.there()
        return 0

    async def fetch(self, text: str, *arguments: Any) -> Sequence[Row]:
        log, tables = arguments[0], self._tables
        if text == sql("load"):
            _, names, visitors = arguments
            return [
                row
                for (owner, name), row in tables.sessions.items()
                if owner == log and (name in names or row["visitor"] in visitors)
            ]
        assert text == sql("load_users"), text
        return [
            {"visitor": visitor, "label": tables.users[log, visitor]}
            for visitor in arguments[1]
            if (log, visitor) in tables.users
        ]

    async def execute(self, text: str, *arguments: Any) -> None:
        self.writes.append(lambda: _execute(self._tables, text, arguments))

    async def execute_many(self, text: str, rows: Sequence[Sequence[Any]]) -> None:
        raise AssertionError(text)

    async def put(self, table: Table, rows: Sequence[Sequence[Any]]) -> None:
        self.writes.append(lambda: _put(self._tables, table, rows))


def _execute(tables: Tables, text: str, arguments: Sequence[Any]) -> None:
    if text == statement("projections", "park"):
        tables.parked.append(tuple(arguments))
        return
    if text == statement("projections", "clear_parked"):
        tables.parked = [each for each in tables.parked if each[:2] != tuple(arguments)]
        return
    log = arguments[0]
    if text == sql("untag"):
        gone = set(arguments[1])
        tables.tags = {each for each in tables.tags if each[0] != log or each[2] not in gone}
    elif text == sql("forget_users"):
        for visitor in arguments[1]:
            tables.users.pop((log, visitor), None)
    else:
        assert text == sql("clear"), text
        tables.sessions = {key: row for key, row in tables.sessions.items() if key[0] != log}
        tables.users = {key: row for key, row in tables.users.items() if key[0] != log}
        tables.tags = {each for each in tables.tags if each[0] != log}


def _put(tables: Tables, table: Table, rows: Sequence[Sequence[Any]]) -> None:
    for log, *values in rows:
        if table is SESSION:
            row = dict(zip(SESSION.columns[1:], values, strict=True))
            tables.sessions[log, row["id"]] = row
        elif table is TAG:
            tables.tags.add((log, values[0], values[1]))
        else:
            assert table is USER, table
            tables.users[log, values[0]] = values[1]


class ClearLabels:
    """:class:`~projections.ports.LabelCipher` without a cipher: ``erased`` says whose are gone."""

    def __init__(self, erased: Callable[[UUID, str], bool]) -> None:
        self._erased = erased

    async def encrypt(self, log: UUID, purpose: str, labels: Labels) -> list[bytes | None]:
        sealed = purpose.encode() + b"\0"
        return [None if self._erased(log, who) else sealed + plain for who, plain in labels]

    async def decrypt(self, log: UUID, purpose: str, labels: Labels) -> list[bytes | None]:
        sealed = purpose.encode() + b"\0"
        return [
            None if self._erased(log, who) or not raw.startswith(sealed) else raw[len(sealed) :]
            for who, raw in labels
        ]

    async def digests(self, log: UUID, purpose: str, texts: Sequence[str]) -> list[bytes]:
        return [sha256(f"{log}{purpose}{text}".encode()).digest() for text in texts]
