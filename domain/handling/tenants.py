"""Tenants as the doors know them: which log is whose, with its sites and API keys.

Sites and keys are looked up in the store each time: what the operator adds, changes or revokes
holds at once, on every node.
"""

from __future__ import annotations

from functools import partial
from uuid import UUID

from msgspec import Struct

from domain import credentials, streams
from domain.handling.states import Entry, States
from domain.joined import Joined
from domain.ports import EventStore
from domain.tenant.events import ApiKeyCreated, SiteAdded
from domain.tenant.state import Tenant


class Site(Struct, frozen=True):
    """A site and where it belongs."""

    log: UUID
    name: str
    tenant: Tenant
    added: SiteAdded

    @property
    def tenant_secret(self) -> bytes:
        """What keys the tenant's blind digests."""
        return self.tenant.secret

    def secrets(self, now: float) -> tuple[str, ...]:
        """By which its identities are believed at this time, the present one first."""
        return self.tenant.site_secrets(self.added.site, now)


class Tenants:
    """Looks tenants up. A log's name never changes, so names are kept."""

    def __init__(self, store: EventStore, states: States) -> None:
        self._store = store
        self._states = states
        self._refreshes: dict[UUID, Joined[Entry]] = {}
        self._known: dict[UUID, tuple[UUID, str]] = {}

    async def name(self, log: UUID) -> str | None:
        """The name of the tenant of a log, or None where there is no such log."""
        if log not in self._known:
            for head in await self._store.heads([log]):
                self._known[log] = head.log, head.tenant
        known = self._known.get(log)
        return None if known is None else known[1]

    def same(self, log: UUID) -> UUID:
        """The id of a log as one object for all, the store's own: it is looked up all the time."""
        known = self._known.get(log)
        return log if known is None else known[0]

    async def state(self, log: UUID) -> Tenant:
        """The tenant's state, as it is kept here. The log exists."""
        tenant: Tenant = (await self._states.load(log, streams.TENANT)).state
        return tenant

    async def site(self, site: str) -> Site | None:
        """The site of this id, or None."""
        log = credentials.site_log(site)
        name = None if log is None else await self.name(log)
        if log is None or name is None:
            return None
        tenant = await self._fresh(log)
        added = tenant.sites.get(site)
        return None if added is None else Site(log, name, tenant, added)

    async def at_site(self, site: str) -> tuple[UUID, Tenant] | None:
        """The log and the state of the tenant that has this site, or None."""
        log = credentials.site_log(site)
        if log is None or await self.name(log) is None:
            return None
        tenant = await self._fresh(log)
        return (log, tenant) if site in tenant.sites else None

    async def api_key(self, log: UUID, key: str) -> ApiKeyCreated | None:
        """The API key of this id in a log that exists, or None."""
        return (await self._fresh(log)).api_keys.get(key)

    async def _fresh(self, log: UUID) -> Tenant:
        refresh = self._refreshes.get(log)
        if refresh is None:
            ask = partial(self._states.refresh, log, streams.TENANT)
            refresh = self._refreshes[log] = Joined(ask)
        tenant: Tenant = (await refresh()).state
        return tenant
