"""Who may read which conversation.

A visitor reads its own. An agent reads all of its tenant's, unless its role limits it: then those
of its departments and those assigned to it. Everything is decided from a conversation's
:class:`Access` alone, which every one of its events carries in clear.
"""

from __future__ import annotations

from msgspec import Struct

from domain.envelope import Access

AGENT_ROLES = ("admin", "agent", "limited")
"""What an agent can be. ``limited`` reads only its departments' and its own conversations."""


class Rights(Struct, frozen=True):
    """What an agent may see, at this moment."""

    role: str
    agent: str
    departments: frozenset[str] = frozenset()

    @property
    def unlimited(self) -> bool:
        """Reads every conversation of the tenant."""
        return self.role in {"admin", "agent"}

    def may_read(self, access: Access | None) -> bool:
        """Whether a conversation that is there may be read; None (nowhere yet) may not."""
        if access is None:
            return False
        if self.unlimited or access.assignee == self.agent:
            return True
        return access.department is not None and access.department in self.departments

    def may_know(self, access: Access | None) -> bool:
        """Whether a visitor may be seen whose last conversation is there.

        One that talked to nobody yet (None) is everybody's whose role is not limited.
        """
        return self.unlimited if access is None else self.may_read(access)

    def sees(self, before: Access | None, after: Access | None) -> bool:
        """Whether an event is shown: one that brings in or out of sight is, to both sides."""
        return self.may_read(before) or self.may_read(after)
