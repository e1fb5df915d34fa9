"""The self-check of the read models: whether any stands still or has stepped over an event."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from adapters.postgres import overview
from adapters.postgres.overview import Standing
from ops.doctor.findings import Finding, State
from ops.settings import Settings

PART = "read models"
_MORE = "`parley projection list` says more"


async def examine_read_models(_: Settings, connection: Any) -> Finding:
    """What their projectors have said last; nothing is folded."""
    if await connection.fetchval("SELECT to_regclass('rm.model')") is None:
        return Finding(PART, State.OK, "are made at the first start")
    found = await overview.overview(connection, [])
    live = [each for each in found.standings if "+" not in each.identifier]
    wrong = [*_troubles(live), *_parked(live), *(f"{each} is paused" for each in found.paused)]
    if wrong:
        return Finding(PART, State.WARN, f"{'; '.join(wrong)}. {_MORE}")
    return Finding(PART, State.OK, "none stands still, no event is parked")


def _troubles(live: Sequence[Standing]) -> list[str]:
    """How many are in which trouble, and why the first is."""
    states = Counter(each.state for each in live if each.state)
    reasons = {each.state: each for each in reversed(live)}
    return [
        f"{count} {state} ({reasons[state].identifier} of {reasons[state].tenant}:"
        f" {reasons[state].reason})"
        for state, count in sorted(states.items())
    ]


def _parked(live: Sequence[Standing]) -> list[str]:
    count = sum(each.parked for each in live)
    return [f"{count} parked"] if count else []
