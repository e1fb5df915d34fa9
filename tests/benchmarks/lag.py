"""Live lag: how long after its commit an event is in each read model, at a steady pace.

Own PostgreSQL and RabbitMQ; the projector is a process of its own, as at full size, woken by what
is signalled. This process appends the history of the standard data set's largest tenant, in its
order, by the store's own way in, and looks at the checkpoints. The baseline is a tenth of the pace.
"""

from __future__ import annotations

import asyncio
import bisect
import contextlib
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

import psutil

from brokers.rabbitmq.broker import RabbitBroker
from domain.append import Append, Appended
from domain.envelope import Slice
from domain.group_commit import GroupCommit
from ops.core import opened
from ops.dataset.history import History
from ops.dataset.plan import plan
from ops.settings import Settings
from ops.system import SystemClock, SystemIds
from tests.benchmarks.checking import demand_durable
from tests.benchmarks.measuring import (
    Figure,
    MeasurementFailed,
    Options,
    Table,
    at_least,
    milliseconds,
    number,
)
from tests.benchmarks.nodes import own_stack
from tests.fixtures.postgres import Owner, owner_of
from tests.fixtures.server import Server, data_directory
from tests.fixtures.stack import OwnStack

FAST, SLOW = 1_000, 100
"""Events a second."""

SECONDS = {FAST: 30.0, SLOW: 15.0}
WARM_S = 3.0

FRACTION = 0.01
"""Of the standard set: its largest tenant has more events than are appended here."""

LOOK_S = 0.005
"""Seconds between two looks at the checkpoints: by so much a lag is told too long at most."""

CAUGHT_UP_S = 30.0
EARLY = 0.1
"""Of a run: by then the projector has what it needs for work as such."""

MB = 10**6
REACHED = 0.98
"""Of the pace that must have been reached for a run to count."""

CHECKPOINTS = "SELECT projection, position FROM es.checkpoint WHERE tenant = $1"
RECORDED = """
    SELECT position, extract(epoch FROM recorded_at)::float8 FROM es.event
    WHERE tenant = $1 AND position > $2 AND position <= $3 ORDER BY position
"""
SHARES = (0.5, 0.95, 0.99)

Look = tuple[float, dict[str, int]]
"""When it was, and where each projection stood."""


@dataclass(frozen=True)
class Run:
    """Seconds of each event until each projection had it; how much of a core the projector took.

    And its bytes, when a tenth was appended and at the end.
    """

    lags: dict[str, list[float]]
    rate: float
    share: float
    early: float
    late: float


async def lag(options: Options) -> Table:
    """Warm up; slowly; fast. ``options`` change nothing: a lag shows only after a while."""
    del options
    async with own_stack("database", "broker") as stack, _appending(stack) as appending:
        await appending.run(FAST, WARM_S)
        runs = [await appending.run(rate, SECONDS[rate]) for rate in (FAST, SLOW)]
    for run, rate in zip(runs, (FAST, SLOW), strict=True):
        if run.rate < REACHED * rate:
            raise MeasurementFailed(f"{run.rate:,.0f} events/s were appended, not {rate:,}")
    return table_of(*runs)


def table_of(fast: Run, slow: Run) -> Table:
    """A row for each projection at each pace."""
    table = Table(
        f"lag: from commit until a read model has it, {fast.rate:,.0f} and {slow.rate:,.0f}"
        " events/s of one tenant",
        ("", "p50 ms", "p95 ms", "p99 ms", "longest ms", f"p99 at {SLOW}/s", "fast / slow"),
    )
    worst = 0.0
    for name in sorted(fast.lags):
        ours, theirs = (milliseconds(run.lags[name]) for run in (fast, slow))
        *lower, p99 = [at_least(share, ours) for share in SHARES]
        baseline = at_least(0.99, theirs)
        cells = (*lower, p99, max(ours), baseline, p99 / baseline)
        table.add(name, *map(number, cells))
        worst = max(worst, p99)
    shares = (number(fast.share), "", "", "", number(slow.share), "")
    table.add("projector's share of a core", *shares)
    memory = (number(fast.late / MB), "", "", "", number(fast.early / MB))
    table.add(
        "its memory, MB: at the end, and after a tenth", *memory, number(fast.late / fast.early)
    )
    table.keep(Figure.FLAT, [fast.late / fast.early])
    table.keep(Figure.LAG, [worst])
    return table


class Appending:
    """Appends a history at a pace, and sees what becomes of it."""

    def __init__(
        self, log: UUID, commits: GroupCommit, owner: Owner, projector: psutil.Process
    ) -> None:
        tenant = plan(fraction=FRACTION, prefix="lag").tenants[0]
        self._history: Iterator[Append] = (told.dated.append for told in History(tenant))
        self._log = log
        self._commits = commits
        self._owner = owner
        self._projector = projector
        self._head = 0
        self._ended = False
        self._until = 0.0

    async def run(self, rate: float, seconds: float) -> Run:
        """So many events a second, for so long, until every read model has all of them."""
        first, begin = self._head, time.perf_counter()
        worked = self._worked()
        seen: list[Look] = []
        self._ended, self._until = False, begin + seconds + CAUGHT_UP_S
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._look(seen))
            await self._append(rate, int(EARLY * rate * seconds))
            early = self._projector.memory_info().rss
            await self._append(rate, int((1 - EARLY) * rate * seconds))
            self._ended = True
            taken = time.perf_counter() - begin
        share = (self._worked() - worked) / (time.perf_counter() - begin)
        rows = await self._owner.fetch(RECORDED, self._log, first, self._head)
        recorded = [row[1] for row in rows]
        lags = {name: lags_of(first, recorded, seen, name) for name in seen[-1][1]}
        return Run(lags, len(recorded) / taken, share, early, self._projector.memory_info().rss)

    def _worked(self) -> float:
        """Seconds that the projector has."""
        return sum(self._projector.cpu_times()[:2])

    async def _append(self, rate: float, count: int) -> None:
        """Send commands when they are due, whatever became of those before."""
        answers = []
        begin, sent = time.perf_counter(), 0
        while sent < count:
            await asyncio.sleep(max(0.0, begin + sent / rate - time.perf_counter()))
            append = next(self._history)
            answers.append(self._commits.submit(self._log, append))
            sent += sum([len(part.events) for part in append.parts])
        for answer in await asyncio.gather(*answers):
            if not isinstance(answer, Appended):
                raise MeasurementFailed(f"a command was not appended: {answer}")
            self._head = max(self._head, answer.events[-1].position)

    async def _look(self, seen: list[Look]) -> None:
        """Look at the checkpoints until all have reached what was appended last."""
        while True:
            rows = await self._owner.fetch(CHECKPOINTS, self._log)
            positions = {row[0]: row[1] for row in rows}
            seen.append((time.time(), positions))
            if self._ended and positions and min(positions.values()) >= self._head:
                return
            if time.perf_counter() > self._until:
                raise MeasurementFailed(f"of {self._head} the read models have {positions}")
            await asyncio.sleep(LOOK_S)


def lags_of(
    first: int,
    recorded: Sequence[float],
    seen: Sequence[Look],
    name: str,
) -> list[float]:
    """Seconds from when each event behind ``first`` was recorded to the first look that has it."""
    stood = [positions.get(name, 0) for _, positions in seen]
    return [
        seen[bisect.bisect_left(stood, position)][0] - at
        for position, at in enumerate(recorded, start=first + 1)
    ]


@contextlib.asynccontextmanager
async def _appending(stack: OwnStack) -> AsyncIterator[Appending]:
    """A projector that follows, and what appends beside it."""
    url, broker_url = stack.urls["database"], stack.urls["broker"]
    await demand_durable(url)
    with data_directory() as data:
        urls = {"PARLEY_DATABASE_URL": url, "PARLEY_BROKER_URL": broker_url}
        projector = Server(data, None, roles="projector", **urls)
        broker = RabbitBroker(broker_url, "bench", SystemClock())
        running = asyncio.create_task(broker.run())
        try:
            projector.start()
            assert projector.process is not None
            settings = Settings(data=data, database_url=url, log_level="error")
            async with opened(settings, url) as core, owner_of(url) as owner:
                while broker.illness:  # noqa: ASYNC110  # another process's doing
                    await asyncio.sleep(0.01)
                log = SystemIds().uuid()
                await core.database.store.create_log(log, "bench")

                def signal(committed: Slice) -> None:
                    broker.signal(committed.log, committed.upto)

                commits = GroupCommit(core.database.store, signal)
                process = psutil.Process(projector.process.pid)
                yield Appending(log, commits, owner, process)
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            projector.end()
