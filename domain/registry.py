"""The event registry: stable names, schema versions, upcasters, and which events decide.

The log is never rewritten. When an event's shape changes, its schema version goes up and an
upcaster turns the stored form of the version before into the new one; so every version that was
ever written can be read for ever. ``tests/unit/golden/events`` keeps a sample of each.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec
from msgspec import Struct

from domain.errors import EventDamaged, UnknownEvent

Upcaster = Callable[[dict[str, Any]], dict[str, Any]]

_NAME = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)*")
"""What the names of event types are made of: they stand in arrays and routing keys as they are."""

_DOES_NOT_FIT = (msgspec.MsgspecError, LookupError, TypeError, ValueError, AttributeError)
"""What decoding raises for bytes of another shape, and upcasters, which meet them unchecked."""


class EventType(Struct, frozen=True):
    """One type of event.

    ``deciding``: later decisions may rest on it, so it breaks UNDECIDED_SINCE. ``upcasters`` maps
    a stored schema version to the function that makes it one version newer.
    """

    name: str
    cls: type[Struct]
    deciding: bool
    schema_version: int = 1
    upcasters: dict[int, Upcaster] = {}


class Registry:
    """All event types of the program, by name and by class."""

    def __init__(self, types: Iterable[EventType]) -> None:
        self._by_name: dict[str, EventType] = {}
        self._by_class: dict[type[Struct], EventType] = {}
        self._encoder = msgspec.msgpack.Encoder(order="deterministic")
        self._decoders: dict[str, msgspec.msgpack.Decoder[Any]] = {}
        for event_type in types:
            self._add(event_type)

    def _add(self, event_type: EventType) -> None:
        name = event_type.name
        assert _NAME.fullmatch(name), f"{name!r} is no name of an event type"
        assert name not in self._by_name, f"two event types are called {name}"
        assert event_type.cls not in self._by_class, f"{event_type.cls} has two names"
        missing = set(range(1, event_type.schema_version)) - set(event_type.upcasters)
        assert not missing, f"{name} has no upcaster from {sorted(missing)}"
        self._by_name[name] = event_type
        self._by_class[event_type.cls] = event_type
        self._decoders[name] = msgspec.msgpack.Decoder(event_type.cls)

    def __iter__(self) -> Iterator[EventType]:
        return iter(self._by_name.values())

    def named(self, name: str) -> EventType:
        """The type of this name. Raises :class:`UnknownEvent`."""
        try:
            return self._by_name[name]
        except KeyError:
            raise UnknownEvent(f"this program does not know the event type {name!r}") from None

    def of(self, data: Struct) -> EventType:
        """The type of this event."""
        return self._by_class[type(data)]

    def encode(self, data: Struct) -> bytes:
        """The event's bytes (msgpack) as they are stored, before encryption."""
        return self._encoder.encode(data)

    def decode(self, name: str, schema_version: int, raw: bytes) -> Any:
        """The event of stored bytes, brought up to the present schema version.

        Raises :class:`UnknownEvent` for a type or a version from a newer program, and
        :class:`EventDamaged` where the bytes do not fit their type.
        """
        event_type = self.named(name)
        try:
            if schema_version == event_type.schema_version:
                return self._decoders[name].decode(raw)
            return self._upcast(event_type, schema_version, raw)
        except _DOES_NOT_FIT as error:
            # Never the error's own text, be it as the cause: it may quote what people wrote.
            kind = type(error).__name__
            raise EventDamaged(f"{name} version {schema_version} does not fit: {kind}") from None

    def _upcast(self, event_type: EventType, schema_version: int, raw: bytes) -> Any:
        if not 0 < schema_version < event_type.schema_version:
            raise UnknownEvent(
                f"{event_type.name} has schema version {schema_version};"
                f" this program knows up to {event_type.schema_version}"
            )
        form = msgspec.msgpack.decode(raw)
        for version in range(schema_version, event_type.schema_version):
            form = event_type.upcasters[version](form)
        return msgspec.convert(form, event_type.cls)
