"""An event as it is written for many: once for each audience, whoever was written to before."""

from __future__ import annotations

from uuid import UUID

import msgspec
import pytest
from msgspec import Struct

from adapters.websocket.feed import Written
from domain.envelope import Actor, Metadata, RecordedEvent
from domain.event_types import REGISTRY
from domain.visibility import Audience, encode, is_shown
from tests.unit.golden.event_samples import SAMPLES

NAMES = [f"{number} {type(data).__name__}" for number, data in enumerate(SAMPLES)]


@pytest.mark.parametrize("first", Audience)
@pytest.mark.parametrize("data", SAMPLES, ids=NAMES)
def test_each_audience_is_written_its_own(data: Struct, first: Audience) -> None:
    """What is made of another audience's bytes is what would be made of the event itself."""
    event = RecordedEvent(
        log=UUID(int=1),
        position=7,
        stream="conversation-1",
        version=3,
        decided=1,
        type=REGISTRY.of(data).name,
        schema_version=1,
        id=UUID(int=2),
        actor=Actor("visitor", "ada", "Ada"),
        metadata=Metadata(UUID(int=3)),
        recorded_at=0,
        key_id=UUID(int=4),
        hash=b"h" * 32,
        data=data,
    )
    written = Written(event)
    for audience in sorted(Audience, key=lambda each: each is not first):
        if is_shown(event, audience):
            made = msgspec.json.decode(written.json(audience))
            assert made == msgspec.json.decode(encode(event, audience))
