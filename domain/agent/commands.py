"""What can be asked of an agent."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from msgspec import Struct

Status = Literal["online", "busy", "away", "offline"]


class SetStatus(Struct, frozen=True, omit_defaults=True, tag_field="op", tag="status"):
    """Say whether one is there."""

    id: UUID
    status: Status


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
