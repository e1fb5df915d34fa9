"""A pair that goes on through a kill: what has no ack is sent again, under the same id.

It keeps what it was told, so that this can be compared with the log: which messages were acked, and
what its reader got, in which order.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

from tests.benchmarks.frames import Frame, new_id
from tests.benchmarks.measuring import MeasurementFailed
from tests.benchmarks.people import Person, conversation_of

PATIENCE = {"busy", "unavailable"}
"""Errors that ask for another try later."""


class Enduring:
    """A visitor that sends one message after the other, and an agent that reads them."""

    def __init__(self, visiting: dict[str, Any], serving: dict[str, Any]) -> None:
        self.before = 1
        """Messages before: the visitor's first."""
        self.sent: list[str] = []
        self.acked: list[str] = []
        self.seen: list[str] = []
        self.again = 0
        self.resumed_s = 0.0
        """When the first message was done after the last fall."""
        self.going = False
        self.conversation = ""
        self.serving = serving
        self._sessions = visiting, serving
        self._visitor, self._agent = Person(), Person()
        self._unacked: list[str] = []
        self._down: set[Person] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def begin(self) -> Enduring:
        """Both there, with a conversation that both follow."""
        visiting, serving = self._sessions
        await self._visitor.arrive(visiting)
        self.conversation = await conversation_of(self._visitor)
        await self._agent.arrive(serving, [self.feed])
        self._visitor.acked, self._agent.seen = self._ack, self._see
        self._visitor.refused = self._refuse
        self._visitor.fallen = self._agent.fallen = self._fall
        return self

    @property
    def feed(self) -> str:
        """What both follow."""
        return f"conversation:{self.conversation}"

    @property
    def waiting(self) -> list[str]:
        """Messages without an ack."""
        return self._unacked

    @property
    def whole(self) -> bool:
        """Both are there, and all that was sent has been acked and read."""
        return not self._down and not self._unacked and len(self.seen) == len(self.sent)

    def go(self) -> None:
        """Send the first message; each that is done lets the next one go."""
        self.going = True
        self._next()

    def check(self) -> None:
        """Raise what was wrong on either socket, or in coming back."""
        for person in (self._visitor, self._agent):
            person.check_contract()
        for task in self._tasks:
            if task.done():
                task.result()

    def leave(self) -> None:
        """Close both sockets. Raises what was wrong."""
        self.check()
        self._visitor.leave()
        self._agent.leave()

    def _next(self) -> None:
        command = new_id()
        self.sent.append(command)
        self._unacked.append(command)
        if self._visitor not in self._down:
            self._visitor.post(self.conversation, command)

    def _ack(self, command: str) -> None:
        if command in self._unacked:  # else its repeat was acked before
            self.acked.append(command)
            self._unacked.remove(command)
            self._step()

    def _see(self, command: str) -> None:
        self.seen.append(command)
        self._step()

    def _step(self) -> None:
        if self.sent and self.whole:
            self.resumed_s = self.resumed_s or time.perf_counter()
            if self.going:
                self._next()

    def _refuse(self, frame: Frame) -> None:
        """The product is there, and not yet what it needs."""
        if frame.code not in PATIENCE:
            self._visitor.fail(MeasurementFailed(f"an error came: {frame.code}"))
            return
        later = frame.retry_after_ms / 1000
        asyncio.get_running_loop().call_later(later, self._send_again)

    def _fall(self, person: Person) -> None:
        self.resumed_s = 0.0
        self._down.add(person)
        self._tasks.add(asyncio.create_task(self._come_back(person)))

    async def _come_back(self, person: Person) -> None:
        session = self._sessions[person is self._agent]
        await person.come_back(session, [self.feed])
        self._down.discard(person)
        if person is self._visitor:
            self._send_again()
        self._step()

    def _send_again(self) -> None:
        for command in [] if self._visitor in self._down else self._unacked:
            self.again += 1
            self._visitor.post(self.conversation, command)
