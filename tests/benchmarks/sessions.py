"""Sessions at the product: visitors' and agents', by its public HTTP calls."""

from __future__ import annotations

import asyncio
import itertools
from typing import Any

import httpx

from tests.benchmarks.measuring import MeasurementFailed
from tests.fixtures.client import agent_session
from tests.fixtures.server import Server

ANSWER_S = 60.0
AT_ONCE = 20
"""Requests at once; more would only wait in the product."""


async def visitors(server: Server, count: int) -> list[dict[str, Any]]:
    """So many visitors' sessions."""
    gate = asyncio.Semaphore(AT_ONCE)
    site = server.credentials["site"]
    async with httpx.AsyncClient(base_url=server.url, timeout=ANSWER_S) as http:

        async def one() -> dict[str, Any]:
            async with gate:
                answer = await http.post("/v1/visitor/sessions", json={"site": site})
            if not answer.is_success:
                raise MeasurementFailed(answer.text)
            form: dict[str, Any] = answer.json()
            return form

        return list(await asyncio.gather(*(one() for _ in range(count))))


async def agents(server: Server, count: int) -> list[dict[str, Any]]:
    """So many agents' sockets' sessions: of the demonstration's accounts, in turn."""
    credentials = server.credentials
    accounts = (credentials["admin"], *credentials["agents"])
    sessions = [await agent_session(server.url, "demo", account) for account in accounts]
    return list(itertools.islice(itertools.cycle(sessions), count))
