"""The doctor's finding on Redis."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from redis.asyncio import Redis

from adapters.redis.link import _version_of
from ops.doctor import redis as doctor_redis
from ops.doctor.findings import Finding, State
from ops.doctor.redis import examine_redis
from ops.doctor.self_check import examine
from ops.settings import Settings


async def found(url: str | None) -> list[Finding]:
    """What is found."""
    return [each async for each in examine_redis(Settings(redis_url=url))]


async def test_a_sound_redis_is_named(redis_url: str, redis_client: Redis) -> None:
    """Where it is and which; never what signs us in."""
    (finding,) = await found(redis_url)
    parts = urlsplit(redis_url)
    version = (await redis_client.info("server"))["redis_version"]
    assert finding == Finding("Redis", State.OK, f"127.0.0.1:{parts.port} is Redis {version}")


async def test_without_one_there_is_nothing_to_find() -> None:
    """It is no part of a small site."""
    assert await found(None) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"password": "wrong"}, "does not let us in"),
        ({"port": 1}, "cannot be reached"),
        ({"query": "?no_such_option=1"}, "cannot be asked: its URL has an option that is none"),
    ],
)
async def test_what_is_wrong_is_said(redis_url: str, change: dict[str, object], said: str) -> None:
    """In a sentence, without the password."""
    parts = urlsplit(redis_url)
    given = {"password": parts.password, "port": parts.port, "query": "", **change}
    url = "redis://:{password}@127.0.0.1:{port}/0{query}".format(**given)
    (finding,) = await found(url)
    assert finding == Finding("Redis", State.FAIL, f"127.0.0.1:{given['port']} {said}")


async def test_an_old_one_is_refused(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before something that it does not know is asked of it."""
    monkeypatch.setattr(doctor_redis, "OLDEST_MAJOR", 99)
    (finding,) = await found(redis_url)
    assert finding.state is State.FAIL
    assert finding.detail.endswith("older than 99")


async def test_the_doctor_asks_redis_too(tmp_path: Path) -> None:
    """Beside everything else that it looks at."""
    settings = Settings(data=tmp_path, redis_url="redis://127.0.0.1:1/")
    findings = [each async for each in examine(settings, [])]
    assert findings[-1] == Finding("Redis", State.FAIL, "127.0.0.1:1 cannot be reached")


def test_valkey_goes_by_its_own_name() -> None:
    """And by the Redis whose commands it has."""
    version = _version_of({"redis_version": "7.2.4", "valkey_version": "9.0.1"})
    assert version == ("Valkey 9.0.1", 7)
