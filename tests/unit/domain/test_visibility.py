"""What clients are told of an event whose data is not there."""

from __future__ import annotations

from uuid import UUID

import msgspec
import pytest
from msgspec.structs import replace

from domain.envelope import Actor, Metadata, RecordedEvent
from domain.visibility import Audience, encode

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
