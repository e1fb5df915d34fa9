"""Checkpoints: how far a follower of the log has come, and in which history."""

from __future__ import annotations

from msgspec import Struct


class Checkpoint(Struct, frozen=True):
    """The last position that is done with, and the mark of the log there."""

    position: int
    mark: bytes


NOTHING = Checkpoint(0, b"")
"""Before the first event."""
