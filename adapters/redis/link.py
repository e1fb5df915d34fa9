"""The link to Redis: whether it is there, and how it is asked. The only module that knows a client.

What is kept there can be lost or done without. So nobody waits for a Redis that is away: the first
question that fails makes it count as away, and from then on one look a second finds out when it is
back. Whatever goes wrong is :class:`RedisAway` to those who ask.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from importlib.resources import files
from typing import Any, NamedTuple, TypeVar

from redis import exceptions as failures
from redis.asyncio import ConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from adapters.redis.settings import RedisSettings
from domain.breaker import NO_BREAKER, Breaker, PartAway
from domain.ports import Clock

_logger = logging.getLogger("parley.redis")

PREFIX = "parley:"
"""Where the names of all our keys begin, so that others may use the same server."""

_LOOK = f"{PREFIX}look"
_SCRIPTS = ("take", "give_back", "arrive", "leave", "departed", "present", "listed")
_FORBIDDEN = ("NOAUTH", "WRONGPASS", "NOPERM", "ERR AUTH")

T = TypeVar("T")


class RedisAway(Exception):
    """Redis was not asked, or its answer is none. ``reason`` names no host and no user."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"Redis {reason}")


class Version(NamedTuple):
    """Which server it is. ``major`` is that of the Redis whose commands it has."""

    text: str
    major: int


class RedisLink:
    """A node's connections to Redis, opened when they are needed.

    Raises ValueError for a URL with options that are none.
    """

    def __init__(
        self, url: str, settings: RedisSettings, clock: Clock, breaker: Breaker = NO_BREAKER
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._breaker = breaker
        self._client = _client(url, settings)
        self._places = asyncio.Semaphore(settings.connections)
        folder = files("adapters.redis") / "lua"
        self._scripts = {
            name: self._client.register_script((folder / f"{name}.lua").read_text("utf-8"))
            for name in _SCRIPTS
        }
        self._illness: str | None = "was not asked yet"
        self._since = 0.0

    async def run(self) -> None:
        """Look after it until cancelled, then let its connections go."""
        try:
            while True:
                await self.look()
                await self._clock.sleep(self._settings.look_s)
        finally:
            await self.close()

    async def close(self) -> None:
        """Let the connections go."""
        await self._client.aclose()
        await self._client.connection_pool.disconnect()

    async def probe(self) -> str | None:
        """What is wrong with it, as the last look or question found; None when nothing is."""
        return self._illness

    @property
    def steady_s(self) -> float:
        """Seconds for which it has been there without a break; 0 while it is away."""
        return 0.0 if self._illness else self._clock.monotonic() - self._since

    async def look(self) -> None:
        """Ask it the like of what it will be asked, so that rights and memory show too."""
        try:
            await self._asked(lambda: self._scripts["take"]([_LOOK], (1, 1, 1)), int)
        except RedisAway:
            return
        if self._illness is not None:
            _logger.info("Redis is there")
            self._illness, self._since = None, self._clock.monotonic()

    async def ask(
        self, script: str, key: str, arguments: Sequence[Any], read: Callable[[Any], T]
    ) -> T:
        """What one of our scripts answers, as ``read`` makes it out. Raises RedisAway.

        That comes at once while Redis is known to be away.
        """
        if self._illness is not None:
            raise RedisAway(self._illness)
        return await self._asked(lambda: self._scripts[script]([key], arguments), read)

    async def version(self) -> Version:
        """What it calls itself. Raises RedisAway."""
        if self._illness is not None:
            raise RedisAway(self._illness)
        return await self._asked(lambda: self._client.info("server"), _version_of)

    async def _asked(self, question: Callable[[], Awaitable[Any]], read: Callable[[Any], T]) -> T:
        try:
            with self._breaker.guard():
                async with asyncio.timeout(self._settings.answer_s), self._places:
                    return read(await question())
        except PartAway:
            raise RedisAway(self._illness or "is left alone for a moment") from None
        except Exception as error:  # whatever it is, it is Redis's illness, and chat goes on
            reason = reason_of(error)
            self._lost(reason)
            raise RedisAway(reason) from error

    def _lost(self, reason: str) -> None:
        if self._illness is None:
            _logger.warning("Redis %s: limits and presence are this node's own meanwhile", reason)
        self._illness = reason


def _client(url: str, settings: RedisSettings) -> Redis:
    """A client that waits for nothing and tries nothing twice: its callers know better.

    Not with the library's own pool that waits: of those who wait there, some outlive their timeout.
    """
    pool = ConnectionPool.from_url(
        url,
        max_connections=settings.connections,
        socket_timeout=settings.answer_s,
        socket_connect_timeout=settings.answer_s,
        protocol=2,
        retry=Retry(NoBackoff(), 0),
        client_name="parley",
    )
    try:
        pool.connection_class(**pool.connection_kwargs)
    except TypeError as error:
        raise ValueError(str(error)) from error
    return Redis(connection_pool=pool)


def _version_of(server: dict[str, Any]) -> Version:
    """Valkey says which Redis it is like, and then who it is."""
    like = str(server["redis_version"])
    valkey = server.get("valkey_version")
    return Version(f"Valkey {valkey}" if valkey else f"Redis {like}", int(like.partition(".")[0]))


def reason_of(error: Exception) -> str:
    """What is wrong, in a few words that any stranger may read."""
    text = str(error)
    match error:
        case TimeoutError() | failures.TimeoutError():
            return "gives no answer in time"
        case failures.AuthenticationError() | failures.NoPermissionError():
            return "does not let us in"
        case failures.ResponseError() if text.startswith(_FORBIDDEN):
            return "does not let us in"
        case failures.BusyLoadingError():
            return "is still loading its data"
        case failures.ReadOnlyError():
            return "takes no writes: it is a replica"
        case failures.OutOfMemoryError():
            return "has no memory left"
        case failures.ConnectionError() | OSError():
            return "cannot be reached"
        case _:
            return f"gives no answer that makes sense ({type(error).__name__})"
