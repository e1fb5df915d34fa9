"""Sight: every reader sees exactly what is its to see, and of the erased nothing. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from operator import attrgetter
from uuid import UUID

from domain.envelope import RecordedEvent
from tests.simulation.hearing import rights_of_a_frame
from tests.simulation.history import Frame, History, Range, Subscription
from tests.simulation.sight import Right, fields_of, is_for_visitor, is_in_inbox
from tests.simulation.truth import Truth, Truths
from tests.simulation.verdicts import Verdict, verdict


def readers_see_exactly_theirs(history: History) -> Verdict:
    """Every range has all that its reader may see of it, as it is in the log, and nothing else.

    By the rights that held when it was sent. Not judged of what was sent after a restore to
    somebody who was welcomed before it.
    """
    truths = Truths(history)

    def look(subscription: Subscription) -> Iterator[str | None]:
        if subscription.epoch is None:
            return
        reader = history.readers[subscription.client]
        truth = truths.of(subscription.epoch, reader.log)
        sight = _Sight(subscription, truth, history)
        for each in subscription.ranges:
            if each.sent.at < truth.ended:
                yield from sight.look(each)

    return verdict(finding for each in history.subscriptions for finding in look(each))


class _Sight:
    """One subscription against the log."""

    def __init__(self, subscription: Subscription, truth: Truth, history: History) -> None:
        self._of = subscription
        self._truth = truth
        self._history = history
        self._events = truth.feed(subscription.feed)
        self._reader = history.readers[subscription.client]
        self._rights: Sequence[Right] = ()
        self._reach = 0

    def look(self, range_: Range) -> Iterator[str | None]:
        where = f"{self._of.client} {self._of.feed} at {range_.at:.3f}"
        if range_.mark != self._truth.mark(self._of.feed, range_.upto):
            yield f"+{where}: the mark at {range_.upto} is not the log's"
        self._go_by(range_)
        shown = {event["id"]: event for event in range_.events}
        for each in self._events[range_.after : range_.upto]:
            frame = shown.pop(str(each.event.id), None)
            may, must = self._judge(each.event)
            if frame is not None:
                wrong = self._compare(frame, each.event) if may else "is not this reader's to see"
            else:
                wrong = "is missing" if must else None
            yield wrong and f"{where}: {each.event.type} {each.event.position} {wrong}"
        for frame in shown.values():
            yield f"{where}: {frame['type']} {frame['id']} is not of the log there"

    def _go_by(self, range_: Range) -> None:
        """What this range is judged by: an agent's rights, and how far they reach in a stream."""
        if self._reader.role == "visitor":
            return
        rights = self._truth.rights(self._reader.actor)
        self._rights = rights_of_a_frame(rights, self._of.socket, range_.sent, self._history)
        if self._of.feed != "inbox":
            self._reach = self._reached(range_.sent.at)

    def _reached(self, at: float) -> int:
        """Up to which version an agent may read a conversation that it has asked for.

        As a whole up to the last event at which it may, and that is none before it asked: who may
        not read it then is refused. What takes it out of sight is shown, if that was later.
        """
        asked = self._count(self._of.asked_at)
        for version in range(self._count(at), max(0, asked - 1), -1):
            place = self._events[version - 1].event.metadata
            had = place.before if version > asked else None
            if any(right.reads(place.after) or right.reads(had) for right in self._rights):
                return version
        return 0

    def _count(self, at: float) -> int:
        """How far the feed's stream was then."""
        return bisect_right(self._events, at, key=attrgetter("at"))

    def _judge(self, event: RecordedEvent) -> tuple[bool, bool]:
        """Whether the reader may see an event, and whether it must."""
        if self._reader.role == "visitor":
            theirs = is_for_visitor(event) and self._is_own()
            return theirs, theirs
        if self._of.feed == "inbox":
            seen = [is_in_inbox(event, right) for right in self._rights]
            return any(seen), all(seen)
        shown = fields_of(self._reader, event.type) is not None
        return shown and event.version <= self._reach, shown

    def _is_own(self) -> bool:
        return bool(self._events) and self._events[0].event.actor.id == self._reader.actor

    def _compare(self, frame: Frame, event: RecordedEvent) -> str | None:
        same = (frame["type"], frame["stream"], frame["version"]) == (
            event.type,
            event.stream,
            event.version,
        )
        if not same:
            return f"is shown as {frame['type']} {frame['stream']} {frame['version']}"
        if frame.get("position") != (event.position if self._reader.role == "agent" else None):
            return "is shown at another position"
        data = frame["data"]
        if data is None:
            return None if frame.get("erased") else "is shown without its data"
        extra = set(data) - (fields_of(self._reader, event.type) or set())
        if extra:
            return f"shows {sorted(extra)}"
        body = getattr(event.data, "body", None)
        if body is not None and data["body"]["text"] != body.text:
            return "is shown with other words"
        return None


def the_erased_are_gone(history: History) -> Verdict:
    """Whoever asks after an erasure gets nothing of what was erased."""
    truths = Truths(history)

    def look(subscription: Subscription) -> Iterator[str | None]:
        reader = history.readers[subscription.client]
        for erased in history.erased:
            if erased.log != reader.log or subscription.asked_at <= erased.at:
                continue
            streams = _streams_of(truths, erased.log, erased.visitor, history)
            for each in subscription.ranges:
                for frame in each.events:
                    if frame["stream"] in streams and not frame["type"].endswith(".erased"):
                        where = f"{subscription.client} {subscription.feed} at {each.at:.3f}"
                        gone = frame["data"] is None and frame["actor"].get("name") is None
                        yield None if gone else f"{where}: {frame['type']} {frame['id']} is shown"

    return verdict(finding for each in history.subscriptions for finding in look(each))


def _streams_of(truths: Truths, log: UUID, visitor: str, history: History) -> set[str]:
    """The visitor's stream, and all conversations that it ever had."""
    streams = {f"visitor-{visitor}"}
    for incarnation in history.incarnations:
        streams |= {
            each.event.stream
            for each in truths.of(incarnation.epoch, log).events
            if each.event.type == "conversation.started" and each.event.actor.id == visitor
        }
    return streams
