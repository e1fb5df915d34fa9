"""The laws of the audit, and that no secret gets into it."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct

from domain import streams
from domain.envelope import Actor, Metadata, RecordedEvent
from domain.event_types import REGISTRY
from projections.audit import evolve as audit
from projections.audit.evolve import Lines
from projections.audit.shown import CHANGES, LOGINS, SHOWN
from tests.doubles.appends import uuid
from tests.unit.golden.event_samples import SAMPLES
from tests.unit.projections.histories import AGENTS, LOG, Action
from tests.unit.projections.people import events_of, lived, lives, play
from tests.unit.projections.test_laws import begin, run, wanted

LEFT_OUT = {"agent.status_changed"}
"""Of tenants and agents, what is neither set up nor a sign-in: work."""

SECRET = {"secret", "password", "digest"}
"""Fields that no line may ever show."""


def fold(before: Lines, events: Sequence[RecordedEvent]) -> Lines:
    """A step as the engine does it: nothing is loaded."""
    return {**before, **audit.evolve({}, wanted(events, audit.TYPES))}


def readable(lines: Lines, erased: set[str]) -> Lines:
    """Lines as a reader finds them: of whom was erased no label opens."""
    return {
        position: msgspec.structs.replace(line, label=None) if line.subject in erased else line
        for position, line in lines.items()
    }


@settings(max_examples=80, deadline=None)
@given(lives, st.data())
def test_batches_may_be_cut_anywhere(actions: list[Action], data: st.DataObject) -> None:
    """One batch, or any number of them: the same lines, one for each event that is worth one."""
    events = events_of(actions)
    cuts = sorted(data.draw(st.sets(st.integers(0, len(events)), max_size=6)))
    parts: Lines = {}
    for start, end in zip([0, *cuts], [*cuts, len(events)], strict=True):
        parts = fold(parts, events[start:end])
    assert parts == fold({}, events)
    assert list(parts) == [event.position for event in events if event.type in SHOWN]


@settings(max_examples=80, deadline=None)
@given(lives)
def test_rebuilt_is_what_lived(actions: list[Action]) -> None:
    """Followed action by action, with agents erased on the way, or folded at the end."""

    async def live() -> tuple[Lines, list[RecordedEvent]]:
        history = await begin()
        lines, position = Lines(), 0
        for action in actions:
            await play(history, action)
            events = await history.events(position)
            lines, position = fold(lines, events), position + len(events)
        return lines, await history.events()

    lines, events = run(live())
    erased = {event.stream for event in events if event.data is None}
    assert readable(lines, erased) == readable(fold({}, events), erased)


def test_an_erased_agent_leaves_only_that_something_was() -> None:
    """Its sign-ins stay, with their times; address, browser and name do not."""
    before = [Action("sign-in"), Action("fail"), Action("sign-out")]

    async def life() -> list[RecordedEvent]:
        history = await lived(before)
        await play(history, Action("erase agent"))
        return await history.events()

    mine = streams.agent(AGENTS[0])
    lines = [line for line in fold({}, run(life())).values() if line.stream == mine]
    assert [line.type.partition(".")[2] for line in lines] == [
        *("created", "signed_in", "sign_in_failed", "signed_out")
    ]
    assert all(line.label is None for line in lines)


def event_of(data: Struct) -> RecordedEvent:
    """A sample as the log would have it."""
    kind = REGISTRY.of(data)
    return RecordedEvent(
        log=LOG, position=1, stream="tenant", version=1, decided=1, type=kind.name,
        schema_version=kind.schema_version, id=uuid(1), actor=Actor("operator", "cli"),
        metadata=Metadata(UUID(int=1)), recorded_at=0, key_id=uuid(2), hash=b"", data=data,
    )  # fmt: skip


def test_every_type_is_decided_on() -> None:
    """What concerns tenants and agents is in the table, or was left out on purpose."""
    ours = {each.name for each in REGISTRY if each.name.startswith(("tenant.", "agent."))}
    assert ours - set(SHOWN) == LEFT_OUT
    assert not set(CHANGES) & set(LOGINS)
    for name, fields in SHOWN.items():
        assert set(fields) <= set(REGISTRY.named(name).cls.__struct_fields__)


def secrets(value: object) -> list[str]:
    """Every secret in a sample, as it would stand in a line."""
    if not isinstance(value, Struct):
        return []
    named = [getattr(value, name) for name in value.__struct_fields__ if name in SECRET]
    return [each.decode("latin-1") if isinstance(each, bytes) else each for each in named]


@pytest.mark.parametrize("name", [each.name for each in REGISTRY])
def test_no_secret_is_shown(name: str) -> None:
    """Of every registered type; what is not in the table makes no line at all."""
    assert not SECRET & set(SHOWN.get(name, ()))
    for data in (each for each in SAMPLES if REGISTRY.of(each).name == name):
        lines = fold({}, [event_of(data)])
        assert (name in SHOWN) == bool(lines)
        for line in lines.values():
            assert line.label is not None
            told = msgspec.json.encode(line.label).decode()
            assert not [secret for secret in secrets(data) if secret in told]
