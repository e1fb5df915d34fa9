"""Every store against the model: random appends, faults, erasures and reads."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from copy import deepcopy
from itertools import pairwise
from typing import Any, ClassVar, TypeVar
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)
from msgspec.structs import replace

from adapters.postgres.database import PostgresDatabase
from domain.append import Answer, Append, Appended, Conflict, Known
from domain.envelope import Actor, RecordedEvent
from domain.errors import StoreUnavailable
from domain.event_types import REGISTRY
from domain.moments import Asked
from tests.contract.conftest import ErasableStore
from tests.doubles.appends import uuid
from tests.doubles.clock import ManualClock, SeededIds
from tests.doubles.memory_store import MemoryEventStore
from tests.fixtures.postgres import MASTERS, SystemClock, SystemIds, fresh_database
from tests.property import strategies as some
from tests.property.store_model import Entry, Model, Outcome, sender_of

Result = TypeVar("Result")

LOG = uuid(900)
BATCHES = some.batches(LOG)


class StoreMachine(RuleBasedStateMachine):
    """Gives the same to a store and to the model, and compares what they say."""

    store: ErasableStore

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.model = Model(LOG)

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        return self.runner.run(work)

    async def open_store(self) -> ErasableStore:
        """A fresh store."""
        raise NotImplementedError

    async def close_store(self) -> None:
        """Give back what :meth:`open_store` took."""

    @initialize()
    def open(self) -> None:
        self.store = self.run(self.open_store())
        self.run(self.store.create_log(LOG, "demo"))

    @rule(batch=BATCHES, resting=st.sets(st.integers(1, 4)))
    def append_in_a_pipeline(self, batch: list[Append], resting: set[int]) -> None:
        """Commands that were decided on the outcome of those before them in the same batch."""
        expected = deepcopy(self.model)
        for n in range(1, len(batch)):
            expected.append(batch[n - 1])
            if n in resting:
                batch[n] = replace(batch[n], after=expected.outcome_of(batch[n - 1]))
        self.append(batch)

    @rule(batch=BATCHES)
    def append(self, batch: list[Append]) -> None:
        """Every command is answered as the model says, each seeing those before it."""
        answers = self.run(self.store.append_batch(LOG, batch))
        assert len(answers) == len(batch)
        for command, answer in zip(batch, answers, strict=True):
            self._check_answer(answer, self.model.append(command))

    @rule(actor=some.actors, command=some.command_ids, content=some.contents)
    def recheck(self, actor: Actor, command: UUID, content: bytes) -> None:
        """A command is found when it is in the log, and only then."""
        found = self.run(self.store.recheck(LOG, actor, command, content, some.STREAMS))
        assert found.versions == {name: self.model.version(name) for name in some.STREAMS}
        known = self.model.known(sender_of(actor, command), content)
        if known is None:
            assert found.last is None
        else:
            assert found.last is not None
            self._check_answer(Known(found.last, found.same), known)

    @rule(after=some.offsets, limit=st.integers(1, 5))
    def read_log(self, after: int, limit: int) -> None:
        """A page of the log is the model's."""
        page = self.run(self.store.read_log(LOG, after, limit))
        self._check_events(page, self.model.entries[after : after + limit])

    @rule(stream=some.streams, after=some.offsets, limit=st.integers(1, 5))
    def read_stream(self, stream: str, after: int, limit: int) -> None:
        """A page of a stream is the model's."""
        page = self.run(self.store.read_stream(LOG, stream, after, limit))
        self._check_events(page, self.model.streams.get(stream, [])[after : after + limit])

    @rule(stream=some.streams, offset=some.offsets)
    def stream_heads(self, stream: str, offset: int) -> None:
        """Heads have the last numbers, and a hash exactly where there is an event."""
        asked = [(stream, offset), (None, offset)]
        of_stream, of_log = self.run(self.store.stream_heads(LOG, asked))
        assert of_stream.number == self.model.version(stream)
        assert of_log.number == len(self.model.entries)
        assert (of_stream.asked is not None) == (0 < offset <= of_stream.number)
        assert (of_log.asked is not None) == (0 < offset <= of_log.number)

    @rule(stream=some.streams, position=some.offsets)
    def moment(self, stream: str, position: int) -> None:
        """At any position, and at the time there, the log stood as the model did."""
        found = self.run(self.store.moment(LOG, Asked(position=position), stream))
        then = self.model.entries[:position]
        assert (found.position, found.head) == (len(then), len(self.model.entries))
        assert found.version == sum(entry.stream == stream for entry in then)
        if then:
            again = Asked(recorded_at=found.recorded_at)
            assert self.run(self.store.moment(LOG, again, stream)) == found

    @precondition(lambda self: self.model.entries and not self.model.erased)
    @rule()
    def erase_a_subject(self) -> None:
        """One subject at most is erased, so that something stays to be seen."""
        subject = self.model.entries[0].subject
        self.run(self.store.destroy_key(LOG, subject))
        self.model.erased.add(subject)

    def teardown(self) -> None:
        try:
            if hasattr(self, "store"):
                self._check_whole_log()
                self.run(self.close_store())
        finally:
            self.runner.close()

    def _check_whole_log(self) -> None:
        events = self.run(self.store.read_log(LOG, 0, 10_000))
        self._check_events(events, self.model.entries)
        (head,) = self.run(self.store.heads([LOG]))
        assert head.position == len(events)
        assert head.hash == (events[-1].hash if events else head.hash)
        assert all(one.recorded_at < other.recorded_at for one, other in pairwise(events))
        assert len({event.hash for event in events}) == len(events)

    def _check_answer(self, answer: Answer, outcome: Outcome) -> None:
        match answer:
            case Appended():
                assert outcome.kind == "appended"
                self._check_events(answer.events, outcome.entries)
            case Known():
                assert (outcome.kind, outcome.same) == ("known", answer.same)
                self._check_events([answer.last], outcome.entries)
            case Conflict():
                assert outcome.kind == "conflict"
            case _:
                assert outcome.kind == "erased"

    def _check_events(
        self, events: list[RecordedEvent] | tuple[RecordedEvent, ...], entries: Any
    ) -> None:
        assert [self._entry(event) for event in events] == [self._seen(one) for one in entries]

    def _entry(self, event: RecordedEvent) -> tuple[object, ...]:
        place = (event.position, event.stream, event.version, event.decided)
        return event.id, place, event.metadata.command, event.data

    def _seen(self, entry: Entry) -> tuple[object, ...]:
        """What a reader sees of an entry of the model."""
        place = (entry.position, entry.stream, entry.version, entry.decided)
        data = None if entry.subject in self.model.erased else entry.data
        return self.model.id_of(entry), place, entry.sender[2], data


class MemoryMachine(StoreMachine):
    """The simulated store, with its faults."""

    async def open_store(self) -> ErasableStore:
        clock = ManualClock()
        self.memory_store = MemoryEventStore(clock, SeededIds(clock))
        return self.memory_store

    @rule(batch=BATCHES, committed=st.booleans())
    def append_with_unknown_outcome(self, batch: list[Append], committed: bool) -> None:
        """The sender cannot tell what became of it; the model can, and all goes on from there."""
        if committed:
            self.memory_store.lose_answers = 1
        else:
            self.memory_store.lose_requests = 1
        try:
            self.run(self.store.append_batch(LOG, batch))
        except StoreUnavailable:
            for command in batch if committed else ():
                self.model.append(command)
        else:
            pytest.fail("the fault did not happen")
        self.append(batch)


class PostgresMachine(StoreMachine):
    """PostgreSQL, with a database of its own for every history."""

    server_url: ClassVar[str]
    template: ClassVar[str]

    async def open_store(self) -> ErasableStore:
        self.opened = AsyncExitStack()
        database = fresh_database(self.server_url, self.template)
        url = await self.opened.enter_async_context(database)
        node = PostgresDatabase(
            url, masters=MASTERS, registry=REGISTRY, clock=SystemClock(), ids=SystemIds()
        )
        self.opened.push_async_callback(node.close)
        return node.store

    async def close_store(self) -> None:
        await self.opened.aclose()


def _histories(examples: int) -> settings:
    return settings(
        max_examples=examples,
        stateful_step_count=30,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )


def test_memory() -> None:
    """The simulated store does as the model, through every history that Hypothesis finds."""
    run_state_machine_as_test(MemoryMachine, settings=_histories(100))


def test_postgres(postgres_server: str, postgres_template: str) -> None:
    """PostgreSQL does as the model too."""
    PostgresMachine.server_url = postgres_server
    PostgresMachine.template = postgres_template
    run_state_machine_as_test(PostgresMachine, settings=_histories(15))
