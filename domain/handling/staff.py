"""The people who answer, as admins make and change them. Passwords are hashed on the way.

That there always is an admin is seen to where commands are decided (``domain.handling.plan``).
"""

from __future__ import annotations

import re
from uuid import UUID

from msgspec import Struct

from domain import base64url, digests, streams
from domain.agent import commands as c
from domain.agent.decide import decide
from domain.agent.state import Agent
from domain.errors import Refused
from domain.handling.callers import Caller
from domain.handling.commands import Ack, CommandHandler
from domain.handling.plan import Command
from domain.handling.sender import Sender
from domain.handling.states import Binding
from domain.limits import MAX_NAME
from domain.matching import Match
from domain.passwords import MAX_PASSWORD, MIN_PASSWORD, PasswordHasher
from domain.ports import Ids
from domain.tenant import checks

SOMEBODY = Agent(role="agent", active=True)
"""An agent that is only thought of."""

PASSWORD_BYTES = 15
"""Random bytes of a password that is drawn: 120 bits, and no padding in its text."""

EMAIL = re.compile(r"[^\s@\x00-\x1f]{1,200}@[^\s@\x00-\x1f]{1,119}")


class Person(Struct, frozen=True):
    """What an admin says of somebody who answers. ``capacity`` None: as the tenant's routing."""

    name: str
    role: str = "agent"
    departments: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()
    capacity: int | None = None


class Staff:
    """Makes and changes agents. Raises Refused, and StoreUnavailable."""

    def __init__(self, handler: CommandHandler, ids: Ids, passwords: PasswordHasher) -> None:
        self._handler = handler
        self._ids = ids
        self._passwords = passwords

    async def create(
        self, caller: Caller, email: str, person: Person, password: str | None
    ) -> tuple[str, str]:
        """Let somebody answer; the id, and the password, which is drawn where none is given."""
        email = email.strip()
        if not EMAIL.fullmatch(email):
            checks.refuse("email", "is an address such as ada@shop.example")
        checks.line(person.name, "name", MAX_NAME)
        secret = await self._secret(caller.log)
        key = digests.email_key(secret, email)
        await self._check_free(caller.log, key)
        password = self._drawn() if password is None else _chosen(password)
        agent = self._ids.uuid()
        profile = c.ChangeProfile(
            self._ids.uuid(), agent, person.name, person.capacity, person.skills
        )
        decide(profile, SOMEBODY)  # before anything of it is written
        command = c.CreateAgent(
            id=self._ids.uuid(),
            agent=agent,
            email=email,
            name=person.name,
            role=person.role,
            password=await self._passwords.hash(password),
            key=key,
            departments=person.departments,
        )
        await self._ask(caller, command)
        if person.skills or person.capacity is not None:
            await self._ask(caller, profile)
        return str(agent), password

    async def change(
        self, caller: Caller, agent: str, person: Person, match: Match | None = None
    ) -> int:
        """Say anew what somebody is, all of it at once; at which version of its stream that is."""
        checks.line(person.name, "name", MAX_NAME)
        command = c.ChangeAgent(
            id=self._ids.uuid(),
            agent=UUID(agent),
            name=person.name,
            role=person.role,
            departments=person.departments,
            capacity=person.capacity,
            skills=person.skills,
            match=match,
        )
        said = (await self._ask(caller, command)).version
        return (await self.agent(caller.log, agent)).version if said is None else said

    async def set_password(self, caller: Caller, agent: str, password: str) -> None:
        """Give somebody a new password; what was given out under the old one opens nothing more."""
        kept = await self._passwords.hash(_chosen(password))
        await self._ask(caller, c.SetPassword(self._ids.uuid(), UUID(agent), kept))

    async def change_own_password(self, caller: Caller, old: str, new: str) -> None:
        """Change one's own, which takes the old one. Raises Refused ``bad_credentials``."""
        agent = await self.agent(caller.log, caller.actor.id)
        _chosen(new, "new")
        if not await self._passwords.verify(old, agent.password):
            raise Refused("bad_credentials", "The old password is wrong.")
        kept = await self._passwords.hash(new)
        await self._ask(caller, c.SetPassword(self._ids.uuid(), UUID(caller.actor.id), kept))

    async def deactivate(self, caller: Caller, agent: str, match: Match | None = None) -> None:
        """Let somebody no longer sign in, nor go on with what it is signed in with."""
        await self._ask(caller, c.Deactivate(self._ids.uuid(), UUID(agent), match))

    async def agent(self, log: UUID, agent: str) -> Agent:
        """An agent as it is now; one that never was has no role."""
        found: Agent = (await self._handler.states.refresh(log, streams.agent(agent))).state
        return found

    async def _check_free(self, log: UUID, key: str) -> None:
        """Refuse an address that is somebody's, in words that say whose."""
        bound: Binding = (await self._handler.states.refresh(log, streams.email(key))).state
        if bound.agent is None:
            return
        if (await self.agent(log, bound.agent)).active:
            raise Refused("exists", "An agent with this e-mail address exists already.")
        raise Refused(
            "exists",
            "This address is of an agent who was deactivated; it cannot be given to another.",
        )

    async def _secret(self, log: UUID) -> bytes:
        state = (await self._handler.states.load(log, streams.TENANT)).state
        secret: bytes = state.secret
        return secret

    def _drawn(self) -> str:
        return base64url.encode(self._ids.random(PASSWORD_BYTES))

    async def _ask(self, caller: Caller, command: Command) -> Ack:
        sender = Sender(caller.log, caller.actor, caller.rights)
        return await self._handler.submit(sender, command)


def _chosen(password: str, field: str = "password") -> str:
    """A password that somebody chose, if it is long enough."""
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        checks.refuse(field, f"has {MIN_PASSWORD} to {MAX_PASSWORD:,} characters")
    return password
