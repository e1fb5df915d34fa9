"""What a tenant has said about routing, as the decider takes it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from msgspec import Struct

from domain.tenant.calendar import calendar_of
from domain.tenant.events import HoursChanged
from domain.tenant.state import Tenant

MANUAL: Final = "manual"
ROUND_ROBIN: Final = "round_robin"
LEAST_BUSY: Final = "least_busy"

ONLINE = "online"


class Policy(Struct, frozen=True):
    """The defaults are those of a tenant that has said nothing: agents take conversations by hand.

    ``strategies`` are those of the departments that have their own. ``capacity`` is how many
    conversations an agent is given at a time, if it has no number of its own. ``available`` are the
    statuses in which one is given any. The times are seconds; 0: never. ``left_behind_s`` is the
    installation's: so far behind stands who has left the page.
    """

    strategy: str = MANUAL
    strategies: dict[str, str] = {}
    capacity: int = 5
    release_after_s: int = 300
    remind_after_s: int = 120
    missed_after_s: int = 300
    available: frozenset[str] = frozenset({ONLINE})
    hours: HoursChanged | None = None
    left_behind_s: float = 0.0

    def strategy_of(self, department: str | None) -> str:
        """How conversations of this department (None: of none) are given out."""
        return self.strategies.get(department or "", self.strategy)

    def is_open(self, now: float) -> bool:
        """Whether it is within the opening hours; always where none were said."""
        if self.hours is None:
            return True
        return calendar_of(self.hours).is_open(datetime.fromtimestamp(now, UTC))


def policy_of(tenant: Tenant, left_behind_s: float = 0.0) -> Policy:
    """What the tenant has said by now."""
    said = tenant.routing
    departments = tenant.departments.items()
    statuses = tenant.statuses.items()
    return Policy(
        strategy=said.strategy,
        strategies={name: each.strategy for name, each in departments if each.strategy},
        capacity=said.capacity,
        release_after_s=said.release_after_s,
        remind_after_s=said.remind_after_s,
        missed_after_s=said.missed_after_s,
        available=frozenset({ONLINE, *(name for name, each in statuses if each.available)}),
        hours=tenant.hours,
        left_behind_s=left_behind_s,
    )
