"""From a command and the states it rests on to what is to be appended.

Here the aggregates meet: that a visitor has one open conversation, that an agent who is given a
conversation exists, that every event of a conversation carries in clear who could and can read
it. The rules of a single aggregate are in its own ``decide``.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from domain import ids, streams
from domain.access import Rights
from domain.agent import commands as agent_commands
from domain.agent import decide as agent
from domain.agent.events import EmailBound
from domain.append import NO_STREAM, Dependency, Expectation, Part, at_version, undecided_since
from domain.conversation import commands as c
from domain.conversation import decide as conversation
from domain.conversation import events as e
from domain.conversation.state import Conversation
from domain.envelope import Access, Actor, NewEvent
from domain.errors import Refused
from domain.file import decide as file
from domain.file.commands import StoreFile
from domain.handling.sender import Sender
from domain.handling.states import Entry, States, evolve
from domain.permissions import ADMIN, AGENT, VISITOR
from domain.tenant import commands as tenant_commands
from domain.tenant import decide as tenant
from domain.tenant.reception import Arrival, chosen_of, receive
from domain.tenant.spoken import has_said
from domain.visitor import commands as v
from domain.visitor import decide as visitor
from domain.visitor.events import IdentityBound, PageViewed, VisitorGreeted
from domain.visitor.state import Invitation, Visitor

OfVisitor = v.ViewPage | v.Introduce | v.Greet | v.Invite | v.SeeDevice
Command = (
    c.Start
    | c.Named
    | OfVisitor
    | v.Identify
    | StoreFile
    | agent.AgentCommand
    | tenant.TenantCommand
)
"""Everything that can be asked."""

MANAGING = (
    agent_commands.SetRights,
    agent_commands.SetPassword,
    agent_commands.Deactivate,
    agent_commands.ChangeProfile,
    agent_commands.ChangeAgent,
)
"""What an admin asks of other agents."""


class Plan(Struct, frozen=True):
    """What a command comes to: parts to append (none: nothing to do), and its conversation."""

    parts: tuple[Part, ...]
    conversation: str | None = None


class NotLoaded(Exception):  # a request, not a failure
    """A decision asks for a state that is not at hand; with it, it is to be made anew."""

    def __init__(self, stream: str) -> None:
        self.stream = stream


class View:
    """The states as one command sees them: kept ones, with what this round decided on top.

    ``touched`` collects the streams and versions that the decision rests on. One decision sees each
    stream once: what came to it meanwhile is for the next one.
    """

    def __init__(self, states: States, log: UUID) -> None:
        self._states = states
        self._log = log
        self._history = states.histories
        self._decided: dict[str, Entry] = {}
        self._outcomes: dict[str, tuple[int, Dependency]] = {}
        self._commands = 0
        self._seen: dict[str, Entry] = {}
        self._loaded: dict[str, Entry] = {}

    def begin(self, loaded: dict[str, Entry] | None = None) -> None:
        """A further command is to be decided, with these states loaded for it."""
        self._seen = {}
        self._loaded = loaded or {}

    @property
    def is_old(self) -> bool:
        """Whether the store's history may be another one by now: nothing is decided on this."""
        return self._history != self._states.histories

    @property
    def touched(self) -> dict[str, int]:
        """The versions that the present decision rests on."""
        return {stream: entry.version for stream, entry in self._seen.items()}

    def load(self, stream: str) -> Entry:
        """A stream's state, provisional outcomes of this round included. Raises NotLoaded."""
        entry = self._seen.get(stream)
        if entry is not None:
            return entry
        entry = self._decided.get(stream) or self._loaded.get(stream)
        entry = entry or self._states.find(self._log, stream)
        if entry is None:
            raise NotLoaded(stream)
        self._seen[stream] = entry
        return entry

    def rests_on(self) -> list[Dependency]:
        """The provisional outcomes that the present decision rests on: one event a command.

        Only those of streams that it touched: through a command that is in the log already, and
        so is no outcome of this round, nothing would be learnt of the commands before that one.
        """
        touched = (self._outcomes[stream] for stream in self._seen if stream in self._outcomes)
        return list(dict(touched).values())

    def decided(self, command: UUID, parts: Sequence[Part], actor: Actor) -> None:
        """Take a plan's events as if they had happened. Its streams have been loaded."""
        self._commands += 1
        count = 0
        for part in parts:
            if part.events:
                self._decide(part, actor)
                count += len(part.events)
                event = ids.event_id(self._log, actor.role, actor.id, command, count - 1)
                outcome = Dependency(event, part.stream, self._decided[part.stream].version)
                self._outcomes[part.stream] = (self._commands, outcome)

    def _decide(self, part: Part, actor: Actor) -> None:
        entry = self._seen[part.stream]
        state, version = entry.state, entry.version
        for event in part.events:
            version += 1
            state = evolve(state, event.data, actor, version)
        self._decided[part.stream] = Entry(state, version)


def plan(command: Command, sender: Sender, view: View) -> Plan:
    """Decide. Raises :class:`Refused`, and :class:`NotLoaded` for a state that is not at hand."""
    if isinstance(command, c.NAMED):  # nearly all of them
        return _named(command, sender, view)
    match command:
        case c.Start():
            return _start(command, sender, view)
        case v.ViewPage() | v.Introduce() | v.Greet() | v.Invite() | v.SeeDevice():
            return _of_visitor(command, sender, view)
        case v.Identify():
            return _identify(command, sender, view)
        case StoreFile():
            return _store_file(command, sender, view)
        case agent_commands.CreateAgent():
            return _create_agent(command, sender, view)
        case (
            agent_commands.SetStatus()
            | agent_commands.Retire()
            | agent_commands.ChangeProfile()
            | agent_commands.ChangeAgent()
            | agent_commands.SetRights()
            | agent_commands.SetPassword()
            | agent_commands.Deactivate()
            | agent_commands.SignIn()
            | agent_commands.FailSignIn()
            | agent_commands.SignOut()
        ):
            return _agent(command, sender, view)
        case (
            tenant_commands.CreateTenant()
            | tenant_commands.AddSite()
            | tenant_commands.ChangeSite()
            | tenant_commands.RemoveSite()
            | tenant_commands.RestoreSite()
            | tenant_commands.RotateSiteSecret()
            | tenant_commands.CreateApiKey()
            | tenant_commands.RevokeApiKey()
            | tenant_commands.AddWebhook()
            | tenant_commands.ChangeWebhook()
            | tenant_commands.RotateWebhookSecret()
            | tenant_commands.DisableWebhook()
            | tenant_commands.EnableWebhook()
            | tenant_commands.RemoveWebhook()
            | tenant_commands.SetHours()
            | tenant_commands.AddGoal()
            | tenant_commands.ChangeGoal()
            | tenant_commands.RemoveGoal()
            | tenant_commands.Define()
            | tenant_commands.Remove()
        ):
            return _tenant(command, sender, view)
    raise TypeError(f"nobody decides {type(command).__name__}")


def _start(command: c.Start, sender: Sender, view: View) -> Plan:
    if command.body is not None:
        conversation.check_body(command.body)
    if command.page is not None:
        conversation.check_page(command.page)
    if command.greeting is not None:
        conversation.check_greeting(command.greeting)
        if not _was_said(command.greeting, view):
            command = replace(command, greeting=None)
    actor = sender.actor
    who = view.load(streams.visitor(actor.id))
    if who.state.erased:
        raise Refused("erased")
    name = who.state.open or str(
        ids.derived_id("conversation", sender.log, actor.role, actor.id, command.id)
    )
    entry = view.load(streams.conversation(name))
    happened = conversation.start(command, entry.state, actor, sender.site)
    happened, files = _with_file(command, name, actor.id, happened, sender, view)
    happened, received = _received(happened, view)
    happened, reads = _accepted(command, who.state.invitation, happened, view)
    reads += received
    parts = _conversation_parts(name, entry, happened, actor, view)
    if len(parts) == 1:
        parts = (_read(streams.visitor(actor.id), who), *parts)
    return Plan((*reads, *files, *parts) if parts else (), name)


def _was_said(greeting: e.Greeting | v.Greet, view: View) -> bool:
    """Whether a rule of the tenant has said this; the visitor's word for it is not enough."""
    known = view.load(streams.TENANT).state
    return has_said(known.welcomes, known.spoken, greeting.rule, greeting.text)


def _received(happened: list[Struct], view: View) -> tuple[list[Struct], tuple[Part, ...]]:
    """What begins goes where the tenant's rules of reception say, as they are when it is written.

    The message, if there is one, stays last: by it a client knows the answer. Nothing begins at a
    site that was removed, though a socket may have come in while that happened.
    """
    started = happened[0] if happened else None
    if not isinstance(started, e.ConversationStarted):
        return happened, ()
    entry = view.load(streams.TENANT)
    if started.site in entry.state.removed_sites:
        raise Refused("site_removed")
    url = None if started.page is None else started.page.url
    chosen = chosen_of(started.department, entry.state.departments)
    arrival = Arrival(started.site, url, started.channel, started.language, chosen)
    received = receive(entry.state.receptions, arrival)
    started = replace(
        started,
        department=received.department,
        skills=received.skills,
        reception=received.rule,
    )
    tagged = [e.ConversationTagged(received.tags)] if received.tags else []
    return [started, *tagged, *happened[1:]], (_read(streams.TENANT, entry),)


def _accepted(
    command: c.Start, invitation: Invitation | None, happened: list[Struct], view: View
) -> tuple[list[Struct], tuple[Part, ...]]:
    """What begins because an agent asked goes to that agent, if it still works here."""
    started = happened[0] if happened else None
    accepts = invitation is not None and str(command.invitation) == invitation.id
    if not accepts or not isinstance(started, e.ConversationStarted):
        return happened, ()
    assert invitation is not None
    greeting = e.Greeting("invitation", invitation.text)
    started = replace(started, greeting=greeting, invitation=invitation.id)
    host = view.load(streams.agent(invitation.agent))
    if not host.state.active:
        return [started, *happened[1:]], ()
    assigned = e.ConversationAssigned(invitation.agent, host.state.name, "invited")
    return [started, assigned, *happened[1:]], (_read(streams.agent(invitation.agent), host),)


def _named(command: c.Named, sender: Sender, view: View) -> Plan:
    name = str(command.conversation)
    if isinstance(command, c.Post):
        conversation.check_body(command.body)
    entry = view.load(streams.conversation(name))
    rights, reads = _rights(sender, view)
    _check_named(entry.state, sender, rights)
    if isinstance(command, c.Marking) and command.upto > entry.version:
        raise Refused("bad_request", "There is no such version yet.")
    guarded = isinstance(command, c.Guarded)
    if guarded and command.version != entry.version:  # type: ignore[union-attr]  # those have one
        return Plan((), name)
    happened = conversation.decide(command, entry.state, sender.actor)
    if isinstance(command, c.Post) and command.body.file is not None:
        happened, files = _with_file(command, name, entry.state.visitor, happened, sender, view)
        reads += files
    if isinstance(command, c.Assign | c.Transfer | c.Route) and happened:
        happened, named = _named_agent(happened, view)
        reads += named
    parts = _conversation_parts(name, entry, happened, sender.actor, view)
    if guarded and parts:
        parts = (*parts[:-1], replace(parts[-1], expectation=at_version(entry.version)))
    return Plan(reads + parts if parts else (), name)


def _with_file(  # noqa: PLR0913, PLR0917  # all that a message with a file rests on
    command: c.Start | c.Post,
    name: str,
    who: str,
    happened: list[Struct],
    sender: Sender,
    view: View,
) -> tuple[list[Struct], tuple[Part, ...]]:
    """Write beside a message's file what it is; the message opens it to its conversation."""
    body = command.body
    if body is None or body.file is None:
        return happened, ()
    stream = streams.file(body.file)
    entry = view.load(stream)
    attached = file.attach(entry.state, sender.actor, name)
    *before, said = happened
    assert isinstance(said, e.MessagePosted | e.NoteAdded)
    happened = [*before, replace(said, file=attached)]
    if isinstance(said, e.NoteAdded):
        return happened, (_read(stream, entry),)
    return happened, _shared(body.file, name, who, view)


def _shared(file_id: str, name: str, who: str, view: View) -> tuple[Part, ...]:
    """A message opens its file to its conversation."""
    stream = streams.file(file_id)
    entry = view.load(stream)
    reads: tuple[Part, ...] = ()
    if entry.state.common:
        reads = (_read(stream, entry),)
        stream = streams.common_file(file_id, who)
        entry = view.load(stream)
    events = tuple(NewEvent(data, streams.visitor(who)) for data in file.share(entry.state, name))
    return (*reads, Part(stream, undecided_since(entry.version), events))


def _store_file(command: StoreFile, sender: Sender, view: View) -> Plan:
    """A file is under the key of the visitor whose it is, or whose conversation it is for.

    One for no conversation, which is an admin's to store, is under the tenant's.
    """
    stream = streams.file(command.id)
    entry = view.load(stream)
    subject, reads = _owner(command, sender, view)
    if subject != streams.TENANT:
        who = view.load(subject)
        if who.state.erased:
            raise Refused("erased")
        reads = (*reads, _read(subject, who))
    own = _single(stream, subject, entry, file.store(command, entry.state))
    return Plan((*reads, *own) if own else ())


def _owner(command: StoreFile, sender: Sender, view: View) -> tuple[str, tuple[Part, ...]]:
    """Whose file it is to be, by subject; refused to whom that is not to say."""
    if command.conversation is not None:
        placed = view.load(streams.conversation(command.conversation))
        rights, reads = _rights(sender, view)
        _check_named(placed.state, sender, rights)
        return streams.visitor(placed.state.visitor), reads
    if sender.actor.role == AGENT:
        return streams.TENANT, _administers(sender, view)
    return streams.visitor(sender.actor.id), ()


def _rights(sender: Sender, view: View) -> tuple[Rights | None, tuple[Part, ...]]:
    """An agent's rights, and that they must still be so when the command is written.

    They may have been changed on another node, and this one has not heard of it yet.
    """
    if sender.actor.role != AGENT:
        return sender.rights, ()
    stream = streams.agent(sender.actor.id)
    entry = view.load(stream)
    if not entry.version:
        return sender.rights, ()
    if not entry.state.active:
        raise Refused("not_allowed", "This agent was deactivated.")
    return entry.state.rights(sender.actor.id), (_read(stream, entry),)


def _check_named(state: Conversation, sender: Sender, rights: Rights | None) -> None:
    if state.status == "erased":
        raise Refused("erased")
    if sender.actor.role == VISITOR:
        own = state.visitor == sender.actor.id
    else:
        own = rights is None or rights.may_read(state.access)
    if state.status == "none" or not own:
        raise Refused("not_found", "There is no such conversation.")


def _named_agent(happened: list[Struct], view: View) -> tuple[list[Struct], tuple[Part, ...]]:
    """Write the agent's name into the event; make its existence part of the command."""
    event = happened[0]
    assert isinstance(event, e.ConversationAssigned | e.ConversationTransferred)
    if event.agent is None:
        return happened, ()
    entry = view.load(streams.agent(event.agent))
    if not entry.state.active:
        raise Refused("not_found", "There is no such agent.")
    stream = Part(streams.agent(event.agent), undecided_since(entry.version))
    return [replace(event, name=entry.state.name)], (stream,)


def _conversation_parts(
    name: str, entry: Entry, happened: list[Struct], actor: Actor, view: View
) -> tuple[Part, ...]:
    """The parts of a command on a conversation, the visitor's before the conversation's own."""
    if not happened:
        return ()
    events, state = _placed(entry.state, happened, actor)
    expectation = undecided_since(entry.version) if entry.version else NO_STREAM
    own = Part(streams.conversation(name), expectation, events)
    beside = _visitor_part(name, state, happened, events[-1].after, view)
    return (*beside, own)


def _placed(
    state: Conversation, happened: list[Struct], actor: Actor
) -> tuple[tuple[NewEvent, ...], Conversation]:
    """Events with who could read the conversation before each, and who can after."""
    events = []
    for data in happened:
        before = None if state.status == "none" else state.access
        state = evolve(state, data, actor, 0)
        events.append(NewEvent(data, streams.visitor(state.visitor), before, state.access))
    return tuple(events), state


def _visitor_part(
    name: str, state: Conversation, happened: list[Struct], access: Access | None, view: View
) -> tuple[Part, ...]:
    """What opening or closing a conversation means for the visitor's stream."""
    kinds = {type(event) for event in happened}
    if not kinds & {e.ConversationStarted, e.ConversationReopened, e.ConversationClosed}:
        return ()
    stream = streams.visitor(state.visitor)
    who = view.load(stream)
    if state.status == "closed":
        changed = visitor.end_conversation(name, who.state)
    else:
        changed = visitor.open_conversation(name, who.state)
    events = tuple(NewEvent(data, stream, access, access) for data in changed)
    return (Part(stream, undecided_since(who.version), events),)


def _of_visitor(command: OfVisitor, sender: Sender, view: View) -> Plan:
    """What comes to a visitor's own stream, for those to see who may read its last conversation."""
    if isinstance(command, v.ViewPage):
        conversation.check_page(command.page)
    stream = streams.visitor(_visitor_of(command, sender))
    rights, reads = _rights(sender, view)
    who = view.load(stream)
    if who.state.erased:
        raise Refused("erased")
    if isinstance(command, v.Greet) and not _was_said(command, view):
        return Plan(())
    access, placed = _access_of(who.state.last, view)
    if sender.actor.role == AGENT:
        _check_known(who, rights, access)
    happened = _decided(command, sender, who.state)
    if not happened:
        return Plan(())
    events = tuple(NewEvent(data, stream, access, access) for data in happened)
    return Plan((*reads, *placed, Part(stream, undecided_since(who.version), events)))


def _visitor_of(command: OfVisitor, sender: Sender) -> str:
    """Whom a command is about: its sender, unless that is an agent, who says whom it means."""
    if sender.actor.role != AGENT:
        return sender.actor.id
    if not isinstance(command, v.Introduce | v.Invite) or command.visitor is None:
        raise Refused("bad_request", "An agent says which visitor it means.")
    return str(command.visitor)


def _check_known(who: Entry, rights: Rights | None, access: Access | None) -> None:
    """A visitor that talked to nobody yet is every agent's whose role is not limited."""
    known = rights is None or (rights.unlimited if access is None else rights.may_read(access))
    if not who.version or not known:
        raise Refused("not_found", "There is no such visitor.")


def _decided(command: OfVisitor, sender: Sender, state: Visitor) -> list[Struct]:
    match command:
        case v.ViewPage():
            return [PageViewed(command.page, sender.site)]
        case v.Introduce():
            return visitor.introduce(command, state)
        case v.Greet():
            return [VisitorGreeted(command.rule, command.text)]
        case v.Invite():
            return visitor.invite(command, state)
        case v.SeeDevice():
            return visitor.see(command, state)


def _access_of(name: str | None, view: View) -> tuple[Access | None, tuple[Part, ...]]:
    """Who may read a conversation, and that it must still be so when the event is written."""
    if name is None:
        return None, ()
    stream = streams.conversation(name)
    entry = view.load(stream)
    state: Conversation = entry.state
    return state.access, (_read(stream, entry),)


def _read(stream: str, entry: Entry) -> Part:
    """A stream that a decision rests on without adding to it."""
    return Part(stream, undecided_since(entry.version))


def _identify(command: v.Identify, sender: Sender, view: View) -> Plan:
    """Bind the user to this visitor; whoever comes second to the identity's stream conflicts.

    A user whose visitor was erased is nobody's: it is bound anew.
    """
    bound = view.load(streams.identity(command.key))
    if bound.state.visitor not in {None, sender.actor.id}:
        other = view.load(streams.visitor(bound.state.visitor))
        if not other.state.erased:
            raise Refused("exists", "This user is another visitor already.")
    stream = streams.visitor(sender.actor.id)
    who = view.load(stream)
    if who.state.erased:
        raise Refused("erased")
    changed = visitor.identify(command.user, who.state)
    if bound.state.visitor is not None and not changed:
        return Plan(())
    access, reads = _access_of(who.state.last, view)
    binding = NewEvent(IdentityBound(sender.actor.id), stream)
    events = tuple(NewEvent(data, stream, access, access) for data in changed)
    identity = Part(streams.identity(command.key), at_version(bound.version), (binding,))
    return Plan((identity, *reads, Part(stream, undecided_since(who.version), events)))


def _administers(sender: Sender, view: View) -> tuple[Part, ...]:
    """That an agent who asks for what is an admin's is one, still so when the command is written.

    So of two admins who take each other's role at once, one stays.
    """
    rights, reads = _rights(sender, view)
    if sender.actor.role == AGENT and (rights is None or rights.role != ADMIN):
        raise Refused("not_allowed", "Only an admin may do this.")
    return reads


def _create_agent(command: agent_commands.CreateAgent, sender: Sender, view: View) -> Plan:
    reads = _administers(sender, view)
    stream = streams.agent(command.agent)
    bound = view.load(streams.email(command.key))
    if bound.state.agent is not None:
        raise Refused("exists", "An agent with this e-mail address exists already.")
    entry = view.load(stream)
    binding = NewEvent(EmailBound(str(command.agent)), stream)
    events = tuple(NewEvent(data, stream) for data in agent.decide(command, entry.state))
    email = Part(streams.email(command.key), NO_STREAM, (binding,))
    return Plan((*reads, email, Part(stream, NO_STREAM, events)))


def _agent(command: agent.AgentCommand, sender: Sender, view: View) -> Plan:
    own = isinstance(command, agent_commands.SetStatus)
    stream = streams.agent(sender.actor.id if own else command.agent)  # type: ignore[union-attr]  # only SetStatus has no agent
    reads = _managed(command, stream, sender, view)
    entry = view.load(stream)
    parts = _single(stream, stream, entry, agent.decide(command, entry.state))
    if isinstance(command, agent_commands.SetStatus) and parts:
        reads += _status(command.status, view)
    if isinstance(command, agent_commands.MATCHED) and command.match is not None:
        parts = tuple(replace(each, expectation=at_version(entry.version)) for each in parts)
    return Plan((*reads, *parts) if parts else ())


def _status(status: str, view: View) -> tuple[Part, ...]:
    """That there is a status: it is built in, or the tenant has it when the command is written."""
    if status in agent_commands.STATUSES:
        return ()
    entry = view.load(streams.TENANT)
    if status not in entry.state.statuses:
        raise Refused("bad_request", "There is no such status.")
    return (_read(streams.TENANT, entry),)


def _managed(
    command: agent.AgentCommand, stream: str, sender: Sender, view: View
) -> tuple[Part, ...]:
    """What an agent may change of others is an admin's; of itself it cannot end that it is one.

    With that, and since an admin must be one when its command is written, there always is one.
    """
    if sender.actor.role != AGENT or not isinstance(command, MANAGING):
        return ()
    if stream != streams.agent(sender.actor.id):
        return _administers(sender, view)
    match command:
        case agent_commands.SetPassword():
            return ()
        case agent_commands.Deactivate():
            raise Refused("not_allowed", "Nobody deactivates themselves; ask another admin.")
        case agent_commands.SetRights(role=role) | agent_commands.ChangeAgent(role=role) if (
            role != ADMIN
        ):
            raise Refused("not_allowed", "Nobody gives up being an admin; ask another admin.")
    _administers(sender, view)
    return ()


def _tenant(command: tenant.TenantCommand, sender: Sender, view: View) -> Plan:
    reads = _administers(sender, view)
    entry = view.load(streams.TENANT)
    happened = tenant.decide(command, entry.state)
    parts = _single(streams.TENANT, streams.TENANT, entry, happened)
    return Plan((*reads, *parts) if parts else ())


def _single(stream: str, subject: str, entry: Entry, happened: list[Struct]) -> tuple[Part, ...]:
    if not happened:
        return ()
    expectation: Expectation = undecided_since(entry.version)
    return (Part(stream, expectation, tuple(NewEvent(data, subject) for data in happened)),)
