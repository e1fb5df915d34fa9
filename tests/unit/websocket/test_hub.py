"""The hub by itself: who is told what, and that nothing is kept of those who left."""

from __future__ import annotations

import json
from random import Random
from typing import Any
from uuid import UUID

import pytest
from msgspec import Struct

from adapters.websocket.feed import Batch, Feed, State
from adapters.websocket.hub import Hub
from domain import streams
from domain.access import Rights
from domain.agent.events import AgentDeactivated, AgentRightsChanged, AgentStatusChanged
from domain.conversation.events import Body, ConversationAssigned, MessagePosted
from domain.envelope import Actor, Metadata, RecordedEvent, Slice
from domain.event_types import REGISTRY
from domain.passing import Place, Presence, Queue, Typing
from domain.tenant.events import SiteRemoved, SiteRestored
from tests.unit.websocket.telling import tell

LOG, OTHER_LOG = UUID(int=1), UUID(int=2)
TALK, OTHER = "0192aaaa-0000-7000-8000-000000000001", "0192bbbb-0000-7000-8000-000000000002"
EMPTY: dict[str, object] = {
    "_followed": {}, "_logs": {}, "_last": None, "_subscribers": {}, "_agents": {}, "_visits": {},
    "_visitors": {},
}  # fmt: skip


class Listener:
    """A subscriber that keeps what it is told."""

    def __init__(self, role: str = "visitor", name: str = "ada", log: UUID = LOG) -> None:
        self.log = log
        self.actor = Actor(role, name)
        self.site: str | None = None
        self.ended = False
        self.batches: list[tuple[Feed, Batch]] = []
        self.signals: list[str] = []
        self.rights: list[RecordedEvent] = []
        self.opened_to: list[str] = []
        self.ticks = 0
        self.fails = False

    def deliver(self, feed: Feed, batch: Batch) -> None:
        if self.fails:
            raise RuntimeError("a mistake of ours")
        self.batches.append((feed, batch))

    def signal(self, text: str) -> None:
        self.signals.append(text)

    def rights_changed(self, event: RecordedEvent) -> None:
        self.rights.append(event)

    def site_removed(self) -> None:
        self.ended = True

    def opened(self, conversation: str, command: UUID) -> None:
        self.opened_to.append(conversation)

    def tick(self) -> None:
        self.ticks += 1

    def told(self) -> list[dict[str, Any]]:
        """The signals that it was told, read."""
        return [json.loads(each) for each in self.signals]

    def ranges(self) -> list[tuple[str, int, int]]:
        """The ranges it was told of."""
        return [(feed.name, batch.after, batch.upto) for feed, batch in self.batches]


def conversation_feed(talk: str = TALK) -> Feed:
    """A feed of a conversation from its beginning."""
    return Feed(f"conversation:{talk}", streams.conversation(talk), 0, None, 10)


def inbox() -> Feed:
    """A feed of the log from its beginning."""
    return Feed("inbox", None, 0, Rights("admin", "grace"), 10)


def event(position: int, stream: str, version: int, data: object = None) -> RecordedEvent:
    """An event at its place; a message unless told otherwise."""
    what = data or MessagePosted("m", Body("x"))
    name = REGISTRY.of(what).name  # type: ignore[arg-type]  # a registered event
    metadata = Metadata(UUID(int=position))
    return RecordedEvent(
        LOG, position, stream, version, 0, name, 1, UUID(int=position), Actor("visitor", "ada"),
        metadata, position, UUID(int=0), bytes(32), what,
    )  # fmt: skip


def committed(*events: RecordedEvent) -> Slice:
    """A slice of these events."""
    return Slice(LOG, events[0].position - 1, events[-1].position, events)


def test_each_feed_is_told_of_its_own() -> None:
    """A conversation's feed of its versions, an inbox of positions; another log's of nothing."""
    hub, ada, grace, far = Hub(), Listener(), Listener("agent", "grace"), Listener(log=OTHER_LOG)
    hub.follow(ada, conversation_feed())
    hub.follow(grace, inbox())
    hub.follow(far, conversation_feed())
    hub.follow(far, inbox())
    talk, other = streams.conversation(TALK), streams.conversation(OTHER)
    tell(hub, committed(event(5, talk, 3), event(6, other, 1), event(7, talk, 4)))
    assert ada.ranges() == [(f"conversation:{TALK}", 2, 4)]
    assert [each.event.position for each in ada.batches[0][1].events] == [5, 7]
    assert grace.ranges() == [("inbox", 4, 7)]
    assert far.batches == []


def test_readers_of_one_feed_share_one_batch() -> None:
    """So that its frames are written once for all of them."""
    hub, listeners = Hub(), [Listener(), Listener()]
    for listener in listeners:
        hub.follow(listener, conversation_feed())
    tell(hub, committed(event(1, streams.conversation(TALK), 1)))
    assert listeners[0].batches[0][1] is listeners[1].batches[0][1]


def test_one_that_fails_hurts_no_other(caplog: pytest.LogCaptureFixture) -> None:
    """Its own feed goes back to the store; the others are told all the same."""
    hub, listeners = Hub(), [Listener(), Listener(), Listener()]
    feeds = [conversation_feed() for _ in listeners]
    for listener, feed in zip(listeners, feeds, strict=True):
        feed.join(1000)
        hub.follow(listener, feed)
    listeners[1].fails = True
    tell(hub, committed(event(1, streams.conversation(TALK), 1)))
    assert [len(listener.batches) for listener in listeners] == [1, 0, 1]
    assert [feed.state for feed in feeds] == [State.LIVE, State.CATCHING_UP, State.LIVE]
    assert "could not take a batch" in caplog.text


def test_whoever_leaves_while_being_told_disturbs_nobody() -> None:
    """A subscriber may end feeds, its own or all, in the middle of a delivery."""
    hub, ada, bob = Hub(), Listener(), Listener(name="bob")
    feeds = [conversation_feed(), conversation_feed()]

    class Leaver(Listener):
        def deliver(self, feed: Feed, batch: Batch) -> None:
            hub.unfollow(ada, feeds[0])
            hub.leave(self, [own])

    own, leaver = conversation_feed(), Leaver()
    hub.follow(leaver, own)
    hub.follow(ada, feeds[0])
    hub.follow(bob, feeds[1])
    tell(hub, committed(event(1, streams.conversation(TALK), 1)))
    assert len(bob.batches) == 1
    assert feeds[0].state is State.CLOSED


def test_rights_reach_that_agents_connections_only() -> None:
    """All of its sockets, of this log, with feeds or without; nobody else's."""
    hub = Hub()
    grace, tab = Listener("agent", "grace"), Listener("agent", "grace")
    others = [
        Listener("agent", "alan"),
        Listener("visitor", "grace"),
        Listener("agent", "grace", OTHER_LOG),
    ]
    for listener in (grace, tab, *others):
        hub.join(listener)
    changed = event(1, "agent-grace", 2, AgentRightsChanged("limited"))
    ended = event(2, "agent-grace", 3, AgentDeactivated())
    tell(hub, committed(changed, ended, event(3, "agent-grace", 4, AgentStatusChanged("away"))))
    assert grace.rights == tab.rights == [changed, ended]
    assert not any(listener.rights for listener in others)


def test_typing_goes_to_the_others() -> None:
    """To those who follow the conversation, on no socket of whoever types, wherever that is."""
    hub = Hub()
    ada, tab, grace = Listener(), Listener(), Listener("agent", "grace")
    bob, stranger = Listener(name="bob"), Listener(name="stranger")
    for listener in (ada, tab, grace, stranger):
        feed = conversation_feed()
        feed.begun = listener is not stranger
        hub.follow(listener, feed)
    hub.follow(bob, conversation_feed(OTHER))
    hub.pass_on(Typing(LOG, "visitor", "ada", TALK, on=True))
    said = {
        "op": "signal",
        "kind": "typing",
        "conversation": TALK,
        "actor": {"role": "visitor", "id": "ada", "name": None},
        "on": True,
    }
    assert [each.told() for each in (ada, tab, grace, bob)] == [[], [], [said], []]
    assert not stranger.signals, "its right to follow was not checked yet"


def test_a_visitors_presence_goes_to_those_who_were_let_in() -> None:
    """A desk whose right to follow was not checked yet, or has ended meanwhile, hears nothing."""
    hub, early, late, grace = Hub(), *(Listener("agent", name) for name in ("eve", "bob", "grace"))
    feeds = [conversation_feed() for _ in range(3)]
    for listener, feed in zip((early, late, grace), feeds, strict=True):
        hub.follow(listener, feed)
        feed.visitor = "ada"
    hub.unfollow(late, feeds[1])
    for listener, feed in zip((early, late, grace), feeds, strict=True):
        hub.attend(listener, feed)
        feed.begun = listener is not early
    hub.pass_on(Presence(LOG, "visitor", "ada", online=True))
    assert [len(each.signals) for each in (early, late, grace)] == [0, 0, 1]
    assert [feed for _, feed in hub._visits[LOG, "ada"].values()] == [feeds[0], feeds[2]]


def test_who_waits_is_told_its_place_and_nobody_else() -> None:
    """Its visitor, when it was let in; who subscribes only then, until somebody serves it."""
    hub, ada, early, grace = Hub(), Listener(), Listener(), Listener("agent", "grace")
    feeds = [conversation_feed() for _ in range(3)]
    for listener, feed in zip((ada, early, grace), feeds, strict=True):
        hub.follow(listener, feed)
        feed.begun = listener is not early
    places = tuple(Place(talk, 1, 2, staffed=False, open=True, wait_s=30) for talk in (TALK, OTHER))
    hub.pass_on(Queue(LOG, places))
    hub.pass_on(Queue(OTHER_LOG, places))
    assert ada.told() == [
        {
            "op": "signal",
            "kind": "queue",
            "conversation": TALK,
            "place": 1,
            "waiting": 2,
            "staffed": False,
            "open": True,
            "wait_s": 30,
        }
    ]
    assert early.signals == grace.signals == []
    assert hub.place(early, feeds[1]) == places[0]
    assert hub.place(grace, feeds[2]) is None
    assert hub.place(Listener(log=OTHER_LOG), feeds[0]) is None
    given = ConversationAssigned("grace")
    tell(hub, committed(event(1, streams.conversation(TALK), 3, given)))
    assert hub.place(early, feeds[1]) is None


def test_ticks_reach_all_who_joined() -> None:
    """And none that left."""
    hub, ada, bob = Hub(), Listener(), Listener(name="bob")
    hub.join(ada)
    hub.join(bob)
    hub.leave(bob, [])
    hub.tick()
    assert (ada.ticks, bob.ticks, list(hub)) == (1, 0, [ada])


@pytest.mark.parametrize("seed", range(20))
def test_nothing_is_kept_of_those_who_left(seed: int) -> None:
    """Following and leaving in any order, twice and unasked, leaves every table empty."""
    hub, random = Hub(), Random(seed)
    crowd = [Listener("agent", name, log) for name in "ab" for log in (LOG, OTHER_LOG)] * 2
    feeds: dict[int, list[Feed]] = {id(each): [] for each in crowd}
    for listener in crowd:
        hub.join(listener)
    for _ in range(60):
        listener = random.choice(crowd)
        own = feeds[id(listener)]
        if own and random.random() < 0.4:
            hub.unfollow(listener, random.choice(own))
        else:
            own.append(random.choice([inbox, conversation_feed])())
            hub.follow(listener, own[-1])
    for listener in crowd:
        hub.leave(listener, feeds[id(listener)])
        hub.leave(listener, feeds[id(listener)])
    assert {name: table for name, table in vars(hub).items() if name in EMPTY} == EMPTY
    assert all(feed.state is State.CLOSED for own in feeds.values() for feed in own)


def stretch(after: int, upto: int) -> Slice:
    """A range of the log, all of one conversation that began with it."""
    talk = streams.conversation(TALK)
    numbers = range(after + 1, upto + 1)
    return Slice(LOG, after, upto, tuple(event(number, talk, number) for number in numbers))


def test_streams_are_told_before_the_log() -> None:
    """What lies beyond a hole is told to those of its stream; the whole log's wait for order."""
    hub, listener, one, whole = Hub(), Listener(), conversation_feed(), inbox()
    hub.follow(listener, one)
    hub.follow(listener, whole)
    hub.tell_streams(stretch(5, 6))
    assert listener.ranges() == [(one.name, 5, 6)]
    hub.tell_log(stretch(0, 6))
    assert listener.ranges() == [(one.name, 5, 6), (whole.name, 0, 6)]


def test_a_tick_that_fails_hurts_no_other(caplog: pytest.LogCaptureFixture) -> None:
    """One socket's mistake does not keep the others from their tick."""
    hub, broken, well = Hub(), Listener(name="eve"), Listener()
    for each in (broken, well):
        hub.join(each)
    broken.tick = lambda: 1 / 0  # type: ignore[method-assign, assignment]  # the fault
    hub.tick()
    assert well.ticks == 1
    assert "tick" in caplog.text


def site_event(kind: type[Struct], version: int) -> RecordedEvent:
    """What becomes of a site, at a version of the tenant's stream."""
    return event(version, "tenant", version, kind("shop"))


def test_the_sockets_of_a_site_that_is_removed_end() -> None:
    """Of none other; who is just coming in too; what is told late or twice changes nothing."""
    hub, visitors = Hub(), [Listener(name=str(n)) for n in range(5)]
    for visitor, site in zip(visitors, ("shop", "blog", "shop", "shop", "shop"), strict=True):
        visitor.site = site
    elsewhere = Listener(log=UUID(int=9))
    elsewhere.site = "shop"
    for each in (*visitors[:2], elsewhere):
        hub.join(each)
    removed = Slice(LOG, 6, 7, (site_event(SiteRemoved, 7),))
    hub.tell_streams(removed)
    hub.join(visitors[2])
    assert [each.ended for each in (*visitors[:3], elsewhere)] == [True, False, True, False]
    hub.tell_streams(Slice(LOG, 7, 8, (site_event(SiteRestored, 8),)))
    hub.join(visitors[3])
    hub.tell_streams(removed)
    hub.join(visitors[4])
    assert not any(each.ended for each in visitors[3:])
