"""The work queue's contract: each task to somebody, failures tried again, never more than may be.

Nothing depends on a task, so losing one is allowed when something fails; what is asked here is what
holds while all is well.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from brokers.rabbitmq.work import RabbitWork
from brokers.settings import BrokerSettings
from brokers.work import TRIES, Handler, Work
from brokers.work_in_process import InProcessWork
from domain.webhooks.ports import Line
from tests.doubles.appends import uuid
from tests.fixtures.postgres import SystemClock

LOG = uuid(1)
SETTINGS = BrokerSettings(work_prefetch=4, work_waiting=100)
LINES = [Line(LOG, f"hook-{n}", f"conversation-{n}") for n in range(20)]

Open = Callable[[], Work]
"""One more process at the queue."""


@pytest.fixture
def in_process() -> Open:
    """In one process there is one queue for all."""
    work = InProcessWork(SETTINGS)
    return lambda: work


@pytest.fixture
def rabbitmq(broker_url: str) -> Open:
    """Every process has its own connections to RabbitMQ."""
    return lambda: RabbitWork(broker_url, SystemClock(), SETTINGS)


@pytest.fixture(params=["in_process", "rabbitmq"])
def open_work(request: pytest.FixtureRequest) -> Open:
    """How to come to a queue; each test runs once for every implementation."""
    found: Open = request.getfixturevalue(request.param)
    return found


async def until(condition: Callable[[], bool], timeout_s: float = 20.0) -> None:
    """Wait until this holds."""
    async with asyncio.timeout(timeout_s):
        while not condition():  # noqa: ASYNC110  # nobody tells
            await asyncio.sleep(0.005)


@asynccontextmanager
async def running(work: Work, handler: Handler | None) -> AsyncIterator[Work]:
    """While it lasts, tasks are given out and, with a handler, taken up."""
    task = asyncio.create_task(work.run(handler))
    try:
        await asyncio.sleep(0)
        await until(lambda: work.illness is None)
        yield work
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


class Taken:
    """A handler that keeps what it took. ``held``: it waits there until ``release``."""

    def __init__(self, *, hold: bool = False) -> None:
        self.lines: list[Line] = []
        self.at_once = 0
        self.most_at_once = 0
        self.release = asyncio.Event()
        if not hold:
            self.release.set()

    async def __call__(self, line: Line) -> None:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        self.lines.append(line)
        try:
            await self.release.wait()
        finally:
            self.at_once -= 1


async def test_every_task_is_taken_up(open_work: Open) -> None:
    """What is given is taken up once, by whoever is there."""
    taken = Taken()
    async with running(open_work(), taken) as work:
        work.give(LINES)
        await until(lambda: len(taken.lines) >= len(LINES))
        await asyncio.sleep(0.1)
    assert Counter(taken.lines) == Counter(LINES)


async def test_processes_share_the_tasks(open_work: Open) -> None:
    """Together they take each once, and both have some; a third only gives."""
    first, second = Taken(), Taken()

    async def slowly(line: Line, taken: Taken) -> None:
        await taken(line)
        await asyncio.sleep(0.02)

    async with (
        running(open_work(), lambda line: slowly(line, first)),
        running(open_work(), lambda line: slowly(line, second)),
        running(open_work(), None) as giving,
    ):
        giving.give(LINES)
        await until(lambda: len(first.lines) + len(second.lines) >= len(LINES))
        await asyncio.sleep(0.2)
    assert Counter(first.lines) + Counter(second.lines) == Counter(LINES)
    assert first.lines
    assert second.lines


async def test_only_so_many_at_a_time(open_work: Open) -> None:
    """As many as were set; the next one comes when one of them is done."""
    taken = Taken(hold=True)
    async with running(open_work(), taken) as work:
        work.give(LINES)
        await until(lambda: taken.at_once == SETTINGS.work_prefetch)
        await asyncio.sleep(0.1)
        assert len(taken.lines) == SETTINGS.work_prefetch
        taken.release.set()
        await until(lambda: len(taken.lines) == len(LINES))
    assert taken.most_at_once == SETTINGS.work_prefetch


async def test_a_task_that_fails_is_tried_again_and_then_laid_aside(open_work: Open) -> None:
    """So often and no more; meanwhile and afterwards the others go on."""
    taken = Taken()
    bad = LINES[0]

    async def handler(line: Line) -> None:
        await taken(line)
        if line == bad:
            raise RuntimeError("this one always fails")

    async with running(open_work(), handler) as work:
        work.give([bad, *LINES[1:5]])
        await until(lambda: taken.lines.count(bad) == TRIES)
        work.give(LINES[5:])
        await until(lambda: set(LINES) <= set(taken.lines))
        await asyncio.sleep(0.1)
    assert taken.lines.count(bad) == TRIES
    assert all(taken.lines.count(line) == 1 for line in LINES[1:])


async def test_what_is_cut_off_goes_to_somebody_else(open_work: Open) -> None:
    """A process that ends in the middle leaves its tasks to others."""
    first, second = Taken(hold=True), Taken()
    async with running(open_work(), first) as work:
        work.give(LINES[:3])
        await until(lambda: first.at_once == 3)
    async with running(open_work(), second):
        await until(lambda: len(second.lines) == 3)
    assert set(second.lines) == set(LINES[:3])


async def test_tasks_wait_for_somebody(open_work: Open) -> None:
    """Given while nobody takes any, they are taken up later."""
    async with running(open_work(), None) as work:
        work.give(LINES)
        await asyncio.sleep(0.3)
    taken = Taken()
    async with running(open_work(), taken):
        await until(lambda: len(taken.lines) == len(LINES))


async def test_giving_never_waits_or_fails(open_work: Open) -> None:
    """Before anything runs, and however much it is; what is too much is forgotten."""
    work = open_work()
    many = [Line(LOG, "hook", f"conversation-{n}") for n in range(1000)]
    work.give(many)
    taken = Taken()
    async with running(work, taken):
        work.give(LINES[:1])
        await asyncio.sleep(0.3)
    assert len(taken.lines) <= SETTINGS.work_waiting + 1
