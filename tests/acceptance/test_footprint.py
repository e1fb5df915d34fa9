"""What the whole product takes of a small server, and what it leaves behind: nothing."""

from __future__ import annotations

from collections.abc import Iterator

import psutil
import pytest

from adapters.passwords.argon2id import Argon2Settings
from tests.fixtures.client import Client, agent_session, visitor_session
from tests.fixtures.server import Server, running_server

LIMIT_BYTES = 200 * 10**6
"""Memory of the product at rest, its PostgreSQL with it: what a small site's server can spare."""

PEOPLE = 5
MESSAGES = 40


def processes(server: Server) -> list[psutil.Process]:
    """The product's process and all that it has started."""
    assert server.process is not None
    root = psutil.Process(server.process.pid)
    return [root, *root.children(recursive=True)]


async def talk(server: Server) -> None:
    """Visitors write one after the other; an agent with an inbox answers each message."""
    credentials = server.credentials
    account = await agent_session(server.url, "demo", credentials["agents"][0])
    async with Client(account, {"inbox": 0}) as agent:
        for _ in range(PEOPLE):
            session = await visitor_session(server.url, credentials["site"])
            async with Client(session) as visitor:
                ack = await visitor.ack("start", body={"text": "hello"})
                conversation = ack["conversation"]
                await visitor.follow(f"conversation:{conversation}")
                for number in range(MESSAGES):
                    for each in (visitor, agent):
                        body = {"text": f"message {number}"}
                        await each.ack("post", conversation=conversation, body=body)


PASSWORDS = Argon2Settings()


@pytest.fixture
def own() -> Iterator[Server]:
    """A product that runs for the first time, and takes for passwords what it always does."""
    with running_server(
        PARLEY_PASSWORDS_TIME_COST=str(PASSWORDS.time_cost),
        PARLEY_PASSWORDS_MEMORY_KIB=str(PASSWORDS.memory_kib),
    ) as server:
        yield server


async def test_the_product_is_small_and_leaves_nothing_behind(own: Server) -> None:
    """After some traffic it and its PostgreSQL fit in 200 MB; after its end no process is left."""
    await talk(own)
    running = processes(own)
    assert "postgres" in {each.name() for each in running}
    taken = {f"{each.name()} {each.pid}": each.memory_full_info().pss for each in running}
    assert 0 < sum(taken.values()) < LIMIT_BYTES, taken
    assert own.stop() == 0
    assert [each for each in running if each.is_running()] == []
