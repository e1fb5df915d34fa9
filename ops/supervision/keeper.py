"""Keeps one post filled: what ends is started again, and what is sound can be replaced."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Callable
from dataclasses import dataclass

from domain.ports import Clock
from ops.errors import CannotRun
from ops.readiness import is_ready
from ops.supervision.back_off import BackOff
from ops.supervision.child import Child, End
from ops.supervision.plan import Post
from ops.supervision.settings import SupervisorSettings

_logger = logging.getLogger("parley.supervisor")

LOOK_S = 0.1
"""Seconds between two looks at whether a process is ready."""

ALARMING = 5
"""Starts one after the other that did not last, after which somebody is called."""


@dataclass(frozen=True)
class Means:
    """What keepers work with. ``changed`` is called whenever a process has come or gone."""

    start: Callable[[Post], Child]
    clock: Clock
    settings: SupervisorSettings
    changed: Callable[[], None]
    tasks: asyncio.TaskGroup


class Keeper:
    """One post. ``living`` are its processes: one, or two while the newer replaces the older."""

    def __init__(self, post: Post, means: Means) -> None:
        self.post = post
        self.restarts = 0
        self.living: list[Child] = []
        self._means = means
        self._clock = means.clock
        self._settings = means.settings
        self._child: Child | None = None
        self._back_off = BackOff(means.settings)
        self._turn = asyncio.Lock()

    async def fill(self) -> None:
        """Have a process."""
        async with self._turn:
            self._child = await self._started("first start")

    async def until_ready(self) -> None:
        """Wait until the post's process is ready, however often it has to be started."""
        while self._child is None or not await is_ready(self._child.port):
            await self._clock.sleep(LOOK_S)

    async def replace(self) -> bool:
        """Put a new process in the place of the present one; whether it became ready.

        The new one is ready before the old one is told to go: so there is never one less.
        """
        async with self._turn:
            old, new = self._child, await self._started("rolling restart")
            if not await self._becomes_ready(new):
                await new.end(self._settings.stop_s)
                return False
            self._child = new
        if old is not None and not old.ended.done():
            await old.end(self._settings.leave_s)
        return True

    async def stop(self) -> None:
        """End whatever there is, as all others end. Nothing is started any more."""
        for child in self.living:
            child.abandon()
        await asyncio.gather(*(each.end(self._settings.stop_s) for each in self.living))

    def hurry(self) -> None:
        """Stop faster."""
        for child in self.living:
            child.signal(signal.SIGTERM)

    async def _started(self, reason: str) -> Child:
        """A new process; what cannot be started now is tried again."""
        while (child := self._tried()) is None:
            await self._clock.sleep(self._back_off.pause(0.0))
        _logger.info("started a process", extra={**child.told, "reason": reason})
        self.living.append(child)
        self._means.tasks.create_task(self._follow(child))
        self._means.changed()
        return child

    def _tried(self) -> Child | None:
        try:
            return self._means.start(self.post)
        except (OSError, CannotRun) as error:
            _logger.error("%s could not be started: %s", self.post.name, error)  # noqa: TRY400  # one line
            return None

    async def _follow(self, child: Child) -> None:
        """See a process to its end; where nobody has taken its place, start another one."""
        await asyncio.wait([child.ended])
        end = child.ended.result()
        self.living.remove(child)
        self._means.changed()
        async with self._turn:
            if child is self._child:
                await self._again(child, end)
            else:
                _logger.info("a process has ended", extra={**child.told, "reason": str(end)})

    async def _again(self, child: Child, end: End) -> None:
        pause_s = self._back_off.pause(child.lived_s)
        told = {**child.told, "reason": str(end), "pause_s": pause_s}
        _logger.error("a process has ended and is started again", extra=told)
        if self._back_off.failures == ALARMING:
            _logger.error("alarm: %s does not stay up", self.post.name)
        await self._clock.sleep(pause_s)
        self.restarts += 1
        self._child = await self._started(str(end))

    async def _becomes_ready(self, child: Child) -> bool:
        """Whether a new process is ready in its time."""
        try:
            async with asyncio.timeout(self._settings.ready_s):
                while not await is_ready(child.port):
                    if child.ended.done():
                        return False
                    await self._clock.sleep(LOOK_S)
        except TimeoutError:
            return False
        return not child.ended.done()
