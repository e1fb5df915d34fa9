"""Random commands over few streams, ids and senders, so that they often meet."""

from __future__ import annotations

from uuid import UUID

from hypothesis import strategies as st

from domain.append import (
    ANY,
    EXISTS,
    NO_STREAM,
    Append,
    Dependency,
    Expectation,
    Part,
    at_version,
    undecided_since,
)
from domain.ids import event_id
from tests.doubles.appends import AGENT, VISITOR, append, closed, said, uuid

STREAMS = ("conversation-1", "conversation-2", "visitor-1")
SUBJECTS = ("visitor-1", "visitor-2")
CONTENTS = (b"one", b"two")
ACTORS = (VISITOR, AGENT)

streams = st.sampled_from(STREAMS)
actors = st.sampled_from(ACTORS)
contents = st.sampled_from(CONTENTS)
command_ids = st.integers(0, 12).map(uuid)
offsets = st.integers(0, 12)
subjects = st.sampled_from(SUBJECTS)
events = st.builds(said, st.sampled_from("ab"), subjects) | st.builds(closed, subjects)
several_events = st.lists(events, max_size=2).map(tuple)


@st.composite
def expectations(draw: st.DrawFn) -> Expectation:
    """Any expectation, most of them such as can hold."""
    version = draw(st.integers(0, 6))
    kinds = ANY, NO_STREAM, EXISTS, at_version(version), undecided_since(version)
    return draw(st.sampled_from(kinds))


@st.composite
def dependencies(draw: st.DrawFn, log: UUID) -> Dependency | None:
    """Mostly none; else an event that may be there, in a version that may be its own."""
    if draw(st.integers(0, 3)):
        return None
    actor = draw(actors)
    event = event_id(log, actor.role, actor.id, draw(command_ids), draw(st.integers(0, 1)))
    return Dependency(event, draw(streams), draw(st.integers(1, 5)))


@st.composite
def appends(draw: st.DrawFn, log: UUID) -> Append:
    """A command on one stream or two, with at least one event."""
    names = draw(st.lists(streams, min_size=1, max_size=2, unique=True))
    first = Part(names[0], draw(expectations()), (draw(events), *draw(several_events)))
    rest = [Part(name, draw(expectations()), draw(several_events)) for name in names[1:]]
    return append(
        draw(st.integers(0, 12)),
        first,
        *rest,
        actor=draw(actors),
        content=draw(contents),
        after=draw(dependencies(log)),
    )


def batches(log: UUID) -> st.SearchStrategy[list[Append]]:
    """Up to five commands, repeats of each other among them."""
    return st.lists(appends(log), min_size=1, max_size=5)
