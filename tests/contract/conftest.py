"""The stores and sessions that the contract suites run against, one after the other."""

from __future__ import annotations

from random import Random
from typing import Protocol
from uuid import UUID

import pytest

from adapters.postgres.database import PostgresDatabase
from adapters.postgres.sessions import PostgresSessions
from adapters.postgres.settings import PostgresSettings
from domain.history import History
from domain.ports import EventStore, Sessions
from tests.doubles.clock import ManualClock, SeededIds
from tests.doubles.connected_store import Connections
from tests.doubles.memory_sessions import MemorySessions
from tests.doubles.memory_store import MemoryEventStore
from tests.fixtures.postgres import OpenPostgres
from tests.simulation.store import Link, LinkedStore

LOG = UUID("018c0000-0000-7000-8000-000000000001")


class ErasableStore(EventStore, Protocol):
    """An event store with the way by which it forgets a subject, which is not of the port."""

    async def destroy_key(self, log: UUID, subject: str) -> None:
        """Destroy a subject's key."""


@pytest.fixture
def memory_store() -> MemoryEventStore:
    """A fresh simulated store."""
    clock = ManualClock()
    return MemoryEventStore(clock, SeededIds(clock))


@pytest.fixture
async def linked_store(memory_store: MemoryEventStore) -> LinkedStore:
    """The simulated store behind a link without faults, as the simulation's nodes have it."""
    return LinkedStore(memory_store, Link(Random(1)), Connections(memory_store, History()))


@pytest.fixture(params=["memory_store", "linked_store", "postgres_store"])
def store(request: pytest.FixtureRequest) -> ErasableStore:
    """A fresh event store; each test runs once for every implementation."""
    found: ErasableStore = request.getfixturevalue(request.param)
    return found


@pytest.fixture(params=["memory", "postgres"])
def narrow_store(
    request: pytest.FixtureRequest, memory_store: MemoryEventStore, open_postgres: OpenPostgres
) -> EventStore:
    """An event store whose pages hold a few hundred bytes, whatever else is asked for."""
    if request.param == "postgres":
        return open_postgres(settings=PostgresSettings(page_bytes=300)).store
    memory_store.page_bytes = 100
    return memory_store


@pytest.fixture
async def log(store: EventStore) -> UUID:
    """An empty log in the store."""
    await store.create_log(LOG, "demo")
    return LOG


@pytest.fixture
def memory_sessions() -> MemorySessions:
    """Fresh simulated sessions."""
    return MemorySessions()


@pytest.fixture
def postgres_sessions(postgres: PostgresDatabase) -> PostgresSessions:
    """Fresh sessions on PostgreSQL."""
    return postgres.sessions


@pytest.fixture(params=["memory_sessions", "postgres_sessions"])
def sessions(request: pytest.FixtureRequest) -> Sessions:
    """Fresh sessions; each test runs once for every implementation."""
    found: Sessions = request.getfixturevalue(request.param)
    return found
