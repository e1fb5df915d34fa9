"""From what somebody does to the command of the past that the log gets, with its events.

The events are those that deciding would have given, with who could read the conversation before
and after: a test decides every command anew and compares. Nothing is drawn here but ids.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from msgspec import Struct

from domain import digests, ids, streams
from domain.agent import commands as agent_commands
from domain.agent import events as agent_events
from domain.append import Append, Dated, Part, at_version
from domain.conversation import commands as c
from domain.conversation import events as e
from domain.conversation.events import Body, Page
from domain.envelope import Access, Actor, NewEvent
from domain.handling.pending import content_of
from domain.handling.plan import Command
from domain.permissions import VISITOR
from domain.tenant import commands as tenant_commands
from domain.tenant import events as tenant_events
from domain.visitor import commands as v
from domain.visitor import events as visitor_events
from ops.asking import ACTOR as OPERATOR
from ops.dataset.drawing import Dice
from ops.dataset.people import Agent, Conversation, Visitor, Who

NO_PASSWORD = "none"  # noqa: S105  # no hash, so nothing that is typed in matches it
"""What agents of the set have instead of a password's hash, until the operator sets one."""


class Told(Struct, frozen=True, gc=False):
    """A command of the past, as it was asked and as it is to be written.

    ``erases``: the subject whose key is to be destroyed before it. Only an erasure has no command.
    """

    dated: Dated
    command: Command | None
    erases: str | None = None


class Teller:
    """Writes one tenant's history. Times must not go back; they never stand still."""

    def __init__(self, log: UUID, dice: Dice, secret: bytes) -> None:
        self._log = log
        self._dice = dice
        self._secret = secret
        self._free = 0  # the first microsecond that no event has
        self._tenant_version = 0

    # --- the tenant -----------------------------------------------------------------------------

    def tenant(self, at: int, name: str) -> Told:
        """The tenant begins."""
        id_ = self._id(at)
        command = tenant_commands.CreateTenant(id_, name, self._secret)
        return self._of_tenant(at, command, tenant_events.TenantCreated(name, self._secret))

    def site(self, at: int, site: str, name: str, secret: str) -> Told:
        """A site is added."""
        command = tenant_commands.AddSite(self._id(at), site, name, secret)
        return self._of_tenant(at, command, tenant_events.SiteAdded(site, name, secret))

    def hours(self, at: int, zone: str, week: tuple[tenant_events.Shifts, ...]) -> Told:
        """When somebody is there to answer."""
        command = tenant_commands.SetHours(self._id(at), zone, week)
        return self._of_tenant(at, command, tenant_events.HoursChanged(zone, week))

    def goal(self, at: int, name: str, url: str) -> Told:
        """A page that visitors are hoped to reach."""
        goal = str(self._id(at))
        command = tenant_commands.AddGoal(self._id(at), goal, name, url)
        return self._of_tenant(at, command, tenant_events.GoalAdded(goal, name, url))

    def _of_tenant(self, at: int, command: Any, event: Struct) -> Told:
        part = _part(streams.TENANT, self._tenant_version, NewEvent(event, streams.TENANT))
        self._tenant_version += 1
        return self._told(at, OPERATOR, command, part)

    def agent(self, at: int, agent: Agent) -> Told:
        """Somebody may answer from now on."""
        key = digests.email_key(self._secret, agent.email)
        command = agent_commands.CreateAgent(
            self._id(at),
            agent.id,
            agent.email,
            agent.name,
            agent.role,
            NO_PASSWORD,
            key,
            agent.departments,
        )
        created = agent_events.AgentCreated(
            agent.email, agent.name, agent.role, NO_PASSWORD, agent.departments
        )
        bound = NewEvent(agent_events.EmailBound(str(agent.id)), agent.stream)
        agent.version = 1
        return self._told(
            at,
            OPERATOR,
            command,
            _part(streams.email(key), 0, bound),
            _part(agent.stream, 0, NewEvent(created, agent.stream)),
        )

    def status(self, at: int, agent: Agent, status: Any) -> Told | None:
        """An agent comes or goes."""
        if agent.status == status:
            return None
        agent.status = status
        event = NewEvent(agent_events.AgentStatusChanged(status), agent.stream)
        part = _part(agent.stream, agent.version, event)
        agent.version += 1
        command = agent_commands.SetStatus(self._id(at), status)
        return self._told(at, agent.actor, command, part)

    # --- visitors -------------------------------------------------------------------------------

    def view(self, at: int, visitor: Visitor, page: Page) -> Told:
        """A visitor looks at a page."""
        part = self._of_visitor(visitor, visitor_events.PageViewed(page, visitor.site))
        return self._told(at, visitor.actor, v.ViewPage(self._id(at), page), part)

    def identify(self, at: int, visitor: Visitor) -> Told | None:
        """The site says who its visitor is; once."""
        if visitor.identified or visitor.user is None:
            return None
        visitor.identified = True
        key = digests.user_key(self._secret, visitor.user)
        bound = NewEvent(visitor_events.IdentityBound(visitor.actor.id), visitor.stream)
        told = self._told(
            at,
            visitor.actor,
            v.Identify(self._id(at), visitor.user, key),
            _part(streams.identity(key), 0, bound),
            self._of_visitor(visitor, visitor_events.VisitorIdentified(visitor.user)),
        )
        visitor.actor = Actor(VISITOR, visitor.actor.id, visitor.user)
        return told

    def _of_visitor(self, visitor: Visitor, event: Struct) -> Part:
        access = visitor.last.access if visitor.last else None
        return _visitor_part(visitor, event, access)

    # --- conversations --------------------------------------------------------------------------

    def start(
        self, at: int, conversation: Conversation, text: str, page: Page, department: str | None
    ) -> Told:
        """A visitor begins to talk."""
        visitor, id_ = conversation.visitor, self._id(at)
        actor = visitor.actor
        name = ids.derived_id("conversation", self._log, actor.role, actor.id, id_)
        conversation.id, conversation.stream = name, streams.conversation(name)
        conversation.open, conversation.access = True, Access(department)
        started = e.ConversationStarted(actor.id, department, page, visitor.site)
        posted = e.MessagePosted(str(id_), Body(text))
        command = c.Start(id_, Body(text), page, department)
        return self._in(
            at, conversation, actor, command, (started, posted), (None, conversation.access)
        )

    def post(self, at: int, conversation: Conversation, who: Who, text: str) -> Told:
        """Somebody writes. A visitor's message opens again what is closed; an agent's takes it."""
        id_, actor = self._id(at), who.actor
        before = conversation.access
        happened: list[Struct] = []
        if not conversation.open:
            happened.append(e.ConversationReopened())
            conversation.open = True
        accesses = [before, before]
        if actor.role == "agent" and before.assignee is None:
            happened.append(e.ConversationAssigned(actor.id, actor.name))
            conversation.access = Access(before.department, actor.id)
            accesses = [before, conversation.access]
        happened.append(e.MessagePosted(str(id_), Body(text)))
        command = c.Post(id_, _id_of(conversation), Body(text))
        return self._in(at, conversation, actor, command, happened, accesses)

    def note(self, at: int, conversation: Conversation, who: Who, text: str) -> Told:
        """An agent writes for agents only."""
        id_ = self._id(at)
        command = c.Post(id_, _id_of(conversation), Body(text), note=True)
        return self._in(at, conversation, who.actor, command, [e.NoteAdded(str(id_), Body(text))])

    def read(self, at: int, conversation: Conversation, who: Who) -> Told | None:
        """Somebody has read all that there is, if not before."""
        upto = conversation.version
        if conversation.reads.get(who.actor.id) == upto:
            return None
        conversation.reads[who.actor.id] = upto
        command = c.Read(self._id(at), _id_of(conversation), upto)
        return self._in(at, conversation, who.actor, command, [e.MessageRead(upto)])

    def assign(self, at: int, conversation: Conversation, agent: Agent) -> Told | None:
        """An agent takes the conversation."""
        if conversation.access.assignee == agent.actor.id:
            return None
        command = c.Assign(self._id(at), _id_of(conversation))
        event = e.ConversationAssigned(agent.actor.id, agent.name)
        return self._moved(at, conversation, agent.actor, command, event)

    def transfer(self, at: int, conversation: Conversation, who: Who, agent: Agent) -> Told:
        """The conversation goes to another agent."""
        command = c.Transfer(self._id(at), _id_of(conversation), agent=agent.id)
        event = e.ConversationTransferred(agent=agent.actor.id, name=agent.name)
        return self._moved(at, conversation, who.actor, command, event)

    def hand_over(self, at: int, conversation: Conversation, who: Who, department: str) -> Told:
        """The conversation goes to another department."""
        command = c.Transfer(self._id(at), _id_of(conversation), department=department)
        event = e.ConversationTransferred(department=department)
        return self._moved(at, conversation, who.actor, command, event)

    def _moved(
        self,
        at: int,
        conversation: Conversation,
        actor: Actor,
        command: c.Assign | c.Transfer,
        event: e.ConversationAssigned | e.ConversationTransferred,
    ) -> Told:
        before = conversation.access
        department = getattr(event, "department", None) or before.department
        conversation.access = Access(department, event.agent)
        return self._in(at, conversation, actor, command, [event], [before, conversation.access])

    def tag(
        self, at: int, conversation: Conversation, who: Who, tags: tuple[str, ...]
    ) -> Told | None:
        """An agent says what it is about."""
        if set(tags) == set(conversation.tags):
            return None
        conversation.tags = tags
        command = c.SetTags(self._id(at), _id_of(conversation), list(tags))
        return self._in(at, conversation, who.actor, command, [e.ConversationTagged(tags)])

    def close(self, at: int, conversation: Conversation, who: Who) -> Told:
        """The conversation is over for now."""
        conversation.open = False
        command = c.Close(self._id(at), _id_of(conversation))
        return self._in(at, conversation, who.actor, command, [e.ConversationClosed()])

    def reopen(self, at: int, conversation: Conversation, who: Who) -> Told:
        """An agent goes on with it."""
        conversation.open = True
        command = c.Reopen(self._id(at), _id_of(conversation))
        return self._in(at, conversation, who.actor, command, [e.ConversationReopened()])

    def rate(self, at: int, conversation: Conversation, rating: int, comment: str | None) -> Told:
        """A visitor judges it."""
        command = c.Rate(self._id(at), _id_of(conversation), rating, comment)
        event = e.ConversationRated(rating, comment)
        return self._in(at, conversation, conversation.visitor.actor, command, [event])

    # --- erasure --------------------------------------------------------------------------------

    def erase(self, at: int, visitor: Visitor, conversation: Conversation | None) -> Told:
        """The visitor is no more, or one of its conversations; under the tenant's own key."""
        erased = visitor if conversation is None else conversation
        data = visitor_events.VisitorErased() if conversation is None else e.ConversationErased()
        where = conversation or visitor.last
        access = where.access if where else None
        event = NewEvent(data, streams.TENANT, access, access)
        part = _part(erased.stream, erased.version, event)
        erased.version += 1
        append = Append(self._id(at), OPERATOR, b"", (part,))
        return Told(self._dated(at, append, 1), None, visitor.stream)

    # --------------------------------------------------------------------------------------------

    def _in(  # noqa: PLR0913, PLR0917  # where, who, asked what, and what came of it
        self,
        at: int,
        conversation: Conversation,
        actor: Actor,
        command: c.Start | c.Named,
        happened: Any,
        accesses: Any = None,
    ) -> Told:
        """What happened in a conversation.

        ``accesses``: before the first event, and from the first event that has another one on.
        """
        visitor = conversation.visitor
        before, after = accesses or (conversation.access, conversation.access)
        events = []
        for data in happened:
            events.append(NewEvent(data, visitor.stream, before, _after(data, before, after)))
            before = events[-1].after
        own = Part(conversation.stream, at_version(conversation.version), tuple(events))
        conversation.version += len(events)
        beside = _beside(conversation, happened)
        return self._told(at, actor, command, *beside, own)

    def _told(self, at: int, actor: Actor, command: Command, *parts: Part) -> Told:
        append = Append(command.id, actor, content_of(command), parts)
        return Told(self._dated(at, append, sum([len(part.events) for part in parts])), command)

    def _dated(self, at: int, append: Append, events: int) -> Dated:
        at = max(at, self._free)
        self._free = at + events
        return Dated(append, at)

    def _id(self, at: int) -> UUID:
        return self._dice.uuid(at)


def _after(data: Struct, before: Access | None, after: Access | None) -> Access | None:
    """Who may read after an event: as before, unless it is one that moves the conversation."""
    return after if before is None or isinstance(data, _MOVING) else before


_MOVING = (e.ConversationAssigned, e.ConversationTransferred)

_OPENING: dict[type, type[visitor_events.ConversationOpened | visitor_events.ConversationEnded]] = {
    e.ConversationStarted: visitor_events.ConversationOpened,
    e.ConversationReopened: visitor_events.ConversationOpened,
    e.ConversationClosed: visitor_events.ConversationEnded,
}
"""What the first event of a command means for the visitor's stream."""


def _beside(conversation: Conversation, happened: Any) -> tuple[Part, ...]:
    """What opening or closing a conversation adds to its visitor's stream."""
    cls = _OPENING.get(type(happened[0]))
    if cls is None:
        return ()
    visitor = conversation.visitor
    if cls is visitor_events.ConversationOpened:
        visitor.last = conversation
    return (_visitor_part(visitor, cls(str(conversation.id)), conversation.access),)


def _visitor_part(visitor: Visitor, event: Struct, access: Access | None) -> Part:
    part = _part(visitor.stream, visitor.version, NewEvent(event, visitor.stream, access, access))
    visitor.version += 1
    return part


def _part(stream: str, version: int, event: NewEvent) -> Part:
    return Part(stream, at_version(version), (event,))


def _id_of(conversation: Conversation) -> UUID:
    assert conversation.id is not None
    return conversation.id
