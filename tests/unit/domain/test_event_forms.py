"""Forms of events: what is written out for an audience is exactly as its form says."""

from __future__ import annotations

from uuid import UUID

import msgspec
import pytest
from msgspec import Struct
from msgspec.structs import fields as fields_of
from msgspec.structs import replace

from domain.envelope import Actor, Metadata, RecordedEvent
from domain.event_forms import event_forms, fields_shown
from domain.event_types import REGISTRY
from domain.visibility import VISIBLE, Audience, differs, encode, with_position
from tests.unit.golden.event_samples import SAMPLES

NAMES = [f"{number} {type(data).__name__}" for number, data in enumerate(SAMPLES)]
DATA_OF_FORM = {
    (str(form.__struct_config__.tag), audience): next(
        field.type.__args__[0] for field in fields_of(form) if field.name == "data"
    )
    for audience in Audience
    for form in event_forms(audience)
}


def recorded(data: Struct | None, name: str) -> RecordedEvent:
    """An event of this type; without data its subject was erased."""
    return RecordedEvent(
        log=UUID(int=1),
        position=9,
        stream="conversation-1",
        version=3,
        decided=3,
        type=name,
        schema_version=1,
        id=UUID(int=2),
        actor=Actor("agent", "a", None if data is None else "Grace"),
        metadata=Metadata(UUID(int=3)),
        recorded_at=1_795_360_000_000_001,
        key_id=UUID(int=4),
        hash=b"h" * 32,
        data=data,
    )


def read(event: RecordedEvent, audience: Audience) -> object:
    """The event's JSON, read by the form of its type and written again."""
    (form,) = [each for each in event_forms(audience) if each.__struct_config__.tag == event.type]
    read = msgspec.json.decode(encode(event, audience), type=form)
    return msgspec.json.decode(msgspec.json.encode(read))


@pytest.mark.parametrize("audience", Audience)
@pytest.mark.parametrize("data", SAMPLES, ids=NAMES)
def test_what_is_written_out_is_as_its_form_says(data: Struct, audience: Audience) -> None:
    """Each event that is shown, whole, erased and damaged, comes back from its form unchanged."""
    name = REGISTRY.of(data).name
    if fields_shown(name, audience) is None:
        assert (name, audience) not in DATA_OF_FORM
        return
    gone = recorded(None, name)
    for event in (recorded(data, name), gone, replace(gone, damaged=True)):
        assert read(event, audience) == msgspec.json.decode(encode(event, audience))


@pytest.mark.parametrize("data", SAMPLES, ids=NAMES)
def test_what_agents_see_can_be_made_of_what_visitors_see(data: Struct) -> None:
    """Where both see the same of the data, whole, erased and damaged; else the two differ."""
    name = REGISTRY.of(data).name
    event = recorded(data, name)
    shown = fields_shown(name, Audience.VISITOR), fields_shown(name, Audience.AGENT)
    assert differs(event) is (shown[0] != shown[1])
    if differs(event) or shown[0] is None:
        return
    gone = recorded(None, name)
    for each in (event, gone, replace(gone, damaged=True)):
        made = with_position(encode(each, Audience.VISITOR), each)
        assert msgspec.json.decode(made) == msgspec.json.decode(encode(each, Audience.AGENT))


@pytest.mark.parametrize("audience", Audience)
@pytest.mark.parametrize("name", VISIBLE)
def test_a_form_has_the_fields_that_are_shown(name: str, audience: Audience) -> None:
    """Type by type and field by field, and those that may be missing in the event may be here."""
    shown = fields_shown(name, audience)
    data = DATA_OF_FORM.get((name, audience))
    assert (data is None) is (shown is None)
    if data is not None and shown is not None:
        whole = {each.name: each.required for each in fields_of(REGISTRY.named(name).cls)}
        assert {each.name: each.required for each in fields_of(data)} == {
            each: whole[each] for each in shown
        }


def test_positions_are_for_agents() -> None:
    """Every form of an agent has one, no form of a visitor."""
    for audience in Audience:
        for form in event_forms(audience):
            assert ("position" in form.__struct_fields__) is (audience is Audience.AGENT)
