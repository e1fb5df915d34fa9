"""How events change the facts: sends each to where it belongs. Pure.

What an erasure leaves must be what a rebuild would find; see ``rows``.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from domain import streams
from domain.envelope import RecordedEvent
from domain.tenant import goals
from domain.tenant.events import HoursChanged
from projections.analytics import facts, visits
from projections.analytics.folding import Folding
from projections.analytics.rows import Analytics, Settings

TENANTS = frozenset(
    {"tenant.hours_changed", "tenant.goal_added", "tenant.goal_changed", "tenant.goal_removed"}
)
TYPES = facts.TYPES | visits.TYPES | TENANTS


def evolve(rows: Analytics, events: Iterable[RecordedEvent]) -> Analytics:
    """The rows after the events. Raises LookupError for a conversation without a beginning."""
    folding = Folding(rows)
    for event in events:
        if event.type in TENANTS:
            folding.settings = _set(folding.settings, event)
            continue
        conversation = streams.conversation_id(event.stream)
        if conversation is not None:
            facts.fold(folding, conversation, event)
        else:
            visits.fold(folding, event)
    return folding.rows


def _set(settings: Settings, event: RecordedEvent) -> Settings:
    if isinstance(event.data, HoursChanged):
        return replace(settings, hours=event.data)
    return replace(settings, goals=goals.evolve(settings.goals, event.data))
