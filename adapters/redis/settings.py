"""The limits of how Redis is asked. Every one has a name, a unit and a reason."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class RedisSettings:
    """How a node asks Redis."""

    connections: int = 8
    """Connections of a node; an answer takes some 0.2 ms, so more only wait in line there."""

    answer_s: float = 0.25
    """Seconds until no answer counts as none, whoever waits for it; a hundred times a usual one."""

    look_s: float = 1.0
    """Seconds between two looks at whether it is there: how late a node comes back to it."""
