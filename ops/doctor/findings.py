"""Findings of the self-check, and how a check becomes one."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass
from enum import StrEnum

from adapters.postgres.embedded_errors import EmbeddedPostgresError
from domain.errors import ParleyError
from ops.errors import CannotRun

FAILURES = (CannotRun, EmbeddedPostgresError, ParleyError, OSError)
"""What may keep a check from finding out."""


class State(StrEnum):
    """How a part is."""

    OK = "OK"
    WARN = "WARN"
    FAIL = "FAIL"


@dataclass(frozen=True)
class Finding:
    """What was found of one part."""

    part: str
    state: State
    detail: str


async def guarded(part: str, check: Awaitable[Finding]) -> Finding:
    """What a check finds; what it cannot find out is a failure of that part."""
    try:
        return await check
    except FAILURES as error:
        return Finding(part, State.FAIL, str(error) or type(error).__name__)
