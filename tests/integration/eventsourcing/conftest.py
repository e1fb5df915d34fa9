"""A database for the bridge's tests, and a fresh log for each of them.

Fixtures are synchronous: the library is, and its cases are unittest's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from itertools import count
from uuid import uuid4

import pytest

from tests.fixtures.postgres import database_url, owner_of

MASTER_KEY = b"the master key of tests: 32 byte".hex()
DATABASE = "parley_bridge"

NewTenant = Callable[..., dict[str, str]]
"""Begins a log, of a tenant of this name or any: the environment that names it to the library."""

_numbers = count(1)


@pytest.fixture(scope="session")
def bridge_url(postgres_server: str, postgres_template: str) -> Iterator[str]:
    """A database that all of these tests share, each with tenants of its own."""
    asyncio.run(
        _execute(postgres_server, f"CREATE DATABASE {DATABASE} TEMPLATE {postgres_template}")
    )
    yield database_url(postgres_server, DATABASE)
    asyncio.run(_execute(postgres_server, f"DROP DATABASE {DATABASE} WITH (FORCE)"))


@pytest.fixture(scope="session")
def new_tenant(bridge_url: str) -> NewTenant:
    """How a test begins an empty log."""

    def begin(name: str | None = None) -> dict[str, str]:
        tenant = name or f"tenant-{next(_numbers)}"
        asyncio.run(_execute(bridge_url, "SELECT es.create_log($1, $2)", uuid4(), tenant))
        return {
            "PERSISTENCE_MODULE": "ops.bridge",
            "PARLEY_DATABASE_URL": bridge_url,
            "PARLEY_MASTER_KEY": MASTER_KEY,
            "PARLEY_TENANT": tenant,
        }

    return begin


async def _execute(url: str, statement: str, *arguments: object) -> None:
    async with owner_of(url) as connection:
        await connection.execute(statement, *arguments)
