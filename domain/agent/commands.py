"""What can be asked of an agent."""

from __future__ import annotations

from typing import Annotated, Final
from uuid import UUID

from msgspec import Meta, Struct

from domain.matching import Match

STATUSES: Final = ("online", "busy", "away", "offline")
"""What every agent may say of itself; a tenant may add words of its own."""

Status = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_-]{0,31}$(?!\n)")]


class SetStatus(Struct, frozen=True, omit_defaults=True, tag_field="op", tag="status"):
    """Say whether one is there. ``automatic``: the desk does, for nobody moved, or moves again."""

    id: UUID
    status: Status
    automatic: bool = False


class Retire(Struct, frozen=True, omit_defaults=True, tag_field="op", tag="retire"):
    """Note that an agent has vanished."""

    id: UUID
    agent: UUID


class ChangeProfile(Struct, frozen=True, omit_defaults=True, tag_field="op", tag="change-profile"):
    """Say how an agent is called, and what it can do."""

    id: UUID
    agent: UUID
    name: str
    capacity: int | None = None
    skills: tuple[str, ...] = ()


class ChangeAgent(Struct, frozen=True, omit_defaults=True, tag_field="op", tag="change-agent"):
    """Say anew all that an admin says of an agent."""

    id: UUID
    agent: UUID
    name: str
    role: str
    departments: tuple[str, ...] = ()
    capacity: int | None = None
    skills: tuple[str, ...] = ()
    match: Match | None = None


class CreateAgent(Struct, frozen=True, omit_defaults=True, tag_field="op", tag="create-agent"):
    """Let somebody answer. ``password`` is an argon2id hash; ``key`` the digest of the e-mail."""

    id: UUID
    agent: UUID
    email: str
    name: str
    role: str
    password: str
    key: str
    departments: tuple[str, ...] = ()


class SetRights(Struct, frozen=True, omit_defaults=True, tag_field="op", tag="set-rights"):
    """Change what an agent may do and see."""

    id: UUID
    agent: UUID
    role: str
    departments: tuple[str, ...] = ()


class SetPassword(Struct, frozen=True, omit_defaults=True, tag_field="op", tag="set-password"):
    """Give an agent a new password (its argon2id hash)."""

    id: UUID
    agent: UUID
    password: str


class Deactivate(Struct, frozen=True, omit_defaults=True, tag_field="op", tag="deactivate-agent"):
    """Let an agent no longer sign in."""

    id: UUID
    agent: UUID
    match: Match | None = None


class SignIn(Struct, frozen=True, omit_defaults=True, tag_field="op", tag="sign-in"):
    """Note that an agent came in. Comes from the door, which has checked the password."""

    id: UUID
    agent: UUID
    address: str
    user_agent: str


class FailSignIn(Struct, frozen=True, omit_defaults=True, tag_field="op", tag="fail-sign-in"):
    """Note that somebody could not come in as an agent."""

    id: UUID
    agent: UUID
    address: str
    user_agent: str
    reason: str


class SignOut(Struct, frozen=True, omit_defaults=True, tag_field="op", tag="sign-out"):
    """Note that an agent went."""

    id: UUID
    agent: UUID
    address: str = ""
    user_agent: str = ""


MATCHED: Final = (ChangeAgent, Deactivate)
"""What may rest on what the agent was."""
