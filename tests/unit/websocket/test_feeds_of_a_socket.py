"""What a socket is sent of its feeds: without holes, at its own pace, and only what it may see."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID, uuid4
from weakref import WeakSet

import pytest
from msgspec.structs import replace

from adapters.websocket import catch_up
from adapters.websocket.feed import State, Written
from domain import streams
from domain.access import Rights
from domain.agent.commands import SetRights
from domain.conversation.commands import Post, Transfer
from domain.conversation.events import Body, MessagePosted
from domain.envelope import Actor, Metadata, RecordedEvent, Slice
from domain.errors import EventDamaged
from domain.group_commit import GroupCommit
from domain.handling.commands import CommandHandler
from domain.handling.sender import Sender
from domain.passing import Typing
from domain.visibility import Audience, encode
from tests.unit.websocket.chat import LOG, Chat, Client, body, feed_of, started
from tests.unit.websocket.telling import tell


async def say(chat: Chat, talk: str, text: str, visitor: str = "ada") -> None:
    """Let a visitor write by another way than a socket."""
    sender = Sender(LOG, Actor("visitor", visitor))
    await chat.do(Post(uuid4(), UUID(talk), Body(text)), sender)


async def limited_desk(chat: Chat, *departments: str, **hello: Any) -> tuple[UUID, Client]:
    """The desk of an agent who sees these departments only."""
    agent = await chat.add_agent("limited", *departments)
    return agent, await chat.agent(agent, **hello)


# --- without a hole ------------------------------------------------------------------------------


async def test_catching_up_goes_over_into_live() -> None:
    """Many pages while others go on writing: every message once, in order, and one ``live``."""
    chat = await Chat(page_events=7, buffer_bytes=3_000).open()
    talk = await started(await chat.visitor(), "0")
    for n in range(1, 60):
        await say(chat, talk, str(n))
    late = chat.connect("visitor")
    late.say_raw(_hello(chat, feed_of(talk)))
    for n in range(60, 100):
        await say(chat, talk, str(n))
    await chat.idle()
    assert late.texts(feed_of(talk)) == [str(n) for n in range(100)]
    assert len(late.all("live")) == 1
    await say(chat, talk, "100")
    await chat.idle()
    assert late.texts(feed_of(talk))[-1] == "100"


def _hello(chat: Chat, feed: str) -> str:
    token = chat.token("visitor", "ada")
    return f'{{"op":"hello","token":"{token}","feeds":{{"{feed}":0}}}}'


async def test_what_the_node_did_not_hear_is_read_from_the_store(chat: Chat) -> None:
    """A slice that was lost shows with the next.

    A conversation's feed is mended at once, an inbox after the time that a hole has to fill
    itself; what comes twice is sent once.
    """
    ada = await chat.visitor()
    talk = await started(ada, "0")
    feed = feed_of(talk)
    desk = await chat.agent(await chat.add_agent(), feeds={"inbox": 0, feed: 0})
    chat.deaf = True
    await say(chat, talk, "1")
    await say(chat, talk, "2")
    chat.deaf = False
    await say(chat, talk, "3")
    await chat.idle()
    assert desk.texts(feed) == ["0", "1", "2", "3"]
    for committed in (*chat.committed, *reversed(chat.committed)):
        tell(chat.hub, committed)
    await chat.idle()
    assert desk.texts("inbox") == ["0"]
    await chat.clock.advance(0.02)
    await chat.idle()
    assert desk.texts("inbox") == ["0", "1", "2", "3"]
    assert desk.texts(feed) == ["0", "1", "2", "3"]
    assert len(desk.all("live")) == 2


async def test_a_slice_beyond_the_store_does_not_make_it_spin(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the store does not have is asked for again after a while, not at once."""
    ada = await chat.visitor()
    talk = await started(ada)
    desk = await chat.agent(await chat.add_agent(), feeds={feed_of(talk): 0})
    reads = 0
    read_stream = chat.store.read_stream

    async def counted(*args: Any) -> Any:
        nonlocal reads
        reads += 1
        return await read_stream(*args)

    monkeypatch.setattr(chat.store, "read_stream", counted)
    last = chat.committed[0].events[-1]
    tell(chat.hub, Slice(LOG, 98, 99, (replace(last, version=99),)))
    await chat.idle()
    assert reads == 1
    await chat.clock.advance(0.1)
    assert 1 < reads < 10
    desk.hang_up()
    await chat.idle()


async def test_a_store_that_is_away_delays_a_feed(chat: Chat) -> None:
    """Catching up waits for the store and then goes on where it was."""
    ada = await chat.visitor()
    talk = await started(ada)
    feed = feed_of(talk)
    await ada.ask("subscribe", feed=feed, after=0)
    chat.store.away = True
    ada.connection.feeds[feed].fall_behind()
    chat.hub.tick()
    await chat.clock.advance(1.0)
    chat.store.away = False
    await chat.clock.advance(3.0)
    await say(chat, talk, "more")
    await chat.idle()
    assert ada.texts(feed) == ["hello", "more"]


async def test_a_feed_that_falls_behind_at_any_moment_catches_up(chat: Chat) -> None:
    """Also while the task that caught up before is about to end; no tick has to find it."""
    talk = await started(await chat.visitor())
    desk = await chat.agent(await chat.add_agent(), feeds={feed_of(talk): 0})
    (feed,) = desk.connection.feeds.values()
    for turns in range(30):
        feed.fall_behind()
        desk.connection.wake()
        for _ in range(turns):
            await asyncio.sleep(0)
        feed.fall_behind()
        desk.connection.wake()
        await chat.idle()
        assert feed.state is State.LIVE, turns


async def test_a_feed_that_cannot_be_read_ends_with_an_error(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A damaged event ends this feed, with an error that says so; the socket and others go on."""
    ada = await chat.visitor()
    talk = await started(ada)
    feed = feed_of(talk)
    await ada.ask("subscribe", feed=feed, after=0)

    async def damaged(*args: Any) -> Any:
        raise EventDamaged("bits")

    ada.connection.feeds[feed].fall_behind(99)
    with monkeypatch.context() as fault:
        fault.setattr(chat.store, "read_stream", damaged)
        chat.hub.tick()
        await chat.idle()
    assert ada.all("error", feed=feed)[0]["code"] == "damaged"
    assert not ada.connection.feeds
    assert (await ada.ask("subscribe", feed=feed, after=2))["op"] == "ack"


async def test_a_tick_covers_what_a_reader_does_not_see(chat: Chat) -> None:
    """A note makes no frame for the visitor until the next tick, or the next visible event."""
    ada = await chat.visitor()
    talk = await started(ada)
    feed = feed_of(talk)
    await ada.ask("subscribe", feed=feed, after=2)
    desk = await chat.agent(await chat.add_agent())
    await desk.ask("post", conversation=talk, body=body("psst"), note=True)
    assert not ada.all("events")
    chat.hub.tick()
    await chat.idle()
    (frame,) = ada.all("events")
    assert (frame["after"], frame["upto"], frame["events"]) == (2, 3, [])
    assert frame["mark"] == chat.committed[-1].events[-1].mark
    await desk.ask("post", conversation=talk, body=body("psst"), note=True)
    await say(chat, talk, "aloud")
    await chat.idle()
    assert [(each["after"], each["upto"]) for each in ada.all("events")] == [(2, 3), (3, 5)]


# --- a slow socket -------------------------------------------------------------------------------


async def test_a_slow_socket_goes_back_to_catching_up() -> None:
    """Its queue stays bounded however much happens; when it reads again, nothing is missing."""
    chat = await Chat(queue_bytes=20_000, send_frame_bytes=10_000, page_events=10).open()
    talk = await started(await chat.visitor(), "0")
    feed = feed_of(talk)
    slow = await chat.visitor(feeds={feed: 0})
    quick = await chat.visitor(feeds={feed: 0})
    slow.takes.clear()
    texts = [f"{n} " + "x" * 300 for n in range(300)]
    largest = 0
    for text in texts:
        await say(chat, talk, text)
        largest = max(largest, slow.connection._outgoing.size)
    await chat.idle()
    assert quick.texts(feed) == ["0", *texts]
    assert largest < 30_000
    slow.takes.set()
    for _ in range(50):
        await chat.idle()
    assert slow.texts(feed) == ["0", *texts]
    assert len(slow.all("live")) == 1


async def test_a_socket_that_never_reads_holds_little(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two frames are queued at most; of the page that they are from nothing is kept."""
    kept: WeakSet[Written] = WeakSet()

    def written(event: RecordedEvent) -> Written:
        made = Written(event)
        kept.add(made)
        return made

    monkeypatch.setattr(catch_up, "Written", written)
    chat = await Chat(send_frame_bytes=10_000, page_events=500).open()
    talk = await started(await chat.visitor(), "0")
    texts = [f"{n} " + "x" * 300 for n in range(300)]
    for text in texts:
        await say(chat, talk, text)
    silent = await chat.visitor()
    silent.takes.clear()
    silent.say("subscribe", feed=feed_of(talk), after=0)
    for _ in range(10):
        await chat.idle()
    assert 0 < silent.connection._outgoing.size < 30_000
    assert len(kept) == 0
    silent.takes.set()
    for _ in range(50):
        await chat.idle()
    assert silent.texts(feed_of(talk)) == ["0", *texts]


async def test_what_passes_is_not_kept_for_a_slow_socket() -> None:
    """However much is typed, no more waits for it than may."""
    chat = await Chat(queue_bytes=20_000).open()
    talk = await started(await chat.visitor())
    desk = await chat.agent(await chat.add_agent(), feeds={feed_of(talk): 2})
    desk.takes.clear()
    for n in range(1_000):
        chat.hub.pass_on(Typing(LOG, "visitor", "ada", talk, bool(n % 2), None))
    assert 0 < desk.connection._outgoing.size < 21_000


async def test_sockets_that_are_behind_read_a_few_at_a_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Ten fall behind at once: two pages are asked for at a time, until all have theirs."""
    chat = await Chat(concurrent_reads=2).open()
    talk = await started(await chat.visitor(), "0")
    feed = feed_of(talk)
    tabs = [await chat.visitor(feeds={feed: 2}) for _ in range(10)]
    asked, reading, most = chat.store.read_stream, 0, 0

    async def slow(*args: Any) -> Any:
        nonlocal reading, most
        reading += 1
        most = max(most, reading)
        await asyncio.sleep(0)
        reading -= 1
        return await asked(*args)

    monkeypatch.setattr(chat.store, "read_stream", slow)
    chat.deaf = True
    await say(chat, talk, "1")
    chat.deaf = False
    await say(chat, talk, "2")
    await chat.idle()
    assert all(tab.texts(feed) == ["1", "2"] for tab in tabs)
    assert most == 2


async def test_a_lost_socket_is_followed_by_nobody(chat: Chat) -> None:
    """When sending fails its feeds are unbound; another's go on."""
    ada = await chat.visitor()
    talk = await started(ada)
    feed = feed_of(talk)
    one, other = await chat.visitor(feeds={feed: 0}), await chat.visitor(feeds={feed: 0})

    one.lost = True
    await say(chat, talk, "more")
    await chat.idle()
    assert [len(followers) for followers in chat.hub._followed.values()] == [1]
    assert other.texts(feed) == ["hello", "more"]
    one.hang_up()
    await chat.idle()
    assert one.task.done()


# --- in and out of sight -------------------------------------------------------------------------


@pytest.mark.parametrize("behind", [False, True])
@pytest.mark.parametrize("page_events", [1, 3, 100])
async def test_a_conversation_that_goes_out_of_sight_is_gone(
    behind: bool, page_events: int
) -> None:
    """A limited agent sees the transfer itself, and nothing beyond it, live or catching up."""
    chat = await Chat(page_events=page_events).open()
    ada = await chat.visitor()
    talk = await started(ada, department="sales")
    feed = feed_of(talk)
    _, desk = await limited_desk(chat, "sales", feeds={feed: 0, "inbox": 0})
    boss = await chat.agent(await chat.add_agent())
    chat.deaf = behind
    await boss.ask("transfer", conversation=talk, department="support")
    await say(chat, talk, "not for sales")
    chat.deaf = False
    await say(chat, talk, "nor this")
    await chat.clock.advance(0.2)
    await chat.idle()
    for name in (feed, "inbox"):
        assert desk.texts(name) == ["hello"]
        assert desk.events(name)[-1]["type"] == "conversation.transferred"
    assert desk.all("gone") == [{"op": "gone", "feed": feed, "reason": "not_allowed"}]
    assert set(desk.connection.feeds) == {"inbox"}
    assert (await desk.ask("subscribe", feed=feed, after=0))["code"] == "not_found"


@pytest.mark.parametrize("page_events", [1, 2, 100])
async def test_a_conversation_that_was_elsewhere_is_read_as_a_whole(page_events: int) -> None:
    """Catching up over a time when it was out of sight shows that time too: it is readable now."""
    chat = await Chat(page_events=page_events).open()
    talk = await started(await chat.visitor(), department="sales")
    boss = await chat.agent(await chat.add_agent())
    for department in ("support", "sales"):
        await boss.ask("transfer", conversation=talk, department=department)
        await say(chat, talk, department)
    _, desk = await limited_desk(chat, "sales", feeds={feed_of(talk): 0})
    assert desk.texts(feed_of(talk)) == ["hello", "support", "sales"]
    assert desk.all("live")
    assert not desk.all("gone")


async def test_one_batch_may_take_it_away_and_go_on(chat: Chat) -> None:
    """Transfer and message committed together: the message is not shown."""
    ada = await chat.visitor()
    talk = await started(ada, department="sales")
    feed = feed_of(talk)
    _, desk = await limited_desk(chat, "sales", feeds={feed: 0})
    boss = await chat.agent(await chat.add_agent())
    chat.gate.shut()
    ada.say("post", conversation=talk, body=body("for sales"))
    await chat.idle()
    boss.say("transfer", conversation=talk, department="support")
    await chat.idle()
    ada.say("post", conversation=talk, body=body("secret"))
    await chat.idle()
    chat.gate.open()
    await chat.idle()
    assert len(chat.committed[-1].events) > 1
    assert desk.texts(feed) == ["hello", "for sales"]
    assert desk.all("gone")


async def test_an_old_slice_takes_nothing_away(chat: Chat) -> None:
    """A conversation that once was elsewhere stays followed when that time is told of again."""
    ada = await chat.visitor()
    talk = await started(ada, department="support")
    feed = feed_of(talk)
    boss = await chat.agent(await chat.add_agent())
    await boss.ask("transfer", conversation=talk, department="sales")
    _, desk = await limited_desk(chat, "sales", feeds={feed: 0})
    assert desk.texts(feed) == ["hello"]
    for committed in list(chat.committed):
        tell(chat.hub, committed)
    await say(chat, talk, "still here")
    await chat.idle()
    assert not desk.all("gone")
    assert desk.texts(feed) == ["hello", "still here"]


async def test_changed_rights_reset_the_inbox_and_end_conversations(chat: Chat) -> None:
    """The inbox gets ``reset`` ``view``, what may be read no longer ``gone``; the rest goes on."""
    sales = await started(await chat.visitor(), department="sales")
    support = await started(await chat.visitor("bob"), department="support")
    agent = await chat.add_agent()
    feeds = {"inbox": 0, feed_of(sales): 0, feed_of(support): 0}
    desk = await chat.agent(agent, feeds=feeds)
    other = await chat.agent(await chat.add_agent(), feeds=feeds)
    await chat.set_rights(agent, "limited", "sales")
    await chat.idle()
    head = chat.committed[-1].upto
    assert desk.all("reset") == [{"op": "reset", "feed": "inbox", "head": head, "reason": "view"}]
    assert [frame["feed"] for frame in desk.all("gone")] == [feed_of(support)]
    await say(chat, sales, "seen")
    await say(chat, support, "unseen", "bob")
    await desk.ask("subscribe", feed="inbox", after=head)
    assert desk.texts(feed_of(sales)) == ["hello", "seen"]
    assert desk.texts(feed_of(support)) == ["hello"]
    again = desk.all("events", feed="inbox")[-1]
    assert [event["stream"] for event in again["events"]] == [streams.conversation(sales)]
    assert not other.all("reset")
    assert not other.all("gone")


@pytest.mark.parametrize("had", ["agent", "limited"])
async def test_a_conversation_that_stays_is_followed_by_the_new_rights(
    chat: Chat, had: str
) -> None:
    """It is still to be read after a change of rights; once it goes elsewhere it is not."""
    talk = await started(await chat.visitor(), department="sales")
    agent = await chat.add_agent(had, "sales", "support")
    desk = await chat.agent(agent, feeds={feed_of(talk): 0})
    boss = await chat.agent(await chat.add_agent())
    await chat.set_rights(agent, "limited", "sales")
    await chat.idle()
    assert not desk.all("gone")
    await boss.ask("transfer", conversation=talk, department="support")
    await say(chat, talk, "not for sales")
    await chat.idle()
    assert desk.texts(feed_of(talk)) == ["hello"]
    assert [frame["feed"] for frame in desk.all("gone")] == [feed_of(talk)]


async def test_what_cannot_be_judged_by_new_rights_is_not_shown(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether a damaged conversation may still be read nobody can say: it ends with an error."""
    talk = await started(await chat.visitor(), department="support")
    agent = await chat.add_agent()
    desk = await chat.agent(agent, feeds={feed_of(talk): 0})
    refresh = chat.node.handler.states.refresh

    async def damaged(log: UUID, stream: str) -> Any:
        if stream == streams.conversation(talk):
            raise EventDamaged("event 4 is damaged")
        return await refresh(log, stream)

    monkeypatch.setattr(chat.node.handler.states, "refresh", damaged)
    await chat.set_rights(agent, "limited", "sales")
    await chat.idle()
    await say(chat, talk, "not for sales")
    await chat.idle()
    assert [frame["code"] for frame in desk.all("error", feed=feed_of(talk))] == ["damaged"]
    assert desk.texts(feed_of(talk)) == ["hello"]
    assert not desk.connection.feeds


async def test_what_old_rights_left_to_be_sent_is_not_sent_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A conversation that went out of sight is sent to there, but by no right that ends meanwhile.

    Its socket is slow, so most of the page waits when the rights change.
    """
    chat = await Chat(send_frame_bytes=1_000).open()
    talk = await started(await chat.visitor(), "0", department="sales")
    texts = [f"{n} " + "x" * 300 for n in range(20)]
    for text in texts:
        await say(chat, talk, text)
    agent, desk = await limited_desk(chat, "sales")
    boss = Sender(LOG, Actor("agent", str(await chat.add_agent())), Rights("agent", "boss"))
    asked = chat.store.read_stream

    async def moved(log: UUID, stream: str, after: int, limit: int) -> Any:
        if stream == streams.conversation(talk) and after == 0:
            monkeypatch.undo()
            await chat.do(Transfer(uuid4(), UUID(talk), department="support"), boss)
        return await asked(log, stream, after, limit)

    monkeypatch.setattr(chat.store, "read_stream", moved)
    desk.takes.clear()
    desk.say("subscribe", feed=feed_of(talk), after=0)
    await chat.idle()
    await chat.set_rights(agent, "limited", "billing")
    await chat.idle()
    desk.takes.set()
    for _ in range(20):
        await chat.idle()
    assert 0 < len(desk.texts(feed_of(talk))) < 10
    assert [frame["feed"] for frame in desk.all("gone")] == [feed_of(talk)]


async def test_old_rights_do_not_come_back(chat: Chat) -> None:
    """A change of rights that is told of again, or late, changes nothing."""
    talk = await started(await chat.visitor(), department="support")
    agent = await chat.add_agent("limited", "sales")
    await chat.set_rights(agent, "admin")
    unlimited = chat.committed[-1]
    await chat.set_rights(agent, "limited", "sales")
    desk = await chat.agent(agent)
    tell(chat.hub, unlimited)
    assert (await desk.ask("subscribe", feed=feed_of(talk), after=0))["code"] == "not_found"
    await desk.ask("subscribe", feed="inbox", after=chat.committed[-1].upto)
    await chat.set_rights(agent, "limited", "support")
    await chat.idle()
    assert len(desk.all("reset")) == 1
    await desk.ask("subscribe", feed="inbox", after=chat.committed[-1].upto)
    tell(chat.hub, chat.committed[-1])
    await chat.idle()
    assert len(desk.all("reset")) == 1


async def test_rights_that_change_while_somebody_comes_in(chat: Chat) -> None:
    """What the token's holder could see when the door was passed is not what counts."""
    talk = await started(await chat.visitor(), department="support")
    agent = await chat.add_agent("limited", "sales")
    token = chat.token("agent", str(agent), Rights("admin", str(agent)))
    desk = await chat.connect("agent").hello(token, feeds={feed_of(talk): 0, "inbox": 0})
    assert desk.all("error", feed=feed_of(talk))[0]["code"] == "not_found"
    assert not desk.texts("inbox")


async def test_rights_that_another_node_changes_while_somebody_comes_in(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is read of them is old when it is here; that they have changed is heard meanwhile."""
    talk = await started(await chat.visitor(), department="support")
    agent = await chat.add_agent("limited", "support")
    commits = GroupCommit(chat.store, lambda committed: tell(chat.hub, committed))
    there = CommandHandler(chat.store, commits, chat.clock, chat.ids)
    asked = chat.store.read_stream
    chat.node.handler.states.clear()

    async def slow(log: UUID, stream: str, *page: int) -> Any:
        events = await asked(log, stream, *page)
        if stream == streams.agent(agent) and not events:
            monkeypatch.undo()
            await there.submit(chat.operator, SetRights(uuid4(), agent, "limited", ("sales",)))
        return events

    monkeypatch.setattr(chat.store, "read_stream", slow)
    desk = await chat.agent(agent, feeds={feed_of(talk): 0})
    await chat.idle()
    assert not desk.texts(feed_of(talk))
    assert not desk.connection.feeds


@pytest.mark.parametrize("what", ["inbox", "conversation"])
async def test_rights_that_change_while_a_feed_begins(
    chat: Chat, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer comes first, and then that the feed is not followed after all."""
    talk = await started(await chat.visitor(), department="support")
    agent = await chat.add_agent("limited", "support")
    desk = await chat.agent(agent)
    feed = "inbox" if what == "inbox" else feed_of(talk)
    asked = chat.store.stream_heads

    async def slow(*args: Any) -> Any:
        heads = await asked(*args)
        await chat.do(SetRights(uuid4(), agent, "limited", ("sales",)))
        return heads

    monkeypatch.setattr(chat.store, "stream_heads", slow)
    desk.say("subscribe", feed=feed, after=0)
    for _ in range(4):
        await chat.idle()
    last = desk.frames[-1]
    assert desk.ops() == ["welcome", "ack", "reset" if what == "inbox" else "gone"]
    assert (last["feed"], last["reason"]) == (feed, "view" if what == "inbox" else "not_allowed")
    assert not desk.connection.feeds


async def test_a_deactivated_agent_is_out_at_once(chat: Chat) -> None:
    """All its sockets close with 4401; nobody else's do, and it does not come in again."""
    agent = await chat.add_agent()
    here, there = await chat.agent(agent, feeds={"inbox": 0}), await chat.agent(agent)
    other = await chat.agent(await chat.add_agent())
    await chat.deactivate(agent)
    await chat.idle()
    for desk in (here, there):
        assert desk.closed == (4401, "this sign-in is worth nothing any more")
    assert other.closed is None
    late = await chat.agent(agent)
    assert late.closed is not None
    assert late.closed[0] == 4401


@pytest.mark.parametrize("slow", [False, True])
async def test_who_was_deactivated_is_told_of_nothing_more(chat: Chat, slow: bool) -> None:
    """Not even of what was committed together with it, nor while its socket takes its time."""
    talk = await started(await chat.visitor())
    agent = await chat.add_agent()
    desk = await chat.agent(agent, feeds={"inbox": 0, feed_of(talk): 0})
    await chat.idle()
    if slow:
        desk.takes.clear()
        await say(chat, talk, "on its way")
        await chat.idle()
    await chat.deactivate(agent)
    await say(chat, talk, "not for who has left")
    await chat.idle()
    desk.takes.set()
    await chat.idle()
    for feed in ("inbox", feed_of(talk)):
        assert desk.texts(feed) == (["hello", "on its way"] if slow else ["hello"])
    assert desk.closed is not None


# --- what passes ---------------------------------------------------------------------------------


async def test_typing_reaches_the_other_side(chat: Chat) -> None:
    """Those who follow the conversation, except the typist's own sockets; nothing is stored."""
    ada = await chat.visitor()
    talk = await started(ada)
    feed = feed_of(talk)
    await ada.ask("subscribe", feed=feed, after=2)
    tab = await chat.visitor(feeds={feed: 2})
    bob = await chat.visitor("bob", feeds={feed: 2})
    idle = await chat.agent(await chat.add_agent(), feeds={"inbox": 0})
    desk = await chat.agent(await chat.add_agent(), feeds={feed: 2})
    head = len(chat.committed)
    ada.say("typing", conversation=talk, on=True)
    bob.say("typing", conversation=talk, on=True)
    desk.say("typing", conversation=talk)
    await chat.idle()
    assert desk.all("signal") == [
        {
            "op": "signal",
            "kind": "typing",
            "conversation": talk,
            "actor": {"role": "visitor", "id": "ada", "name": None},
            "on": True,
        }
    ]
    for side in (ada, tab):
        assert [frame["actor"]["role"] for frame in side.all("signal")] == ["agent"]
    assert not bob.all("signal")
    assert not idle.all("signal")
    assert len(chat.committed) == head


async def test_too_much_typing_is_dropped() -> None:
    """Signals beyond the rate are dropped; the socket stays and says nothing of it."""
    chat = await Chat(typing_per_s=2.0).open()
    ada = await chat.visitor()
    talk = await started(ada)
    desk = await chat.agent(await chat.add_agent(), feeds={feed_of(talk): 0})
    for _ in range(10):
        ada.say("typing", conversation=talk)
    await chat.idle()
    assert len(desk.all("signal")) == 2
    assert ada.closed is None


async def test_what_is_kept_while_catching_up_is_bounded_in_bytes() -> None:
    """Large live events are dropped sooner than small ones, and read from the store instead."""
    chat = await Chat(buffer_bytes=20_000).open()
    talk = await started(await chat.visitor(), "0")
    late = await chat.visitor()
    chat.gate.shut()
    late.say("subscribe", feed=feed_of(talk), after=0)
    await chat.idle()
    (feed,) = late.connection.feeds.values()
    largest = 0
    for number in range(2, 12):
        text = Slice(LOG, number, number + 1, (said(talk, number, "x" * 6_000),))
        tell(chat.hub, text)
        largest = max(largest, feed._buffered)
    assert 12_000 < largest <= 20_000
    assert len(feed._buffer) <= 3


def said(talk: str, version: int, text: str) -> RecordedEvent:
    """A message that was committed elsewhere."""
    return RecordedEvent(
        LOG, version + 1, f"conversation-{talk}", version + 1, 1, "message.posted", 1,
        UUID(int=version), Actor("visitor", "ada"), Metadata(UUID(int=version)), version,
        UUID(int=0), bytes(32), MessagePosted("m", Body(text)),
    )  # fmt: skip


async def test_a_damaged_conversation_keeps_nobody_out(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the feeds that a hello names, one that cannot be judged gets an error; the rest go on."""
    ada = await chat.visitor()
    broken, other = await started(ada), await started(await chat.visitor("bob"))
    agent = await chat.add_agent()
    refresh = chat.node.handler.states.refresh

    async def damaged(log: UUID, stream: str) -> Any:
        if stream == f"conversation-{broken}":
            raise EventDamaged("bits")
        return await refresh(log, stream)

    monkeypatch.setattr(chat.node.handler.states, "refresh", damaged)
    grace = await chat.agent(agent, feeds={"inbox": 0, feed_of(broken): 0, feed_of(other): 0})
    assert grace.closed is None
    assert [each["code"] for each in grace.all("error", feed=feed_of(broken))] == ["damaged"]
    assert {each["feed"] for each in grace.all("live")} == {"inbox", feed_of(other)}


async def test_an_event_is_encoded_once_for_each_audience(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many follow: one JSON, with the position for agents, and one frame for each."""
    ada = await chat.visitor()
    talk = await started(ada)
    agent = await chat.add_agent()
    feed = feed_of(talk)
    readers = [await chat.visitor(feeds={feed: 2}) for _ in range(10)]
    readers += [await chat.agent(agent, feeds={feed: 2}) for _ in range(10)]
    encoded: list[Audience] = []
    texts: list[str] = []

    def counted(event: RecordedEvent, audience: Audience) -> bytes:
        encoded.append(audience)
        return encode(event, audience)

    monkeypatch.setattr("adapters.websocket.feed.encode", counted)
    for reader in readers:
        monkeypatch.setattr(reader.connection, "send", texts.append)
    await say(chat, talk, "to all")
    await chat.idle()
    assert encoded == [Audience.VISITOR]
    assert len(texts) == 20
    assert len(set(map(id, texts))) == 2
