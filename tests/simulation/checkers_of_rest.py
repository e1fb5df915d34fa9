"""Rest: when the faults are over everybody has everything; and nothing was ever too full. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from domain.envelope import RecordedEvent
from tests.simulation.history import History, Reader, Views
from tests.simulation.sight import fields_of, is_for_visitor, is_in_inbox
from tests.simulation.truth import Truth, Truths
from tests.simulation.verdicts import Verdict, verdict


def everybody_has_everything(history: History) -> Verdict:
    """In the end every feed is at the head, with exactly the events that are its reader's.

    And nobody follows a conversation still that it may not read now.
    """
    truths = Truths(history)

    def look() -> Iterator[str | None]:
        for held in history.held:
            reader = history.readers[held.client]
            truth = truths.final(reader.log)
            events = truth.feed(held.feed)
            where = f"{held.client} {held.feed}"
            if held.offset != len(events):
                yield f"+{where} is at {held.offset} of {len(events)}"
            expected = [str(event.id) for event in _expected(held.feed, reader, truth)]
            yield None if held.ids == expected else f"{where} has {_difference(held.ids, expected)}"
            if not _is_readable(held.feed, reader, truth):
                yield f"+{where} is followed by who may not read it"

    return verdict(look())


def _expected(feed: str, reader: Reader, truth: Truth) -> list[RecordedEvent]:
    events = [each.event for each in truth.feed(feed)]
    if reader.role == "visitor":
        return [event for event in events if is_for_visitor(event)]
    if feed == "inbox":
        right = truth.rights(reader.actor)[-1]
        return [event for event in events if is_in_inbox(event, right)]
    return [event for event in events if fields_of(reader, event.type) is not None]


def _is_readable(feed: str, reader: Reader, truth: Truth) -> bool:
    """Whether a reader may follow a feed, as all is in the end."""
    if feed == "inbox":
        return reader.role == "agent" and truth.rights(reader.actor)[-1].active
    events = [each.event for each in truth.feed(feed)]
    if not events:
        return False
    if reader.role == "visitor":
        return events[0].actor.id == reader.actor
    return truth.rights(reader.actor)[-1].reads(events[-1].metadata.after)


def _difference(ids: Sequence[str], expected: Sequence[str]) -> str:
    missing, extra = set(expected) - set(ids), set(ids) - set(expected)
    return f"{len(missing)} events too few, {len(extra)} too many, of {len(expected)}"


def everything_was_published(history: History) -> Verdict:
    """The broker was given every event that the relay's checkpoint, now at the head, has passed.

    Not judged where there is no broker, nor where the store was restored: a relay notices that at
    its next look, and not what was written meanwhile; nodes find that by the heads.
    """
    return verdict(
        None
        if each.event.hash in history.published
        else f"position {each.event.position} of {each.event.log} was never published"
        for truth in Truths(history).finals()
        for each in truth.events
        if len(history.incarnations) == 1 and not history.brokerless
    )


def views_are_folds(history: History) -> Verdict:
    """Whenever one looks, the read model is what the log says up to its checkpoint."""

    def look(each: Views) -> Iterator[str | None]:
        for name in sorted(each.views.keys() | each.folded.keys()):
            view, folded = each.views.get(name), each.folded.get(name)
            where = f"at {each.at:.3f} the view of {name}"
            yield None if view == folded else f"{where} is {view}, not {folded}"

    return verdict(finding for each in history.views for finding in look(each))


def queues_keep_their_limits(history: History) -> Verdict:
    """Nothing that waits was ever more than its limit."""
    return verdict(
        None if size <= limit else f"{queue} had {size}, its limit is {limit}"
        for queue, (size, limit) in history.peaks.items()
    )
