"""What is to be made: which tenants, how many conversations and messages of each, and since when.

Two plans of the same seed, fraction and prefix are the same, and their logs have the same ids.
"""

from __future__ import annotations

from datetime import date
from hashlib import sha256
from uuid import UUID

from msgspec import Struct

from ops.dataset.shares import shares
from ops.dataset.tenants import PROFILES, SIZE_EXPONENT, Profile

CONVERSATIONS = 3_569_852
MESSAGES = 17_565_125
"""What the whole set has; a fraction has its share of each, rounded."""

FIRST_DAY = date(2022, 11, 1)
END_DAY = date(2026, 11, 1)
"""Four years: from the first day on, up to the other one, which is not of it; in tenants' zones."""

EDITION = "parley.dataset.2"
"""Goes into the ids of the logs: raised whenever the same seed makes other events than before."""


class TenantPlan(Struct, frozen=True):
    """One tenant's part. ``name`` is the tenant's, ``seed`` what all of it is drawn from."""

    name: str
    seed: str
    log: UUID
    profile: Profile
    conversations: int
    messages: int


class Plan(Struct, frozen=True):
    """The whole, the largest tenant first."""

    tenants: tuple[TenantPlan, ...]

    @property
    def conversations(self) -> int:
        """Of all tenants."""
        return sum(tenant.conversations for tenant in self.tenants)

    @property
    def messages(self) -> int:
        """Of all tenants."""
        return sum(tenant.messages for tenant in self.tenants)


def plan(*, seed: int = 1, fraction: float = 1.0, prefix: str = "std") -> Plan:
    """The plan of a fraction. Tenants that would have no conversation are left out."""
    if not round(CONVERSATIONS * fraction):
        return Plan(())
    sizes = [1 / number**SIZE_EXPONENT for number in range(1, len(PROFILES) + 1)]
    conversations = shares(round(CONVERSATIONS * fraction), sizes)
    messages = shares(round(MESSAGES * fraction), [float(count) for count in conversations])
    tenants = [
        _tenant(profile, count, said, seed=f"{EDITION}/{seed}/{fraction!r}", prefix=prefix)
        for profile, count, said in zip(PROFILES, conversations, messages, strict=True)
        if count
    ]
    return Plan(tuple(tenants))


def _tenant(
    profile: Profile, conversations: int, messages: int, *, seed: str, prefix: str
) -> TenantPlan:
    name = f"{prefix}-{profile.slug}"
    own = f"{seed}/{name}"
    digest = int.from_bytes(sha256(own.encode()).digest()[:16], "big")
    log = UUID(int=digest & ~(0xF << 76 | 0x3 << 62) | 0x8 << 76 | 0x2 << 62)
    return TenantPlan(name, own, log, profile, conversations, messages)
