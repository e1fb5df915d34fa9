"""What the router needs of the outside beside the log: where an office begins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from msgspec import Struct

from domain.routing.people import Agent, Talk


class Begun(Struct, frozen=True):
    """A log's open conversations and agents, each as of a position of the log."""

    talks: Sequence[Talk]
    talks_as_of: int
    agents: Sequence[Agent]
    agents_as_of: int

    @property
    def as_of(self) -> int:
        """From where on the log is to be folded; some of it one of the two has already."""
        return min(self.talks_as_of, self.agents_as_of)


class Offices(Protocol):
    """The read models, as far as an office begins with them."""

    async def begin(self, log: UUID) -> Begun:
        """What they have. Raises StoreUnavailable."""
