"""The connections: each with a role, limits and proof of durability, and back after any failure.

Every room that speaks to PostgreSQL gets its connection here, so none can forget the role or the
limits. Nothing here knows what is asked.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, TypeAlias

import asyncpg

from adapters.postgres.failures import CannotStart, translated
from adapters.postgres.settings import PostgresSettings
from adapters.postgres.sql import statement
from domain.breaker import NO_BREAKER, Breaker, PartAway
from domain.errors import StoreUnavailable
from domain.history import History

Connection: TypeAlias = "asyncpg.pool.PoolConnectionProxy[asyncpg.Record]"

NODE = "parley_node"
PROJECTOR = "parley_projector"
RELAY = "parley_relay"

_KEEPALIVES = {
    "tcp_keepalives_idle": "5",
    "tcp_keepalives_interval": "2",
    "tcp_keepalives_count": "3",
}
"""Seconds, seconds and times after which the server lets go of a machine that is silent: what it
held is others' then. A spare may be idle for hours, and firewalls between forget such connections
without a word: these keep it in their minds."""


@dataclass(frozen=True, slots=True)
class Use:
    """What a pool is for: its name in ``pg_stat_activity``, its role, how many connections.

    Without a role it has the rights of the URL's own user: for what no serving connection may do.
    ``schema`` is where names without one are looked for: the generation of the read models.
    """

    name: str
    role: str | None
    connections: int
    lookups_only: bool = False
    schema: str | None = None


class Pool:
    """Connections of one role. Opened on first use, and again after the server was away.

    One that was given back is kept at hand, the spare: to hand it back to asyncpg and take it again
    are tasks and timers of their own, a tenth of the time of an append. The owner's rights are not
    kept at hand.

    With a ``history`` each new connection finds out which one it has met before it is used.
    ``waiting``: who waits for one now; ``waits``: how often all were in use when one was wanted.
    """

    def __init__(
        self,
        url: str,
        use: Use,
        settings: PostgresSettings,
        breaker: Breaker = NO_BREAKER,
        history: History | None = None,
    ) -> None:
        self._breaker = breaker
        self._history = history
        self._url = url
        self._use = use
        self._settings = settings
        self._pool: asyncpg.Pool[asyncpg.Record] | None = None
        self._spare: Connection | None = None
        self.name = use.name
        self.waiting = 0
        self.waits = 0

    @property
    def connections(self) -> dict[str, int]:
        """How many are open, by whether they are ``in_use`` or ``idle``."""
        size, idle = (self._pool.get_size(), self._pool.get_idle_size()) if self._pool else (0, 0)
        idle += self._spare is not None and _is_open(self._spare)
        return {"in_use": size - idle, "idle": idle}

    @property
    def transaction_timeout_s(self) -> float:
        """How long a transaction on one of the connections may last."""
        return self._settings.transaction_timeout_ms / 1000

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """A connection for one statement or transaction. Raises StoreUnavailable, BatchRefused."""
        with translated():
            connection = await self._take()
            try:
                yield connection
            except TimeoutError:
                # The server does not answer; asking it to cancel would wait for it too.
                connection.terminate()
                raise
            else:
                self._keep_spare(connection)
            finally:
                if connection is not self._spare:
                    await self._release(connection)

    async def dedicated(self) -> asyncpg.Connection[asyncpg.Record]:
        """A connection beside the pool, which its taker keeps and closes: for session locks.

        Raises StoreUnavailable.
        """
        settings = self._settings
        with translated():
            return await self._connect(
                self._url,
                timeout=settings.connect_timeout_s,
                command_timeout=settings.answer_timeout_s,
                server_settings=_server_settings(self._use, settings),
            )

    async def close(self) -> None:
        """End the connections; statements on their way are cut off."""
        if self._pool is not None:
            self._pool.terminate()
            self._pool = self._spare = None

    async def _take(self) -> Connection:
        """The spare if the server has not ended it, else one of asyncpg's pool."""
        spare, self._spare = self._spare, None
        if spare is not None:
            if _is_open(spare):
                return spare
            await self._release(spare)
        return await self._acquire()

    def _keep_spare(self, connection: Connection) -> None:
        """Keep a connection that nobody waits for, after its use has gone well."""
        if self._spare is None and not self.waiting and self._use.role and _is_open(connection):
            self._spare = connection

    async def _acquire(self) -> Connection:
        if self._pool is None:
            self._pool = self._create()
        self.waits += self.connections["in_use"] >= self._use.connections
        self.waiting += 1  # from here on nobody keeps a spare
        try:
            pool = await self._pool  # the first await opens it, later ones return it
            return await pool.acquire(timeout=self._settings.acquire_timeout_s)
        except CannotStart as error:  # commits are not durable there: as good as away
            raise StoreUnavailable(str(error)) from error
        finally:
            self.waiting -= 1

    async def _release(self, connection: Connection) -> None:
        """Give the connection back. One that cannot be made idle again is cut off by asyncpg."""
        if self._pool is not None:
            with suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
                await self._pool.release(connection, timeout=self._settings.acquire_timeout_s)

    def _create(self) -> asyncpg.Pool[asyncpg.Record]:
        settings = self._settings
        pool: asyncpg.Pool[asyncpg.Record] = asyncpg.create_pool(
            self._url,
            min_size=0,
            max_size=self._use.connections,
            timeout=settings.connect_timeout_s,
            command_timeout=settings.answer_timeout_s,
            connect=self._connect,
            init=self._begin,
            reset=_nothing_to_reset,
            server_settings=_server_settings(self._use, settings),
        )
        return pool

    async def _connect(self, *args: Any, **kwargs: Any) -> asyncpg.Connection[asyncpg.Record]:
        """What asyncpg does by itself, behind the breaker."""
        try:
            with self._breaker.guard():
                connection: asyncpg.Connection[asyncpg.Record]
                connection = await asyncpg.connect(*args, **kwargs)
        except PartAway as error:
            raise StoreUnavailable(str(error)) from None
        return connection

    async def _begin(self, connection: Connection | asyncpg.Connection[asyncpg.Record]) -> None:
        await demand_durability(connection)
        await limit_transactions(connection, self._settings.transaction_timeout_ms)
        if self._history is not None:
            met = await connection.fetchrow(statement("history"))
            assert met is not None
            self._history.connected(*met)


def _server_settings(use: Use, settings: PostgresSettings) -> dict[str, str]:
    """What every connection starts with, the lesser role included."""
    common = {
        "application_name": f"parley {use.name}",
        "search_path": f"pg_catalog, {use.schema}" if use.schema else "pg_catalog",
        # Whoever waited for a lock must see what was committed meanwhile.
        "default_transaction_isolation": "read committed",
        "statement_timeout": str(settings.statement_timeout_ms),
        "lock_timeout": str(settings.lock_timeout_ms),
        "idle_in_transaction_session_timeout": str(settings.idle_in_transaction_ms),
        "jit": "off",  # compiling costs more than any of our statements
        **_KEEPALIVES,
    }
    if use.role is not None:
        common["role"] = use.role
    if use.lookups_only:
        # Functions keep their plans: one made while a table was small must not scan it when large.
        common |= {"enable_seqscan": "off", "plan_cache_mode": "force_generic_plan"}
    return common


def _is_open(connection: Connection) -> bool:
    try:
        return not connection.is_closed()
    except asyncpg.InterfaceError:  # what asyncpg's pool has back answers nothing
        return False


async def _nothing_to_reset(_: object) -> None:
    """All that we set is set for one transaction, so a returned connection is as it was."""


async def demand_durability(connection: Connection | asyncpg.Connection[asyncpg.Record]) -> None:
    """Refuse a server where a commit is not durable. Raises :class:`CannotStart`."""
    names = ("fsync", "full_page_writes", "synchronous_commit")
    values = await connection.fetchrow(
        "SELECT current_setting($1), current_setting($2), current_setting($3)", *names
    )
    assert values is not None
    for name, value in zip(names, values, strict=True):
        if value not in {"on", "remote_apply"}:
            raise CannotStart(
                f"PostgreSQL runs with {name} = {value}, so a commit could be lost in a crash:"
                f" set {name} = on"
            )


async def limit_transactions(
    connection: Connection | asyncpg.Connection[asyncpg.Record], timeout_ms: int
) -> None:
    """Let the server end every transaction that gets too old. PostgreSQL before 17 cannot."""
    await connection.execute(
        "SELECT set_config(name, $1, false) FROM pg_settings WHERE name = 'transaction_timeout'",
        str(timeout_ms),
    )
