"""What agents and visitors do to each other: who may, what comes of it, and that it is once."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from msgspec.structs import replace

from domain import streams
from domain.agent.commands import ChangeProfile, Deactivate, Retire, SetRights, SetStatus
from domain.conversation import commands as c
from domain.conversation import events as e
from domain.conversation.events import Body
from domain.envelope import Access, Actor
from domain.handling.commands import Ack
from domain.handling.sender import Sender
from domain.tenant import commands as t
from domain.tenant.values import Welcome
from domain.visitor.commands import Greet, Introduce, Invite, SeeDevice, ViewPage
from domain.visitor.events import DeviceSeen, VisitorIntroduced
from tests.unit.handling.bench import LOG, Bench, post, visitor

OPERATOR = Sender(LOG, Actor("operator", "cli"))
ROUTER = Sender(LOG, Actor("system", "router"))
PAGE = e.Page("https://shop.example/")


@pytest.fixture
async def bench() -> Bench:
    """Two nodes."""
    return await Bench(nodes=2).start()


async def arrived(bench: Bench, who: Sender) -> UUID:
    """A visitor that has looked at a page and talked to nobody."""
    assert isinstance(await bench.do(who, ViewPage(uuid4(), PAGE)), Ack)
    return UUID(who.actor.id)


async def state_of(bench: Bench, stream: str, node: int = 0) -> Any:
    """A stream's state as a node finds it."""
    return (await bench.nodes[node].states.refresh(LOG, stream)).state


async def test_an_invitation_that_is_accepted_goes_to_who_invited(bench: Bench) -> None:
    """It begins with what was said, and the inviting agent serves it; an answer comes once."""
    agent, who = await bench.add_agent(), visitor(str(uuid4()))
    invite = Invite(uuid4(), await arrived(bench, who), Body("Can I help?"))
    asked = await bench.do(agent, invite, node=0)
    assert isinstance(asked, Ack)
    again = await bench.do(agent, invite, node=1)
    assert again == replace(asked, duplicate=True)
    start = c.Start(uuid4(), Body("yes"), invitation=invite.id)
    begun = await bench.do(who, start, node=1)
    assert isinstance(begun, Ack)
    assert begun.conversation is not None
    events = await bench.store.read_stream(LOG, streams.conversation(begun.conversation), 0, 10)
    started, assigned, _ = (event.data for event in events)
    assert started.greeting == e.Greeting("invitation", "Can I help?")
    assert started.invitation == str(invite.id)
    assert (assigned.agent, assigned.reason) == (agent.actor.id, "invited")
    shy = visitor(str(uuid4()))
    await bench.do(agent, Invite(uuid4(), await arrived(bench, shy), Body("And you?")))
    alone = await bench.do(shy, c.Start(uuid4(), Body("hi"), invitation=invite.id))
    assert isinstance(alone, Ack)
    talk = await state_of(bench, streams.conversation(str(alone.conversation)))
    assert talk.access == Access(), "it has not said yes to what it was asked"


async def test_an_invitation_by_who_has_gone_goes_to_anybody(bench: Bench) -> None:
    """Nobody is given what it cannot answer; and another's invitation is none."""
    agent, who = await bench.add_agent(), visitor(str(uuid4()))
    invite = Invite(uuid4(), await arrived(bench, who), Body("Can I help?"))
    assert isinstance(await bench.do(agent, invite), Ack)
    assert isinstance(await bench.do(OPERATOR, Deactivate(uuid4(), UUID(agent.actor.id))), Ack)
    begun = await bench.do(who, c.Start(uuid4(), Body("yes"), invitation=invite.id), node=1)
    assert isinstance(begun, Ack)
    talk = await state_of(bench, streams.conversation(str(begun.conversation)))
    assert talk.access == Access()
    other = visitor(str(uuid4()))
    await arrived(bench, other)
    alone = await bench.do(other, c.Start(uuid4(), Body("hi"), invitation=invite.id))
    assert isinstance(alone, Ack)
    events = await bench.store.read_stream(LOG, streams.conversation(str(alone.conversation)), 0, 9)
    assert events[0].data.invitation is None


async def test_who_talks_is_not_invited(bench: Bench) -> None:
    """Nor is one who does not exist, nor one that the agent may not know of."""
    agent, who = await bench.add_agent(), visitor(str(uuid4()))
    name = await arrived(bench, who)
    talk = await bench.begin(who, department="sales")
    assert await bench.do(agent, Invite(uuid4(), name, Body("Hi"))) == "other_open"
    assert await bench.do(agent, Invite(uuid4(), uuid4(), Body("Hi"))) == "not_found"
    limits = SetRights(uuid4(), UUID(agent.actor.id), "limited", ("support",))
    assert isinstance(await bench.do(agent, c.Close(uuid4(), talk)), Ack)
    assert isinstance(await bench.do(OPERATOR, limits), Ack)
    assert await bench.do(agent, Invite(uuid4(), name, Body("Hi"))) == "not_found"
    assert await bench.do(agent, Introduce(uuid4(), name, "Ada")) == "not_found"
    fresh = await arrived(bench, visitor(str(uuid4())))
    assert await bench.do(agent, Invite(uuid4(), fresh, Body("Hi"))) == "not_found"


async def test_both_sides_say_who_a_visitor_is(bench: Bench) -> None:
    """A visitor of itself, an agent of whom it names; of nobody is a mistake."""
    agent, who = await bench.add_agent(), visitor(str(uuid4()))
    name = await arrived(bench, who)
    assert isinstance(await bench.do(who, Introduce(uuid4(), name="Ada")), Ack)
    noted = Introduce(uuid4(), name, attributes={"plan": "pro"})
    assert isinstance(await bench.do(agent, noted, node=1), Ack)
    assert await bench.do(agent, Introduce(uuid4(), name="Eve")) == "bad_request"
    known = await state_of(bench, streams.visitor(str(name)))
    assert known.known == VisitorIntroduced("Ada", attributes={"plan": "pro"})
    same = await bench.do(who, Introduce(uuid4(), name="Ada"))
    assert isinstance(same, Ack)
    assert same.unchanged


async def test_what_is_seen_and_said_stands_on_the_visitor(bench: Bench) -> None:
    """A device once, a greeting each time."""
    who = visitor(str(uuid4()))
    name = await arrived(bench, who)
    hello = t.Define(uuid4(), "welcomes", Welcome("Hello", {"en": "Hi"}), "hello")
    assert isinstance(await bench.do(OPERATOR, hello), Ack)
    for _ in range(2):
        seen = await bench.do(who, SeeDevice(uuid4(), DeviceSeen("Firefox", country="AT")))
        assert isinstance(seen, Ack)
        assert isinstance(await bench.do(who, Greet(uuid4(), "hello", "Hi")), Ack)
    types = [each.type for each in await bench.store.read_stream(LOG, f"visitor-{name}", 0, 10)]
    greeted = ["visitor.greeted"] * 2
    assert types == ["page.viewed", "visitor.device_seen", *greeted]


async def test_two_routers_make_one_owner(bench: Bench) -> None:
    """On two nodes at once, each with another agent: one comes first, the other changes nothing."""
    first, second = await bench.add_agent(), await bench.add_agent()
    talk = await bench.begin(visitor())
    outcomes = []
    for node, agent in enumerate((first, second)):
        route = c.Route(uuid4(), talk, UUID(agent.actor.id), "round_robin")
        outcomes.append(await bench.do(ROUTER, route, node))
    assert [isinstance(each, Ack) and each.unchanged for each in outcomes] == [False, True]
    state = await state_of(bench, streams.conversation(talk))
    assert state.access.assignee == first.actor.id


async def test_what_was_decided_on_an_older_version_does_not_hold(bench: Bench) -> None:
    """An answer has come meanwhile, on another node: nothing is released, missed or reminded of."""
    agent = await bench.add_agent()
    talk = await bench.begin(visitor())
    assert isinstance(await bench.do(agent, post(talk, "hello")), Ack)
    version = (await bench.nodes[0].states.refresh(LOG, streams.conversation(talk))).version
    await bench.nodes[1].states.refresh(LOG, streams.conversation(talk))
    assert isinstance(await bench.do(agent, post(talk, "still here"), node=0), Ack)
    who = UUID(agent.actor.id)
    for command in (
        c.Release(uuid4(), talk, who, version, "agent_gone"),
        c.Miss(uuid4(), talk, version, "unanswered"),
        c.Remind(uuid4(), talk, version, 2, 120),
    ):
        outcome = await bench.do(ROUTER, command, node=1)
        assert isinstance(outcome, Ack)
        assert outcome.unchanged
    release = c.Release(uuid4(), talk, who, version + 1, "agent_gone")
    outcome = await bench.do(ROUTER, release, node=1)
    assert isinstance(outcome, Ack)
    assert not outcome.unchanged


async def test_a_status_says_why_it_changed(bench: Bench) -> None:
    """By hand, by the desk's idle timer, by the router; a word that nobody knows is refused."""
    agent = await bench.add_agent()
    who = UUID(agent.actor.id)
    for command, sender in (
        (SetStatus(uuid4(), "online"), agent),
        (SetStatus(uuid4(), "away", automatic=True), agent),
        (SetStatus(uuid4(), "online", automatic=True), agent),
        (Retire(uuid4(), who), ROUTER),
        (ChangeProfile(uuid4(), who, "Grace H.", 3, ("french",)), OPERATOR),
    ):
        assert isinstance(await bench.do(sender, command), Ack)
    assert await bench.do(agent, SetStatus(uuid4(), "lunch")) == "bad_request"
    events = await bench.store.read_stream(LOG, streams.agent(who), 1, 10)
    told = [(each.data.status, each.data.reason) for each in events[:-1]]
    assert told == [("online", None), ("away", "idle"), ("online", "back"), ("offline", "gone")]
    state = await state_of(bench, streams.agent(who))
    assert (state.name, state.capacity, state.skills) == ("Grace H.", 3, ("french",))
