"""A client of the public protocol: follows feeds by offset, keeps an outbox, comes back by itself.

It does what ``web/client`` does and knows nothing of the product: frames in, frames out. It mends
what the protocol says is its to mend, and notes all of it; whether that was right, the checkers
say. It never waits: all of it is called.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextvars import Context
from random import Random
from typing import Any, Protocol

import msgspec
from msgspec import Struct

from tests.simulation.client_outbox import ClientOutbox, Entry
from tests.simulation.history import (
    Answered,
    Frame,
    History,
    Moment,
    Range,
    Reader,
    Sent,
    Subscription,
)
from tests.simulation.wire import Queued, Wire

ANSWER_S = 3.0
"""Without an answer for so long a client does not trust its socket any more."""

PAUSE_S = 0.3
"""The longest pause before a client comes back."""

LOOK_S = 0.25
"""Seconds between two looks at what is late."""

_encode = msgspec.json.encode
_decode = msgspec.json.decode


class Nodes(Protocol):
    """Where clients connect."""

    def connect(self, client: Client) -> Wire | None:
        """A socket to some node; None: nobody answers."""


class Followed(Struct):
    """A feed that a client follows: how far it has applied it, and what it has of it.

    ``subscription`` is the present one; None while there is none.
    """

    offset: int = 0
    mark: str | None = None
    events: dict[int, str] = {}
    subscription: Subscription | None = None
    asked: str | None = None
    live: bool = False


class Client:
    """One tab or desk. ``heard`` is told of every event that was applied."""

    def __init__(
        self,
        reader: Reader,
        token: str,
        nodes: Nodes,
        history: History,
        *,
        chance: Random,
        fresh_id: Callable[[], str],
    ) -> None:
        self.reader = reader
        self.outbox = ClientOutbox(reader.role)
        self.feeds: dict[str, Followed] = {}
        self.wire: Wire | None = None
        self.welcomed = False
        self.over = False
        self.epoch: str | None = None
        self.heard: Callable[[str, Frame], None] = lambda _, __: None
        self._token = token
        self._nodes = nodes
        self._history = history
        self._chance = chance
        self._fresh_id = fresh_id
        self._loop = asyncio.get_running_loop()
        self._context = Context()
        self._rights_version = 0
        self._coming = False
        if reader.role == "agent":
            self.feeds["inbox"] = Followed()
        history.readers[reader.name] = reader

    def _note(self, what: str, more: Any = None) -> None:
        self._history.note(self._loop.time(), self.reader.name, what, more)

    def later(self, seconds: float, do: Callable[[], None]) -> None:
        """Do something after so long."""
        self._loop.call_later(seconds, do, context=self._context)

    # --- coming and going ---------------------------------------------------------------------

    def come(self) -> None:
        """Connect, or try again soon."""
        self._coming = False
        if self.over or self.wire is not None:
            return
        found = self._nodes.connect(self)
        if found is None:
            self.come_back()
            return
        self.wire = found
        self._note("connects", found.record.process)
        marks = {name: feed.mark for name, feed in self.feeds.items() if feed.mark}
        hello = {
            "op": "hello",
            "token": self._token,
            "feeds": {name: feed.offset for name, feed in self.feeds.items()},
            "marks": marks,
        }
        if self.epoch is not None:
            hello["epoch"] = self.epoch
        for name, feed in self.feeds.items():
            self._begin(name, feed)
        self._say(hello)

    def come_back(self, after_s: float | None = None) -> None:
        """Come back in a while, of one's own choice if nothing was said."""
        if not self._coming:
            self._coming = True
            self.later(self._chance.random() * PAUSE_S if after_s is None else after_s, self.come)

    def leave(self) -> None:
        """Hang up, and come back."""
        if self.wire is not None:
            self.wire.hang_up()
            self.lost(self.wire, None)

    def lost(self, wire: Wire, code: int | None) -> None:
        """A socket is over: the present one, or one that was left already."""
        if wire is not self.wire:
            return
        self._note("is cut off" if code is None else "is closed", code)
        self.wire, self.welcomed = None, False
        self.outbox.disconnected()
        for feed in self.feeds.values():
            self._end(feed, "lost")
        if code == 4401:
            self.over = True
            self._history.over.add(self.reader.name)
        else:
            self.come_back()

    def forget_epoch(self) -> None:
        """Name none when it comes back: only marks tell it then that the history is another one."""
        self.epoch = None

    def look(self) -> None:
        """See whether answers are late; send what may go now."""
        if self.over:
            return
        oldest, now = self.outbox.oldest(), self._loop.time()
        opened = None if self.wire is None else self.wire.record.opened_at
        asked = opened is not None and not self.welcomed and now - opened > ANSWER_S
        if asked or (oldest is not None and now - oldest > ANSWER_S):
            self._note("does not trust its socket")
            self.leave()
        self.kick()
        self.later(LOOK_S, self.look)

    # --- commands -----------------------------------------------------------------------------

    def write(self, op: str, conversation: str | None = None, **fields: Any) -> Entry:
        """Write a command into the outbox; it goes when it may."""
        entry = Entry(self._fresh_id(), op, conversation, fields)
        self.outbox.write(entry)
        body = fields.get("body")
        self._history.sent.append(
            Sent(
                self._loop.time(),
                self.reader.name,
                entry.id,
                op,
                conversation,
                None if body is None else body["text"],
            )
        )
        self.kick()
        return entry

    def kick(self) -> None:
        """Send what may be sent."""
        if self.welcomed:
            for entry in self.outbox.next(self._loop.time()):
                self._say(entry.frame)

    def _say(self, frame: Frame) -> None:
        assert self.wire is not None
        shown = {**frame, "token": "…"} if "token" in frame else frame
        self._note("says", shown)
        self.wire.say(_encode(frame).decode())

    # --- feeds --------------------------------------------------------------------------------

    def follow(self, name: str) -> None:
        """Follow a feed from its beginning."""
        if name not in self.feeds:
            self.feeds[name] = Followed()
            self._ask(name)

    def unfollow(self, name: str) -> None:
        """Follow a feed no longer."""
        feed = self.feeds.pop(name, None)
        if feed is None:
            return
        self._end(feed, "left")
        if self.welcomed:
            self._say({"op": "unsubscribe", "id": self._fresh_id(), "feed": name})

    def _ask(self, name: str) -> None:
        """Subscribe from one's own offset."""
        feed = self.feeds.get(name)
        if feed is None or not self.welcomed:
            return  # the next hello names it, or the welcome asks for it
        self._begin(name, feed)
        feed.asked = self._fresh_id()
        frame = {"op": "subscribe", "id": feed.asked, "feed": name, "after": feed.offset}
        self._say({**frame, "mark": feed.mark} if feed.mark else frame)

    def _begin(self, name: str, feed: Followed) -> None:
        self._end(feed, "asked anew")
        assert self.wire is not None
        feed.live = False
        feed.subscription = Subscription(
            self.reader.name,
            name,
            feed.offset,
            self.wire.record,
            self._loop.time(),
            mark=feed.mark,
            names_epoch=self.epoch is not None,
            epoch=self.epoch if self.welcomed else None,
        )
        self._history.subscriptions.append(feed.subscription)

    def _end(self, feed: Followed, reason: str) -> None:
        subscription, feed.subscription = feed.subscription, None
        feed.live, feed.asked = False, None
        if subscription is not None and subscription.ended is None:
            subscription.ended, subscription.ended_at = reason, self._loop.time()

    # --- what comes ---------------------------------------------------------------------------

    def take(self, text: Queued) -> None:
        """A frame of the server."""
        frame: Frame = _decode(text.encode())
        self._note("gets", frame)
        match frame["op"]:
            case "events":
                self._events(frame, text.sent)
            case "ack":
                self._ack(frame)
            case "error":
                self._error(frame)
            case "welcome":
                self._welcome(frame)
            case "live":
                self._live(frame)
            case "reset":
                self._reset(frame)
            case "gone":
                self._drop(frame["feed"], "gone")
            case "goaway":
                self.later(frame["reconnect_after_ms"] / 1000, self.leave)
            case _:
                pass  # passing things

    def _welcome(self, frame: Frame) -> None:
        assert self.wire is not None
        self.welcomed, self.epoch = True, frame["epoch"]
        self.wire.record.epoch = self.epoch
        for name, feed in self.feeds.items():
            if feed.subscription is None:
                self._ask(name)  # it came to mind after the hello
            else:
                feed.subscription.epoch = self.epoch
        self.kick()

    def _events(self, frame: Frame, sent: Moment) -> None:
        """The continuity rule. What the server should not have sent is noted by the range."""
        name = frame["feed"]
        feed = self.feeds.get(name)
        if feed is None or feed.subscription is None or feed.asked is not None:
            return  # of a subscription that is over
        after, upto, events = frame["after"], frame["upto"], frame["events"]
        feed.subscription.ranges.append(
            Range(self._loop.time(), sent, after, upto, frame["mark"], events)
        )
        if upto <= feed.offset:
            return
        if after > feed.offset:
            self._ask(name)
            return
        number = "position" if name == "inbox" else "version"
        fresh = [event for event in events if event[number] > feed.offset]
        feed.events.update((event[number], event["id"]) for event in fresh)
        feed.offset, feed.mark = upto, frame["mark"]
        for event in fresh:
            self._apply(name, event)

    def _apply(self, name: str, event: Frame) -> None:
        if name == "inbox" and self._is_of_my_rights(event):
            self._rights_version = event["version"]
            self._clear(name)
        self.heard(name, event)

    def _is_of_my_rights(self, event: Frame) -> bool:
        """Whether this agent sees something else from here on: what it has was judged before."""
        mine = event["stream"] == f"agent-{self.reader.actor}"
        newer: bool = event["version"] > self._rights_version
        return mine and newer and event["type"] == "agent.rights_changed"

    def _clear(self, name: str) -> None:
        """Forget a view and load it anew."""
        feed = self.feeds[name]
        feed.offset, feed.mark = 0, None
        feed.events = {}
        self._end(feed, "view")
        self._ask(name)

    def _live(self, frame: Frame) -> None:
        feed = self.feeds.get(frame["feed"])
        if feed is not None and feed.subscription is not None and feed.asked is None:
            feed.live = True
            feed.subscription.live = frame["at"]

    def _reset(self, frame: Frame) -> None:
        feed = self.feeds.get(frame["feed"])
        if feed is not None and feed.asked is None:
            self._end(feed, f"reset {frame['reason']}")
            self._clear(frame["feed"])

    def _drop(self, name: str, reason: str) -> None:
        feed = self.feeds.get(name)
        if feed is not None and feed.asked is None:
            del self.feeds[name]
            self._end(feed, reason)

    # --- answers ------------------------------------------------------------------------------

    def _ack(self, frame: Frame) -> None:
        feed = self._asked_by(frame)
        if feed is not None:
            feed.asked = None
            return
        entry = self.outbox.settle(frame["id"])
        if entry is None:
            return
        self._answered(frame)
        name = frame.get("conversation")
        if self.reader.role == "visitor" and entry.op == "start" and name:
            self.follow(f"conversation:{name}")
        self.kick()

    def _error(self, frame: Frame) -> None:
        feed = self._asked_by(frame)
        if feed is not None:
            feed.asked = None
            self._refused_feed(frame)
        elif "id" not in frame:
            self._refused_feed(frame)
        elif "retry_after_ms" in frame:
            put_off = Answered(self._loop.time(), self.reader.name, frame["id"], frame)
            self._history.put_off.append(put_off)
            self.outbox.hold(frame["id"], self._loop.time() + frame["retry_after_ms"] / 1000)
        elif self.outbox.settle(frame["id"]) is not None:
            self._answered(frame)
            self.kick()

    def _refused_feed(self, frame: Frame) -> None:
        name = frame["feed"]
        if frame["code"] == "not_found":
            self._drop(name, "not found")
        elif name in self.feeds:
            self._end(self.feeds[name], "refused")
            self.later(PAUSE_S, lambda: self._ask(name))

    def _asked_by(self, frame: Frame) -> Followed | None:
        answered = frame.get("id")
        if answered is None:
            return None
        return next((feed for feed in self.feeds.values() if feed.asked == answered), None)

    def _answered(self, frame: Frame) -> None:
        at = self._loop.time()
        self._history.answered.append(Answered(at, self.reader.name, frame["id"], frame))
