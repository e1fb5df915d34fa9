"""The office of a tenant: what waits, who serves what, who is there, and what is under way.

The fold of the log is one with that of the read models from which an office begins. Who is present
no log tells; that is shown to it. No clock and no I/O.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable
from datetime import datetime

from msgspec.structs import replace

from domain import streams
from domain.conversation.events import ConversationStarted
from domain.envelope import Access, RecordedEvent
from domain.routing.attendance import Attendance
from domain.routing.decisions import Decision
from domain.routing.people import OFFLINE, Agent, Talk, micros, worked
from domain.routing.policy import Policy
from domain.routing.serving import BEGINNING, served
from domain.routing.underway import Underway

ENDING = frozenset({"conversation.closed", "conversation.erased"})

WAITS = 20
"""Waits that ended last, by whose pace the next one is guessed."""

QUEUED_S = 5.0
"""Seconds from which on a wait tells of a queue; who was served sooner has found room."""


class Office:
    """Open conversations, agents, and the tenant's policy, as of some position of its log.

    ``queue`` are the conversations that nobody serves; ``serving`` those of each agent;
    ``unreminded`` and ``unmissed`` those whose visitor waits and of whom nobody was told, who waits
    longest first. ``left`` are those of the queue whose visitor has left the page, as far as that
    is known. ``paces`` are seconds per place of those who were served last, by the place in their
    department that they began with. ``changes`` counts what may bring a conversation to an agent.
    """

    def __init__(
        self,
        policy: Policy,
        agents: Iterable[Agent] = (),
        talks: Iterable[Talk] = (),
        stale: datetime | None = None,
    ) -> None:
        """Whose visitor has waited since before ``stale`` is an alarm no more."""
        self.policy = policy
        self.agents = {agent.id: agent for agent in agents}
        self.talks: dict[str, Talk] = {}
        self.queue: dict[str, None] = {}
        self.serving: dict[str, set[str]] = {}
        self.unreminded: dict[str, None] = {}
        self.unmissed: dict[str, None] = {}
        self.left: frozenset[str] = frozenset()
        self.attendance = Attendance()
        self.underway = Underway()
        self.paces: deque[float] = deque(maxlen=WAITS)
        self._began: dict[str, int] = {}
        self.changes = 0
        for talk in talks:
            self._put(talk, due=False)
        self._expect(stale)

    def _expect(self, stale: datetime | None) -> None:
        """The alarms that are due of what is there at the beginning, who waits longest first."""
        waiting = [talk for talk in self.talks.values() if talk.unanswered_at and not talk.missed]
        for talk in sorted(waiting, key=lambda each: micros(each.unanswered_at)):
            _keep(self.unmissed, talk.id, there=_is_since(talk.unanswered_at, stale))
        for talk in sorted(waiting, key=lambda each: micros(each.unreminded_at)):
            _keep(self.unreminded, talk.id, there=_is_since(talk.unreminded_at, stale))

    # --- what is asked ------------------------------------------------------------------------

    def load(self, agent: str) -> int:
        """How many open conversations an agent has, those that are on their way to it included."""
        return len(self.serving.get(agent, ())) + self.underway.promises(agent)

    def is_available(self, agent: Agent) -> bool:
        """Whether it is there, and says that it takes conversations."""
        return agent.id in self.attendance.present and agent.status in self.policy.available

    def has_room(self, agent: Agent) -> bool:
        """Whether it may be given one more."""
        capacity = self.policy.capacity if agent.capacity is None else agent.capacity
        return self.load(agent.id) < capacity

    def watched(self) -> set[str]:
        """The agents of whom it matters whether they are present."""
        there = {agent.id for agent in self.agents.values() if agent.status != OFFLINE}
        return there | self.serving.keys()

    def worked_in(self) -> frozenset[str]:
        """The departments in which anybody works, there or not."""
        return frozenset().union(*(agent.departments for agent in self.agents.values()))

    @property
    def strangers(self) -> bool:
        """Whether there are such agents of whom nobody has asked yet."""
        return not self.attendance.covers(self.watched())

    @property
    def is_idle(self) -> bool:
        """Whether nothing can be due before something happens, whatever the time."""
        somebody = self.attendance.present or (
            self.attendance.absent and self.policy.release_after_s
        )
        known = self.attendance.looked and not self.strangers
        return known and not (self.talks or somebody or len(self.underway))

    @property
    def unknown(self) -> list[str]:
        """Conversations of which it is not known what skills they ask for."""
        return [name for name in self.queue if self.talks[name].skills is None]

    # --- what is shown ------------------------------------------------------------------------

    def see(
        self, asked: Collection[str], present: Collection[str], now: float, *, knows_all: bool
    ) -> None:
        """Take who is present of those that were asked for, the watched ones a moment ago."""
        self.changes += self.attendance.see(asked, present, now, knows_all=knows_all)

    def lose(self, agent: str) -> None:
        """Somebody has seen an agent go."""
        self.changes += self.attendance.lose(agent)

    def see_visitors(
        self, asked: Collection[str], present: Collection[str], *, knows_all: bool
    ) -> None:
        """Take whose visitors are there, of these conversations."""
        left = self.left.difference(asked) | (frozenset(asked).difference(present))
        left = left & self.queue.keys() if knows_all else frozenset()
        self.changes += left != self.left
        self.left = left

    def govern(self, policy: Policy) -> None:
        """The tenant has another policy from now on."""
        self.changes += policy != self.policy
        self.policy = policy

    def learn(self, conversation: str, skills: Iterable[str], visitor: str = "") -> None:
        """Take what a conversation asks for, and whose it is, which its first event has."""
        talk = self.talks.get(conversation)
        if talk is not None and talk.skills is None:
            self.changes += 1
            self.talks[conversation] = replace(talk, skills=frozenset(skills), visitor=visitor)

    def begin(self, decision: Decision, now: float) -> None:
        """A decision is under way to the log."""
        self.underway.begin(decision, now)

    def end(self, decision: Decision) -> None:
        """It has its answer, and what came of it was folded, or it is to be decided again."""
        self.underway.end(decision)
        self.changes += 1

    # --- what happened ------------------------------------------------------------------------

    def apply(self, event: RecordedEvent) -> None:
        """Fold the next event of the log; what is damaged, and what is of no concern, is passed."""
        if event.damaged:
            return
        conversation = streams.conversation_id(event.stream)
        if conversation is not None:
            self._converse(conversation, event)
        elif streams.kind(event.stream) == "agent":
            self._work(event.stream.removeprefix(streams.agent("")), event)

    def _converse(self, name: str, event: RecordedEvent) -> None:
        talk = self.talks.get(name)
        if event.type in ENDING or event.data is None:
            self._drop(name)
            return
        if talk is None:
            if event.type not in BEGINNING:
                return
            talk = Talk(name)
        if isinstance(event.data, ConversationStarted):
            skills, visitor = frozenset(event.data.skills), event.data.visitor
            talk = replace(talk, skills=skills, visitor=visitor)
        before, changed, access = talk, served(talk, event), event.metadata.after
        if not changed and access == Access(talk.department, talk.assignee):
            talk.version = event.version
            return
        talk = replace(talk, version=event.version, **changed)
        if access is not None:
            talk = replace(talk, department=access.department, assignee=access.assignee)
        self._put(talk)
        self._pace(before, talk)
        self.give(event)

    def _pace(self, before: Talk, talk: Talk) -> None:
        """Learn how long somebody waited. What began before this office did has no place here."""
        if before.queued_at is None and talk.queued_at is not None and not before.version:
            line = (self.talks[name].department for name in self.queue)
            self._began[talk.id] = sum(each == talk.department for each in line)
        elif before.queued_at is not None and talk.served_at is not None:
            place = self._began.pop(talk.id, 0)
            waited = (talk.served_at - before.queued_at).total_seconds()
            if place and waited >= QUEUED_S:
                self.paces.append(waited / place)

    def give(self, event: RecordedEvent) -> None:
        """Note who got a conversation by an event of it, if somebody did."""
        before, after = event.metadata.before, event.metadata.after
        name = None if after is None else after.assignee
        agent = None if name is None else self.agents.get(name)
        if agent is None or (before is not None and before.assignee == name):
            return
        given_at = max(event.at, agent.given_at or event.at)
        self.agents[agent.id] = replace(agent, given_at=given_at)

    def _work(self, name: str, event: RecordedEvent) -> None:
        before = self.agents.get(name)
        after = worked(name, before, event)
        self.changes += after != before
        if after is None:
            self.agents.pop(name, None)
        else:
            self.agents[name] = after

    # --- where everything stands --------------------------------------------------------------

    def _put(self, talk: Talk, *, due: bool = True) -> None:
        name, before = talk.id, self.talks.get(talk.id)
        self.talks[name] = talk
        if before is None or (before.assignee, before.queued_at) != (talk.assignee, talk.queued_at):
            self._place(before, talk)
        _keep(self.unreminded, name, there=due and talk.unreminded_at and not talk.missed)
        _keep(self.unmissed, name, there=due and talk.unanswered_at and not talk.missed)

    def _place(self, before: Talk | None, talk: Talk) -> None:
        self.changes += 1
        if before is not None and before.assignee is not None:
            self._take_from(before.assignee, talk.id)
        if talk.assignee is not None:
            self.underway.keep(talk.id)
            self.serving.setdefault(talk.assignee, set()).add(talk.id)
        _keep(self.queue, talk.id, there=talk.assignee is None)

    def _drop(self, name: str) -> None:
        talk = self.talks.pop(name, None)
        if talk is None:
            return
        self.changes += 1
        self._began.pop(name, None)
        self.underway.keep(name)
        if talk.assignee is not None:
            self._take_from(talk.assignee, name)
        for each in (self.queue, self.unreminded, self.unmissed):
            each.pop(name, None)

    def _take_from(self, agent: str, conversation: str) -> None:
        theirs = self.serving[agent]
        theirs.discard(conversation)
        if not theirs:
            del self.serving[agent]


def _keep(names: dict[str, None], name: str, *, there: object) -> None:
    """Have a name there, at the end if it is new, or not."""
    if not there:
        names.pop(name, None)
    elif name not in names:
        names[name] = None


def _is_since(moment: datetime | None, stale: datetime | None) -> bool:
    return moment is not None and (stale is None or moment >= stale)
