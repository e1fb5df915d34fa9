"""Handling: every command, from wherever it comes, becomes one durable answer.

A command that is alone in its lane, with all that it rests on at hand, is decided where it comes in
and answered where its batch is: nothing waits for a turn of the event loop.

Else a lane's commands are handled in rounds: those that wait are decided, each on the outcome of
those before it, appended, and their answers awaited. A command that rests on a provisional outcome
names it, and conflicts unless that came out exactly so; what conflicted is decided again, in order,
in the next round.

A refusal, or "nothing to do", is answered only after the store was asked whether this command had
an answer before, and whether the streams still are where they were when it was decided.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from functools import partial
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
from domain.errors import BatchRefused, ParleyError, Refused, StoreUnavailable
from domain.group_commit import GroupCommit, Outcome
from domain.handling.lanes import Lane, Lanes
from domain.handling.pending import Ack, Answered, Pending
from domain.handling.plan import Command, NotLoaded, Plan, View, plan
from domain.handling.sender import Sender
from domain.handling.states import Entry, States
from domain.permissions import VISITOR
from domain.ports import Clock, EventStore, Ids, Snapshots

__all__ = ["Ack", "CommandHandler", "HandlingLimits"]

_logger = logging.getLogger("parley.handling")

FIRST_BACKOFF_S = 0.0025
"""The unit of the pauses between two decisions of one command."""


@dataclass(frozen=True, slots=True)
class HandlingLimits:
    """How much is tried before a command is given up."""

    round_commands: int = 64
    """Commands of a lane decided before their answers are awaited."""

    attempts: int = 12
    """Decisions of one command, conflicting each time, before it is ``busy``."""

    trusting_attempts: int = 6
    """After so many the states that it rests on are read anew, whatever is kept of them here."""

    backoff_s: float = 0.25
    """Seconds of the longest pause between two of them."""

    lane_commands: int = 4096
    """Commands that may wait in one lane; more are ``busy``."""

    snapshot_events: int = 500
    """Events of a stream between two snapshots of its state, 0 for none. 500: what lies beyond the
    last one is folded in some 5 ms, and the log's lock is asked for so seldom that nobody waits."""


_Sent = tuple[Pending, Plan, "asyncio.Future[Answer]"]


class CommandHandler:
    """Answers commands. ``submit`` is the whole interface."""

    def __init__(  # noqa: PLR0913  # the composition root wires it once
        self,
        store: EventStore,
        commits: GroupCommit,
        clock: Clock,
        randomness: Ids,
        limits: HandlingLimits | None = None,
        *,
        snapshots: Snapshots | None = None,
    ) -> None:
        self._store = store
        self._commits = commits
        self._clock = clock
        self._randomness = randomness
        self._limits = limits or HandlingLimits()
        self.states = States(
            store, snapshots=snapshots, snapshot_events=self._limits.snapshot_events
        )
        self._lanes = Lanes(self.states, self._alone, self._round, self._limits.lane_commands)

    def submit(
        self, sender: Sender, command: Command, trace: str | None = None
    ) -> asyncio.Future[Ack]:
        """Queue a command; the future has its :class:`Ack`, or raises :class:`Refused`.

        ``trace`` is the context of the step that it came by, if its trace is recorded.
        """
        future: asyncio.Future[Ack] = asyncio.get_running_loop().create_future()
        self.put(sender, command, partial(_resolve, future), trace)
        return future

    def put(
        self, sender: Sender, command: Command, answered: Answered, trace: str | None = None
    ) -> None:
        """Queue a command, as :meth:`submit` does, for one who is told at once, without a turn."""
        self._lanes.put(Pending(sender, command, answered, trace))

    def forget(self) -> None:
        """The store's history may be another one: nothing that is known decides there."""
        self.states.clear()
        self._commits.forget()

    @property
    def idle(self) -> bool:
        """Whether every command submitted so far has its answer."""
        return self._lanes.idle

    # --- alone --------------------------------------------------------------------------------

    def _alone(self, lane: Lane) -> bool:
        """Decide the only command of a lane. False: that is for a round, and nothing was done."""
        (pending,) = lane.waiting
        if pending.sender.in_doubt:
            return False
        try:
            outcome = plan(pending.command, pending.sender, View(self.states, lane.log))
        except (Refused, NotLoaded):
            return False
        except Exception as error:  # it is this command's alone, not the lane's
            _logger.debug("to be decided again in a round, and answered there", exc_info=error)
            return False
        if not outcome.parts:
            return False
        lane.waiting.popleft()
        answered = partial(self._answer_alone, lane, pending, outcome)
        try:
            self._commits.put(lane.log, self._append_of(pending, outcome), answered)
        except Exception as error:  # noqa: BLE001  # whatever it is, the lane's others go on
            pending.fail(error)
            self._lanes.go_on(lane)
        return True

    def _answer_alone(self, lane: Lane, pending: Pending, outcome: Plan, answer: Outcome) -> None:
        try:
            done = self._answer(pending, answer, charged=True)
        except Exception:
            _logger.exception("command %s has an outcome but no answer", pending.command.id)
            pending.give_up("unavailable")
            done = True
        if done:
            self._lanes.go_on(lane)
        else:
            lane.waiting.appendleft(pending)
            stale = {part.stream for part in outcome.parts}
            self._lanes.work(lane, partial(self._before_again, lane.log, pending, stale))

    # --- in rounds ----------------------------------------------------------------------------

    async def _round(self, lane: Lane) -> None:
        view = View(self.states, lane.log)
        sent: list[_Sent] = []
        try:
            while lane.waiting and len(sent) < self._limits.round_commands:
                if not await self._decide_first(lane, view, sent):
                    break
            await self._settle(lane, sent)
        except BaseException:  # whatever it is, nobody is left without an answer
            for pending, _, _ in sent:
                pending.give_up("unavailable")
            raise

    async def _decide_first(self, lane: Lane, view: View, sent: list[_Sent]) -> bool:
        """Decide the lane's first command. False: the round must end before it."""
        pending = lane.waiting[0]
        if not pending.in_order():
            lane.waiting.popleft()
            return True
        outcome: Plan | Refused
        try:
            outcome = await self._plan(pending, view)
        except Refused as refused:
            outcome = refused
        except Exception as error:  # noqa: BLE001  # it is this command's alone, not the lane's
            lane.waiting.popleft()
            pending.fail(error)
            return True
        if view.is_old:
            return False
        if isinstance(outcome, Plan) and outcome.parts:
            rests_on = view.rests_on()
            if len(rests_on) > 1:  # an append can name one: these must have come out first
                return False
            sent.append((pending, outcome, self._append(pending, outcome, view, rests_on)))
            lane.waiting.popleft()
            return True
        if not sent:
            await self._answer_without_effect(lane, outcome, view)
        return False

    async def _plan(self, pending: Pending, view: View) -> Plan:
        """Decide, with whatever states that takes loaded for it."""
        loaded: dict[str, Entry] = {}
        while True:
            view.begin(loaded)
            try:
                return plan(pending.command, pending.sender, view)
            except NotLoaded as needed:
                stream = needed.stream
            loaded[stream] = await self.states.load(pending.sender.log, stream)

    def _append(
        self, pending: Pending, outcome: Plan, view: View, rests_on: list[Dependency]
    ) -> asyncio.Future[Answer]:
        append = self._append_of(pending, outcome, rests_on[0] if rests_on else None)
        view.decided(append.command, outcome.parts, pending.sender.actor)
        return self._commits.submit(pending.sender.log, append)

    def _append_of(
        self, pending: Pending, outcome: Plan, after: Dependency | None = None
    ) -> Append:
        return Append(
            pending.command.id,
            self._named(pending.sender),
            pending.content,
            outcome.parts,
            after=after,
            trace=pending.trace,
        )

    def _named(self, sender: Sender) -> Actor:
        """The sender with its present name: who a visitor is may have become known meanwhile."""
        actor = sender.actor
        if actor.role != VISITOR:
            return actor
        who = self.states.peek(sender.log, streams.visitor(actor.id))
        if who is None or who.state.user == actor.name:
            return actor
        return replace(actor, name=who.state.user)

    async def _settle(self, lane: Lane, sent: list[_Sent]) -> None:
        """Give the answers; put what conflicted back in front, in order.

        Only the first is charged an attempt: the others may have conflicted for its sake alone,
        and each of them is the first in its turn.
        """
        again: list[Pending] = []
        stale: set[str] = set()
        for place, (pending, outcome, future) in enumerate(sent):
            answer = await _outcome(future)
            if not self._answer(pending, answer, charged=place == 0):
                again.append(pending)
                stale.update(part.stream for part in outcome.parts)
        lane.waiting.extendleft(reversed(again))
        if again:
            await self._before_again(lane.log, again[0], stale)

    async def _before_again(self, log: UUID, first: Pending, stale: set[str]) -> None:
        """What conflicted is decided again after a pause, on states as they are by then."""
        await self._pause(first.attempts)
        await self._refresh(log, stale, first.attempts)

    def _answer(self, pending: Pending, answer: Outcome, *, charged: bool) -> bool:
        """Answer a command by what the log said. False: it is to be decided again.

        What is in the log, but behind a command that was given up, is refused like it: sent again
        it is a duplicate.
        """
        if isinstance(answer, Exception):
            pending.fail(answer)
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

    async def _refresh(self, log: UUID, stale: set[str], attempts: int) -> None:
        """Bring states up to date. After many attempts they are no longer built upon.

        What is kept may be of a history that the store has no more: nothing would ever continue it.
        """
        try:
            for stream in sorted(stale):
                if attempts > self._limits.trusting_attempts:
                    self.states.forget(log, stream)
                await self.states.refresh(log, stream)
        except ParleyError:
            pass  # the next round meets the same, and answers

    # --- answers without an event ---------------------------------------------------------------

    async def _answer_without_effect(self, lane: Lane, outcome: Plan | Refused, view: View) -> None:
        """Refuse, or say "unchanged", once the log agrees; else bring the states up to date."""
        pending, rests_on = lane.waiting[0], view.touched
        sender, command = pending.sender, pending.command
        try:
            found = await self._store.recheck(
                sender.log, sender.actor, command.id, pending.content, list(rests_on)
            )
        except ParleyError as error:
            lane.waiting.popleft()
            pending.fail(error)
            return
        if view.is_old:
            return  # what was found may be lost by now; the next round asks again
        if found.last is not None:
            lane.waiting.popleft()
            pending.known(found.last, same=found.same)
        elif found.versions == rests_on:
            lane.waiting.popleft()
            pending.without_effect(outcome)
        elif self._try_again(pending):
            lane.waiting.popleft()
        else:
            await self._refresh(sender.log, set(rests_on), pending.attempts)


def _resolve(future: asyncio.Future[Ack], answer: Ack | Refused) -> None:
    if future.done():
        return
    if isinstance(answer, Refused):
        future.set_exception(answer)
    else:
        future.set_result(answer)


async def _outcome(future: asyncio.Future[Answer]) -> Outcome:
    try:
        return await future
    except (StoreUnavailable, BatchRefused) as error:
        return error
