"""The port to work queues: word to whoever is free that something is due.

Nothing depends on it. What is due stands in rows; a task only says where to look, so a queue may
lose, repeat, reorder or be emptied by hand. Order, and who works on what, is kept by the rows.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Protocol

from domain.webhooks.ports import Line

Handler = Callable[[Line], Awaitable[None]]
"""Works off a line; returns when that has ended. Raising means that it is to be tried again."""

TRIES = 5
"""How often a task is handed out when its handler fails; then it is laid aside, and alarmed."""


class Work(Protocol):
    """Tasks for webhooks: given by whoever finds something due, taken by whoever sends."""

    async def run(self, handler: Handler | None) -> None:
        """Hand out what is given here, and with a handler take tasks up, until cancelled.

        So many are taken up at a time as was set. One that is cut off goes to somebody else.
        """

    def give(self, lines: Iterable[Line]) -> None:
        """Say that something is due in these lines. Never waits, never fails, may be in vain."""

    @property
    def illness(self) -> str | None:
        """What is wrong, in a few words; None when nothing is."""
