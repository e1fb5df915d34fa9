"""Handling: every command, from wherever it comes, becomes one durable answer.

A lane's commands are handled in rounds: those that wait are decided, each on the outcome of those
before it, appended, and their answers awaited. A command that rests on a provisional outcome names
it, and conflicts unless that came out exactly so; what conflicted is decided again, in order, in
the next round.

A refusal, or "nothing to do", is answered only after the store was asked whether this command had
an answer before, and whether the streams still are where they were when it was decided.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from uuid import UUID

from msgspec.structs import replace

from domain import streams
from domain.append import (
    Answer,
    Append,
    Appended,
    Conflict,
    Dependency,
    Known,
    LookupFailed,
    SubjectErased,
)
from domain.envelope import Actor
from domain.errors import ParleyError, Refused
from domain.group_commit import GroupCommit
from domain.handling.lanes import Lane, Lanes
from domain.handling.pending import Ack, Pending
from domain.handling.plan import Command, Plan, View, plan
from domain.handling.sender import Sender
from domain.handling.states import States
from domain.permissions import VISITOR
from domain.ports import Clock, EventStore, Ids

__all__ = ["Ack", "CommandHandler", "HandlingLimits"]

FIRST_BACKOFF_S = 0.0025
"""The unit of the pauses between two decisions of one command."""


@dataclass(frozen=True, slots=True)
class HandlingLimits:
    """How much is tried before a command is given up."""

    round_commands: int = 64
    """Commands of a lane decided before their answers are awaited."""

    attempts: int = 12
    """Decisions of one command, conflicting each time, before it is ``busy``."""

    backoff_s: float = 0.25
    """Seconds of the longest pause between two of them."""

    lane_commands: int = 4096
    """Commands that may wait in one lane; more are ``busy``."""


_Sent = tuple[Pending, Plan, "asyncio.Future[Answer]"]


class CommandHandler:
    """Answers commands. ``submit`` is the whole interface."""

    def __init__(
        self,
        store: EventStore,
        commits: GroupCommit,
        clock: Clock,
        randomness: Ids,
        limits: HandlingLimits | None = None,
    ) -> None:
        self._store = store
        self._commits = commits
        self._clock = clock
        self._randomness = randomness
        self._limits = limits or HandlingLimits()
        self.states = States(store)
        self._lanes = Lanes(self.states, self._round, self._limits.lane_commands)

    def submit(
        self, sender: Sender, command: Command, trace: str | None = None
    ) -> asyncio.Future[Ack]:
        """Queue a command; the future has its :class:`Ack`, or raises :class:`Refused`.

        ``trace`` is the context of the step that it came by, if its trace is recorded.
        """
        answer: asyncio.Future[Ack] = asyncio.get_running_loop().create_future()
        self._lanes.put(Pending(sender, command, answer, trace))
        return answer

    @property
    def idle(self) -> bool:
        """Whether every command submitted so far has its answer."""
        return self._lanes.idle

    async def _round(self, log: UUID, lane: Lane) -> None:
        view = View(self.states, log)
        sent: list[_Sent] = []
        try:
            while lane and len(sent) < self._limits.round_commands:
                if not await self._decide_first(lane, view, sent):
                    break
            await self._settle(log, lane, sent)
        except BaseException:  # whatever it is, nobody is left without an answer
            for pending, _, _ in sent:
                pending.give_up("unavailable")
            raise

    async def _decide_first(self, lane: Lane, view: View, sent: list[_Sent]) -> bool:
        """Decide the lane's first command. False: the round must end before it."""
        pending = lane[0]
        view.begin()
        if not pending.in_order():
            lane.popleft()
            return True
        outcome: Plan | Refused
        try:
            outcome = await plan(pending.command, pending.sender, view)
        except Refused as refused:
            outcome = refused
        except Exception as error:  # noqa: BLE001  # it is this command's alone, not the lane's
            lane.popleft()
            pending.fail(error)
            return True
        if isinstance(outcome, Plan) and outcome.parts:
            rests_on = view.rests_on()
            if len(rests_on) > 1:  # an append can name one: these must have come out first
                return False
            sent.append((pending, outcome, self._append(pending, outcome, view, rests_on)))
            lane.popleft()
            return True
        if not sent:
            await self._answer_without_effect(lane, outcome, view.touched)
        return False

    def _append(
        self, pending: Pending, outcome: Plan, view: View, rests_on: list[Dependency]
    ) -> asyncio.Future[Answer]:
        sender = pending.sender
        append = Append(
            pending.command.id,
            self._named(sender),
            pending.content,
            outcome.parts,
            after=rests_on[0] if rests_on else None,
            trace=pending.trace,
        )
        view.decided(append.command, outcome.parts, sender.actor)
        return self._commits.submit(sender.log, append)

    def _named(self, sender: Sender) -> Actor:
        """The sender with its present name: who a visitor is may have become known meanwhile."""
        actor = sender.actor
        if actor.role != VISITOR:
            return actor
        who = self.states.peek(sender.log, streams.visitor(actor.id))
        if who is None or who.state.user == actor.name:
            return actor
        return replace(actor, name=who.state.user)

    async def _settle(self, log: UUID, lane: Lane, sent: list[_Sent]) -> None:
        """Give the answers; put what conflicted back in front, in order.

        Only the first is charged an attempt: the others may have conflicted for its sake alone,
        and each of them is the first in its turn.
        """
        again: list[Pending] = []
        stale: set[str] = set()
        for place, (pending, outcome, future) in enumerate(sent):
            if not await self._answer(pending, future, charged=place == 0):
                again.append(pending)
                stale.update(part.stream for part in outcome.parts)
        lane.extendleft(reversed(again))
        if again:
            await self._pause(again[0].attempts)
            await self._refresh(log, stale)

    async def _answer(
        self, pending: Pending, future: asyncio.Future[Answer], *, charged: bool
    ) -> bool:
        """Answer a command by what the log said. False: it is to be decided again.

        What is in the log, but behind a command that was given up, is refused like it: sent again
        it is a duplicate.
        """
        try:
            answer = await future
        except ParleyError as error:
            pending.fail(error)
            return True
        if isinstance(answer, Appended):
            self.states.apply(answer.events)
        if not pending.in_order():
            return True
        match answer:
            case Appended():
                pending.committed(answer.events[-1])
            case Known():
                pending.known(answer.last, same=answer.same)
            case SubjectErased():
                pending.refuse(Refused("erased"))
            case LookupFailed():
                pending.give_up("unavailable")
            case Conflict():
                return charged and self._try_again(pending)
        return True

    def _try_again(self, pending: Pending) -> bool:
        pending.attempts += 1
        if pending.attempts < self._limits.attempts:
            return False
        pending.give_up("busy")
        return True

    async def _pause(self, attempts: int) -> None:
        """Wait a random part of a span that doubles with each attempt; the first goes at once."""
        if attempts > 1:
            span = min(self._limits.backoff_s, FIRST_BACKOFF_S * 2**attempts)
            await self._clock.sleep(span * self._randomness.uniform())

    async def _refresh(self, log: UUID, stale: set[str]) -> None:
        try:
            for stream in sorted(stale):
                await self.states.refresh(log, stream)
        except ParleyError:
            pass  # the next round meets the same, and answers

    # --- answers without an event ---------------------------------------------------------------

    async def _answer_without_effect(
        self, lane: Lane, outcome: Plan | Refused, rests_on: dict[str, int]
    ) -> None:
        """Refuse, or say "unchanged", once the log agrees; else bring the states up to date."""
        pending = lane[0]
        sender, command = pending.sender, pending.command
        try:
            found = await self._store.recheck(
                sender.log, sender.actor, command.id, pending.content, list(rests_on)
            )
        except ParleyError as error:
            lane.popleft()
            pending.fail(error)
            return
        if found.last is not None:
            lane.popleft()
            pending.known(found.last, same=found.same)
        elif found.versions == rests_on:
            lane.popleft()
            pending.without_effect(outcome)
        elif self._try_again(pending):
            lane.popleft()
        else:
            await self._refresh(sender.log, set(rests_on))
