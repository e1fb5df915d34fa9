"""Random histories of a tenant, made by the real deciders over any event store.

An action is a few small numbers, so that Hypothesis can draw and shrink it; what it comes to, and
whether it is refused, is the domain's business. Every text holds a sentinel, by which a test can
look for what must stand nowhere in clear.
"""

from __future__ import annotations

from typing import Any, Protocol
from uuid import UUID

from hypothesis import strategies as st
from msgspec import Struct

from domain import streams
from domain.access import Rights
from domain.agent.commands import ChangeProfile, CreateAgent, Deactivate, SetRights, SetStatus
from domain.append import ANY, Append, Appended, Part
from domain.conversation import commands as c
from domain.conversation.events import Body, ConversationErased, Page
from domain.envelope import Actor, NewEvent, RecordedEvent
from domain.errors import Refused
from domain.group_commit import GroupCommit
from domain.handling.commands import CommandHandler
from domain.handling.sender import Sender
from domain.ports import Clock, EventStore, Ids
from domain.visitor.commands import Identify, Introduce, ViewPage
from domain.visitor.events import VisitorErased
from tests.doubles.appends import uuid

SENTINEL = "Zwiebelkuchen"
"""In every text and name of a history; in no table in clear."""

LOG = uuid(1)
VISITORS = [str(uuid(10 + n)) for n in range(3)]
AGENTS = [str(uuid(20 + n)) for n in range(2)]
DEPARTMENTS = ("sales", "support", None)
TAGS = (f"{SENTINEL} tag a", f"{SENTINEL} tag b", "Straße")
STAND_IN = Actor("agent", str(uuid(29)), f"Agent {SENTINEL} stand-in")
"""An agent that the log knows nothing of, and so nothing against."""
KINDS = (
    *("start", "post", "answer", "note", "read", "agent-read", "assign", "transfer", "tag"),
    *("close", "visitor-close", "reopen", "rate", "page", "identify", "status", "rights"),
    *("post", "answer", "start", "deactivate", "erase"),
)
LATER_KINDS = ("route", "release", "miss", "remind", "profile", "introduce", "got", "agent-got")
"""Apart from the others, of which seeds draw by their number."""


class Action(Struct, frozen=True):
    """What is tried: a kind, by or about one visitor and one agent, with a number to choose by."""

    kind: str
    visitor: int = 0
    agent: int = 0
    number: int = 0


actions = st.builds(
    Action,
    kind=st.sampled_from((*KINDS, *LATER_KINDS)),
    visitor=st.integers(0, len(VISITORS) - 1),
    agent=st.integers(0, len(AGENTS) - 1),
    number=st.integers(0, 4),
)
histories = st.lists(actions, min_size=15, max_size=50).map(
    lambda more: [*(Action("start", visitor=n, number=n) for n in range(len(VISITORS))), *more]
)
"""Every visitor has a conversation from the start: of lists drawn freely, most have none at all."""


class ErasableStore(EventStore, Protocol):
    """An event store with the way by which it forgets a subject."""

    async def destroy_key(self, log: UUID, subject: str) -> None:
        """Destroy a subject's key."""


class History:
    """A tenant's life on a store. ``erased`` are the visitors that were."""

    def __init__(self, store: ErasableStore, clock: Clock, ids: Ids) -> None:
        self.store = store
        self.clock = clock
        self.handler = CommandHandler(store, GroupCommit(store, lambda _: None), clock, ids)
        self.conversations: dict[str, list[str]] = {visitor: [] for visitor in VISITORS}
        self.erased: set[str] = set()
        self._number = 1000

    @classmethod
    async def begin(cls, store: ErasableStore, clock: Clock, ids: Ids) -> History:
        """A log with two agents, the second one limited."""
        await store.create_log(LOG, "demo")
        history = cls(store, clock, ids)
        for n, agent in enumerate(AGENTS):
            role, departments = (("agent", ()), ("limited", ("sales",)))[n]
            created = CreateAgent(
                history.id(), UUID(agent), f"{n}@{SENTINEL}", f"Agent {SENTINEL} {n}", role, "x",
                f"key-{n}", departments,
            )  # fmt: skip
            await history.ask(Actor("system", "system"), created)
        return history

    def id(self) -> UUID:
        """A fresh command id."""
        self._number += 1
        return uuid(self._number)

    async def ask(self, actor: Actor, command: Any) -> Any:
        """Let a command be decided; None when it was refused."""
        rights = Rights("agent", actor.id) if actor.role == "agent" else None
        try:
            return await self.handler.submit(Sender(LOG, actor, rights), command)
        except Refused:
            return None

    async def play(self, action: Action) -> None:
        """Try one action."""
        visitor = VISITORS[action.visitor]
        known = self.conversations[visitor]
        if action.kind == "erase":
            await self.erase(visitor)
        elif action.kind in _ALONE:
            await self._alone(action, visitor)
        elif action.kind == "start":
            body = Body(f"{SENTINEL} start {self._number}") if action.number % 2 else None
            ack = await self.ask(
                _visitor(action),
                c.Start(self.id(), body, department=DEPARTMENTS[action.number % 3]),
            )
            if ack is not None and ack.conversation not in known:
                known.append(ack.conversation)
        elif known:
            await self._named(action, UUID(known[action.number % len(known)]))

    async def _named(self, action: Action, conversation: UUID) -> None:
        if action.kind in _BY_ROUTER:
            await self._routed(action, conversation)
            return
        command = _command(action, self.id(), conversation)
        if action.kind in _BY_VISITOR:
            await self.ask(_visitor(action), command)
            return
        agent = Actor("agent", AGENTS[action.agent], f"Agent {SENTINEL} {action.agent}")
        if await self.ask(agent, command) is None:  # limited or gone by now: another one does it
            await self.ask(STAND_IN, command)

    async def _routed(self, action: Action, conversation: UUID) -> None:
        """What the router asks for, of the conversation as it is."""
        entry = await self.handler.states.load(LOG, streams.conversation(str(conversation)))
        agent, version = UUID(AGENTS[action.agent]), max(1, entry.version)
        command = {
            "route": c.Route(self.id(), conversation, agent, "round_robin"),
            "release": c.Release(self.id(), conversation, agent, version, "agent_gone"),
            "miss": c.Miss(self.id(), conversation, version, "unstaffed"),
            "remind": c.Remind(self.id(), conversation, version, version, 120),
        }[action.kind]
        await self.ask(Actor("system", "router"), command)

    async def _alone(self, action: Action, visitor: str) -> None:
        agent = AGENTS[action.agent]
        match action.kind:
            case "page":
                page = Page(f"https://{SENTINEL}.example/{action.number}")
                await self.ask(_visitor(action), ViewPage(self.id(), page))
            case "identify":
                user = f"user {SENTINEL} {visitor[-2:]}"
                await self.ask(_visitor(action), Identify(self.id(), user, f"key-{visitor}"))
            case "introduce":
                name = f"{SENTINEL} {action.number}" if action.number % 3 else ""
                await self.ask(_visitor(action), Introduce(self.id(), name=name))
            case "status":
                status = ("online", "away", "busy", "offline")[action.number % 4]
                await self.ask(Actor("agent", agent), SetStatus(self.id(), status))
            case "rights":
                departments = tuple(d for d in DEPARTMENTS[: action.number % 3] if d)
                command = SetRights(self.id(), UUID(agent), "limited", departments)
                await self.ask(Actor("system", "system"), command)
            case "profile":
                skills = tuple(f"{SENTINEL} skill {n}" for n in range(action.number % 3))
                profile = ChangeProfile(
                    self.id(), UUID(agent), f"Agent {SENTINEL} {action.number}", 5, skills
                )
                await self.ask(Actor("system", "system"), profile)
            case "deactivate":
                await self.ask(Actor("system", "system"), Deactivate(self.id(), UUID(agent)))

    async def erase(self, visitor: str) -> None:
        """Erase a visitor as the product does: the key, then events under the tenant's own."""
        await self.store.destroy_key(LOG, streams.visitor(visitor))
        self.erased.add(visitor)
        erased = [(streams.visitor(visitor), NewEvent(VisitorErased(), streams.TENANT))]
        for conversation in self.conversations[visitor]:
            stream = streams.conversation(conversation)
            last = (await self.store.read_stream(LOG, stream, 0, 1000))[-1].metadata.after
            event = NewEvent(ConversationErased(), streams.TENANT, last, last)
            erased.append((stream, event))
        parts = tuple(Part(stream, ANY, (event,)) for stream, event in erased)
        command = Append(self.id(), Actor("system", "system"), b"erase", parts)
        (answer,) = await self.store.append_batch(LOG, [command])
        assert isinstance(answer, Appended)
        for stream, _ in erased:
            await self.handler.states.refresh(LOG, stream)

    async def events(self, after: int = 0) -> list[RecordedEvent]:
        """The log beyond a position, as it can be read now."""
        return await self.store.read_log(LOG, after, 10_000)


_ALONE = frozenset({"page", "identify", "introduce", "status", "rights", "profile", "deactivate"})
_BY_ROUTER = frozenset({"route", "release", "miss", "remind"})
_BY_VISITOR = frozenset({"post", "read", "got", "visitor-close", "rate"})


def _visitor(action: Action) -> Actor:
    name = f"Visitor {SENTINEL} {action.number}" if action.number > 2 else None
    return Actor("visitor", VISITORS[action.visitor], name)


def _command(action: Action, id_: UUID, conversation: UUID) -> c.Named:
    number = action.number
    body = Body(f"{SENTINEL} said {number} " + "ä" * 100 * number)
    match action.kind:
        case "post" | "answer":
            return c.Post(id_, conversation, body)
        case "note":
            return c.Post(id_, conversation, body, note=True)
        case "read" | "agent-read" | "got" | "agent-got":
            mark = c.Read if action.kind.endswith("read") else c.Delivered
            return mark(id_, conversation, number + 1)
        case "assign":
            return c.Assign(id_, conversation, UUID(AGENTS[number % 2]))
        case "transfer" if number % 2:
            return c.Transfer(id_, conversation, department="support")
        case "transfer":
            return c.Transfer(id_, conversation, agent=UUID(AGENTS[number // 2 % 2]))
        case "tag":
            return c.SetTags(id_, conversation, list(TAGS[: number % 4]))
        case "rate":
            return c.Rate(id_, conversation, number + 1, f"{SENTINEL} comment")
        case "reopen":
            return c.Reopen(id_, conversation)
        case _:
            return c.Close(id_, conversation)
