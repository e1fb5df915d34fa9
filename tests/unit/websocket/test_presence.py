"""Presence at the sockets: who is told of whom, when, and that nothing flickers or is stored."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from typing import Any
from uuid import UUID

import pytest

from adapters.presence.in_process import InProcessPresences
from adapters.websocket.attendance import Attendance
from domain.access import Rights
from domain.passing import Passing, Presence
from domain.presence import Person, PresenceSettings, Seat
from tests.doubles.clock import ManualClock, settle
from tests.unit.websocket.chat import LOG, Chat, Client, Shared, feed_of, started

GRACE_S = PresenceSettings().grace_s


async def following(chat: Chat, *talks: str) -> Client:
    """The desk of a new agent that follows these conversations; what it got so far is forgotten."""
    desk = await chat.agent(await chat.add_agent(), feeds={feed_of(talk): 0 for talk in talks})
    await chat.look()
    desk.frames.clear()
    return desk


def of_visitor(talk: str, *, online: bool, visitor: str = "ada") -> dict[str, Any]:
    """What a desk is told of a conversation's visitor."""
    actor = {"role": "visitor", "id": visitor}
    return {
        "op": "signal", "kind": "presence", "conversation": talk, "actor": actor, "online": online,
    }  # fmt: skip


def of_agent(agent: UUID, *, online: bool) -> dict[str, Any]:
    """What a desk is told of a colleague."""
    actor = {"role": "agent", "id": str(agent)}
    return {"op": "signal", "kind": "presence", "actor": actor, "online": online}


async def leave(chat: Chat, *clients: Client) -> None:
    """Let clients go, and the node take note."""
    for client in clients:
        client.hang_up()
    await chat.idle()
    await chat.look()


async def pass_time(chat: Chat, seconds: float) -> None:
    """Let time pass, and the node look."""
    await chat.clock.advance(seconds)
    await chat.look()


# --- visitors ------------------------------------------------------------------------------------


async def test_a_visitor_comes_and_goes(chat: Chat) -> None:
    """Its desk hears of the first socket, and of the last after the grace; nothing is stored."""
    earlier = await chat.visitor()
    talk = await started(earlier)
    await leave(chat, earlier)
    await pass_time(chat, GRACE_S)
    desk = await following(chat, talk)
    head = len(chat.committed)
    ada, tab = await chat.visitor(), await chat.visitor()
    await chat.look()
    assert desk.frames == [of_visitor(talk, online=True)]
    for client in (ada, tab):
        await leave(chat, client)
        await pass_time(chat, GRACE_S - 1)
    assert len(desk.frames) == 1
    await pass_time(chat, 1)
    assert desk.frames == [of_visitor(talk, online=True), of_visitor(talk, online=False)]
    await pass_time(chat, 100)
    assert len(desk.frames) == 2
    assert len(chat.committed) == head


async def test_a_page_that_loads_anew_is_not_told(chat: Chat) -> None:
    """Nor is a network that stumbles: whoever is back within the grace was never gone."""
    ada = await chat.visitor()
    desk = await following(chat, await started(ada))
    for _ in range(5):
        await leave(chat, ada)
        await pass_time(chat, GRACE_S - 1)
        ada = await chat.visitor()
        await chat.look()
        await pass_time(chat, GRACE_S)
    assert desk.frames == []


async def test_a_desk_that_opens_a_conversation_is_told_once(chat: Chat) -> None:
    """Whether its visitor is there now; after that only of changes."""
    ada, bob = await chat.visitor(), await chat.visitor("bob")
    here, there = await started(ada), await started(bob)
    await leave(chat, bob)
    await pass_time(chat, GRACE_S)
    feeds = {feed_of(here): 0, feed_of(there): 0, "inbox": 0}
    desk = await chat.agent(await chat.add_agent(), feeds=feeds)
    assert not desk.all("signal")
    await chat.look()
    assert sorted(desk.all("signal"), key=lambda each: each["online"]) == [
        of_visitor(there, online=False, visitor="bob"),
        of_visitor(here, online=True),
    ]
    await chat.look()
    assert len(desk.all("signal")) == 2
    await desk.ask("subscribe", feed=feed_of(here), after=0)
    await chat.look()
    assert len(desk.all("signal")) == 3


async def test_each_conversation_of_a_visitor_is_named(chat: Chat) -> None:
    """A desk that follows two of them is told of both."""
    ada = await chat.visitor()
    first = await started(ada)
    await ada.ask("close", conversation=first)
    second = await started(ada)
    assert second != first
    desk = await following(chat, first, second)
    await leave(chat, ada)
    await pass_time(chat, GRACE_S)
    told = [each["conversation"] for each in desk.frames]
    assert sorted(told) == sorted([first, second])


async def test_only_those_who_follow_a_conversation_hear_of_its_visitor(chat: Chat) -> None:
    """No other desk, no inbox, no visitor, and nobody who has stopped to follow it."""
    ada = await chat.visitor()
    talk = await started(ada)
    other = await started(await chat.visitor("bob"))
    tab = await chat.visitor(feeds={feed_of(talk): 0})
    inbox = await chat.agent(await chat.add_agent(), feeds={"inbox": 0})
    others = await following(chat, other)
    former, desk = await following(chat, talk), await following(chat, talk)
    await former.ask("unsubscribe", feed=feed_of(talk))
    await leave(chat, tab)
    watching = await chat.visitor("ada2", feeds={})
    everybody = (others, former, inbox, watching)
    for client in everybody:
        client.frames.clear()
    await leave(chat, ada)
    await pass_time(chat, GRACE_S)
    assert desk.frames == [of_visitor(talk, online=False)]
    assert [client.all("signal") for client in everybody] == [[]] * 4


async def test_whoever_may_not_read_it_any_more_is_told_nothing(chat: Chat) -> None:
    """A right that has ended takes the visitor's presence along."""
    ada = await chat.visitor()
    talk = await started(ada)
    agent = await chat.add_agent()
    desk = await chat.agent(agent, feeds={feed_of(talk): 0})
    await chat.set_rights(agent, "limited")
    await chat.idle()
    assert desk.all("gone")
    desk.frames.clear()
    await leave(chat, ada)
    await pass_time(chat, GRACE_S)
    assert not desk.all("signal")
    assert chat.hub._visits == {}


# --- agents --------------------------------------------------------------------------------------


async def test_colleagues_hear_of_each_other(chat: Chat) -> None:
    """All agents of the tenant, whatever they follow; not the agent itself, and no visitor."""
    ada = await chat.visitor()
    talk = await started(ada)
    await ada.ask("subscribe", feed=feed_of(talk), after=0)
    alan, grace = await chat.add_agent(), await chat.add_agent()
    desk, other = await chat.agent(alan), await chat.agent(alan, feeds={"inbox": 0})
    await chat.look()
    for client in (desk, other, ada):
        client.frames.clear()
    hers = await chat.agent(grace)
    tab = await chat.agent(grace, feeds={feed_of(talk): 0})
    await chat.look()
    await leave(chat, hers, tab)
    await pass_time(chat, GRACE_S)
    for client in (desk, other):
        told = client.all("signal")
        assert told == [of_agent(grace, online=True), of_agent(grace, online=False)]
    assert not hers.all("signal", kind="presence", actor={"role": "agent", "id": str(grace)})
    assert not ada.all("signal")


async def test_another_tenants_agents_hear_nothing(chat: Chat) -> None:
    """Signals stay within a log."""
    desk = await chat.agent(await chat.add_agent())
    await chat.look()
    desk.frames.clear()
    chat.hub.pass_on(Presence(UUID(int=8), "agent", "grace", online=True))
    await chat.idle()
    assert desk.frames == []


async def test_nothing_comes_before_the_welcome(chat: Chat) -> None:
    """A socket whose hello is being looked at is told of nobody yet, and is nobody yet."""
    alan, grace = await chat.add_agent(), await chat.add_agent()
    desk = await chat.agent(alan)
    await chat.look()
    desk.frames.clear()
    chat.gate.shut()
    late = chat.connect("agent")
    token = chat.token("agent", str(grace), Rights("agent", str(grace)))
    greeting = asyncio.create_task(late.hello(token))
    await chat.idle()
    chat.hub.pass_on(Presence(LOG, "agent", "alan", online=True))
    await chat.look()
    assert desk.all("signal") == [of_agent_named("alan")]
    chat.gate.open()
    await greeting
    await chat.idle()
    await chat.look()
    assert late.ops()[0] == "welcome"
    assert desk.all("signal")[1:] == [of_agent(grace, online=True)]


def of_agent_named(name: str) -> dict[str, Any]:
    """An agent of whatever name has come."""
    actor = {"role": "agent", "id": name}
    return {"op": "signal", "kind": "presence", "actor": actor, "online": True}


async def test_a_hello_that_fails_is_no_coming(chat: Chat) -> None:
    """And its end is no going."""
    desk = await chat.agent(await chat.add_agent())
    await chat.look()
    desk.frames.clear()
    await chat.connect("agent").hello("nobody's")
    await chat.look()
    await pass_time(chat, GRACE_S)
    assert desk.frames == []


# --- between nodes -------------------------------------------------------------------------------


class Told(InProcessPresences):
    """Presence whose answers a test may change, and that keeps what it was asked."""

    def __init__(self, clock: ManualClock) -> None:
        super().__init__(clock, PresenceSettings())
        self.arrivals: list[list[Seat]] = []
        self.forgets = False
        self.gone: set[Person] = set()
        self.fails = False
        self.waits: asyncio.Event | None = None

    async def arrive(self, seats: Collection[Seat]) -> set[Person]:
        if self.fails:
            raise RuntimeError("a mistake of ours")
        self.arrivals.append(list(seats))
        absent = await super().arrive(seats)
        return {person for person, _ in seats} if self.forgets else absent

    async def departed(self) -> set[Person]:
        return self.gone

    async def present(self, people: Collection[Person]) -> set[Person]:
        if self.waits is not None:
            await self.waits.wait()
        return set()


def attendance(
    clock: ManualClock, **settings: Any
) -> tuple[Attendance, Told, list[tuple[str, bool]]]:
    """Attendance, what it asks, and what it passes on, as names."""
    presences, passed = Told(clock), list[tuple[str, bool]]()

    def pass_on(passing: Passing) -> None:
        assert isinstance(passing, Presence)
        passed.append((passing.id, passing.online))

    return Attendance(presences, clock, PresenceSettings(**settings), pass_on), presences, passed


ADA, BOB = Person(LOG, "visitor", "ada"), Person(LOG, "visitor", "bob")


async def test_who_is_here_is_not_gone(chat: Chat) -> None:
    """Another node, which cannot know better, says so: it is not believed, and is contradicted."""
    ada = await chat.visitor()
    desk = await following(chat, await started(ada))
    for who, online in (("ada", True), ("bob", None)):
        desk.frames.clear()
        chat.hub.pass_on(Presence(LOG, "visitor", who, online=False))
        await chat.idle()
        assert [each["online"] for each in desk.frames] == ([online] if online else [])


async def test_what_redis_forgot_is_not_told() -> None:
    """Somebody is named as gone whose socket is right here: nothing is said of it."""
    clock = ManualClock()
    here, presences, passed = attendance(clock)
    here.arrive(ADA, UUID(int=1))
    await here.look()
    presences.gone = {ADA, BOB}
    await here.look()
    assert passed == [("ada", True), ("bob", False)]


async def test_sockets_are_said_again_in_bounded_batches() -> None:
    """Each once in a beat; one that has gone is not."""
    clock = ManualClock()
    here, presences, _ = attendance(clock, batch=2)
    for n in range(5):
        here.arrive(Person(LOG, "visitor", str(n)), UUID(int=n))
    await here.look()
    assert [len(each) for each in presences.arrivals] == [2, 2, 1]
    presences.arrivals.clear()
    await clock.advance(9.9)
    await here.look()
    assert presences.arrivals == []
    here.leave(UUID(int=3))
    await clock.advance(0.1)
    await here.look()
    said = [str(socket.int) for batch in presences.arrivals for _, socket in batch]
    assert said == ["0", "1", "2", "4"]
    presences.arrivals.clear()
    await here.look()
    assert presences.arrivals == []


async def test_a_redis_that_came_back_empty_is_told_in_silence() -> None:
    """Nobody was told that anybody had gone, so nobody is told that they are there."""
    clock = ManualClock()
    here, presences, passed = attendance(clock)
    here.arrive(ADA, UUID(int=1))
    await here.look()
    passed.clear()
    presences.forgets = True
    await clock.advance(20)
    await here.look()
    assert (len(presences.arrivals), passed) == (2, [])


async def test_a_node_that_was_silent_for_long_says_who_is_here() -> None:
    """It stood still, and the others have told that its people are gone."""
    clock = ManualClock()
    here, presences, passed = attendance(clock)
    here.arrive(ADA, UUID(int=1))
    await here.look()
    passed.clear()
    presences.forgets = True
    await clock.advance(31)
    await here.look()
    assert passed == [("ada", True)]


async def test_news_beat_an_older_answer(chat: Chat) -> None:
    """What a desk is told while its question is under way is not undone by the answer."""
    presences = Told(chat.clock)
    chat = await Chat(Shared(presences=presences)).open()
    talk = await started(await chat.visitor())
    await chat.look()
    desk = await chat.agent(await chat.add_agent(), feeds={feed_of(talk): 0})
    presences.waits = asyncio.Event()
    looking = asyncio.create_task(chat.node.attendance.look())
    await settle()
    chat.hub.pass_on(Presence(LOG, "visitor", "ada", online=True))
    presences.waits.set()
    await looking
    await chat.idle()
    assert desk.all("signal") == [of_visitor(talk, online=True)]


async def test_a_desk_that_has_gone_on_is_not_answered(chat: Chat) -> None:
    """Nor is one that left."""
    talk = await started(await chat.visitor())
    desk = await chat.agent(await chat.add_agent(), feeds={feed_of(talk): 0})
    gone = await chat.agent(await chat.add_agent(), feeds={feed_of(talk): 0})
    await desk.ask("unsubscribe", feed=feed_of(talk))
    gone.hang_up()
    await chat.look()
    assert not desk.all("signal", kind="presence", conversation=talk)


async def test_a_mistake_is_logged_and_the_next_look_goes_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Presence ends no node."""
    clock = ManualClock()
    here, presences, passed = attendance(clock)
    task = asyncio.create_task(here.run())
    presences.fails = True
    here.arrive(ADA, UUID(int=1))
    await clock.advance(0.5)
    presences.fails = False
    here.arrive(BOB, UUID(int=2))
    await clock.advance(0.5)
    assert "presence could not be told" in caplog.text
    assert ("bob", True) in passed
    await clock.advance(10)
    assert UUID(int=1) in {socket for batch in presences.arrivals for _, socket in batch}
    task.cancel()


async def test_nothing_is_kept_of_those_who_left(chat: Chat) -> None:
    """Whoever was there, however often, leaves no trace when the grace is over."""
    ada = await chat.visitor()
    talk = await started(ada)
    desks = [await following(chat, talk) for _ in range(3)]
    await leave(chat, ada, *desks)
    await pass_time(chat, GRACE_S)
    here = chat.node.attendance
    kept = (here._seats, here._people, here._came, here._left, here._asked)
    assert not any(kept)
    assert chat.hub._visits == {}
    presences = here._presences
    assert isinstance(presences, InProcessPresences)
    assert not presences._sockets
    assert not presences._leaving


class SlowPresences(InProcessPresences):
    """Presence that is somewhere else: an answer takes until it is let."""

    def __init__(self) -> None:
        super().__init__(ManualClock(), PresenceSettings())
        self.let = asyncio.Event()

    async def present(self, people: Collection[Person]) -> set[Person]:
        await self.let.wait()
        return await super().present(people)


async def test_two_who_look_at_once_do_not_disturb_each_other(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A node that drains looks beside its own loop; each desk still has its one answer."""
    presences = SlowPresences()
    chat = await Chat(Shared(presences=presences)).open()
    talk = await started(await chat.visitor())
    await chat.look()
    desk = await chat.agent(await chat.add_agent(), feeds={feed_of(talk): 0})
    other = await chat.agent(await chat.add_agent())
    looking = asyncio.create_task(chat.look())
    await other.ask("subscribe", feed=feed_of(talk), after=0)
    draining = asyncio.create_task(chat.look())
    await chat.idle()
    presences.let.set()
    await asyncio.gather(looking, draining)
    for each in (desk, other):
        assert each.all("signal", conversation=talk) == [of_visitor(talk, online=True)]
    assert not caplog.messages
