"""What clients are told of an event: exactly the fields of the table, and of some nothing."""

from __future__ import annotations

from uuid import UUID

import msgspec
import pytest
from msgspec import Struct
from msgspec.structs import replace

from domain.envelope import Access, Actor, Metadata, RecordedEvent
from domain.event_types import REGISTRY
from domain.visibility import VISIBLE, Audience, encode, in_inbox, is_shown
from tests.unit.golden.event_samples import SAMPLES

EVENT = RecordedEvent(
    log=UUID(int=1),
    position=1,
    stream="conversation-1",
    version=1,
    decided=1,
    type="conversation.closed",
    schema_version=1,
    id=UUID(int=2),
    actor=Actor("visitor", "v"),
    metadata=Metadata(UUID(int=3)),
    recorded_at=0,
    key_id=UUID(int=4),
    hash=b"h" * 32,
    data=None,
)


@pytest.mark.parametrize("damaged", [True, False])
def test_damaged_is_not_erased(damaged: bool) -> None:
    """Both come without data; which of the two it is, is said."""
    form = msgspec.json.decode(encode(replace(EVENT, damaged=damaged), Audience.AGENT))
    assert form["data"] is None
    assert form.get("damaged", False) is damaged
    assert form.get("erased", False) is not damaged


NAMES = [f"{number} {type(data).__name__}" for number, data in enumerate(SAMPLES)]


def _recorded(data: Struct) -> RecordedEvent:
    return replace(EVENT, type=REGISTRY.of(data).name, data=data)


def test_every_type_stands_in_the_table() -> None:
    """No event type is without a line, and no line without a type."""
    assert set(VISIBLE) == {event_type.name for event_type in REGISTRY}


NEVER_A_VISITORS = {
    "note.added",
    "conversation.tagged",
    "conversation.missed",
    "conversation.unanswered",
    "visitor.introduced",
    "visitor.device_seen",
    "visitor.identified",
}
"""Agents' own business, whatever the table says."""


def test_a_visitor_learns_nothing_of_agents_own_business() -> None:
    """Neither the words nor that there are any; nor a department, nor why anything was done."""
    shown = {type_: each.visitor for type_, each in VISIBLE.items() if each.visitor is not None}
    assert not NEVER_A_VISITORS & set(shown)
    assert not [type_ for type_, fields in shown.items() if {"department", "reason"} & {*fields}]


@pytest.mark.parametrize("audience", Audience)
@pytest.mark.parametrize("data", SAMPLES, ids=NAMES)
def test_each_audience_gets_exactly_its_fields(data: Struct, audience: Audience) -> None:
    """Type by type and field by field: what is in the table is written out, and nothing else."""
    event = replace(
        _recorded(data), metadata=Metadata(UUID(int=3), after=Access(assignee=EVENT.actor.id))
    )
    shown = VISIBLE[event.type]
    fields = shown.visitor if audience is Audience.VISITOR else shown.agent
    assert is_shown(event, audience) is (fields is not None)
    if fields is None:
        return
    form = msgspec.json.decode(encode(event, audience))
    whole = msgspec.json.decode(msgspec.json.encode(data))
    assert form["data"] == {name: whole[name] for name in fields if name in whole}
    assert ("position" in form) is (audience is Audience.AGENT)
    assert set(form) - {"position"} == {
        "id", "type", "stream", "version", "at", "actor", "data",
    }  # fmt: skip


@pytest.mark.parametrize("data", SAMPLES, ids=NAMES)
def test_inboxes_hold_what_the_table_says(data: Struct) -> None:
    """Whether a type belongs into inboxes is the table's to say."""
    assert in_inbox(_recorded(data)) is VISIBLE[_recorded(data).type].inbox


@pytest.mark.parametrize("mark", ["message.read", "message.delivered"])
def test_of_agents_marks_a_visitor_learns_its_own_agents_only(mark: str) -> None:
    """What another agent has read or got is nobody's business on the other side."""
    data = next(data for data in SAMPLES if REGISTRY.of(data).name == mark)
    other = replace(
        _recorded(data),
        actor=Actor("agent", "grace"),
        metadata=Metadata(UUID(int=3), after=Access(assignee="linus")),
    )
    assert not is_shown(other, Audience.VISITOR)
    assert is_shown(other, Audience.AGENT)
    serves = replace(other, actor=Actor("agent", "linus"))
    assert is_shown(serves, Audience.VISITOR)
