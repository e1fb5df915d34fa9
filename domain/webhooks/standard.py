"""The body of a webhook as Standard Webhooks advises it: type, timestamp, data.

``data`` is the event exactly as an agent's socket has it, with the ids of its tenant and its
conversation beside it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from msgspec import UNSET, Struct, UnsetType

from domain import streams
from domain.envelope import Actor, RecordedEvent
from domain.visibility import Audience, client_event

PING = "webhook.ping"
"""The type of what ``parley webhook test`` sends."""


class _Event(Struct, frozen=True):
    """What an agent sees of an event, and where it belongs."""

    tenant: str
    conversation: str
    id: str
    type: str
    stream: str
    version: int
    position: int | UnsetType
    at: datetime
    actor: Actor
    data: Any
    erased: bool | UnsetType
    damaged: bool | UnsetType


class _Body(Struct, frozen=True):
    type: str
    timestamp: datetime
    data: Any


_encoder = msgspec.json.Encoder()


def body(event: RecordedEvent, tenant: str) -> bytes:
    """An event of a conversation, for one that may be sent."""
    seen = client_event(event, Audience.AGENT)
    conversation = streams.conversation_id(event.stream)
    assert conversation is not None
    told = _Event(
        tenant=tenant,
        conversation=conversation,
        id=str(seen.id),
        type=seen.type,
        stream=seen.stream,
        version=seen.version,
        position=seen.position,
        at=seen.at,
        actor=seen.actor,
        data=seen.data,
        erased=seen.erased or UNSET,
        damaged=seen.damaged or UNSET,
    )
    return _encoder.encode(_Body(event.type, event.at, told))


def ping(tenant: str, webhook: str, at: datetime) -> bytes:
    """What is sent to see whether a webhook answers."""
    return _encoder.encode(_Body(PING, at, {"tenant": tenant, "webhook": webhook}))
