"""Who is calling: from a token or an API key to a caller with its present name and rights.

A token says only who somebody is. Whether an agent may still work here, what it may read, and
under which name, is looked up each time: taking rights away takes effect at once.
"""

from __future__ import annotations

from hmac import compare_digest
from math import inf
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from domain import credentials, streams
from domain.access import Rights
from domain.agent.state import Agent
from domain.envelope import Access, Actor
from domain.errors import Refused
from domain.handling.sender import Sender
from domain.handling.states import States
from domain.handling.tenants import Tenants
from domain.origins import is_among
from domain.permissions import ADMIN, AGENT, SERVER, VISITOR
from domain.ports import Clock
from domain.tokens import Claims, Tokens
from domain.visitor.state import Visitor


class Caller(Struct, frozen=True):
    """Somebody who has shown who it is.

    ``actor.role`` is ``visitor``, ``agent`` or ``server``; ``rights`` only an agent's;
    ``expires_at`` is in seconds since 1970 (infinite for an API key); ``site`` a visitor's, with
    the ``origins`` that may use it (empty: any); ``scopes`` an API key's.
    """

    log: UUID
    tenant: str
    actor: Actor
    rights: Rights | None
    expires_at: float
    site: str | None = None
    origins: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()

    @property
    def role(self) -> str:
        """The kind of caller, as ``domain.permissions`` names it."""
        return self.actor.role

    @property
    def is_admin(self) -> bool:
        """Whether this is an agent who may see what concerns the whole tenant."""
        return self.rights is not None and self.rights.role == ADMIN

    def may_read(self, visitor: str, access: Access) -> bool:
        """Whether a conversation of this visitor, placed so, is this caller's to read."""
        return Sender(self.log, self.actor, self.rights).may_read(visitor, access)


class Callers:
    """Finds out who is calling."""

    def __init__(self, tenants: Tenants, states: States, tokens: Tokens, clock: Clock) -> None:
        self._tenants = tenants
        self._states = states
        self._tokens = tokens
        self._clock = clock

    async def authenticate(self, token: str) -> Caller:
        """The caller of a token or an API key. Raises :class:`Refused` ``unauthorized``."""
        if credentials.is_api_key(token):
            return await self._server(token)
        claims = self._tokens.read(token, self._clock.now())
        tenant = await self._tenants.name(claims.log)
        if tenant is None:
            raise Refused("unauthorized")
        claims = replace(claims, log=self._tenants.same(claims.log))
        if claims.role == AGENT:
            return await self._agent(claims, tenant)
        if claims.role == VISITOR and claims.site is not None:
            return await self._visitor(claims, claims.site)
        raise Refused("unauthorized")

    async def _server(self, text: str) -> Caller:
        parsed = credentials.parse_api_key(text)
        tenant = None if parsed is None else await self._tenants.name(parsed.log)
        if parsed is None or tenant is None:
            raise Refused("unauthorized")
        key = await self._tenants.api_key(parsed.log, parsed.key)
        if key is None or not compare_digest(key.digest, parsed.digest):
            raise Refused("unauthorized")
        actor = Actor(SERVER, parsed.key)
        return Caller(parsed.log, tenant, actor, None, inf, scopes=key.scopes)

    async def _agent(self, claims: Claims, tenant: str) -> Caller:
        entry = await self._states.refresh(claims.log, streams.agent(claims.id))
        agent: Agent = entry.state
        if not agent.active:
            raise Refused("unauthorized", "This agent may no longer sign in.")
        if claims.password != agent.passwords:
            raise Refused("unauthorized", "The password was changed; sign in again.")
        actor = Actor(AGENT, claims.id, agent.name)
        return Caller(claims.log, tenant, actor, agent.rights(claims.id), claims.expires_at)

    async def _visitor(self, claims: Claims, name: str) -> Caller:
        entry = await self._states.refresh(claims.log, streams.visitor(claims.id))
        visitor: Visitor = entry.state
        site = await self._tenants.site(name)
        if site is None:
            raise Refused("site_removed")
        if visitor.erased or site.log != claims.log:
            raise Refused("unauthorized")
        actor = Actor(VISITOR, claims.id, visitor.user)
        return Caller(
            claims.log, site.name, actor, None, claims.expires_at, name, site.added.origins
        )


def origin_allowed(origins: tuple[str, ...], origin: str | None) -> bool:
    """Whether a page of this origin may use a site of these origins.

    Empty means any. Without an origin it is no browser that asks, and none is protected.
    """
    return not origins or origin is None or is_among(origin, origins)
