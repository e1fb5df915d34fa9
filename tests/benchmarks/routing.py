"""Routing: how long until 1,000 conversations that wait have each its agent, of 50 with room.

From outside, on the embedded product: from the request that changes the tenant's strategy until the
last assignment is at a desk. The baseline is the same by hand: an admin's socket gives the same
conversations to the same agents, all at once.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import httpx

from tests.benchmarks.measuring import (
    Figure,
    MeasurementFailed,
    Options,
    Table,
    ratios,
    spread,
)
from tests.benchmarks.sessions import visitors
from tests.fixtures.client import Client, agent_session
from tests.fixtures.server import Server, running_server

TALKS = 1_000
AGENTS = 50
CAPACITY = TALKS // AGENTS
AT_ONCE = 50
PATIENCE_S = 60.0
PASSWORD = "a-long-enough-password"
ROUTING = {"strategy": "round_robin", "capacity": CAPACITY}
MANUAL = {**ROUTING, "strategy": "manual"}

Session = dict[str, Any]


@dataclass(frozen=True)
class Office:
    """The product, the admin's desk, and who else is there."""

    http: httpx.AsyncClient
    desk: Client
    agents: Sequence[str]
    guests: Sequence[Session]


async def routing(options: Options) -> Table:
    """Measure both, in turn; the first of each warms up."""
    with running_server() as server:
        async with AsyncExitStack() as stack:
            office = await _office(server, stack)
            ours, theirs = [], []
            for _ in range(options.rounds + 1):
                ours.append(await _routed(office))
                theirs.append(await _by_hand(office))
    table = Table(
        f"routing: {TALKS:,} waiting conversations, {AGENTS} agents with room for {CAPACITY} each",
        ("", "until the last is assigned, s", "by hand, s", "Parley / by hand"),
    )
    ours, theirs = ours[1:], theirs[1:]
    table.add("round robin", spread(ours), spread(theirs), ratios(ours, theirs))
    table.keep(Figure.ROUTED, ours)
    return table


async def _office(server: Server, stack: AsyncExitStack) -> Office:
    session = await agent_session(server.url, "demo", server.credentials["admin"])
    headers = {"Authorization": f"Bearer {session['token']}"}
    http = await stack.enter_async_context(
        httpx.AsyncClient(base_url=server.url, headers=headers, timeout=PATIENCE_S)
    )
    await _say(http, MANUAL)
    agents = [await _agent(server, http, stack, n) for n in range(AGENTS)]
    desk = await stack.enter_async_context(Client(session, {"inbox": 0}))
    return Office(http, desk, agents, await visitors(server, TALKS))


async def _agent(server: Server, http: httpx.AsyncClient, stack: AsyncExitStack, n: int) -> str:
    """One more agent, at a desk of its own and online."""
    account = {"email": f"agent{n}@routing.test", "password": PASSWORD}
    made = await http.post("/v1/agents", json={**account, "name": f"Agent {n}", "role": "agent"})
    _demand(made)
    desk = await stack.enter_async_context(Client(await agent_session(server.url, "demo", account)))
    await desk.ack("status", status="online")
    return str(made.json()["id"])


async def _say(http: httpx.AsyncClient, routing_: dict[str, object]) -> None:
    _demand(await http.put("/v1/settings/routing", json=routing_))


def _demand(answer: httpx.Response) -> None:
    if not answer.is_success:
        raise MeasurementFailed(answer.text)


async def _routed(office: Office) -> float:
    """Seconds until the router has given out all, and each agent has what it has room for."""
    talks = await _waiting(office)
    begin = time.perf_counter()
    await _say(office.http, ROUTING)
    given = await _given(office, talks)
    took = time.perf_counter() - begin
    if set(given.values()) != {CAPACITY}:
        raise MeasurementFailed(f"they are not given out evenly: {given}")
    await _end(office, talks)
    return took


async def _by_hand(office: Office) -> float:
    """The same, each asked for by an admin."""
    talks = await _waiting(office)
    begin = time.perf_counter()
    answers = [
        await office.desk.submit("assign", conversation=talk, agent=agent)
        for talk, agent in zip(talks, itertools.cycle(office.agents), strict=False)
    ]
    await asyncio.gather(*answers)
    await _given(office, talks)
    took = time.perf_counter() - begin
    await _end(office, talks)
    return took


async def _waiting(office: Office) -> list[str]:
    """Every visitor begins to talk, and leaves its page."""
    office.desk.events["inbox"].clear()
    await _say(office.http, MANUAL)
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(session: Session) -> str:
        async with gate, Client(session) as visitor:
            ack = await visitor.ack("start", body={"text": "hello"})
        return str(ack["conversation"])

    return list(await asyncio.gather(*map(one, office.guests)))


async def _given(office: Office, talks: Sequence[str]) -> Counter[str]:
    """Wait until each has an agent; how many each agent has."""
    wanted = {f"conversation-{talk}" for talk in talks}
    events, seen = office.desk.events["inbox"], 0
    found: dict[str, str] = {}

    def all_given() -> bool:
        nonlocal seen
        for event in events[seen:]:
            if event["type"] == "conversation.assigned" and event["stream"] in wanted:
                if event["stream"] in found:
                    raise MeasurementFailed("a conversation was given twice")
                found[event["stream"]] = event["data"]["agent"]
        seen = len(events)
        return len(found) == len(wanted)

    await office.desk.until(all_given, PATIENCE_S)
    return Counter(found.values())


async def _end(office: Office, talks: Sequence[str]) -> None:
    await asyncio.gather(*[await office.desk.submit("close", conversation=each) for each in talks])
