"""Asks the log for what was decided, and keeps what is not over: not folded yet, or due again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from uuid import UUID

from domain import figures
from domain.envelope import Actor
from domain.handling.pending import Ack
from domain.handling.sender import Sender
from domain.routing.decisions import Decision
from domain.routing.parts import RouterParts
from domain.routing.settings import RouterSettings

ACTOR = Actor("system", "router")
"""Who gives conversations to agents, and notes that nobody answered."""


class Asking:
    """What a log was asked for. ``answered`` is called with each answer's position, None without.

    Whatever is not granted is over after a while, to be decided again on what is known by then.
    """

    def __init__(
        self,
        log: UUID,
        parts: RouterParts,
        settings: RouterSettings,
        answered: Callable[[int | None], None],
    ) -> None:
        self._log = log
        self._parts = parts
        self._retry_s = settings.retry_s
        self._answered = answered
        self._granted: list[tuple[int, Decision]] = []
        self._refused: list[tuple[float, Decision]] = []

    def ask(self, decision: Decision) -> None:
        """Have it appended, if it still holds. Neither waits nor raises."""
        future = self._parts.handler.submit(Sender(self._log, ACTOR), decision.command(self._log))
        future.add_done_callback(partial(self._take, decision))

    def over(self, position: int) -> list[Decision]:
        """What is over once the log was folded to there, and what may be asked for again."""
        now = self._parts.clock.monotonic()
        over = [each for at, each in self._granted if at <= position]
        over += [each for at, each in self._refused if at <= now]
        self._granted = [each for each in self._granted if each[0] > position]
        self._refused = [each for each in self._refused if each[0] > now]
        return over

    def _take(self, decision: Decision, answer: asyncio.Future[Ack]) -> None:
        position, outcome = None, "refused"
        if not answer.cancelled() and answer.exception() is None:
            ack = answer.result()
            position = ack.position
            if position is not None:
                outcome = "duplicate" if ack.duplicate else "done"
                self._granted.append((position, decision))
        if position is None:
            at = self._parts.clock.monotonic() + self._retry_s
            self._refused.append((at, decision))
        self._parts.measures.count(figures.ROUTER_DECISIONS, decision.key[0], outcome)
        self._answered(position)
