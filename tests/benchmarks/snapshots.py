"""What a state costs a process that was just started: a stream folded whole, and from a snapshot.

An agent's stream stands for all: it grows by each change of status, for years, and is needed by
every request of that agent. The baseline of each round is the same stream without snapshots.
"""

from __future__ import annotations

import time
from statistics import median

from domain import streams
from domain.agent.events import AgentCreated, AgentStatusChanged
from domain.append import ANY, Append, Part
from domain.envelope import Actor, NewEvent
from domain.handling.commands import HandlingLimits
from domain.handling.snapshots import form_of
from domain.handling.states import INITIAL, States
from domain.ports import Snapshots
from tests.benchmarks.measuring import (
    Figure,
    MeasurementFailed,
    Options,
    Table,
    milliseconds,
    ratios,
    spread,
)
from tests.benchmarks.storing import IDS, Bench, bench
from tests.fixtures.postgres import owner_of

LENGTHS = (12, 100, 1_000, 10_000)
"""Events of a stream. 10,000: some ten changes of status each working day, for four years."""

REPEATS = 10
BATCH = 200
WRITTEN_S = 10.0
LIMITS = HandlingLimits()


async def snapshots(options: Options) -> Table:
    """Each length with and without, in turn."""
    table = Table(
        "a state that is not at hand: an agent's stream, ms until it can be decided on",
        ("events", "folded whole", "from its snapshot", "whole / snapshot"),
    )
    async with bench() as store:
        for length in LENGTHS:
            stream = await _written(store, length)
            await _analyzed(store)
            await _loaded(store, stream, length, store.database.snapshots)
            await _kept(store, stream, length)
            rounds = [
                (
                    await _taken(store, stream, length, None),
                    await _taken(store, stream, length, store.database.snapshots),
                )
                for _ in range(options.rounds)
            ]
            whole, quick = [one for one, _ in rounds], [other for _, other in rounds]
            table.add(f"{length:,}", spread(whole), spread(quick), ratios(whole, quick))
            if length == LENGTHS[-1]:
                table.keep(Figure.SNAPSHOT, quick)
    return table


async def _written(store: Bench, length: int) -> str:
    """A new agent's stream of so many events."""
    agent = str(IDS.uuid())
    stream = streams.agent(agent)
    created = AgentCreated("mia@shop.example", "Mia", "agent", "x" * 97)
    happened = [created, *(AgentStatusChanged(("online", "away")[n % 2]) for n in range(1, length))]
    appends = [
        Append(
            IDS.uuid(), Actor("agent", agent), b"", (Part(stream, ANY, (NewEvent(one, stream),)),)
        )
        for one in happened
    ]
    for start in range(0, length, BATCH):
        await store.database.store.append_batch(store.log, appends[start : start + BATCH])
    return stream


async def _analyzed(store: Bench) -> None:
    """Let the planner know how large the log is, as PostgreSQL sees to by itself each minute."""
    async with owner_of(store.url) as connection:
        await connection.execute("ANALYZE es.event")


async def _kept(store: Bench, stream: str, length: int) -> None:
    """Wait until the snapshot that the first load leaves is written, where it leaves one."""
    form = form_of("agent", type(INITIAL["agent"]))
    deadline = time.monotonic() + WRITTEN_S
    while length >= LIMITS.snapshot_events:
        if await store.database.snapshots.find_snapshot(store.log, stream, form):
            return
        if time.monotonic() > deadline:
            raise MeasurementFailed("no snapshot was written")


async def _taken(store: Bench, stream: str, length: int, kept: Snapshots | None) -> float:
    """Milliseconds, the median of some loads."""
    seconds = [await _loaded(store, stream, length, kept) for _ in range(REPEATS)]
    return median(milliseconds(seconds))


async def _loaded(store: Bench, stream: str, length: int, kept: Snapshots | None) -> float:
    """Seconds until the state is there, by a process that has kept nothing."""
    states = States(store.database.store, snapshots=kept, snapshot_events=LIMITS.snapshot_events)
    begin = time.perf_counter()
    entry = await states.refresh(store.log, stream)
    taken = time.perf_counter() - begin
    if entry.version != length or not entry.state.active:
        raise MeasurementFailed(f"the state is at version {entry.version}")
    return taken
