"""The agents' door: from an e-mail address and a password, or a cookie's secret, to a token.

Nothing here tells whether an address is known: an unknown tenant, an unknown address, an agent
that may no longer sign in and a wrong password get the same answer after the same hashing.

What is given out names the password that it was given out under. So the one event that changes the
password, or ends the agent, ends all of it: there is no second step that a crash could leave out.

Who came in, tried to and left is noted in the log (``sign_ins``): a session is given out only once
its sign-in is committed.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from domain import digests, streams
from domain.agent.state import Agent
from domain.errors import Refused
from domain.handling.door_settings import DoorSettings
from domain.handling.renewals import Held, Renewals
from domain.handling.sign_ins import NOWHERE, SignIns, Whence
from domain.handling.states import Binding, States
from domain.handling.tenants import Tenants
from domain.passwords import MAX_PASSWORD, PasswordHasher
from domain.permissions import AGENT
from domain.ports import Clock, EventStore
from domain.tokens import Claims, Tokens

WRONG_PASSWORD = "password"  # noqa: S105  # the word for why, not one
DEACTIVATED = "deactivated"
"""Why somebody could not sign in as an agent that there is."""


class AgentCredentials(Struct, frozen=True):
    """What an agent signs in with. ``tenant`` is the tenant's name."""

    tenant: Annotated[str, Meta(min_length=1, max_length=128)]
    email: Annotated[str, Meta(min_length=1, max_length=320)]
    password: Annotated[str, Meta(min_length=1, max_length=MAX_PASSWORD)]

    def __repr__(self) -> str:
        return f"AgentCredentials(tenant={self.tenant!r})"


class AgentSession(Struct, frozen=True):
    """What an agent got. ``secret`` is the renewal secret, for a cookie that no script reads.

    ``secret_s``: for how many seconds it is good when nobody uses it.
    """

    token: str
    agent: str
    role: str
    name: str
    expires_at: datetime
    secret: str
    secret_s: int


class AgentDoor:
    """Lets agents in."""

    def __init__(  # noqa: PLR0913  # the parts that meet here, named
        self,
        *,
        store: EventStore,
        clock: Clock,
        states: States,
        tenants: Tenants,
        tokens: Tokens,
        renewals: Renewals,
        passwords: PasswordHasher,
        sign_ins: SignIns,
        settings: DoorSettings,
    ) -> None:
        self._store = store
        self._clock = clock
        self._states = states
        self._tenants = tenants
        self._tokens = tokens
        self._renewals = renewals
        self._passwords = passwords
        self._sign_ins = sign_ins
        self._settings = settings

    async def open(self, given: AgentCredentials, whence: Whence = NOWHERE) -> AgentSession:
        """A session for an agent who is there. Raises :class:`Refused` ``bad_credentials``."""
        log, name, agent = await self._find(given.tenant, given.email)
        right = await self._passwords.verify(given.password, agent.password or None)
        if log is None:
            raise Refused("bad_credentials")
        if not right or not agent.active:
            reason = DEACTIVATED if right else WRONG_PASSWORD
            self._sign_ins.failed(log, name, whence, reason)
            raise Refused("bad_credentials")
        await self._note(log, name, agent, whence)
        offer = self._renewals.fresh(AGENT, log, _holder(name, agent))
        return self._session(log, name, agent, await self._renewals.give(offer))

    async def renew(self, secret: str) -> AgentSession:
        """A session for a renewal secret. Raises :class:`Refused` ``unauthorized``."""
        held = await self._renewals.use(AGENT, secret)
        if held is None:
            raise Refused("unauthorized")
        log, name, agent = await self._held_by(held)
        if not agent.active or held.secret.subject != _holder(name, agent):
            raise Refused("unauthorized", "Sign in again, if you still may.")
        offer = self._renewals.kept(held)
        return self._session(log, name, agent, await self._renewals.give(offer))

    async def close(self, secret: str, whence: Whence = NOWHERE) -> None:
        """This renewal secret and its kin are worth nothing any more. Unknown ones are not told."""
        held = await self._renewals.use(AGENT, secret)
        try:
            if held is not None:
                await self._left(held, whence, secret)
        finally:
            await self._renewals.revoke(AGENT, secret)

    async def _left(self, held: Held, whence: Whence, secret: str) -> None:
        """Note it of whoever was signed in: not of one that was erased, or has a new password."""
        log, name, agent = await self._held_by(held)
        if agent.role and held.secret.subject == _holder(name, agent):
            await self._sign_ins.left(log, name, agent, whence, secret)

    async def _held_by(self, held: Held) -> tuple[UUID, str, Agent]:
        """Whose a renewal secret is: log, id, and the agent as it is now."""
        log, name = held.renewal.log, held.secret.subject.partition(" ")[0]
        return log, name, await self._agent(log, name)

    async def _note(self, log: UUID, name: str, agent: Agent, whence: Whence) -> None:
        """Note that it came in; one that was deactivated just now did not."""
        try:
            await self._sign_ins.came(log, name, agent, whence)
        except Refused as refused:
            if refused.code != "not_found":
                raise
            raise Refused("bad_credentials") from None

    async def _find(self, tenant: str, email: str) -> tuple[UUID | None, str, Agent]:
        """The agent of an address; a state in which nothing happened yet where there is none."""
        log = None if "\0" in tenant else await self._store.find_log(tenant)
        if log is None:
            return None, "", Agent()
        key = digests.email_key((await self._tenants.state(log)).secret, email)
        binding: Binding = (await self._states.refresh(log, streams.email(key))).state
        if binding.agent is None:
            return None, "", Agent()
        return log, binding.agent, await self._agent(log, binding.agent)

    async def _agent(self, log: UUID, name: str) -> Agent:
        agent: Agent = (await self._states.refresh(log, streams.agent(name))).state
        return agent

    def _session(self, log: UUID, name: str, agent: Agent, secret: str) -> AgentSession:
        expires_at = int(self._clock.now()) + self._settings.agent_token_s
        return AgentSession(
            token=self._tokens.issue(
                Claims(log, AGENT, name, expires_at, password=agent.passwords)
            ),
            agent=name,
            role=agent.role,
            name=agent.name,
            expires_at=datetime.fromtimestamp(expires_at, UTC),
            secret=secret,
            secret_s=self._settings.agent_secret_s,
        )


def _holder(name: str, agent: Agent) -> str:
    """Whose a renewal secret is: the agent's under its present password."""
    return f"{name} {agent.passwords}"
