"""Frames of the public protocol, as far as a generator looks at them."""

from __future__ import annotations

import itertools
import os

import msgspec
from msgspec import Struct

TEXT = "x" * 120
"""A message's text."""

_PREFIX = os.urandom(6).hex()
_counter = itertools.count(1)


class Data(Struct):
    """Of an event's data what tells messages apart."""

    message: str | None = None


class Event(Struct):
    """Of an event what is checked."""

    type: str
    version: int
    data: Data | None = None


class Frame(Struct):
    """A server's frame, as far as it matters here."""

    op: str
    id: str | None = None
    conversation: str | None = None
    feed: str | None = None
    after: int = 0
    upto: int = 0
    at: int = 0
    code: str | None = None
    retry_after_ms: int = 0
    events: list[Event] = []


decode = msgspec.json.Decoder(Frame).decode


def new_id() -> str:
    """A command's id, which costs nothing to make."""
    number = next(_counter)
    return f"{_PREFIX[:8]}-{_PREFIX[8:]}-7000-8000-{number:012x}"
