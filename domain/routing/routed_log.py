"""One log as its router has it: the office at a position of it, and what is under way from there.

It reads, folds, decides and has it asked for; when to do so is the router's to say. What came of a
decision it learns as everybody does, from the log.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

from domain import streams
from domain.conversation.events import ConversationStarted
from domain.envelope import RecordedEvent, Slice
from domain.routing.asking import Asking
from domain.routing.decide import decide
from domain.routing.office import Office
from domain.routing.parts import RouterParts
from domain.routing.policy import Policy, policy_of
from domain.routing.ports import Begun
from domain.routing.settings import RouterSettings
from domain.routing.telling import Telling
from domain.tenant.state import Tenant

PAGE = 500
"""Events read at a time."""


class ViewsBehind(Exception):  # said within the router only
    """The read models are too far behind for an office to begin with them."""


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
        self._asking = Asking(log, parts, settings, self._answered)
        self._decided_on = -1
        self._idle_since: float | None = None
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
        self.office = Office(self._policy(tenant.state), begun.agents, begun.talks, stale)
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
            office.govern(self._policy(tenant.state))
        for name in office.unknown:
            stream = streams.conversation(name)
            first = await self._parts.store.read_stream(self.log, stream, 0, 1)
            said = first[0].data if first else None
            if isinstance(said, ConversationStarted):
                office.learn(name, said.skills, said.visitor)
            else:
                office.learn(name, ())

    def _policy(self, tenant: Tenant) -> Policy:
        return policy_of(tenant, self._settings.left_behind_s)

    # --- what is due --------------------------------------------------------------------------

    @property
    def is_behind(self) -> bool:
        """Whether there is something to be read first."""
        return self.office is None or self._policy_is_old or self.position < self.head

    @property
    def is_idle(self) -> bool:
        """Whether for a while nobody was here, and nothing is to come of what was read."""
        now = self._parts.clock.monotonic()
        if self.is_behind or self.office is None or not self.office.is_idle:
            self._idle_since = None
        elif self._idle_since is None:
            self._idle_since = now
        since = self._idle_since
        return since is not None and now - since >= self._settings.idle_s

    def work(self) -> None:
        """Decide what is due by now, and ask for it; tell those who wait. Neither waits nor raises.

        Only where this log is this process's, for sure.
        """
        office, now = self.office, self._parts.clock.now()
        assert office is not None
        if not office.attendance.looked:
            return
        for decision in self._asking.over(self.position):
            office.end(decision)
        free = self._settings.under_way - len(office.underway)
        for decision in decide(office, now)[: max(0, free)]:
            office.begin(decision, now)
            self._asking.ask(decision)
        self._telling.tell(office, now)
        self._decided_on = office.changes

    def _answered(self, position: int | None) -> None:
        if position is not None:
            self.hear(position)
        self._called()
