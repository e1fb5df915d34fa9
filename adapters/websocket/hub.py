"""The hub: what this node's sockets follow, and who is to be told of what was committed.

Every feed goes by its own numbers, so that what is repeated or missing is seen by it. The hub never
waits and never reads; a feed that it cannot serve goes back to the store by itself.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple, Protocol
from uuid import UUID

from adapters.websocket import frames
from adapters.websocket.feed import Batch, Feed, State, Written
from domain import figures, streams
from domain.envelope import Actor, RecordedEvent, Slice
from domain.passing import Passing, Place, Presence, Queue, Typing
from domain.permissions import VISITOR
from domain.telemetry import DELIVER, NO_TELEMETRY, Span, Telemetry
from domain.tenant.events import SiteRemoved, SiteRestored
from domain.visitor.events import ConversationOpened, VisitorInvited

_logger = logging.getLogger("parley.hub")

PLACE_S = 15.0
"""Seconds for which a place in the queue may be told to one who subscribes: half as long again as
until it is told anew."""

PLACES = 10_000
"""Places kept; beyond that those that came first go."""

SITES = 1_000
"""Sites of which it is kept that they were removed or restored: for those who come in just then."""

_PLACING = frozenset({"conversation.assigned", "conversation.transferred", "conversation.closed"})
_RIGHTS = frozenset({"agent.rights_changed", "agent.password_changed", "agent.deactivated"})


class Subscriber(Protocol):
    """A connection, as the hub sees it. Its methods neither wait nor raise."""

    log: UUID
    actor: Actor
    site: str | None

    def deliver(self, feed: Feed, batch: Batch) -> None:
        """Take what was committed in a feed's stream or log."""

    def signal(self, text: str) -> None:
        """Take something passing; may be dropped."""

    def rights_changed(self, event: RecordedEvent) -> None:
        """The agent of this connection may see something else from now on."""

    def site_removed(self) -> None:
        """The site of this connection has no chat any more."""

    def opened(self, conversation: str, command: UUID) -> None:
        """This conversation is the visitor's open one from now on, by this command."""

    def tick(self) -> None:
        """Cover ranges that are open; look at the clock."""


class _Heard(NamedTuple):
    """At which version of the tenant's stream it was heard of a site, and whether it is gone."""

    version: int
    removed: bool


_UNHEARD = _Heard(0, removed=False)
_Follower = tuple[Subscriber, Feed]
_Followers = dict[int, _Follower]


class Hub:
    """The sockets of a node, by what they follow.

    ``believes`` is asked of all that is heard of anybody's presence before it is told.
    """

    def __init__(self, telemetry: Telemetry = NO_TELEMETRY) -> None:
        self._telemetry = telemetry
        self._followed: dict[tuple[UUID, str | None], _Followers] = {}
        self._logs: dict[UUID, int] = {}
        self._last: tuple[Slice, list[Written]] | None = None
        self._subscribers: dict[int, Subscriber] = {}
        self._agents: dict[UUID, dict[str, dict[int, Subscriber]]] = {}
        self._visits: dict[tuple[UUID, str], _Followers] = {}
        self._visitors: dict[tuple[UUID, str], dict[int, Subscriber]] = {}
        self._sites: OrderedDict[tuple[UUID, str], _Heard] = OrderedDict()
        self._places: OrderedDict[tuple[UUID, str], tuple[float, Place]] = OrderedDict()
        self.believes: Callable[[Presence], bool] = _everything

    # --- who is there -------------------------------------------------------------------------

    def __iter__(self) -> Iterator[Subscriber]:
        return iter(list(self._subscribers.values()))

    def join(self, subscriber: Subscriber) -> None:
        """A connection said hello."""
        self._subscribers[id(subscriber)] = subscriber
        site = (subscriber.log, subscriber.site or "")
        if self._sites.get(site, _UNHEARD).removed:  # while it came in
            subscriber.site_removed()
        if subscriber.actor.role == "agent":
            agents = self._agents.setdefault(subscriber.log, {})
            agents.setdefault(subscriber.actor.id, {})[id(subscriber)] = subscriber
        else:
            visitor = (subscriber.log, subscriber.actor.id)
            self._visitors.setdefault(visitor, {})[id(subscriber)] = subscriber

    def leave(self, subscriber: Subscriber, feeds: Iterable[Feed]) -> None:
        """A connection is gone, and all that it followed."""
        for feed in feeds:
            self.unfollow(subscriber, feed)
        self._subscribers.pop(id(subscriber), None)
        self._leave_visitor(subscriber)
        agents = self._agents.get(subscriber.log, {})
        sockets = agents.get(subscriber.actor.id, {})
        if sockets.pop(id(subscriber), None) is None or sockets:
            return
        del agents[subscriber.actor.id]
        if not agents:
            del self._agents[subscriber.log]

    def _leave_visitor(self, subscriber: Subscriber) -> None:
        visitor = (subscriber.log, subscriber.actor.id)
        sockets = self._visitors.get(visitor, {})
        if sockets.pop(id(subscriber), None) is not None and not sockets:
            del self._visitors[visitor]

    def follow(self, subscriber: Subscriber, feed: Feed) -> None:
        """From this moment on the feed is told of every commit; then the store may be read."""
        key = (subscriber.log, feed.stream)
        self._followed.setdefault(key, {})[id(feed)] = (subscriber, feed)
        self._logs[subscriber.log] = self._logs.get(subscriber.log, 0) + 1

    def attend(self, subscriber: Subscriber, feed: Feed) -> None:
        """Tell an agent's feed whether its visitor is present, from now on."""
        if feed.state is not State.CLOSED:
            key = (subscriber.log, feed.visitor)
            self._visits.setdefault(key, {})[id(feed)] = (subscriber, feed)

    def unfollow(self, subscriber: Subscriber, feed: Feed) -> None:
        """The feed is told no more."""
        feed.close()
        key = (subscriber.log, feed.stream)
        followers = self._followed.get(key)
        if followers is None or followers.pop(id(feed), None) is None:
            return
        if not followers:
            del self._followed[key]
        self._leave_visit(subscriber, feed)
        self._logs[subscriber.log] -= 1
        if not self._logs[subscriber.log]:
            del self._logs[subscriber.log]

    def _leave_visit(self, subscriber: Subscriber, feed: Feed) -> None:
        key = (subscriber.log, feed.visitor)
        visits = self._visits.get(key, {})
        if visits.pop(id(feed), None) is not None and not visits:
            del self._visits[key]

    # --- what happens -------------------------------------------------------------------------

    def tell_streams(self, committed: Slice) -> None:
        """Tell the feeds of single streams of a slice. Never raises.

        Agents hear of their rights besides, visitors of what was opened for them and who asks.
        """
        self._tell_rights(committed)
        self._tell_sites(committed)
        self._tell_visitors(committed)
        if committed.log not in self._logs:
            return
        self._forget_places(committed)
        for stream, events in _by_stream(self._written(committed)).items():
            followers = self._followed.get((committed.log, stream))
            if followers:
                first, last = events[0].event.version, events[-1].event.version
                _deliver(followers, Batch(first - 1, last, events))

    def tell_log(self, committed: Slice) -> None:
        """Tell the feeds of the whole log of the next slice of it. Never raises.

        All that this node tells of the slice is told then, each time once: it is measured here.
        """
        spans = self._spans(committed.events)
        inboxes = self._followed.get((committed.log, None))
        if inboxes and committed.events:
            written = self._written(committed)
            _deliver(inboxes, Batch(committed.after, committed.upto, written))
        for span in spans:
            span.end()
        self._measure(committed)

    def _written(self, committed: Slice) -> list[Written]:
        """The events of a slice, each to be encoded once: the one before is kept for that."""
        if self._last is None or self._last[0] is not committed:
            self._last = (committed, [Written(event) for event in committed.events])
        return self._last[1]

    def pass_on(self, passing: Passing) -> None:
        """Tell the sockets of this node that may know of it, wherever it happened. Never raises."""
        match passing:
            case Typing():
                self._tell_typing(passing)
            case Presence() if self.believes(passing):
                self._tell_presence(passing)
            case Queue():
                self._tell_places(passing)

    def _tell_typing(self, typing: Typing) -> None:
        """Tell those who follow the conversation, on no socket of whoever types."""
        followers = self._followed.get((typing.log, streams.conversation(typing.conversation)))
        if not followers:
            return
        text = frames.write_typing(typing)
        for subscriber, feed in list(followers.values()):
            if feed.begun and not _is(subscriber, typing):
                subscriber.signal(text)

    def _tell_places(self, queue: Queue) -> None:
        """Tell visitors who wait; and keep it for a while, for whoever subscribes only now."""
        if queue.log not in self._logs:
            return
        until = self._telemetry.clock.monotonic() + PLACE_S
        for place in queue.places:
            self._places[queue.log, place.conversation] = (until, place)
            self._places.move_to_end((queue.log, place.conversation))
            followers = self._followed.get((queue.log, streams.conversation(place.conversation)))
            for subscriber, feed in list((followers or {}).values()):
                if feed.begun and subscriber.actor.role == VISITOR:
                    subscriber.signal(frames.write_place(place))
        while len(self._places) > PLACES:
            self._places.popitem(last=False)

    def place(self, subscriber: Subscriber, feed: Feed) -> Place | None:
        """What a visitor who subscribes is to be told of its place, if it waits."""
        if subscriber.actor.role != VISITOR or feed.stream is None:
            return None
        key = (subscriber.log, str(streams.conversation_id(feed.stream)))
        until, place = self._places.get(key, (0.0, None))
        return place if until > self._telemetry.clock.monotonic() else None

    def _tell_presence(self, presence: Presence) -> None:
        """Tell the tenant's agents of a colleague, of a visitor those who follow it."""
        if presence.role == "visitor":
            visits = self._visits.get((presence.log, presence.id), {})
            for subscriber, feed in list(visits.values()):
                if feed.begun:
                    subscriber.signal(frames.write_presence(presence, feed.stream))
            return
        text = frames.write_presence(presence)
        for sockets in list(self._agents.get(presence.log, {}).values()):
            for subscriber in list(sockets.values()):
                if not _is(subscriber, presence):
                    subscriber.signal(text)

    def tick(self) -> None:
        """Let every connection cover its open ranges and look at the clock."""
        for subscriber in self:
            try:
                subscriber.tick()
            except Exception:  # one socket's trouble must not end the beat of all
                _logger.exception("a socket could not take the tick")

    def _measure(self, committed: Slice) -> None:
        """How long a slice took until all its sockets had it; nothing where there is none."""
        if any(map(self._listening, committed.events)):
            seconds = self._telemetry.clock.now() - committed.events[0].recorded_at / 1e6
            self._telemetry.measures.observe(figures.DELIVERY_SECONDS, max(0.0, seconds))

    def _spans(self, events: Sequence[RecordedEvent]) -> list[Span]:
        """A step for each event whose trace is recorded and that sockets are told of."""
        spans = []
        for event in events:
            trace = event.metadata.trace
            if trace is not None and (sockets := self._listening(event)):
                spans.append(self._telemetry.tracer.start(DELIVER, trace, sockets=sockets))
        return [span for span in spans if span is not None]

    def _listening(self, event: RecordedEvent) -> int:
        """How many feeds are told of an event."""
        keys = ((event.log, event.stream), (event.log, None))
        return sum(len(self._followed.get(key, ())) for key in keys)

    def _forget_places(self, committed: Slice) -> None:
        """Whoever is served, or has ended it, waits no more."""
        for event in committed.events if self._places else ():
            if event.type in _PLACING:
                name = str(streams.conversation_id(event.stream))
                self._places.pop((committed.log, name), None)

    def _tell_rights(self, committed: Slice) -> None:
        for event in committed.events:
            if event.type in _RIGHTS:
                _, _, agent = event.stream.partition("-")
                sockets = self._agents.get(committed.log, {}).get(agent, {})
                for subscriber in list(sockets.values()):
                    subscriber.rights_changed(event)

    def _tell_sites(self, committed: Slice) -> None:
        """End the sockets of a site that was removed. What came late or twice ends none anew."""
        for event in committed.events:
            if not isinstance(event.data, SiteRemoved | SiteRestored):
                continue
            key = (committed.log, event.data.site)
            if event.version <= self._sites.get(key, _UNHEARD).version:
                continue
            removed = isinstance(event.data, SiteRemoved)
            self._sites[key] = _Heard(event.version, removed)
            while len(self._sites) > SITES:
                self._sites.popitem(last=False)
            for subscriber in self:
                if removed and (subscriber.log, subscriber.site) == key:
                    subscriber.site_removed()

    def _tell_visitors(self, committed: Slice) -> None:
        """Tell all sockets of a visitor what it is to follow, and who asks it to talk.

        Of the log and not passed on: where the broker fails them, nodes find it there.
        """
        for event in committed.events:
            if isinstance(event.data, ConversationOpened | VisitorInvited):
                visitor = (committed.log, streams.visitor_id(event.stream))
                for subscriber in list(self._visitors.get(visitor, {}).values()):
                    _tell_visitor(subscriber, event)


def _everything(_: Presence) -> bool:
    """What is believed where nothing better is known."""
    return True


def _tell_visitor(subscriber: Subscriber, event: RecordedEvent) -> None:
    if isinstance(event.data, ConversationOpened):
        subscriber.opened(event.data.conversation, event.metadata.command)
    else:
        subscriber.signal(frames.write_invited(event.data, event.actor))


def _is(subscriber: Subscriber, passing: Typing | Presence) -> bool:
    """Whether this is a socket of the one whom it is about."""
    return (subscriber.actor.role, subscriber.actor.id) == (passing.role, passing.id)


def _by_stream(written: list[Written]) -> dict[str, list[Written]]:
    """The events of each stream. A repeated event in between would break no feed: see push."""
    streams_of: dict[str, list[Written]] = {}
    for each in written:
        streams_of.setdefault(each.event.stream, []).append(each)
    return streams_of


def _deliver(followers: _Followers, batch: Batch) -> None:
    for subscriber, feed in list(followers.values()):
        try:
            subscriber.deliver(feed, batch)
        except Exception:  # one socket's trouble must not keep the others from hearing
            _logger.exception("a socket could not take a batch; it reads from the store instead")
            feed.fall_behind(batch.upto)
