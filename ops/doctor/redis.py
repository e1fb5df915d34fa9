"""The self-check of Redis, where one is given. It asks what a node would ask."""

from __future__ import annotations

from collections.abc import AsyncIterator
from urllib.parse import urlsplit

from ops.doctor.findings import Finding, State
from ops.settings import Settings
from ops.system import SystemClock

OLDEST_MAJOR = 7


async def examine_redis(settings: Settings) -> AsyncIterator[Finding]:
    """What is found of Redis; nothing where there is to be none."""
    if settings.redis_url is None:
        return
    parts = urlsplit(settings.redis_url)
    where = f"{parts.hostname}:{parts.port or 6379}"
    state, found = await _examined(settings, settings.redis_url)
    yield Finding("Redis", state, f"{where} {found}")


async def _examined(settings: Settings, url: str) -> tuple[State, str]:
    from adapters.redis.link import RedisAway, RedisLink  # noqa: PLC0415  # as in ops.shared

    try:
        link = RedisLink(url, settings.redis, SystemClock())
    except ValueError:
        return State.FAIL, "cannot be asked: its URL has an option that is none"
    try:
        await link.look()
        version = await link.version()
    except RedisAway as away:
        return State.FAIL, away.reason
    finally:
        await link.close()
    if version.major < OLDEST_MAJOR:
        return State.FAIL, f"is {version.text}, older than {OLDEST_MAJOR}"
    return State.OK, f"is {version.text}"
