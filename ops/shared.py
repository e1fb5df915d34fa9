"""What nodes share beside the log: how fast somebody may be, and who is there.

In Redis, with each node's own in its place while that is away; without one, only each node's own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.limits.token_buckets import TokenBuckets
from adapters.presence.in_process import InProcessPresences
from domain.breaker import Breaker
from domain.presence import Presences
from domain.rate_limits import RateLimits
from ops import master_key
from ops.core import Core
from ops.errors import BadSetting
from ops.followers import Followers
from ops.settings import Settings

if TYPE_CHECKING:
    from adapters.redis.link import RedisLink


class Shared:
    """Limits and presence, as every part of a node is given them."""

    def __init__(self, core: Core, settings: Settings, breaker: Breaker) -> None:
        self.limits: RateLimits = TokenBuckets(core.clock, kept=settings.limits.kept)
        self.presences: Presences = InProcessPresences(
            core.clock, settings.presence, knows_all=settings.embedded
        )
        self._link: RedisLink | None = None
        if settings.redis_url is not None:
            self._link = self._linked(settings.redis_url, core, settings, breaker)

    def _linked(self, url: str, core: Core, settings: Settings, breaker: Breaker) -> RedisLink:
        """Put Redis before each node's own."""
        # Here, since the library takes 0.14 s and 7 MB, which a small site need not spend.
        from adapters.redis.link import RedisLink  # noqa: PLC0415  # as said
        from adapters.redis.presences import RedisPresences, SharedPresences  # noqa: PLC0415  # too
        from adapters.redis.rate_limits import RedisRateLimits, SharedRateLimits  # noqa: PLC0415  # too

        try:
            link = RedisLink(url, settings.redis, core.clock, breaker)
        except ValueError as error:
            raise BadSetting("redis_url", "has an option that is none") from error
        secret = master_key.rate_key(core.keys)
        limits = RedisRateLimits(link, secret)
        self.limits = SharedRateLimits(limits, self.limits, core.telemetry.measures)
        self.presences = SharedPresences(RedisPresences(link, settings.presence), self.presences)
        return link

    def run(self, followers: Followers) -> None:
        """Start what looks after Redis."""
        if self._link is not None:
            followers.start("redis", self._link.run())

    async def probe(self) -> str | None:
        """What is wrong with Redis; None when nothing is, or there is none."""
        return None if self._link is None else await self._link.probe()
