"""Rate limits over all nodes together: buckets in Redis, filled by its clock.

What a bucket is counted for may be an address or a user, so its name there is a keyed hash.
"""

from __future__ import annotations

from contextlib import suppress
from hashlib import blake2b

from adapters.redis.link import PREFIX, RedisAway, RedisLink
from domain import figures
from domain.rate_limits import Rate, RateLimits
from domain.telemetry import NO_MEASURES, Measures

_US = 1e6
_NAME_BYTES = 16


class RedisRateLimits:
    """A :class:`~domain.rate_limits.RateLimits`, except that it raises RedisAway.

    ``secret`` is the same on every node.
    """

    def __init__(self, link: RedisLink, secret: bytes) -> None:
        self._link = link
        self._secret = secret

    async def take(self, rate: Rate, key: str, count: int = 1) -> float:
        assert count <= rate.burst, f"{count} of {rate.name} can never be had at once"
        return await self._ask("take", rate, key, count) / _US

    async def give_back(self, rate: Rate, key: str, count: int = 1) -> None:
        await self._ask("give_back", rate, key, count)

    async def _ask(self, script: str, rate: Rate, key: str, count: int) -> int:
        name = blake2b(key.encode(), key=self._secret, digest_size=_NAME_BYTES).hexdigest()
        bucket = f"{PREFIX}rate:{rate.name}:{name}"
        arguments = (_US / rate.per_second, rate.burst, count)
        return await self._link.ask(script, bucket, arguments, int)


class SharedRateLimits:
    """A :class:`~domain.rate_limits.RateLimits`: Redis's, and the node's own while that is away.

    The node's own counts all the time, so that an outage gives nobody a full bucket again. Nothing
    that it counted alone is told to Redis later: there the buckets have filled up by then.
    """

    def __init__(
        self, shared: RedisRateLimits, own: RateLimits, measures: Measures = NO_MEASURES
    ) -> None:
        self._shared = shared
        self._own = own
        self._measures = measures

    async def take(self, rate: Rate, key: str, count: int = 1) -> float:
        try:
            wait_s = await self._shared.take(rate, key, count)
        except RedisAway:
            self._measures.count(figures.RATE_LIMIT_FALLBACKS)
            return await self._own.take(rate, key, count)
        if wait_s == 0:
            await self._own.take(rate, key, count)
        return wait_s

    async def give_back(self, rate: Rate, key: str, count: int = 1) -> None:
        await self._own.give_back(rate, key, count)
        with suppress(RedisAway):
            await self._shared.give_back(rate, key, count)
