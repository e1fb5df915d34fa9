"""A feed: a cursor on a stream or a log, with a filter. Three states, and no I/O.

``CATCHING_UP``: pages come from the store, at the socket's own pace; what is pushed meanwhile is
kept, up to a bound. ``LIVE``: what is pushed is written out at once. ``CLOSED``: nothing more.

Ranges are half open, ``(after, upto]``. ``sent`` is the offset that the client has been brought
to; ``seen`` the one up to which everything was looked at. Between them lie only events that this
reader may not see; they are covered by the next frame, or by :meth:`Feed.flush`.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

from adapters.websocket.frames import events_head, write_events
from domain.access import Rights
from domain.envelope import RecordedEvent
from domain.streams import INBOX
from domain.visibility import (
    OF_A_CONVERSATION,
    Audience,
    differs,
    encode,
    in_inbox,
    is_shown,
    with_position,
)


class State(Enum):
    """Where a feed is."""

    CATCHING_UP = "catching up"
    LIVE = "live"
    CLOSED = "closed"


class Written:
    """An event with its JSON for each audience, written once and shared by all sockets."""

    __slots__ = ("__weakref__", "_agent", "_visitor", "event")

    def __init__(self, event: RecordedEvent) -> None:
        self.event = event
        self._visitor: bytes | None = None
        self._agent: bytes | None = None

    @property
    def size(self) -> int:
        """Bytes that it takes, about: those of its JSON, where anybody is shown it."""
        shown = is_shown(self.event, Audience.AGENT)
        return len(self.json(Audience.AGENT)) if shown else 0

    def json(self, audience: Audience) -> bytes:
        """The event's JSON for an audience that it is shown."""
        if audience is Audience.VISITOR:
            if self._visitor is None:
                self._visitor = encode(self.event, audience)
            return self._visitor
        if self._agent is None:
            if self._visitor is None or differs(self.event):
                self._agent = encode(self.event, audience)
            else:
                self._agent = with_position(self._visitor, self.event)
        return self._agent


class Batch:
    """Consecutive events of one feed's range, with the frames made of them so far."""

    __slots__ = ("after", "events", "frames", "upto")

    def __init__(self, after: int, upto: int, events: Sequence[Written]) -> None:
        self.after = after
        self.upto = upto
        self.events = events
        self.frames: dict[object, list[str]] = {}


class Feed:
    """One feed of one socket. Every method answers with the frames to send, in order."""

    __slots__ = (
        "_buffer",
        "_buffered",
        "_head",
        "_limit",
        "_newest",
        "announced",
        "audience",
        "begun",
        "ended",
        "mark",
        "name",
        "rights",
        "seen",
        "sent",
        "state",
        "stream",
        "visitor",
    )

    def __init__(
        self, name: str, stream: str | None, offset: int, rights: Rights | None, limit: int
    ) -> None:
        """``stream`` None is the log (an inbox); ``rights`` None a visitor.

        ``limit`` bounds the bytes of what is kept while catching up. ``begun``: the reader may
        follow it, and was told so; before that nothing of it may be sent. ``announced``: the client
        was told that the feed is live; later catching up is the server's own business. ``ended``:
        what was written out last takes the conversation out of this reader's sight. ``visitor``:
        whose conversation it is, in an agent's feed that it was found to be allowed to read.
        """
        self.name = name
        self.stream = stream
        self.sent = self.seen = offset
        self.rights = rights
        self.audience = Audience.VISITOR if rights is None else Audience.AGENT
        self.state = State.CATCHING_UP
        self.begun = False
        self.announced = False
        self.ended = False
        self.mark = ""
        self.visitor = ""
        self._head = events_head(name)
        self._limit = limit
        self._buffer: list[Batch] = []
        self._buffered = 0
        self._newest = offset

    # --- what comes ---------------------------------------------------------------------------

    def push(self, batch: Batch, frame_bytes: int) -> list[str]:
        """Take what was just committed. A hole sends the feed back to catching up."""
        if self.state is State.CATCHING_UP:
            self._keep(batch)
            return []
        if self.state is State.CLOSED or batch.upto <= self.seen:
            return []
        if batch.after > self.seen:
            self.fall_behind()
            self._keep(batch)
            return []
        return self._shared(batch, frame_bytes)

    def fresh(self, events: Sequence[Written], *, last: bool) -> Sequence[Written]:
        """What of a page from the store continues what was seen, and may be seen.

        ``last``: the stream goes no further, so that its last event says who may read it now.
        """
        fresh: Sequence[Written] = [each for each in events if self.number(each) > self.seen]
        return self._in_sight(fresh) if last else fresh

    def portion(
        self, events: Sequence[Written], frame_bytes: int
    ) -> tuple[str | None, Sequence[Written]]:
        """A frame of as many of these fresh events as fit in one, and those that are left."""
        return self._portion(events, frame_bytes, keep_open=False)

    def join(self, frame_bytes: int) -> list[str]:
        """The store had no more: go live, unless what was pushed meanwhile shows a hole."""
        frames: list[str] = []
        kept, self._buffer, self._buffered = self._buffer, [], 0
        newest = self._newest
        self.state = State.LIVE
        for batch in kept:
            frames += self.push(batch, frame_bytes)
        if self.state is State.LIVE and newest > self.seen:
            self.fall_behind()
        self._newest = max(newest, self._newest)
        return frames

    def flush(self) -> list[str]:
        """The range of what this reader may not see, if one is open."""
        if self.sent == self.seen or self.state is State.CLOSED:
            return []
        frame = write_events(self._head, self.sent, self.seen, self.mark, [])
        self.sent = self.seen
        return [frame]

    def begin(self, head: int, mark: str) -> None:
        """The stream was at ``head`` after the feed was bound; ``mark`` is the client's own."""
        self._newest = max(self._newest, head)
        self.mark = mark

    @property
    def caught_up(self) -> bool:
        """Whether everything was seen that is known to be there: what comes later is pushed."""
        return self.seen >= self._newest

    def reaches(self, written: Written) -> bool:
        """Whether this event is the newest that is known to be there, or beyond."""
        return self.number(written) >= self._newest

    def fall_behind(self, upto: int = 0) -> None:
        """Be pushed no more; read from the store from here, ``upto`` this offset at least."""
        self._newest = max(self._newest, upto)
        if self.state is State.LIVE:
            self.state = State.CATCHING_UP

    def close(self) -> None:
        """Follow no longer."""
        self.state = State.CLOSED
        self._buffer = []

    # --- what a reader sees -------------------------------------------------------------------

    def number(self, written: Written) -> int:
        """An event's offset in this feed: its version, or its position."""
        event = written.event
        return event.position if self.stream is None else event.version

    def shows(self, event: RecordedEvent) -> bool:
        """Whether this reader sees the event."""
        if not is_shown(event, self.audience):
            return False
        if self.name != INBOX:
            return True
        if not in_inbox(event):
            return False
        if not event.stream.startswith(OF_A_CONVERSATION):
            return True
        assert self.rights is not None
        place = event.metadata
        if event.stream.startswith("visitor-") and self.rights.unlimited:
            return True
        return self.rights.sees(place.before, place.after)

    def lost(self, event: RecordedEvent) -> bool:
        """Whether this reader may not read the conversation as it is after the event."""
        after = event.metadata.after
        if self.rights is None or self.stream is None or after is None:
            return False
        return not self.rights.may_read(after)

    def _in_sight(self, events: Sequence[Written]) -> Sequence[Written]:
        """These newest events, but nothing beyond the one that ends the right to read on.

        Earlier events are shown wherever the conversation was then: it is read as a whole.
        """
        if not events or not self.lost(events[-1].event):
            return events
        self.ended = True
        self.close()
        return events[: max(map(self._ends, enumerate(events, 1)))]

    def _ends(self, numbered: tuple[int, Written]) -> int:
        count, each = numbered
        place = each.event.metadata
        assert self.rights is not None
        return count if self.rights.sees(place.before, place.after) else 0

    # --- inside -------------------------------------------------------------------------------

    def _keep(self, batch: Batch) -> None:
        self._newest = max(self._newest, batch.upto)
        self._buffered += sum(each.size for each in batch.events)
        if self._buffered > self._limit:
            self._buffer, self._buffered = [], 0
            return
        self._buffer.append(batch)

    def _shared(self, batch: Batch, frame_bytes: int) -> list[str]:
        """The batch's frames; made once for all readers that stand at the same place."""
        if batch.after != self.seen or self.sent != self.seen or self.lost(batch.events[-1].event):
            fresh = [each for each in batch.events if self.number(each) > self.seen]
            return self._take(self._in_sight(fresh), frame_bytes, keep_open=True)
        key = self.rights if self._varies() else self.audience is Audience.AGENT
        frames = batch.frames.get(key)
        if frames is None:
            frames = self._take(batch.events, frame_bytes, keep_open=True)
            batch.frames[key] = frames if self.sent == self.seen else []
            return frames
        last = batch.events[-1].event
        self.seen, self.mark = batch.upto, last.mark
        if frames:
            self.sent = self.seen
        return frames

    def _varies(self) -> bool:
        return self.stream is None and self.rights is not None and not self.rights.unlimited

    def _take(self, events: Sequence[Written], frame_bytes: int, *, keep_open: bool) -> list[str]:
        """Write events out, in frames of bounded size, and move on to the last.

        With ``keep_open`` a tail that this reader may not see is left for the next frame.
        """
        frames: list[str] = []
        rest: Sequence[Written] = events
        while rest:
            frame, rest = self._portion(rest, frame_bytes, keep_open=keep_open)
            if frame is not None:
                frames.append(frame)
        return frames

    def _portion(
        self, events: Sequence[Written], frame_bytes: int, *, keep_open: bool
    ) -> tuple[str | None, Sequence[Written]]:
        shown: list[bytes] = []
        size = 0
        for count, each in enumerate(events):
            if self.shows(each.event):
                json = each.json(self.audience)
                if shown and size + len(json) > frame_bytes:
                    return self._frame(shown), events[count:]
                shown.append(json)
                size += len(json)
            self.seen, self.mark = self.number(each), each.event.mark
        if shown or (not keep_open and self.sent < self.seen):
            return self._frame(shown), ()
        return None, ()

    def _frame(self, shown: list[bytes]) -> str:
        frame = write_events(self._head, self.sent, self.seen, self.mark, shown)
        self.sent = self.seen
        return frame
