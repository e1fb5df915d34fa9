"""One log as its router has it: the office at a position of it, and what is under way from there.

It reads, folds, decides and asks; when to do so is the router's to say. What came of a decision it
learns as everybody does, from the log.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from uuid import UUID

from domain import figures, streams
from domain.conversation.events import ConversationStarted
from domain.envelope import Actor, RecordedEvent, Slice
from domain.handling.commands import CommandHandler
from domain.handling.pending import Ack
from domain.handling.sender import Sender
from domain.passing import Passing
from domain.ports import Clock, EventStore
from domain.routing.decide import decide
from domain.routing.decisions import Decision
from domain.routing.office import Office
from domain.routing.policy import policy_of
from domain.routing.ports import Begun, Offices
from domain.routing.settings import RouterSettings
from domain.routing.telling import Telling
from domain.telemetry import Measures

ACTOR = Actor("system", "router")
"""Who gives conversations to agents, and notes that nobody answered."""

PAGE = 500
"""Events read at a time."""


class ViewsBehind(Exception):  # said within the router only
    """The read models are too far behind for an office to begin with them."""


@dataclass(frozen=True)
class RouterParts:
    """What routers need."""

    store: EventStore
    handler: CommandHandler
    offices: Offices
    clock: Clock
    pass_on: Callable[[Passing], None]
    measures: Measures


class RoutedLog:
    """A log. ``called`` is called when there is something to do again."""

    def __init__(
        self, log: UUID, parts: RouterParts, settings: RouterSettings, called: Callable[[], None]
    ) -> None:
        self.log = log
        self.office: Office | None = None
        self.position = 0
        self.head = 0
        self._parts = parts
        self._settings = settings
        self._called = called
        self._begun = Begun((), 0, (), 0)
        self._policy_is_old = True
        self._waiting: list[tuple[int, Decision]] = []
        self._again: list[tuple[float, Decision]] = []
        self._decided_on = -1
        self._telling = Telling(log, settings, parts.pass_on)

    # --- how far it is ------------------------------------------------------------------------

    def hear(self, head: int) -> bool:
        """The log has come so far. True: further than was folded here."""
        self.head = max(self.head, head)
        return self.head > self.position

    def take(self, committed: Slice) -> bool:
        """Fold what this process has committed, if it continues what is here.

        True: there is something to be done at once.
        """
        if self.office is None or not committed.after <= self.position < committed.upto:
            return self.hear(committed.upto)
        self._fold(committed.events)
        return self._policy_is_old or self.office.changes != self._decided_on

    async def catch_up(self) -> None:
        """Fold what the log has beyond. Raises StoreUnavailable, UnknownEvent, ViewsBehind."""
        if self.office is None:
            await self._begin()
        while self.position < self.head:
            page = await self._parts.store.read_log(self.log, self.position, PAGE)
            if not page:
                break
            self._parts.handler.states.apply(page)
            self._fold(page)
        await self._learn()

    async def _begin(self) -> None:
        (head,) = await self._parts.store.heads([self.log])
        begun = await self._parts.offices.begin(self.log)
        if head.position - begun.as_of > self._settings.behind:
            raise ViewsBehind
        tenant = await self._parts.handler.states.refresh(self.log, streams.TENANT)
        stale = datetime.fromtimestamp(self._parts.clock.now() - self._settings.stale_s, UTC)
        self.office = Office(policy_of(tenant.state), begun.agents, begun.talks, stale)
        self._begun, self.position = begun, begun.as_of
        self.head = max(self.head, head.position)
        self._policy_is_old = False

    def _fold(self, events: tuple[RecordedEvent, ...] | list[RecordedEvent]) -> None:
        office, begun = self.office, self._begun
        assert office is not None
        for event in events:
            if event.position <= self.position:
                continue
            kind = streams.kind(event.stream)
            if kind == "conversation" and event.position <= begun.talks_as_of:
                office.give(event)
            elif kind == "conversation" or event.position > begun.agents_as_of:
                office.apply(event)
            if event.stream == streams.TENANT:
                self._policy_is_old = True
            self.position = event.position
        self.head = max(self.head, self.position)

    async def _learn(self) -> None:
        """Find out what the log has told before: what the tenant has said, what was asked for."""
        office, states = self.office, self._parts.handler.states
        assert office is not None
        if self._policy_is_old:
            self._policy_is_old = False
            tenant = await states.refresh(self.log, streams.TENANT)
            office.govern(policy_of(tenant.state))
        for name in office.unknown:
            stream = streams.conversation(name)
            first = await self._parts.store.read_stream(self.log, stream, 0, 1)
            said = first[0].data if first else None
            office.learn(name, said.skills if isinstance(said, ConversationStarted) else ())

    # --- what is due --------------------------------------------------------------------------

    @property
    def is_behind(self) -> bool:
        """Whether there is something to be read first."""
        return self.office is None or self._policy_is_old or self.position < self.head

    def work(self) -> None:
        """Decide what is due by now, and ask for it; tell those who wait. Neither waits nor raises.

        Only where this log is this process's, for sure.
        """
        office, now = self.office, self._parts.clock.now()
        assert office is not None
        if not office.looked:
            return
        self._settle()
        free = self._settings.under_way - len(office.underway)
        for decision in decide(office, now)[: max(0, free)]:
            self._ask(decision, now)
        self._telling.tell(office, now)
        self._decided_on = office.changes

    def _ask(self, decision: Decision, now: float) -> None:
        assert self.office is not None
        self.office.begin(decision, now)
        future = self._parts.handler.submit(Sender(self.log, ACTOR), decision.command(self.log))
        future.add_done_callback(partial(self._answered, decision))

    def _answered(self, decision: Decision, answer: asyncio.Future[Ack]) -> None:
        """Whatever is not granted is decided again, after a while, on what is known by then."""
        outcome = "refused"
        if not answer.cancelled() and answer.exception() is None:
            ack = answer.result()
            if ack.position is not None:
                outcome = "duplicate" if ack.duplicate else "done"
                self._waiting.append((ack.position, decision))
                self.hear(ack.position)
        if outcome == "refused":
            at = self._parts.clock.monotonic() + self._settings.retry_s
            self._again.append((at, decision))
        self._parts.measures.count(figures.ROUTER_DECISIONS, decision.key[0], outcome)
        self._called()

    def _settle(self) -> None:
        """End the decisions whose effect was folded, and those that are to be made again."""
        assert self.office is not None
        now = self._parts.clock.monotonic()
        over = [each for position, each in self._waiting if position <= self.position]
        over += [each for at, each in self._again if at <= now]
        self._waiting = [each for each in self._waiting if each[0] > self.position]
        self._again = [each for each in self._again if each[0] > now]
        for decision in over:
            self.office.end(decision)
