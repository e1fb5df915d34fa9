"""What can have happened to an agent."""

from __future__ import annotations

from msgspec import Struct


class AgentCreated(Struct, frozen=True, omit_defaults=True):
    """Somebody may answer from now on. ``password`` is an argon2id hash."""

    email: str
    name: str
    role: str
    password: str
    departments: tuple[str, ...] = ()


class AgentRightsChanged(Struct, frozen=True, omit_defaults=True):
    """What the agent may do and see from now on."""

    role: str
    departments: tuple[str, ...] = ()


class AgentProfileChanged(Struct, frozen=True, omit_defaults=True):
    """How the agent is called, and what it can do.

    ``capacity`` is how many conversations it is given at a time (None: the tenant's), ``skills``
    are words that conversations may ask for.
    """

    name: str
    capacity: int | None = None
    skills: tuple[str, ...] = ()


class AgentPasswordChanged(Struct, frozen=True):
    """A new password; ``password`` is an argon2id hash."""

    password: str


class AgentStatusChanged(Struct, frozen=True, omit_defaults=True):
    """The agent is there, or not.

    ``automatic``: nobody said so. ``reason`` is why then: ``idle``, ``back`` or ``gone``.
    """

    status: str
    automatic: bool = False
    reason: str | None = None


class AgentDeactivated(Struct, frozen=True):
    """The agent may no longer sign in."""


class AgentSignedIn(Struct, frozen=True):
    """The agent came in by its password, from this network address and with this browser."""

    address: str
    user_agent: str


class AgentSignInFailed(Struct, frozen=True):
    """Somebody tried to come in as the agent and could not.

    ``reason``: ``password`` (it was wrong) or ``deactivated`` (it was right).
    """

    address: str
    user_agent: str
    reason: str


class AgentSignedOut(Struct, frozen=True, omit_defaults=True):
    """The agent went, and what its browser kept opens nothing any more."""

    address: str = ""
    user_agent: str = ""


class EmailBound(Struct, frozen=True):
    """The first event of an e-mail's stream: this address signs in this agent."""

    agent: str
