"""Sequences over the simulated store: rivals and losses at the worst moments, and every span."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, cast
from uuid import UUID

import pytest
from eventsourcing.persistence import DatabaseError, DataError, IntegrityError, StoredEvent
from eventsourcing.popo import POPOAggregateRecorder
from hypothesis import example, given
from hypothesis import strategies as st

from adapters.eventsourcing_bridge import reading
from adapters.eventsourcing_bridge.appending import MAX_ROWS, insert
from adapters.eventsourcing_bridge.opened import OpenLog
from adapters.eventsourcing_bridge.patience import ATTEMPTS
from adapters.eventsourcing_bridge.sequences import EVENTS, rows_of, streams_of
from domain import streams
from domain.append import Answer, Append
from domain.envelope import Actor
from domain.errors import StoreUnavailable
from ops.commands.log import data_of
from tests.doubles.clock import ManualClock, SeededIds
from tests.doubles.memory_store import MemoryEventStore

LOG = UUID("018c0000-0000-7000-8000-000000000001")
ADA = UUID("018c0000-0000-7000-8000-00000000000a")
BOB = UUID("018c0000-0000-7000-8000-00000000000b")
APPLICATION = Actor("external", "tests")

Rival = Callable[[], Coroutine[Any, Any, object]]


class Clock(ManualClock):
    """Time passes as soon as somebody waits."""

    async def sleep(self, seconds: float) -> None:
        self._pass(seconds)


class Store(MemoryEventStore):
    """A store where somebody else may be quicker: ``rival`` runs once, before the next append."""

    rival: Rival | None = None

    async def append_batch(self, log: UUID, batch: Sequence[Append]) -> list[Answer]:
        rival, self.rival = self.rival, None
        if rival is not None:
            await rival()
        return await super().append_batch(log, batch)


class Digests:
    """Blind digests that anybody can see through."""

    async def digests(self, log: UUID, purpose: str, texts: Sequence[str]) -> list[bytes]:
        return [text[::-1].encode() for text in texts]


@pytest.fixture
def clock() -> Clock:
    """A clock that nobody waits for."""
    return Clock()


@pytest.fixture
def store(clock: Clock) -> Store:
    """A store with one empty log."""
    return new_store(clock)


@pytest.fixture
def log(clock: Clock, store: Store) -> OpenLog:
    """The log."""
    return open_log(clock, store)


def new_store(clock: Clock) -> Store:
    """A store with one empty log."""
    store = Store(clock, SeededIds(clock))
    asyncio.run(store.create_log(LOG, "demo"))
    return store


def open_log(clock: Clock, store: Store) -> OpenLog:
    """What the bridge gets, without what sequences do not need."""
    return OpenLog(
        id=LOG,
        store=store,
        read_models=cast("Any", None),
        cipher=cast("Any", Digests()),
        clock=clock,
        ids=SeededIds(clock, 1),
        form=data_of,
    )


def stored(originator: UUID | str, version: int, state: bytes = b"state") -> StoredEvent:
    """An event of an application."""
    return StoredEvent(originator, version, "shop:Happened", state)


async def record(log: OpenLog, *events: StoredEvent) -> list[int]:
    """Insert events."""
    return await insert(log, APPLICATION, await rows_of(log, EVENTS, events))


async def versions(log: OpenLog, originator: UUID) -> list[int]:
    """What is recorded of an originator."""
    names = await streams_of(log, EVENTS, [originator])
    found = await reading.select_events(log, names[originator], reading.Span())
    return [event.originator_version for event in found]


async def test_many_events_come_as_one(log: OpenLog) -> None:
    """An insertion of more events than a command may have gets adjacent positions, in order."""
    events = [stored(each, version) for version in range(20) for each in (ADA, BOB)]
    assert await record(log, *events) == list(range(1, 41))
    told = await reading.select_notifications(log, 0, 100, None, ())
    assert [(each.originator_id, each.originator_version) for each in told] == [
        (event.originator_id, event.originator_version) for event in events
    ]


async def test_a_rival_stops_all_or_nothing(log: OpenLog, store: Store) -> None:
    """Another one takes the last of many streams in the last moment: nothing is recorded."""
    many = [stored(UUID(int=number), 1) for number in range(1, 40)]
    store.rival = lambda: record(log, many[-1])
    with pytest.raises(IntegrityError):
        await record(log, *many)
    (head,) = await store.heads([LOG])
    assert head.position == 1


async def test_a_rival_with_earlier_versions_stops_nothing(log: OpenLog, store: Store) -> None:
    """Versions that are still free are recorded after a second look."""
    store.rival = lambda: record(log, stored(ADA, 3))
    assert await record(log, stored(ADA, 5), stored(ADA, 8)) == [2, 3]
    assert await versions(log, ADA) == [3, 5, 8]


async def test_a_lost_answer_is_asked_for_again(log: OpenLog, store: Store) -> None:
    """An insertion whose answer was lost is recorded once, and its positions are told."""
    await record(log, stored(BOB, 1))
    store.lose_answers = 2
    assert await record(log, *(stored(ADA, n) for n in range(1, 41))) == list(range(2, 42))
    assert await versions(log, ADA) == list(range(1, 41))


async def test_patience_ends(log: OpenLog, store: Store) -> None:
    """A store that stays away is asked a bounded number of times."""
    store.lose_requests = ATTEMPTS
    with pytest.raises(StoreUnavailable):
        await record(log, stored(ADA, 1))
    assert store.lose_requests == 0
    assert await record(log, stored(ADA, 1)) == [1]


async def test_too_many_at_once_are_refused(log: OpenLog) -> None:
    """An insertion is bounded."""
    with pytest.raises(DataError):
        await record(log, *(stored(ADA, n) for n in range(MAX_ROWS + 1)))


async def test_ids_that_are_texts_are_blind(log: OpenLog) -> None:
    """A stream's name, which stands in clear, tells nothing of an originator that is a text."""
    await record(log, stored("ada@shop.example", 1))
    (event,) = await log.store.read_log(LOG, 0, 10)
    assert event.stream == "external-events-" + b"elpmaxe.pohs@ada".hex()
    (told,) = await reading.select_notifications(log, 0, 10, None, ())
    assert told.originator_id == "ada@shop.example"


async def test_after_the_tenants_erasure(log: OpenLog, store: Store) -> None:
    """Followers learn that something was there; sequences cannot be read or written any more."""
    await record(log, stored(ADA, 1))
    await store.destroy_key(LOG, streams.TENANT)
    (told,) = await reading.select_notifications(log, 0, 10, None, ())
    assert (told.id, told.topic) == (1, "external.recorded")
    for asked in (versions(log, ADA), record(log, stored(ADA, 2)), record(log, stored(BOB, 1))):
        with pytest.raises(DatabaseError):
            await asked


bounds = st.none() | st.integers(0, 14)


@given(
    recorded=st.sets(st.integers(0, 12)),
    gt=bounds,
    lte=bounds,
    desc=st.booleans(),
    limit=bounds.filter(lambda limit: limit != 0),
    page=st.integers(1, 4),
)
@example(recorded={0, 1, 2}, gt=None, lte=1, desc=True, limit=None, page=4)
@example(recorded={5, 6, 9}, gt=2, lte=None, desc=False, limit=2, page=1)
def test_spans_are_as_in_the_librarys_own_recorder(
    *,
    recorded: set[int],
    gt: int | None,
    lte: int | None,
    desc: bool,
    limit: int | None,
    page: int,
) -> None:
    """Whatever part of whatever sequence is asked for, on pages of any size."""
    events = [stored(ADA, version, b"%d" % version) for version in sorted(recorded)]
    library = POPOAggregateRecorder()
    library.insert_events(events)
    clock = Clock()
    log = open_log(clock, new_store(clock))

    async def select() -> list[StoredEvent]:
        await record(log, *events)
        names = await streams_of(log, EVENTS, [ADA])
        return await reading.select_events(log, names[ADA], reading.Span(gt, lte, desc, limit))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "PAGE_EVENTS", page)
        assert asyncio.run(select()) == library.select_events(
            ADA, gt=gt, lte=lte, desc=desc, limit=limit
        )
