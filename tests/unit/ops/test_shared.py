"""What nodes share: their own without a Redis, Redis first with one, and what is said of it."""

from __future__ import annotations

import subprocess
import sys
from types import SimpleNamespace
from typing import Any, cast

import pytest

from adapters.limits.token_buckets import TokenBuckets
from adapters.presence.in_process import InProcessPresences
from domain.breaker import NO_BREAKER
from domain.rate_limits import Rate
from domain.telemetry import NO_TELEMETRY
from ops.core import Core
from ops.errors import BadSetting
from ops.followers import Followers
from ops.master_key import rate_key
from ops.settings import Settings
from ops.shared import Shared
from tests.doubles.clock import ManualClock

NOBODY = "redis://127.0.0.1:1/"
"""Where no Redis is."""

RATE = Rate("test", per_second=0.02, burst=1)


def shared(**settings: Any) -> Shared:
    """What a node of these settings shares."""
    keys = [b"1" * 32, b"2" * 32]
    core = SimpleNamespace(clock=ManualClock(), keys=keys, telemetry=NO_TELEMETRY)
    return Shared(cast("Core", core), Settings(**settings), NO_BREAKER)


async def test_without_redis_each_node_has_its_own() -> None:
    """And nothing can be wrong with what is not there."""
    alone = shared()
    assert isinstance(alone.limits, TokenBuckets)
    assert isinstance(alone.presences, InProcessPresences)
    assert await alone.probe() is None
    followers = Followers()
    alone.run(followers)
    assert not followers._tasks


async def test_only_who_knows_all_sockets_says_that_somebody_is_gone() -> None:
    """The embedded product does; a node beside others without Redis, or while it is away, not."""
    assert shared().presences.knows_all
    assert not shared(database_url="postgresql://127.0.0.1:1/x").presences.knows_all
    assert not shared(redis_url=NOBODY).presences.knows_all


async def test_with_a_redis_that_is_away_limits_hold() -> None:
    """The node's own counts, and the probe says why."""
    node = shared(redis_url=NOBODY)
    followers = Followers()
    node.run(followers)
    assert await node.limits.take(RATE, "a") == 0
    assert await node.limits.take(RATE, "a") > 0
    assert await node.probe() is not None
    await followers.stop()
    assert not followers.broken.is_set()


@pytest.mark.parametrize("option", ["max_connections=many", "no_such_option=1"])
def test_an_option_that_is_none_is_refused_at_the_start(option: str) -> None:
    """In a sentence that does not repeat the URL, which has a password."""
    with pytest.raises(BadSetting, match="redis_url has an option that is none") as refused:
        shared(redis_url=f"redis://:secret@127.0.0.1:1/?{option}")
    assert "secret" not in str(refused.value)


def test_names_are_hidden_under_the_master_key() -> None:
    """The current one, the same on every node; not under the key itself."""
    assert rate_key([b"1" * 32, b"2" * 32]) == rate_key([b"1" * 32])
    assert rate_key([b"1" * 32]) not in {rate_key([b"2" * 32]), b"1" * 32}


def test_a_small_site_does_not_load_the_libraries() -> None:
    """Without a Redis its client is never imported, nor RabbitMQ's before somebody needs it."""
    code = "import sys, ops.node, ops.shared; print({'redis.asyncio', 'aio_pika'} & {*sys.modules})"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "set()"
