"""What may be sent: conversations as agents see them, and nothing else."""

from __future__ import annotations

import pytest

from domain.event_types import REGISTRY
from domain.visibility import VISIBLE
from domain.webhooks.catalogue import SENDABLE, wants
from tests.unit.golden.event_samples import SAMPLES


@pytest.mark.parametrize("format_", SENDABLE)
def test_only_what_agents_see_of_conversations_is_sent(format_: str) -> None:
    """A secret, an e-mail address or a page can be in none of them."""
    assert SENDABLE[format_]
    for name in SENDABLE[format_]:
        assert name.startswith(("conversation.", "message.", "note."))
        assert VISIBLE[name].agent is not None


def test_all_that_agents_see_of_conversations_is_sent() -> None:
    """A new event of conversations is not forgotten: its sample belongs to such a stream."""
    seen = {
        REGISTRY.of(sample).name
        for sample in SAMPLES
        if type(sample).__module__ == "domain.conversation.events"
    }
    assert SENDABLE["standard"] == {name for name in seen if VISIBLE[name].agent is not None}


def test_wishes() -> None:
    """No wish means all of the format; a wish is only that."""
    assert wants("standard", (), "message.read")
    assert not wants("chatwoot", (), "message.read")
    assert wants("chatwoot", ("note.added",), "note.added")
    assert not wants("standard", ("note.added",), "message.posted")
    assert not wants("standard", (), "tenant.created")
