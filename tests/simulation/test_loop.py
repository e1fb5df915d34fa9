"""Virtual time: it passes only where all wait, and as far as the first of them waits."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from tests.simulation.clock import START, VirtualClock
from tests.simulation.loop import MACHINE, Deadlock, Machine, Spinning, VirtualLoop


@pytest.fixture
def loop() -> Iterator[VirtualLoop]:
    """A loop at the beginning of time."""
    made = VirtualLoop()
    yield made
    made.close()


def test_an_hour_takes_no_time(loop: VirtualLoop) -> None:
    """Sleepers, timeouts and the clock go by one time, and wake in order."""
    clock = VirtualClock(loop)
    woken: list[tuple[str, float]] = []

    async def sleep(name: str, seconds: float) -> None:
        await clock.sleep(seconds)
        woken.append((name, clock.monotonic()))

    async def scenario() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1800.0):
                await asyncio.gather(sleep("late", 3600.0), sleep("early", 60.0))
        assert loop.time() == 1800.0
        clock.ahead = -100.0
        assert clock.now() == START + 1700.0

    loop.run_until_complete(scenario())
    assert woken == [("early", 60.0)]


def test_a_deadlock_says_who_waits(loop: VirtualLoop) -> None:
    """Nothing is due and nothing ready: that is an error, which names the waiter and its place."""

    async def wait_for_nobody() -> None:
        await loop.create_future()

    waiting = loop.create_task(wait_for_nobody(), name="somebody")
    with pytest.raises(Deadlock, match=r"somebody at .*wait_for_nobody"):
        loop.run_until_complete(waiting)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        loop.run_until_complete(waiting)


def test_going_in_circles_is_an_error(loop: VirtualLoop, monkeypatch: pytest.MonkeyPatch) -> None:
    """What never waits would keep time from passing for ever."""
    monkeypatch.setattr("tests.simulation.loop.STILL_TURNS", 100)

    async def spin() -> None:
        while True:  # noqa: ASYNC110  # that it waits for nothing is the point
            await asyncio.sleep(0)

    spinning = loop.create_task(spin(), name="busy")
    with pytest.raises(Spinning, match="busy"):
        loop.run_until_complete(spinning)
    spinning.cancel()
    with pytest.raises(asyncio.CancelledError):
        loop.run_until_complete(spinning)


def test_all_that_a_machine_runs_dies_with_it(loop: VirtualLoop) -> None:
    """What its tasks begin is its own too; what it begins in its last steps comes to nothing."""
    machine, said = Machine(), []

    async def last_words() -> None:
        said.append("never said")

    async def child() -> None:
        try:
            await asyncio.sleep(10.0)
        finally:
            said.append("dying")
            begun.append(loop.create_task(last_words()))

    async def parent() -> None:
        begun.append(loop.create_task(child()))
        await asyncio.sleep(10.0)

    begun: list[asyncio.Task[None]] = []

    async def scenario() -> None:
        token = MACHINE.set(machine)
        begun.append(loop.create_task(parent()))
        MACHINE.reset(token)
        await asyncio.sleep(1.0)
        machine.kill()
        await asyncio.sleep(1.0)

    loop.run_until_complete(scenario())
    assert machine.is_still
    assert said == ["dying"]
    assert all(task.cancelled() for task in begun)


def test_a_stalled_machine_goes_on_where_it_was(loop: VirtualLoop) -> None:
    """Nothing of it happens meanwhile; then all that was due does, in its order."""
    machine = Machine()
    said: list[tuple[str, float]] = []

    async def speak(name: str, after: float) -> None:
        await asyncio.sleep(after)
        said.append((name, loop.time()))

    async def scenario() -> None:
        token = MACHINE.set(machine)
        tasks = [loop.create_task(speak(name, after)) for name, after in (("b", 2.0), ("a", 1.0))]
        MACHINE.reset(token)
        tasks.append(loop.create_task(speak("elsewhere", 3.0)))
        await asyncio.sleep(0.5)
        loop.stall(machine, 10.0)
        await asyncio.gather(*tasks)

    loop.run_until_complete(scenario())
    assert said == [("elsewhere", 3.0), ("a", 10.5), ("b", 10.5)]
