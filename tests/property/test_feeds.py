"""Feeds under everything that can happen to them: what a client makes of their frames."""

from __future__ import annotations

import json
from collections.abc import Sequence
from hashlib import sha256
from typing import Any
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct

from adapters.websocket.feed import Batch, Feed, State, Written
from domain import streams
from domain.access import Rights
from domain.agent.events import AgentPasswordChanged, AgentStatusChanged
from domain.conversation import events as e
from domain.envelope import Access, Actor, Metadata, RecordedEvent, mark
from domain.event_types import REGISTRY
from domain.visibility import VISIBLE
from domain.visitor.events import ConversationOpened, PageViewed

LOG = UUID(int=1)
ADA = Actor("visitor", "ada")
GRACE = Actor("agent", "grace", "Grace")
TALK = "0192aaaa-0000-7000-8000-000000000001"
OTHER = "0192bbbb-0000-7000-8000-000000000002"
FEED = f"conversation:{TALK}"
STREAM = streams.conversation(TALK)
FRAME_BYTES = 900
PAGE = 2
BUFFER_BYTES = 900
"""Room for two or three of the small events here."""

VISITOR = None
ADMIN = Rights("admin", "root")
LIMITED = Rights("limited", "grace", frozenset({"sales"}))
READERS = [(FEED, STREAM, VISITOR), (FEED, STREAM, ADMIN), ("inbox", None, ADMIN)]
READERS += [("inbox", None, LIMITED)]

Reader = tuple[str, str | None, Rights | None]

places = st.builds(
    Access, st.sampled_from([None, "sales", "support"]), st.sampled_from([None, "grace", "alan"])
)
happenings: st.SearchStrategy[tuple[str, Actor, Struct]] = st.sampled_from(
    [
        ("conversation", ADA, e.MessagePosted("m", e.Body("hello"))),
        ("conversation", GRACE, e.MessagePosted("m", e.Body("x" * 400))),
        ("conversation", GRACE, e.NoteAdded("n", e.Body("between us"))),
        ("conversation", GRACE, e.ConversationTagged(("vip",))),
        ("conversation", GRACE, e.MessageRead(1)),
        ("visitor", ADA, PageViewed(e.Page("http://x/"))),
        ("visitor", ADA, ConversationOpened(TALK)),
        ("agent", GRACE, AgentStatusChanged("away")),
        ("agent", GRACE, AgentPasswordChanged("hash")),
    ]
)


class Place(Struct):
    """Where a stream stands while a log is made up."""

    version: int = 0
    access: Access | None = None


LEAST = st.sampled_from([0, 12])
"""How long a list is at least: left alone, nearly all are too short to have anything overlap."""


@st.composite
def logs(draw: st.DrawFn) -> list[RecordedEvent]:
    """A log of two conversations, a visitor and an agent, moving in and out of sight."""
    at: dict[str, Place] = {}
    log: list[RecordedEvent] = []
    for kind, actor, data in draw(st.lists(happenings, min_size=draw(LEAST), max_size=24)):
        name = draw(st.sampled_from([TALK, OTHER])) if kind == "conversation" else "ada"
        stream = f"{kind}-{name}"
        place = at.setdefault(stream, Place())
        place.version += 1
        before, after = place.access, None if kind == "agent" else draw(places)
        place.access = after
        log.append(_recorded(len(log) + 1, stream, place.version, actor, data, (before, after)))
    return log


def _recorded(  # noqa: PLR0917  # an event's place, in the order of its fields
    position: int,
    stream: str,
    version: int,
    actor: Actor,
    data: Struct,
    access: tuple[Access | None, Access | None],
) -> RecordedEvent:
    return RecordedEvent(
        log=LOG,
        position=position,
        stream=stream,
        version=version,
        decided=0,
        type=REGISTRY.of(data).name,
        schema_version=1,
        id=UUID(int=position),
        actor=actor,
        metadata=Metadata(UUID(int=position), None, None, *access),
        recorded_at=position,
        key_id=UUID(int=0),
        hash=sha256(str(position).encode()).digest(),
        data=data,
    )


class Source:
    """What a feed follows: a stream or the log, of which ``stored`` events are committed."""

    def __init__(self, log: Sequence[RecordedEvent], reader: Reader) -> None:
        _, self.stream, self.rights = reader
        of_it = [each for each in log if self.stream in {None, each.stream}]
        self.written = [Written(event) for event in of_it]
        self.stored = 0

    def commit(self, count: int) -> None:
        self.stored = min(self.stored + count, len(self.written))

    def page(self, after: int, limit: int) -> list[Written]:
        return self.written[after : min(after + limit, self.stored)]

    def batch(self, after: int, count: int) -> Batch | None:
        """A committed range, as the hub would give it."""
        upto = min(after + count, self.stored)
        return Batch(after, upto, self.written[after:upto]) if after < upto else None

    def visible(self) -> list[str]:
        """The ids of what the reader is to see, by the documents' words."""
        return [str(each.event.id) for each in self.written if self._sees(each.event)]

    def _sees(self, event: RecordedEvent) -> bool:
        shown, access = VISIBLE[event.type], event.metadata
        if self.rights is None:
            served = access.after is not None and access.after.assignee == event.actor.id
            return shown.visitor is not None and (event.type != "message.read" or served)
        if self.stream is not None:
            return shown.agent is not None
        if shown.agent is None or not shown.inbox:
            return False
        kind = streams.kind(event.stream)
        if kind == "agent" or (kind == "visitor" and self.rights.role == "admin"):
            return True
        return any(
            place is not None
            and (
                self.rights.role == "admin"
                or place.assignee == "grace"
                or place.department == "sales"
            )
            for place in (access.before, access.after)
        )


class Client:
    """A client that holds the protocol's continuity rule against every frame."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.mine = 0
        self.events: list[str] = []

    def apply(self, frames: list[str]) -> None:
        for text in frames:
            frame: dict[str, Any] = json.loads(text)
            assert frame["after"] == self.mine, "a gap, or a repeat"
            assert frame["upto"] > self.mine
            self.mine = frame["upto"]
            assert frame["mark"] == mark(self._source.written[self.mine - 1].event.hash)
            self.events += [event["id"] for event in frame["events"]]
            sizes = [len(json.dumps(event, separators=(",", ":"))) for event in frame["events"]]
            assert sum(sizes) <= FRAME_BYTES or len(sizes) == 1


class Bench:
    """One feed, its source and its client, step by step."""

    def __init__(self, log: Sequence[RecordedEvent], reader: Reader) -> None:
        name, stream, rights = reader
        self.source = Source(log, reader)
        self.feed = Feed(name, stream, 0, rights, BUFFER_BYTES)
        self.client = Client(self.source)
        self._heard = 0
        self._read: tuple[list[Written], bool] | None = None

    def step(self, kind: str, first: int, count: int) -> None:
        match kind:
            case "commit":
                before = self.source.stored
                self.source.commit(count)
                self._push(before, count)
            case "commit unheard":
                self.source.commit(count)
            case "hear":
                self._push(first, count)
            case "commit heard with what was before":
                before = max(0, self.source.stored - first)
                self.source.commit(count)
                self._push(before, first + count)
            case "read":
                self.read(count)
            case "page":
                self.page(count)
            case "fall behind":
                self.feed.fall_behind()
            case _:
                self._take(self.feed.flush())

    def read(self, limit: int) -> None:
        """Ask the store for a page; it is on its way until the next :meth:`page`."""
        if self.feed.state is State.CATCHING_UP and self._read is None:
            page = self.source.page(self.feed.seen, limit)
            self._read = page, len(page) < limit

    def page(self, limit: int) -> None:
        """What the catch-up does with a page: live when the store had no more."""
        self.read(limit)
        if self._read is None:
            return
        (page, last), self._read = self._read, None
        rest = self.feed.fresh(page, last=last)
        while rest:
            text, rest = self.feed.portion(rest, FRAME_BYTES)
            self._take([text] if text else [])
        if last:
            self._take(self.feed.join(FRAME_BYTES))

    def finish(self) -> None:
        """Everything is committed, was heard of at some time, and is caught up with."""
        end = len(self.source.written)
        self.step("commit", 0, end)
        if self._heard < end:
            self._push(end - 1, 1)
        for _ in range(len(self.source.written) + 3):
            self.page(PAGE)
        self._take(self.feed.flush())

    def _push(self, after: int, count: int) -> None:
        batch = self.source.batch(after, count)
        if batch is not None:
            self._heard = max(self._heard, batch.upto)
            self._take(self.feed.push(batch, FRAME_BYTES))

    def _take(self, frames: list[str]) -> None:
        self.client.apply(frames)
        assert self.client.mine == self.feed.sent <= self.feed.seen <= self.source.stored


steps = st.tuples(
    st.sampled_from(
        [
            "commit",
            "commit unheard",
            "hear",
            "commit heard with what was before",
            "read",
            "page",
            "fall behind",
            "flush",
        ]
    ),
    st.integers(0, 20),
    st.integers(1, 5),
)
histories = LEAST.flatmap(lambda least: st.lists(steps, min_size=least, max_size=30))


@settings(max_examples=300)
@given(logs(), st.sampled_from(READERS), st.booleans(), histories)
def test_a_client_ends_with_exactly_what_it_may_see(
    log: list[RecordedEvent], reader: Reader, live: bool, history: list[tuple[str, int, int]]
) -> None:
    """No gap, no repeat, and in the end every visible event once and in order.

    Pages and live batches come in any order, repeated, overlapping and with holes; the feed falls
    behind, and its buffer overflows.
    """
    bench = Bench(log, reader)
    if live:
        bench.page(PAGE)
    for step in history:
        bench.step(*step)
    bench.finish()
    assert bench.feed.state is State.LIVE
    assert bench.client.mine == len(bench.source.written)
    assert bench.client.events == bench.source.visible()


crowds = st.sampled_from([FEED, "inbox"]).flatmap(
    lambda feed: st.lists(
        st.tuples(
            st.sampled_from([each for each in READERS if each[0] == feed]), st.integers(0, 2)
        ),
        min_size=2,
        max_size=5,
    )
)


@settings(max_examples=300)
@given(logs(), crowds, st.lists(st.integers(1, 4), min_size=1, max_size=12))
def test_shared_frames_are_everybodys_own(
    log: list[RecordedEvent], crowd: list[tuple[Reader, int]], counts: list[int]
) -> None:
    """Readers who take the same batch object one after the other get what each would get alone.

    Each stands at an offset of its own.
    """
    together, alone = ([Bench(log, reader) for reader, _ in crowd] for _ in range(2))
    for one, other, (_, offset) in zip(together, alone, crowd, strict=True):
        for bench in (one, other):
            bench.source.commit(len(log))
            bench.feed.sent = bench.feed.seen = min(offset, len(bench.source.written))
            bench.feed.join(FRAME_BYTES)
    after = 0
    for count in counts:
        shared = together[0].source.batch(after, count)
        if shared is None:
            return
        after = shared.upto
        for one, other in zip(together, alone, strict=True):
            own = Batch(shared.after, shared.upto, shared.events)
            assert one.feed.push(shared, FRAME_BYTES) == other.feed.push(own, FRAME_BYTES)
            assert (one.feed.sent, one.feed.seen) == (other.feed.sent, other.feed.seen)


@given(logs(), st.integers(0, 20), st.integers(1, 9))
def test_a_limited_agent_sees_nothing_beyond_the_end_of_its_right(
    log: list[RecordedEvent], first: int, count: int
) -> None:
    """A batch after which a conversation is out of its sight is shown up to what took it away.

    Then the feed has ended; an old batch ends nothing.
    """
    bench = Bench(log, (FEED, STREAM, LIMITED))
    bench.source.commit(first)
    bench.feed.sent = bench.feed.seen = min(first, len(bench.source.written))
    bench.feed.join(FRAME_BYTES)
    bench.client.mine = bench.feed.sent
    seen = bench.feed.seen
    old = bench.source.batch(max(0, seen - count), count)
    assert old is None or bench.feed.push(old, FRAME_BYTES) == []
    assert not bench.feed.ended
    bench.source.commit(count)
    batch = bench.source.batch(seen, count)
    if batch is None:
        return
    bench.client.apply(bench.feed.push(batch, FRAME_BYTES))
    events = [each.event for each in batch.events]
    readable = LIMITED.may_read(events[-1].metadata.after)
    assert bench.feed.ended is not readable
    if not readable:
        events = events[: _last_in_sight(events)]
    assert bench.client.events == [str(event.id) for event in events]


def _last_in_sight(events: list[RecordedEvent]) -> int:
    counts = [
        count
        for count, event in enumerate(events, 1)
        if LIMITED.sees(event.metadata.before, event.metadata.after)
    ]
    return max(counts, default=0)
