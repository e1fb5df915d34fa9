"""What can have happened in an application outside Parley. Parley only keeps it, encrypted."""

from __future__ import annotations

from msgspec import Struct


class ExternalRecorded(Struct, frozen=True, omit_defaults=True):
    """An application recorded an event of its own.

    ``originator_id`` and ``originator_version`` are its place in the application's own sequences,
    ``topic`` names its kind and ``state`` is its content, both as that application writes them.
    ``text_id``: the originator's id is any text, else a UUID.
    """

    originator_id: str
    originator_version: int
    topic: str
    state: bytes
    text_id: bool = False
