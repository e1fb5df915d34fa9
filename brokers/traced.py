"""The traces of a slice: its events that are traced are looked for without opening the others."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from msgspec import Struct

from domain.envelope import StoredEvent
from domain.telemetry import RELAY, Span, Tracer

_KEY = b"\xa5trace"
"""The key of the context in an event's metadata, as msgpack writes it."""


class _Traced(Struct):
    """Of an event's metadata what is needed here."""

    trace: str | None = None


_decoder = msgspec.msgpack.Decoder(_Traced)


def relayed(tracer: Tracer, events: Iterable[StoredEvent]) -> list[Span]:
    """A span for each event on its way to the broker whose trace is recorded."""
    spans = (tracer.start(RELAY, context_of(event)) for event in events if _KEY in event.metadata)
    return [span for span in spans if span is not None]


def context_of(event: StoredEvent) -> str | None:
    """The context of the span that appended an event, if its trace is recorded."""
    try:
        return _decoder.decode(event.metadata).trace
    except msgspec.MsgspecError:
        return None
