"""An event loop on virtual time: where all wait, the clock goes to the next moment at once.

Single thread, no I/O, no executor. Timers, ``asyncio.timeout`` and the clock port all go by the one
number in here, so a minute takes as long as its work does. Two runs of one seed take every step in
the same order: tasks have a hash of their own, since asyncio keeps some in sets, whose order would
otherwise follow from addresses in memory.
"""

from __future__ import annotations

import asyncio
from asyncio import base_events
from collections import deque
from collections.abc import Callable, Coroutine
from contextvars import Context, ContextVar
from heapq import heappop, heappush
from typing import Any

from tests.simulation.history import Moment

STILL_TURNS = 100_000
"""Turns of the loop at one moment of time after which something goes round in circles."""

PRUNED_TASKS = 256
"""Tasks of one machine after which those that are done are forgotten."""


class Deadlock(AssertionError):
    """Nothing is scheduled and nothing ready, and the scenario is not over."""


class Spinning(AssertionError):
    """Things happen without end, and time does not go on."""


class SteadyTask(asyncio.Task[Any]):
    """A task whose hash is its number, the same in every run."""

    def __init__(
        self,
        coroutine: Coroutine[Any, Any, Any],
        *,
        loop: VirtualLoop,
        name: str | None,
        context: Context | None,
    ) -> None:
        self.number = loop.next_number()  # before the rest: asyncio puts it into a set at once
        super().__init__(coroutine, loop=loop, name=name or "task", context=context)

    def __hash__(self) -> int:
        return self.number

    def __eq__(self, other: object) -> bool:
        return self is other


class Machine:
    """One that tasks run on, and die with. What runs on none is the scenario's own."""

    def __init__(self) -> None:
        self.dead = False
        self.stalled_until = 0.0
        self._tasks: list[SteadyTask] = []

    def adopt(self, task: SteadyTask) -> None:
        """A task was begun here; on a dead machine it does not come to anything."""
        if len(self._tasks) > PRUNED_TASKS:
            self._tasks = [each for each in self._tasks if not each.done()]
        self._tasks.append(task)
        if self.dead:
            task.cancel()

    def kill(self) -> None:
        """End all that runs here. That their last steps reach nobody is the ports' doing."""
        self.dead = True
        for task in self._tasks:
            task.cancel()

    @property
    def is_still(self) -> bool:
        """Whether nothing runs here any more."""
        return all(task.done() for task in self._tasks)


MACHINE: ContextVar[Machine | None] = ContextVar("MACHINE", default=None)
"""On which machine the present code runs; tasks and callbacks inherit it."""


class VirtualLoop(base_events.BaseEventLoop):
    """An event loop whose time begins at 0 and moves only where all wait.

    Timers of one moment go off in the order in which they were set.
    """

    def __init__(self) -> None:
        super().__init__()
        self._now = 0.0
        self._still = 0
        self._number = 0
        self._timers: list[tuple[float, int, asyncio.Handle]] = []
        self._stalled_until = 0.0
        self.set_task_factory(_begin)

    def time(self) -> float:
        return self._now

    def now(self) -> Moment:
        """This moment, which nothing else is."""
        return Moment(self._now, self.next_number())

    def next_number(self) -> int:
        """A number that nobody had before."""
        self._number += 1
        return self._number

    def call_at(  # type: ignore[override]  # the arguments' types are the callback's own affair
        self,
        when: float,
        callback: Callable[..., object],
        *args: Any,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        timer = asyncio.TimerHandle(when, callback, args, self, context)
        heappush(self._timers, (when, self.next_number(), timer))
        return timer

    def call_later(  # type: ignore[override]  # as above
        self,
        delay: float,
        callback: Callable[..., object],
        *args: Any,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        return self.call_at(self._now + delay, callback, *args, context=context)

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        """It stays where it is until its time has come."""

    def _run_once(self) -> None:
        """One turn: what is ready now runs; where nothing is, time goes to the next timer."""
        ready: deque[asyncio.Handle] = self._ready  # type: ignore[attr-defined]  # asyncio's own
        self._move_on(idle=not ready and not self._stopping)  # type: ignore[attr-defined]  # as above
        while self._timers and self._timers[0][0] <= self._now:
            ready.append(heappop(self._timers)[2])
        for _ in range(len(ready)):
            handle = ready.popleft()
            if not handle.cancelled() and not self._is_put_off(handle):
                handle._run()

    def stall(self, machine: Machine, seconds: float) -> None:
        """Let nothing of a machine go on for so long, and then all of it at once, in its order."""
        assert machine.stalled_until <= self._now, "what waits for two moments has no order"
        machine.stalled_until = self._now + seconds
        self._stalled_until = max(self._stalled_until, machine.stalled_until)

    def _is_put_off(self, handle: asyncio.Handle) -> bool:
        """Whether a handle has to wait, since its machine is stalled."""
        if self._stalled_until <= self._now:
            return False
        machine = handle._context.get(MACHINE)  # type: ignore[attr-defined]  # asyncio's own
        if machine is None or machine.stalled_until <= self._now:
            return False
        heappush(self._timers, (machine.stalled_until, self.next_number(), handle))
        return True

    def _move_on(self, *, idle: bool) -> None:
        """Go to the moment of the next timer, where nothing is ready before."""
        timers = self._timers
        while timers and timers[0][2].cancelled():
            heappop(timers)
        if idle and not timers:
            raise Deadlock(f"everybody waits, and nothing is due:\n{self.waiting()}")
        if idle and timers[0][0] > self._now:
            self._now, self._still = timers[0][0], 0
            return
        self._still += 1
        if self._still > STILL_TURNS:
            self._still = 0
            raise Spinning(f"time stands still at {self._now:.3f}:\n{self.waiting()}")

    def waiting(self) -> str:
        """Who waits, and where: a line a task."""
        tasks = sorted(asyncio.all_tasks(self), key=hash)
        return "\n".join(f"  {task.get_name()} at {_place(task)}" for task in tasks)

    def _process_events(self, event_list: list[Any]) -> None:
        """There are none."""

    def _write_to_self(self) -> None:
        raise AssertionError("another thread has something to do with the simulation")


async def rest(loop: asyncio.AbstractEventLoop, seconds: float) -> None:
    """Sleep on this loop. ``asyncio.sleep`` looks for the running one, which costs more."""
    future: asyncio.Future[None] = loop.create_future()
    timer = loop.call_later(max(0.0, seconds), _wake, future)
    try:
        await future
    except asyncio.CancelledError:
        timer.cancel()
        raise


def _wake(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


def _begin(
    loop: asyncio.AbstractEventLoop,
    coroutine: Any,
    *,
    name: str | None = None,
    context: Context | None = None,
) -> SteadyTask:
    """The loop's factory of tasks."""
    assert isinstance(loop, VirtualLoop)
    task = SteadyTask(coroutine, loop=loop, name=name, context=context)
    machine = MACHINE.get() if context is None else context.get(MACHINE)
    if machine is not None:
        machine.adopt(task)
    return task


def _place(task: asyncio.Task[Any]) -> str:
    frames = task.get_stack(limit=1)
    if not frames:
        return "its end"
    code = frames[-1].f_code
    return f"{code.co_qualname}:{frames[-1].f_lineno}"
