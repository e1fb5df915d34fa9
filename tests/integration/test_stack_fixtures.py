"""What the fixtures for RabbitMQ and Redis promise to the tests that use them."""

from __future__ import annotations

import aiormq
import pytest
import redis

from tests.fixtures.stack import OpenStack, OwnStack


@pytest.mark.parametrize("time", ["first", "second"])
async def test_a_broker_is_empty(broker_url: str, time: str) -> None:
    """A durable queue of an earlier test is gone."""
    connection = await aiormq.connect(broker_url)
    channel = await connection.channel()
    with pytest.raises(aiormq.exceptions.ChannelNotFoundEntity):
        await channel.queue_declare("left", passive=True)
    channel = await connection.channel()
    await channel.queue_declare("left", durable=True)
    await connection.close()


@pytest.mark.parametrize("time", ["first", "second"])
def test_a_redis_is_empty(redis_url: str, time: str) -> None:
    """A key of an earlier test is gone."""
    with redis.Redis.from_url(redis_url) as client:
        assert client.get("left") is None
        client.set("left", 1)


def test_a_private_stack_is_harmed_and_mended(own_stack: OwnStack) -> None:
    """Each server comes back at its address after a kill -9, and the shared ones are others."""
    before = own_stack.urls
    for name in before:
        killed = own_stack.pid(name)
        own_stack.kill(name)
        own_stack.start(name)
        assert own_stack.pid(name) != killed
    assert own_stack.urls == before


def test_a_paused_server_does_not_answer(open_stack: OpenStack) -> None:
    """It keeps its connections and says nothing, until it is let go on."""
    stack = open_stack("redis")
    with redis.Redis.from_url(stack.urls["redis"], socket_timeout=0.2) as client:
        assert client.ping()
        stack.pause("redis")
        with pytest.raises(redis.TimeoutError):
            client.ping()
        stack.resume("redis")
        assert client.ping()
