"""Group commit over the simulated store: batches, order, failures, and nothing left behind."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from itertools import pairwise
from random import Random
from typing import Any
from uuid import UUID

import pytest

from domain import figures
from domain.append import NO_STREAM, Answer, Append, Appended, Conflict, Known
from domain.envelope import Slice
from domain.errors import BatchRefused, StoreUnavailable
from domain.group_commit import GroupCommit
from tests.doubles.appends import append, events_of, part, said, uuid
from tests.doubles.clock import ManualClock, SeededIds, settle
from tests.doubles.memory_store import MemoryEventStore
from tests.doubles.telemetry import Kept

LOG = uuid(900)
OTHER_LOG = uuid(901)


class Gate:
    """Holds those who pass while it is shut; ``held`` counts them."""

    def __init__(self) -> None:
        self.held = 0
        self._is_open = True
        self._permits = asyncio.Semaphore(0)

    async def __call__(self) -> None:
        if self._is_open:
            return
        self.held += 1
        try:
            await self._permits.acquire()
        finally:
            self.held -= 1

    def shut(self) -> None:
        self._is_open = False

    def let_one_pass(self) -> None:
        self._permits.release()

    def open(self) -> None:
        self._is_open = True
        for _ in range(self.held):
            self._permits.release()


class Bench:
    """A group commit over a simulated store behind a gate, and what it told of its commits."""

    def __init__(self, **limits: Any) -> None:
        self.clock = ManualClock()
        self.gate = Gate()
        self.store = MemoryEventStore(self.clock, SeededIds(self.clock), pause=self.gate)
        self.slices: list[Slice] = []
        self.kept = Kept(self.clock)
        self.commit = GroupCommit(
            self.store, self.slices.append, telemetry=self.kept.telemetry, **limits
        )

    def submit(self, *numbers: int, log: UUID = LOG) -> list[asyncio.Future[Answer]]:
        return [self.commit.submit(log, append(number)) for number in numbers]

    async def commands(self, log: UUID = LOG) -> list[UUID]:
        """The ids of the commands in the log, in its order."""
        return [event.metadata.command for event in await self.store.read_log(log, 0, 10_000)]


async def bench_with(**limits: int) -> Bench:
    """A group commit with these limits, over two empty logs."""
    bench = Bench(**limits)
    await bench.store.create_log(LOG, "demo")
    await bench.store.create_log(OTHER_LOG, "other")
    return bench


@pytest.fixture
async def bench() -> Bench:
    """The usual limits."""
    return await bench_with()


async def outcomes(futures: Iterable[asyncio.Future[Answer]]) -> list[type]:
    """The type of each future's answer or error."""
    return [type(one) for one in await asyncio.gather(*futures, return_exceptions=True)]


async def test_a_lone_append_goes_at_once(bench: Bench) -> None:
    """It waits for no timer and no company."""
    (future,) = bench.submit(1)
    await settle()
    assert events_of(future.result())[0].position == 1


async def test_a_commit_is_told_before_its_answers(bench: Bench) -> None:
    """Whoever is answered finds that this node's sockets have been told."""
    told: list[int] = []
    for number in (1, 2):
        bench.commit.put(LOG, append(number), lambda _: told.append(bench.slices[-1].upto))
    await settle()
    assert told == [2, 2]


async def test_the_next_batch_goes_out_before_the_last_one_is_told(bench: Bench) -> None:
    """So the store works while answers are given; they are given in order all the same."""
    story: list[str] = []
    append_batch = bench.store.append_batch

    async def noted(log: UUID, batch: Any) -> Any:
        story.append(f"{len(batch)} sent")
        return await append_batch(log, batch)

    bench.store.append_batch = noted  # type: ignore[method-assign]  # to see when it is asked
    bench.gate.shut()
    for number in (1, 2, 3):
        bench.commit.put(LOG, append(number), lambda _, n=number: story.append(f"told {n}"))  # type: ignore[misc]  # n is bound
        await settle()
    bench.gate.open()
    await settle()
    assert story == ["1 sent", "2 sent", "told 1", "told 2", "told 3"]


async def test_one_who_cannot_bear_to_be_told_leaves_nobody_waiting(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is durable and not answered so; whoever sends it again gets its first answer."""

    def raising(_: Slice) -> None:
        raise RuntimeError("a mistake of ours")

    with monkeypatch.context() as fault:
        fault.setattr(bench.commit, "_committed", raising)
        futures = bench.submit(1, 2)
        await settle()
        assert await outcomes(futures) == [StoreUnavailable] * 2
    assert await outcomes(bench.submit(1, 2, 3)) == [Known, Known, Appended]


async def test_what_comes_meanwhile_forms_the_next_batch(bench: Bench) -> None:
    """While one batch is on its way the others gather, and go together."""
    bench.gate.shut()
    first = bench.submit(1)
    await settle()
    rest = bench.submit(2, 3, 4, 5)
    await settle()
    assert bench.gate.held == 1
    bench.gate.open()
    assert await outcomes(first + rest) == [Appended] * 5
    assert bench.store.batches == 2
    assert await bench.commands() == [uuid(n) for n in (1, 2, 3, 4, 5)]


async def test_a_batch_has_a_bound() -> None:
    """More than a batch takes is sent in several, in order."""
    bench = await bench_with(batch_commands=2)
    assert await outcomes(bench.submit(1, 2, 3, 4, 5)) == [Appended] * 5
    assert bench.store.batches == 3
    assert await bench.commands() == [uuid(n) for n in (1, 2, 3, 4, 5)]


async def test_answers_are_each_commands_own(bench: Bench) -> None:
    """Every future has the answer to its own append, conflicts and duplicates among them."""
    clash = append(2, part(said(), expect=NO_STREAM))
    futures = [bench.commit.submit(LOG, command) for command in (append(1), clash, append(3))]
    first, second, third = await asyncio.gather(*futures)
    assert second == Conflict()
    assert events_of(first)[0].metadata.command == uuid(1)
    assert events_of(third)[0].metadata.command == uuid(3)


async def test_commits_are_told_in_order_and_without_a_hole(bench: Bench) -> None:
    """Each batch is told once, before its answers, as the range that it added."""
    told_before_answered: list[bool] = []
    futures = bench.submit(1, 2)
    futures[0].add_done_callback(lambda _: told_before_answered.append(bool(bench.slices)))
    await asyncio.gather(*futures)
    await asyncio.gather(*bench.submit(2, 3))
    assert [(one.after, one.upto, len(one.events)) for one in bench.slices] == [
        (0, 2, 2),
        (2, 3, 1),
    ]
    assert told_before_answered == [True]


async def test_nothing_committed_is_nothing_told(bench: Bench) -> None:
    """A batch of duplicates and conflicts adds no range."""
    await asyncio.gather(*bench.submit(1))
    await asyncio.gather(*bench.submit(1))
    assert len(bench.slices) == 1


async def test_logs_do_not_wait_for_each_other(bench: Bench) -> None:
    """One tenant's batch on its way holds back no other tenant."""
    bench.gate.shut()
    futures = bench.submit(1) + bench.submit(1, log=OTHER_LOG)
    await settle()
    assert bench.gate.held == 2
    bench.gate.open()
    assert await outcomes(futures) == [Appended] * 2


@pytest.mark.parametrize("culprits", [{3}, {0}, {7}, {1, 2, 6}, set(range(8))])
async def test_halving_finds_the_culprits_alone(bench: Bench, culprits: set[int]) -> None:
    """What the store will not take fails; everything else in the batch is written, in order."""
    bench.store.poison = {uuid(number) for number in culprits}
    found = await outcomes(bench.submit(*range(8)))
    assert found == [BatchRefused if n in culprits else Appended for n in range(8)]
    assert await bench.commands() == [uuid(n) for n in range(8) if n not in culprits]
    assert all(one.upto == other.after for one, other in pairwise(bench.slices))


async def test_halving_stops_nothing_behind_it(bench: Bench) -> None:
    """Appends that came during the halving go after it."""
    bench.gate.shut()
    bench.store.poison = {uuid(1)}
    futures = bench.submit(0, 1)
    await settle()
    futures += bench.submit(2)
    bench.gate.open()
    assert await outcomes(futures) == [Appended, BatchRefused, Appended]


async def test_a_failure_fails_the_whole_batch(bench: Bench) -> None:
    """When the store is away all that were on their way learn it; later ones try again."""
    bench.store.away = True
    assert await outcomes(bench.submit(1, 2, 3)) == [StoreUnavailable] * 3
    bench.store.away = False
    assert await outcomes(bench.submit(1, 2, 3)) == [Appended] * 3


async def test_an_unknown_outcome_can_be_asked_again(bench: Bench) -> None:
    """After an answer was lost the same command is a duplicate, and is in the log once."""
    bench.store.lose_answers = 1
    assert await outcomes(bench.submit(1)) == [StoreUnavailable]
    (again,) = bench.submit(1)
    assert not isinstance(await again, Appended)
    assert await bench.commands() == [uuid(1)]


async def test_the_queue_has_a_bound() -> None:
    """Beyond it an append fails at once, and those that wait are none the worse."""
    bench = await bench_with(queue_commands=2)
    bench.gate.shut()
    on_its_way = bench.submit(1)
    await settle()
    waiting = bench.submit(2, 3)
    (refused,) = bench.submit(4)
    assert isinstance(refused.exception(), StoreUnavailable)
    bench.gate.open()
    assert await outcomes(on_its_way + waiting) == [Appended] * 3
    assert await outcomes(bench.submit(4)) == [Appended]


async def test_one_that_waits_no_longer_hurts_no_other(bench: Bench) -> None:
    """A future cancelled by its waiter changes nothing for its neighbours."""
    bench.gate.shut()
    futures = bench.submit(1, 2, 3)
    await settle()
    futures[1].cancel()
    bench.gate.open()
    assert await outcomes(futures) == [Appended, asyncio.CancelledError, Appended]


@pytest.mark.parametrize("halving", [False, True], ids=["in a batch", "while halving"])
async def test_a_stop_answers_everybody(bench: Bench, halving: bool) -> None:
    """Cancelled in the middle of its work, it leaves no future without an answer."""
    bench.store.poison = {uuid(1)} if halving else set()
    bench.gate.shut()
    futures = bench.submit(0, 1, 2, 3)
    await settle()
    futures += bench.submit(4)
    if halving:
        bench.gate.let_one_pass()
        await settle()
    assert bench.gate.held == 1
    for task in list(bench.commit._tasks):
        task.cancel()
    await settle()
    assert [type(future.exception()) for future in futures] == [StoreUnavailable] * 5


async def test_a_mistake_in_the_store_answers_everybody(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error that the port does not name is no reason to leave anybody waiting."""

    async def broken(log: UUID, batch: Sequence[Append]) -> list[Answer]:
        raise ZeroDivisionError

    monkeypatch.setattr(bench.store, "append_batch", broken)
    assert await outcomes(bench.submit(1, 2)) == [StoreUnavailable] * 2
    monkeypatch.undo()
    assert await outcomes(bench.submit(1, 2)) == [Appended] * 2


async def test_nothing_is_left_behind() -> None:
    """Under many submitters and a store of any speed every append gets its answer, in order.

    Where the emptiness of the queue is seen and its worker ends with an await in between, an append
    that comes just then waits for ever.
    """
    random = Random(1)
    clock = ManualClock()

    async def dither() -> None:
        for _ in range(random.randrange(4)):
            await asyncio.sleep(0)

    store = MemoryEventStore(clock, SeededIds(clock), pause=dither)
    await store.create_log(LOG, "demo")
    slices: list[Slice] = []
    commit = GroupCommit(store, slices.append, batch_commands=8)

    async def submitter(first: int) -> None:
        for number in range(first, first + 50):
            stream = f"conversation-{first}"
            answer = await commit.submit(LOG, append(number, part(said(), stream=stream)))
            assert events_of(answer)[0].version == number - first + 1
            await dither()

    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        for first in range(0, 2000, 100):
            group.create_task(submitter(first))
    assert len(await store.read_log(LOG, 0, 10_000)) == 1000
    assert [one.after for one in slices] == [0, *(one.upto for one in slices[:-1])]


# --- what operators see -------------------------------------------------------------------------


async def test_batches_are_measured(bench: Bench) -> None:
    """How many commands and events each had, how long the store took, and how many wait."""
    bench.gate.shut()
    first = bench.submit(1)
    await settle()
    two = append(3, part(said(), said()))
    rest = [*bench.submit(2), bench.commit.submit(LOG, two)]
    assert bench.kept.measures.seen(figures.APPEND_WAITING) == {(): 2}
    await bench.clock.advance(0.25)
    bench.gate.open()
    await asyncio.gather(*first, *rest)
    observed = bench.kept.measures.observed
    assert observed[figures.APPEND_BATCH_COMMANDS.name] == [1, 2]
    assert observed[figures.APPEND_BATCH_EVENTS.name] == [1, 3]
    assert observed[figures.APPEND_SECONDS.name][0] == 0.25
    assert bench.kept.measures.seen(figures.APPEND_WAITING) == {(): 0}


async def test_conflicts_are_counted(bench: Bench) -> None:
    """A command that came second is decided again; how often that happens can be seen."""
    clash = append(2, part(said(), expect=NO_STREAM))
    await asyncio.gather(*bench.submit(1), bench.commit.submit(LOG, clash))
    assert bench.kept.measures.counted(figures.APPEND_CONFLICTS) == {(): 1}


async def test_what_is_appended_names_its_step(bench: Bench) -> None:
    """A traced append is a step of that trace, and its events name that step as theirs."""
    traced = [bench.commit.submit(LOG, append(n, trace=f"command {n}")) for n in (1, 2)]
    plain = bench.submit(3)
    await asyncio.gather(*traced, *plain)
    spans = bench.kept.tracer.named("append")
    assert [(span.parent, span.ended) for span in spans] == [("command 1", 1), ("command 2", 1)]
    assert [span.attributes for span in spans] == [{"batch": 3}] * 2
    written = [event.metadata.trace for event in await bench.store.read_log(LOG, 0, 9)]
    assert written == [spans[0].context, spans[1].context, None]


async def test_a_trace_that_is_not_recorded_leaves_nothing_in_the_log(bench: Bench) -> None:
    """A context that the tracer does not follow is not stored."""
    commit = GroupCommit(bench.store, lambda _: None)
    await commit.submit(LOG, append(1, trace="command"))
    (event,) = await bench.store.read_log(LOG, 0, 9)
    assert event.metadata.trace is None


async def test_a_step_says_what_kept_it_from_the_log(bench: Bench) -> None:
    """A conflict, and a store that is away, by their codes."""
    await bench.commit.submit(LOG, append(1))
    clash = append(2, part(said(), expect=NO_STREAM), trace="command 2")
    await bench.commit.submit(LOG, clash)
    bench.store.away = True
    lost = bench.commit.submit(LOG, append(3, trace="command 3"))
    assert await outcomes([lost]) == [StoreUnavailable]
    spans = bench.kept.tracer.named("append")
    assert [(span.error, span.ended) for span in spans] == [("conflict", 1), ("unavailable", 1)]


async def test_a_batch_that_nobody_cancelled_is_no_stop(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cancellation that comes out of the store fails its batch, and the node goes on."""
    append_batch = bench.store.append_batch

    async def given_up(log: UUID, batch: Sequence[Append]) -> list[Answer]:
        raise asyncio.CancelledError

    monkeypatch.setattr(bench.store, "append_batch", given_up)
    assert await outcomes(bench.submit(1, 2)) == [StoreUnavailable] * 2
    monkeypatch.setattr(bench.store, "append_batch", append_batch)
    assert await outcomes(bench.submit(3)) == [Appended]


async def test_what_was_decided_on_another_history_is_not_appended(bench: Bench) -> None:
    """What waits fails at once; what is on its way has no answer, and nobody is told of it."""
    bench.gate.shut()
    under_way = bench.submit(1)
    await settle()
    waiting = bench.submit(2, 3)
    bench.commit.forget()
    assert await outcomes(waiting) == [StoreUnavailable, StoreUnavailable]
    later = bench.submit(4)
    bench.gate.open()
    assert await outcomes([*under_way, *later]) == [StoreUnavailable, Appended]
    assert [slice_.after for slice_ in bench.slices] == [1]
    assert await bench.commands() == [uuid(1), uuid(4)]


async def test_half_a_batch_is_not_appended_to_another_history() -> None:
    """The culprit is looked for in the history that the batch was decided on, or nowhere."""
    bench = await bench_with()
    bench.store.poison = {uuid(2)}
    bench.gate.shut()
    first = bench.submit(1)
    await settle()
    batch = bench.submit(2, 3)
    for _ in range(3):  # the first batch there and back, the second there, where it is refused
        bench.gate.let_one_pass()
        await settle()
    bench.commit.forget()
    bench.gate.open()
    assert await outcomes([*first, *batch]) == [Appended, BatchRefused, StoreUnavailable]
    assert await bench.commands() == [uuid(1)]
