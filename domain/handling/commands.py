"""Handling: every command, from wherever it comes, becomes one durable answer.

The commands of one visitor (its conversations and its own stream) or one agent run through one
queue, a *lane*, in the order they came. A lane works in rounds: it decides the commands that wait,
each on the outcome of those before it, appends them, and waits for the answers. A command that
rests on a provisional outcome names it, and conflicts unless that came out exactly so; what
conflicted is decided again, in order, in the next round.

A refusal, or "nothing to do", is answered only after the store was asked whether this command had
an answer before, and whether the streams still are where they were when it was decided.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from domain import streams
from domain.agent import commands as agent_commands
from domain.append import Answer, Append, Appended, Conflict, Dependency, Known, SubjectErased
from domain.conversation import commands as c
from domain.envelope import RecordedEvent
from domain.errors import ParleyError, Refused, StoreUnavailable
from domain.group_commit import GroupCommit
from domain.handling.plan import Command, Plan, View, plan
from domain.handling.sender import RETRY_AFTER_MS, Sender
from domain.handling.states import States
from domain.permissions import VISITOR
from domain.ports import Clock, EventStore, Ids
from domain.visitor import commands as v

_logger = logging.getLogger("parley.handling")
_encoder = msgspec.msgpack.Encoder(order="sorted")

FIRST_BACKOFF_S = 0.0025
"""The unit of the pauses between two decisions of one command."""

VISITORS_OWN = "visitor"
"""The one order of all that a visitor says: a ``start`` may go to any of its conversations."""


class Ack(Struct, frozen=True):
    """A durable answer. ``version`` and ``position`` are those of the command's last event."""

    id: UUID
    conversation: str | None = None
    version: int | None = None
    position: int | None = None
    duplicate: bool = False
    unchanged: bool = False


class HandlingLimits(Struct, frozen=True):
    """How much is tried before a command is given up.

    ``round_commands``: commands decided before their answers are awaited. ``attempts``: decisions
    of one command before it is ``busy``. ``backoff_s``: the longest pause between two of them.
    ``lane_commands``: commands that may wait in one lane; more are ``busy``.
    """

    round_commands: int = 64
    attempts: int = 12
    backoff_s: float = 0.25
    lane_commands: int = 4096


class _Pending:
    """A command on its way to its answer."""

    __slots__ = ("answer", "attempts", "command", "content", "place", "sender")

    def __init__(self, sender: Sender, command: Command, answer: asyncio.Future[Ack]) -> None:
        self.sender = sender
        self.command = command
        self.answer = answer
        self.content = _encoder.encode(command)
        self.place = sender.next_place()
        self.attempts = 0

    @property
    def order(self) -> str | None:
        """By what the sender's order is kept; None: this command stands in no order."""
        if not isinstance(self.command, c.Start | c.Named):
            return None
        if isinstance(self.command, c.Start) or self.sender.actor.role == VISITOR:
            return VISITORS_OWN
        return str(self.command.conversation)

    def in_order(self) -> bool:
        """Whether it may be decided; else it has been refused, behind one that was given up."""
        if self.order is None:
            return True
        try:
            self.sender.check_order(self.order, self.place, self.command.id)
        except Refused as refused:
            self.refuse(refused)
            return False
        return True

    def resolve(self, ack: Ack) -> None:
        if not self.answer.done():
            self.answer.set_result(ack)

    def refuse(self, refused: Refused) -> None:
        if not self.answer.done():
            self.answer.set_exception(refused)

    def fail(self, error: Exception) -> None:
        """Answer for a store that is away, or that holds what cannot be read, or our mistake."""
        if isinstance(error, StoreUnavailable):
            self.give_up("unavailable")
        else:
            _logger.error("command %s failed", self.command.id, exc_info=error)
            self.refuse(Refused("internal"))

    def give_up(self, code: str) -> None:
        """Refuse it, and all that its sender sent behind it; unless it has its answer."""
        if self.answer.done():
            return
        refused = Refused(code, retry_after_ms=RETRY_AFTER_MS)
        if self.order is not None:
            self.sender.give_up(self.order, self.place, self.command.id, refused)
        self.refuse(refused)


_Lane = deque[_Pending]
_Sent = tuple[_Pending, Plan, "asyncio.Future[Answer]"]


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
        self._lanes: dict[tuple[UUID, str], _Lane] = {}
        self._unplaced: dict[tuple[UUID, UUID], _Lane] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def submit(self, sender: Sender, command: Command) -> asyncio.Future[Ack]:
        """Queue a command; the future has its :class:`Ack`, or raises :class:`Refused`."""
        answer: asyncio.Future[Ack] = asyncio.get_running_loop().create_future()
        pending = _Pending(sender, command, answer)
        lane = self._lane_of(sender, command)
        if lane is None:
            assert isinstance(command, c.Named)
            self._place_later(pending, command.conversation)
        else:
            self._enqueue(lane, sender.log, pending)
        return answer

    @property
    def idle(self) -> bool:
        """Whether every command submitted so far has its answer."""
        return not self._lanes and not self._unplaced

    # --- lanes --------------------------------------------------------------------------------

    def _lane_of(self, sender: Sender, command: Command) -> str | None:
        """The lane of a command: its visitor's, or its own actor's. None: not known yet."""
        actor = sender.actor
        if actor.role == "visitor" or not isinstance(command, c.Named):
            return _actor_lane(sender, command)
        if (sender.log, command.conversation) in self._unplaced:
            return None
        entry = self.states.peek(sender.log, streams.conversation(command.conversation))
        return streams.visitor(entry.state.visitor) if entry else None

    def _place_later(self, pending: _Pending, conversation: UUID) -> None:
        """Let commands on a conversation wait, in order, until its visitor is known."""
        key = (pending.sender.log, conversation)
        waiting = self._unplaced.get(key)
        if waiting is not None:
            waiting.append(pending)
            return
        self._unplaced[key] = deque([pending])
        self._spawn(self._place(*key))

    async def _place(self, log: UUID, conversation: UUID) -> None:
        """Find the lane of the commands that wait; without the store they are given up."""
        stream = streams.conversation(conversation)
        failure: Exception = StoreUnavailable("the server is stopping")
        lane = None
        try:
            entry = await self.states.load(log, stream)
            lane = streams.visitor(entry.state.visitor) if entry.version else stream
        except ParleyError as error:
            failure = error
        finally:
            for pending in self._unplaced.pop((log, conversation)):
                if lane is None:
                    pending.fail(failure)
                else:
                    self._enqueue(lane, log, pending)

    def _enqueue(self, name: str, log: UUID, pending: _Pending) -> None:
        lane = self._lanes.get((log, name))
        if lane is None:
            lane = self._lanes[log, name] = deque()
            self._spawn(self._run(log, name, lane))
        if len(lane) >= self._limits.lane_commands:
            pending.give_up("busy")
            return
        lane.append(pending)

    def _spawn(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self, log: UUID, name: str, lane: _Lane) -> None:
        """Work until the lane is empty; no await between seeing that and removing it."""
        try:
            while lane:
                await self._round(log, lane)
        finally:
            del self._lanes[log, name]
            for pending in lane:
                pending.give_up("unavailable")

    # --- rounds -------------------------------------------------------------------------------

    async def _round(self, log: UUID, lane: _Lane) -> None:
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

    async def _decide_first(self, lane: _Lane, view: View, sent: list[_Sent]) -> bool:
        """Decide the lane's first command. False: the round must end before it."""
        pending = lane[0]
        view.touched = {}
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
        self, pending: _Pending, outcome: Plan, view: View, rests_on: list[Dependency]
    ) -> asyncio.Future[Answer]:
        sender = pending.sender
        append = Append(
            pending.command.id,
            sender.actor,
            pending.content,
            outcome.parts,
            after=rests_on[0] if rests_on else None,
        )
        view.decided(append.command, outcome.parts, sender.actor)
        return self._commits.submit(sender.log, append)

    async def _settle(self, log: UUID, lane: _Lane, sent: list[_Sent]) -> None:
        """Give the answers; put what conflicted back in front, in order."""
        again: list[_Pending] = []
        stale: set[str] = set()
        for pending, outcome, future in sent:
            if not await self._answer(pending, future):
                again.append(pending)
                stale.update(part.stream for part in outcome.parts)
        lane.extendleft(reversed(again))
        if again:
            await self._pause(again[0].attempts)
            await self._refresh(log, stale)

    async def _answer(self, pending: _Pending, future: asyncio.Future[Answer]) -> bool:
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
                pending.resolve(_ack(pending, answer.events[-1]))
            case Known():
                _answer_known(pending, answer.last, same=answer.same)
            case SubjectErased():
                pending.refuse(Refused("erased"))
            case Conflict():
                return self._try_again(pending)
        return True

    def _try_again(self, pending: _Pending) -> bool:
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
        self, lane: _Lane, outcome: Plan | Refused, rests_on: dict[str, int]
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
            _answer_known(pending, found.last, same=found.same)
        elif found.versions == rests_on:
            lane.popleft()
            _answer_outcome(pending, outcome)
        elif self._try_again(pending):
            lane.popleft()
        else:
            await self._refresh(sender.log, set(rests_on))


def _actor_lane(sender: Sender, command: Command) -> str:
    if isinstance(command, c.Named):
        return streams.visitor(sender.actor.id)
    match command:
        case v.ViewPage() | v.Identify() | c.Start():
            return streams.visitor(sender.actor.id)
        case agent_commands.SetStatus():
            return streams.agent(sender.actor.id)
        case (
            agent_commands.CreateAgent()
            | agent_commands.SetRights()
            | agent_commands.SetPassword()
            | agent_commands.Deactivate()
        ):
            return streams.agent(command.agent)
        case _:
            return streams.TENANT


def _ack(pending: _Pending, last: RecordedEvent, *, duplicate: bool = False) -> Ack:
    return Ack(
        pending.command.id,
        streams.conversation_id(last.stream),
        last.version,
        last.position,
        duplicate=duplicate,
    )


def _answer_known(pending: _Pending, last: RecordedEvent, *, same: bool) -> None:
    if same:
        pending.resolve(_ack(pending, last, duplicate=True))
    else:
        pending.refuse(Refused("id_reused"))


def _answer_outcome(pending: _Pending, outcome: Plan | Refused) -> None:
    if isinstance(outcome, Refused):
        pending.refuse(outcome)
    else:
        pending.resolve(Ack(pending.command.id, outcome.conversation, unchanged=True))
