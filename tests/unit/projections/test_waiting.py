"""Waiting for a position of the session views: bounded, shared, and never for what cannot come."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, cast
from uuid import UUID

import pytest

from domain.errors import StoreUnavailable
from domain.ports import Row
from projections.sessions.reader import SessionReader
from tests.doubles.appends import uuid
from tests.doubles.clock import ManualClock, settle

LOG = uuid(1)


class Stand:
    """Read models of which only the stand is asked, by the reading role; ``looks`` counts that."""

    def __init__(self) -> None:
        self.folded = 0
        self.head = 10
        self.looks = 0
        self.away = False

    @asynccontextmanager
    async def reading(self, log: UUID) -> AsyncIterator[Stand]:
        """A transaction of one tenant."""
        assert log == LOG
        if self.away:
            raise StoreUnavailable("away")
        yield self

    async def fetch(self, sql: str, *arguments: object) -> Sequence[Row]:
        """The one query."""
        assert arguments[0] == LOG
        self.looks += 1
        await asyncio.sleep(0)
        return [cast("Row", {"as_of": self.folded, "head": self.head})]


@pytest.fixture
def clock() -> ManualClock:
    """The test's own time."""
    return ManualClock()


@pytest.fixture
def stand() -> Stand:
    """A log of ten events of which nothing is folded."""
    return Stand()


@pytest.fixture
def reader(stand: Stand, clock: ManualClock) -> SessionReader:
    """A reader over it."""
    return SessionReader(cast("Any", stand), cast("Any", None), clock)


async def test_what_is_folded_is_not_waited_for(reader: SessionReader, stand: Stand) -> None:
    """One look is enough, at a position that was reached."""
    stand.folded = 7
    assert await reader.wait_for(LOG, 7, 2.0)
    assert stand.looks == 1


async def test_what_the_log_does_not_have_is_not_waited_for(
    reader: SessionReader, stand: Stand
) -> None:
    """A position beyond the head is answered at once, so nobody can make us wait for nothing."""
    assert await reader.wait_for(LOG, 11, 2.0) is False
    assert stand.looks == 1


async def test_it_waits_and_looks_every_50_ms(
    reader: SessionReader, stand: Stand, clock: ManualClock
) -> None:
    """Until the position is there, and no oftener."""
    waiting = asyncio.create_task(reader.wait_for(LOG, 3, 2.0))
    for looks in range(2, 10):
        await clock.advance(0.05)
        assert stand.looks == looks
    stand.folded = 3
    await clock.advance(0.05)
    assert await waiting


async def test_it_gives_up(reader: SessionReader, clock: ManualClock) -> None:
    """When its time is over."""
    waiting = asyncio.create_task(reader.wait_for(LOG, 3, 2.0))
    await clock.advance(2.1)
    assert await waiting is False


async def test_many_who_wait_cost_one_look(
    reader: SessionReader, stand: Stand, clock: ManualClock
) -> None:
    """Each asks once for itself; from then on they share what they see."""
    waiting = [asyncio.create_task(reader.wait_for(LOG, 3, 2.0)) for _ in range(50)]
    await settle()
    assert stand.looks == 50
    await clock.advance(0.05)
    assert stand.looks == 51
    waiting[0].cancel()
    stand.folded = 3
    await clock.advance(0.05)
    assert await asyncio.gather(*waiting[1:]) == [True] * 49


async def test_a_store_that_goes_away_is_told(
    reader: SessionReader, stand: Stand, clock: ManualClock
) -> None:
    """Everybody who waits learns of it."""
    waiting = [asyncio.create_task(reader.wait_for(LOG, 3, 2.0)) for _ in range(2)]
    await settle()
    stand.away = True
    await clock.advance(0.05)
    answers = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(answer) for answer in answers] == [StoreUnavailable] * 2
