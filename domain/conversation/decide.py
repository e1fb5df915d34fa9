"""What may happen in a conversation: ``decide(command, state, actor) -> events``.

No events means that there is nothing to do. What may not be is a :class:`Refused`. Rules that
need another stream too (one open conversation per visitor, an agent that exists) are put together
in ``domain.handling.plan``.
"""

from __future__ import annotations

from msgspec import Struct

from domain import ids
from domain.conversation import commands as c
from domain.conversation import events as e
from domain.conversation.state import Conversation
from domain.envelope import Access, Actor
from domain.errors import Refused
from domain.limits import MAX_REFERENCE, MAX_TEXT, MAX_TITLE, MAX_URL

Events = list[Struct]


def check_body(body: e.Body) -> None:
    """Refuse what is not exactly one of a text that says something and the id of a file."""
    if (body.text is None) == (body.file is None):
        raise Refused("bad_request", "A body has either a text or a file.")
    if body.file is not None:
        if not ids.is_id(body.file):
            raise Refused("not_found", "There is no such file.")
        return
    assert body.text is not None
    if not body.text.strip():
        raise Refused("bad_request", "The text is empty.")
    if len(body.text) > MAX_TEXT:
        raise Refused("too_large", f"A text has at most {MAX_TEXT} characters.")


def check_page(page: e.Page) -> None:
    """Refuse a page whose address or title is longer than any real one."""
    if not page.url or max(len(page.url), len(page.referrer or "")) > MAX_URL:
        raise Refused("bad_request", f"A URL has 1 to {MAX_URL} characters.")
    if len(page.title or "") > MAX_TITLE:
        raise Refused("bad_request", f"A page title has at most {MAX_TITLE} characters.")


def check_greeting(greeting: e.Greeting) -> None:
    """Refuse a greeting that no rule can have given."""
    if not 0 < len(greeting.rule) <= MAX_REFERENCE or len(greeting.text) > MAX_TEXT:
        raise Refused("bad_request", f"A greeting has a rule, and at most {MAX_TEXT} characters.")


def start(command: c.Start, state: Conversation, actor: Actor, site: str | None) -> Events:
    """Begin here, at this site, or with a body say it in the one that is open."""
    events: Events = []
    if state.status == "none":
        started = e.ConversationStarted(
            actor.id,
            command.department,
            command.page,
            site,
            command.channel,
            command.language,
            greeting=command.greeting,
        )
        events.append(started)
    if command.body is not None:
        events.append(e.MessagePosted(str(command.id), command.body))
    return events


def decide(command: c.Named, state: Conversation, actor: Actor) -> Events:
    """The events that follow from a command that names its conversation.

    Raises :class:`Refused`. The sender's right to name the conversation is checked already.
    """
    match command:
        case c.Post():
            return _post(command, state, actor)
        case c.Read() | c.Delivered():
            return _mark(command, state, actor)
        case c.Assign() | c.Transfer():
            return _hand_over(command, state, actor)
        case c.SetTags():
            tags = tuple(dict.fromkeys(command.tags))
            return [] if set(tags) == set(state.tags) else [e.ConversationTagged(tags)]
        case c.Close():
            return [] if state.status == "closed" else [e.ConversationClosed()]
        case c.Reopen():
            return [] if state.status == "open" else [e.ConversationReopened()]
        case c.Leave():
            return _leave(state, actor)
        case c.Route() | c.Release() | c.Miss() | c.Remind():
            return _routed(command, state)
        case c.Rate():
            rated = e.ConversationRated(command.rating, command.comment)
            return [] if rated == state.rating else [rated]


def _post(command: c.Post, state: Conversation, actor: Actor) -> Events:
    if command.note:
        return [e.NoteAdded(str(command.id), command.body)]
    events: Events = []
    if state.status == "closed":
        if actor.role != "visitor":
            raise Refused("conversation_closed", "The conversation is closed; reopen it first.")
        events.append(e.ConversationReopened())
    if actor.role == "agent" and state.access.assignee is None:
        events.append(e.ConversationAssigned(actor.id, actor.name))
    events.append(e.MessagePosted(str(command.id), command.body))
    return events


def _mark(command: c.Marking, state: Conversation, actor: Actor) -> Events:
    """Marks only go forward. Of agents only the one who serves can have got what was written."""
    who, upto = (actor.role, actor.id), command.upto
    if isinstance(command, c.Read):
        return [e.MessageRead(upto)] * (upto > state.reads.get(who, 0))
    elsewhere = actor.role == "agent" and state.access.assignee != actor.id
    return [e.MessageDelivered(upto)] * (not elsewhere and upto > state.deliveries.get(who, 0))


def _hand_over(command: c.Assign | c.Transfer, state: Conversation, actor: Actor) -> Events:
    if isinstance(command, c.Transfer) and (command.agent is None) == (command.department is None):
        raise Refused("bad_request", "A transfer goes to either an agent or a department.")
    if state.status == "closed":
        raise Refused("conversation_closed", "The conversation is closed; reopen it first.")
    if isinstance(command, c.Transfer) and command.department is not None:
        there = state.access == Access(command.department)
        return [] if there else [e.ConversationTransferred(department=command.department)]
    agent = actor.id if command.agent is None else str(command.agent)
    if state.access.assignee == agent:
        return []
    if isinstance(command, c.Assign) and command.free and state.access.assignee is not None:
        raise Refused("taken")
    if isinstance(command, c.Transfer):
        return [e.ConversationTransferred(agent=agent)]
    return [e.ConversationAssigned(agent)]


def _leave(state: Conversation, actor: Actor) -> Events:
    if state.status == "closed":
        raise Refused("conversation_closed", "The conversation is closed; nobody serves it.")
    if state.access.assignee != actor.id:
        raise Refused("not_allowed", "You do not serve this conversation.")
    return [_freed(state, "left")]


def _routed(command: c.Routed, state: Conversation) -> Events:
    """What was decided elsewhere. It has no effect where it does not hold any more."""
    if state.status != "open":
        return []
    match command:
        case c.Route():
            free = state.access.assignee is None
            return [e.ConversationAssigned(str(command.agent), reason=command.reason)] * free
        case c.Release():
            serves = state.access.assignee == str(command.agent)
            return [_freed(state, command.reason)] * serves
        case c.Miss():
            return [e.ConversationMissed(command.reason)]
        case c.Remind():
            return [e.ConversationUnanswered(command.upto, command.after_s)]


def _freed(state: Conversation, reason: str) -> e.ConversationTransferred:
    """Where it is, with nobody who serves it."""
    return e.ConversationTransferred(department=state.access.department, reason=reason)
