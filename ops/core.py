"""What every program on the log stands on: a ready database, the store, and the way into it.

The node and the operator's commands begin here alike. A database is ready when its schema is this
program's and its keys open: nothing is served, read or written before.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from adapters.postgres.database import PostgresDatabase
from adapters.postgres.embedded import EmbeddedPostgres, join
from adapters.postgres.embedded_directory import DataDirectory
from adapters.postgres.embedded_errors import DirectoryInUse
from adapters.postgres.installation import prepare
from adapters.postgres.masterkeys import MasterKeys
from adapters.postgres.migrations import owner
from domain import figures
from domain.breaker import NO_BREAKER, Breaker
from domain.envelope import Slice
from domain.errors import StoreUnavailable
from domain.event_types import REGISTRY
from domain.group_commit import GroupCommit
from domain.handling.commands import CommandHandler
from domain.ports import Commits
from domain.telemetry import NO_MEASURES, NO_TELEMETRY, Measures, Telemetry
from ops import master_key
from ops.errors import CannotRun
from ops.inspection import demand_schema, missing_keys
from ops.patience import REFUSED, UNKNOWN, until_there
from ops.settings import Settings, hosts_of
from ops.system import SystemClock, SystemIds

FREE_S = 3.0
"""Seconds that a node waits for a directory in use: commands on a stopped product are brief."""

LOOK_S = 0.1

_logger = logging.getLogger("parley.core")


@dataclass(frozen=True)
class Core:
    """The store and the way into it. ``keys`` are the master keys, the current one first.

    ``telemetry`` is how the parts on it are seen.
    """

    url: str
    keys: Sequence[bytes]
    masters: MasterKeys
    clock: SystemClock
    ids: SystemIds
    database: PostgresDatabase
    handler: CommandHandler
    telemetry: Telemetry


Watch = Callable[[asyncio.Task[None]], None]
"""Is given a task that must not end by itself."""


@dataclass(frozen=True)
class Served:
    """A PostgreSQL for a node: its URL for everybody, and the one that is shortest from here."""

    url: str
    nearest: str


@contextlib.asynccontextmanager
async def served_database(
    settings: Settings,
    watch: Watch,
    measures: Measures = NO_MEASURES,
    *,
    patience_s: float = 0.0,
) -> AsyncIterator[Served]:
    """PostgreSQL for a node: the one given, or its own, kept alive until the end.

    ``watch`` is given what keeps it alive, ``measures`` how often it had to. One that is given is
    waited for so long.
    """
    if settings.database_url is not None:
        with _named(settings.database_url):
            if patience_s:
                await until_there(settings.database_url, patience_s)
            yield Served(settings.database_url, settings.database_url)
        return
    server = await _own_server(settings)
    measures.read(figures.POSTGRES_RESTARTS, lambda: {(): server.restarts})
    supervising = asyncio.create_task(server.supervise(), name="PostgreSQL's supervisor")
    watch(supervising)
    try:
        yield Served(server.database_url, server.address.socket_url)
    finally:
        supervising.cancel()
        await asyncio.wait([supervising])
        # PostgreSQL ends by itself when its parent does, so this wait may be cut short.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(settings.stop.database_s):
                await server.stop()


@contextlib.contextmanager
def _named(url: str) -> Iterator[None]:
    """Say which PostgreSQL it is that cannot be used; never as whom, which has a password."""
    try:
        yield
    except StoreUnavailable as error:
        where, why = " or ".join(hosts_of(url)), str(error)
        does = "does not let us in" if REFUSED in why else "does not answer"
        does = "has no such database" if UNKNOWN in why else does
        raise CannotRun(f"PostgreSQL at {where} {does} ({why}).") from error


async def _own_server(settings: Settings) -> EmbeddedPostgres:
    """PostgreSQL on our directory, which a command may hold for a moment more."""
    deadline = time.monotonic() + FREE_S
    while True:
        try:
            return await EmbeddedPostgres.open(settings.data, postgres_bin=settings.postgres_bin)
        except DirectoryInUse:
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(LOOK_S)


@contextlib.asynccontextmanager
async def joined_database(settings: Settings, *, make: bool = True) -> AsyncIterator[str]:
    """The URL of PostgreSQL for a command: given, a running product's, or started for now.

    Without ``make`` a directory that nothing was made in stays so. Raises CannotRun.
    """
    if settings.database_url is not None:
        with _named(settings.database_url):
            yield settings.database_url
        return
    if not make and DataDirectory.at(settings.data).major is None:
        raise CannotRun(f"There is nothing in {settings.data} yet; `parley init` makes it.")
    async with join(settings.data, postgres_bin=settings.postgres_bin) as address:
        yield address.database_url


@contextlib.asynccontextmanager
async def opened(  # noqa: PLR0913  # what differs between node and command
    settings: Settings,
    url: str,
    committed: Commits | None = None,
    telemetry: Telemetry = NO_TELEMETRY,
    breaker: Breaker = NO_BREAKER,
    *,
    nearest: str | None = None,
) -> AsyncIterator[Core]:
    """The core on a database that is made ready first.

    ``committed`` is told of everything that is committed here; ``nearest`` is the same database's
    URL for the connections that are in use all the time.

    Raises:
        CannotRun, CannotStart: the database is not one that this program may work with.
        StoreUnavailable: it is away.
    """
    keys = await _keys(settings, url)
    async with owner(url) as connection:
        await _demand_keys(settings, connection, keys)
    if applied := await prepare(url, MasterKeys(keys)):
        _logger.info("applied migrations", extra={"count": len(applied), "last": applied[-1]})
    ears = committed or _to_nobody
    async with _core(settings, url, keys, ears, telemetry, breaker, nearest) as core:
        yield core


@contextlib.asynccontextmanager
async def existing(settings: Settings, url: str) -> AsyncIterator[Core]:
    """The core on a database that is ready, for programs that make and migrate nothing.

    Raises:
        CannotRun: the schema is not this program's, or a master key is missing.
        StoreUnavailable: it is away.
    """
    keys = master_key.read(settings)
    async with owner(url) as connection:
        await demand_schema(connection)
        if keys is None:
            raise master_key.missing(settings)
        await _demand_keys(settings, connection, keys)
    changing_nothing = replace(settings, handling=replace(settings.handling, snapshot_events=0))
    async with _core(changing_nothing, url, keys, _to_nobody, NO_TELEMETRY) as core:
        yield core


@contextlib.asynccontextmanager
async def _core(  # noqa: PLR0913, PLR0917  # the parts that differ between node and command
    settings: Settings,
    url: str,
    keys: Sequence[bytes],
    committed: Commits,
    telemetry: Telemetry,
    breaker: Breaker = NO_BREAKER,
    nearest: str | None = None,
) -> AsyncIterator[Core]:
    masters, clock, ids = MasterKeys(keys), SystemClock(), SystemIds()
    database = PostgresDatabase(
        nearest or url,
        masters=masters,
        registry=REGISTRY,
        clock=clock,
        ids=ids,
        settings=settings.postgres,
        measures=telemetry.measures,
        breaker=breaker,
    )
    try:
        commits = GroupCommit(
            database.store,
            committed,
            batch_commands=settings.commits.batch_commands,
            queue_commands=settings.commits.queue_commands,
            telemetry=telemetry,
        )
        handler = CommandHandler(
            database.store, commits, clock, ids, settings.handling, snapshots=database.snapshots
        )
        database.history.on_change(lambda _: handler.forget())
        yield Core(url, keys, masters, clock, ids, database, handler, telemetry)
    finally:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(settings.stop.pools_s):
                await database.close()


async def _keys(settings: Settings, url: str) -> tuple[bytes, ...]:
    """The master keys; a first one is made for a database that has never seen any.

    Of nodes that share a directory and start at once, one makes it. It writes the file before it
    enters the key in the database: whoever finds it there looks into the directory once more.
    """
    keys = master_key.read(settings)
    if keys is None and await _has_keys(url):
        keys = master_key.read(settings)
        if keys is None:
            raise master_key.missing(settings)
    return master_key.make(settings) if keys is None else keys


async def _demand_keys(settings: Settings, connection: Any, keys: Sequence[bytes]) -> None:
    """Refuse keys that do not open what is stored, by the name they were given under."""
    given = MasterKeys(keys).fingerprints
    missing = await missing_keys(connection, given)
    if missing:
        raise master_key.wrong(settings, missing, given)


async def _has_keys(url: str) -> bool:
    async with owner(url) as connection:
        if await connection.fetchval("SELECT to_regclass('es.installation')") is None:
            return False
        in_use = await connection.fetchval("SELECT master_keys FROM es.installation")
        return bool(in_use)


def _to_nobody(committed: Slice, /) -> None:
    """Commands of the operator tell nobody: whoever follows the log polls it."""
