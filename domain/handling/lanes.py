"""Lanes: the commands of one visitor, or of one agent, wait in one queue, in the order they came.

A lane belongs to whoever its commands are about, so that two people's commands on one conversation
stand in one queue. Whose conversation it is may have to be looked up first; commands wait for that
in order too.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from domain import streams
from domain.agent import commands as agent_commands
from domain.conversation import commands as c
from domain.errors import ParleyError, StoreUnavailable
from domain.handling.pending import Pending
from domain.handling.plan import Command
from domain.handling.sender import Sender
from domain.handling.states import States
from domain.visitor import commands as v


class Lane:
    """The commands of a lane that wait. ``busy``: somebody works on it, and will look again."""

    __slots__ = ("busy", "log", "name", "waiting")

    def __init__(self, log: UUID, name: str) -> None:
        self.log = log
        self.name = name
        self.waiting: deque[Pending] = deque()
        self.busy = False


Alone = Callable[[Lane], bool]
"""Takes the only command of a lane, if that needs no waiting; says then when the lane can go on."""

Round = Callable[[Lane], Awaitable[None]]
"""Answers some of a lane's first commands; called again as long as there are any."""

First = Callable[[], Awaitable[None]]


class Lanes:
    """All lanes in use. ``limit`` bounds the commands that may wait in one; more are ``busy``."""

    def __init__(self, states: States, alone: Alone, round_: Round, limit: int) -> None:
        self._states = states
        self._alone = alone
        self._round = round_
        self._limit = limit
        self._lanes: dict[tuple[UUID, str], Lane] = {}
        self._unplaced: dict[tuple[UUID, UUID], deque[Pending]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def idle(self) -> bool:
        """Whether no command waits or is under way."""
        return not self._lanes and not self._unplaced

    def put(self, pending: Pending) -> None:
        """Queue a command in its lane."""
        sender, command = pending.sender, pending.command
        lane = self._lane_of(sender, command)
        if lane is None:
            assert isinstance(command, c.Named)
            self._place_later(pending, command.conversation)
        else:
            self._enqueue(lane, sender.log, pending)

    def _lane_of(self, sender: Sender, command: Command) -> str | None:
        """The lane of a command: its visitor's, or its own actor's. None: not known yet."""
        actor = sender.actor
        if actor.role == "visitor" or not isinstance(command, c.NAMED):
            return _actor_lane(sender, command)
        if (sender.log, command.conversation) in self._unplaced:
            return None
        entry = self._states.peek(sender.log, streams.conversation(command.conversation))
        return streams.visitor(entry.state.visitor) if entry else None

    def _place_later(self, pending: Pending, conversation: UUID) -> None:
        """Let commands on a conversation wait, in order, until its visitor is known."""
        key = (pending.sender.log, conversation)
        waiting = self._unplaced.get(key)
        if waiting is not None:
            if len(waiting) < self._limit:
                waiting.append(pending)
            else:
                pending.give_up("busy")
            return
        self._unplaced[key] = deque([pending])
        self._spawn(self._place(*key))

    async def _place(self, log: UUID, conversation: UUID) -> None:
        """Find the lane of the commands that wait; without the store they are given up."""
        stream = streams.conversation(conversation)
        failure: Exception = StoreUnavailable("the server is stopping")
        lane = None
        try:
            entry = await self._states.load(log, stream)
            lane = streams.visitor(entry.state.visitor) if entry.version else stream
        except ParleyError as error:
            failure = error
        finally:
            for pending in self._unplaced.pop((log, conversation)):
                if lane is None:
                    pending.fail(failure)
                else:
                    self._enqueue(lane, log, pending)

    def _enqueue(self, name: str, log: UUID, pending: Pending) -> None:
        lane = self._lanes.get((log, name))
        if lane is None:
            lane = self._lanes[log, name] = Lane(log, name)
        if len(lane.waiting) >= self._limit:
            pending.give_up("busy")
            return
        lane.waiting.append(pending)
        if not lane.busy:
            self.go_on(lane)

    def go_on(self, lane: Lane) -> None:
        """Nothing of this lane is under way: see what waits there."""
        lane.busy = bool(lane.waiting)
        if not lane.busy:
            del self._lanes[lane.log, lane.name]
        elif len(lane.waiting) > 1 or not self._alone(lane):
            self.work(lane)

    def work(self, lane: Lane, first: First | None = None) -> None:
        """Work on a lane in rounds, after this has happened first."""
        self._spawn(self._work(lane, first))

    def _spawn(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _work(self, lane: Lane, first: First | None) -> None:
        """Work until the lane is empty; no await between seeing that and removing it."""
        try:
            if first is not None:
                await first()
            while lane.waiting:
                await self._round(lane)
        finally:
            del self._lanes[lane.log, lane.name]
            for pending in lane.waiting:
                pending.give_up("unavailable")


def _actor_lane(sender: Sender, command: Command) -> str:
    if isinstance(command, c.NAMED):
        return streams.visitor(sender.actor.id)
    match command:
        case v.Introduce(visitor=UUID() as named) | v.Invite(visitor=named):
            return streams.visitor(named)
        case v.ViewPage() | v.Identify() | v.Introduce() | v.Greet() | v.SeeDevice() | c.Start():
            return streams.visitor(sender.actor.id)
        case agent_commands.SetStatus():
            return streams.agent(sender.actor.id)
        case (
            agent_commands.CreateAgent()
            | agent_commands.Retire()
            | agent_commands.ChangeProfile()
            | agent_commands.SetRights()
            | agent_commands.SetPassword()
            | agent_commands.Deactivate()
            | agent_commands.SignIn()
            | agent_commands.FailSignIn()
            | agent_commands.SignOut()
        ):
            return streams.agent(command.agent)
        case _:
            return streams.TENANT
