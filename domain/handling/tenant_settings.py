"""The settings of tenants: as they are now, who changed what when, and how they are changed.

What is shown is what the log has at that moment, so a change holds at once on every node.
"""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from domain import base64url, credentials, ids, streams
from domain.envelope import Actor, RecordedEvent
from domain.errors import Refused
from domain.handling.callers import Caller
from domain.handling.commands import CommandHandler
from domain.handling.plan import Command
from domain.handling.sender import Sender
from domain.limits import MAX_NAME
from domain.matching import Match
from domain.ports import EventStore, Ids
from domain.tenant import checks, places
from domain.tenant import commands as c
from domain.tenant.events import HoursChanged
from domain.tenant.places import Place
from domain.tenant.state import Tenant
from domain.tenant.values import Reply, Value

PAGE_EVENTS = 500

KEPT = 1_000
"""Tenants of which it is kept who changed what: some kilobytes each."""


class Change(Struct, frozen=True):
    """At which version of the stream a value was said or taken away last, when, and by whom."""

    version: int
    at: datetime
    by: Actor


class SettingsNow(Struct, frozen=True):
    """The settings at a version of the tenant's stream; ``changes`` by section and key."""

    version: int
    tenant: Tenant
    changes: dict[Place, Change]


class NewSite(Struct, frozen=True):
    """A site's id, and the secret that signs identities on its own server."""

    site: str
    secret: str

    def __repr__(self) -> str:
        return f"NewSite({self.site!r})"


class Done(Struct, frozen=True):
    """What came of a change: the settings' version, and whether it changed anything."""

    version: int
    changed: bool


class _Kept(Struct):
    """Changes up to a version, of a history of the store."""

    history: int
    version: int
    changes: dict[Place, Change]


class TenantSettings:
    """Shows settings and takes changes. Raises Refused, and StoreUnavailable."""

    def __init__(self, store: EventStore, handler: CommandHandler, ids: Ids) -> None:
        self._store = store
        self._handler = handler
        self._ids = ids
        self._kept: OrderedDict[UUID, _Kept] = OrderedDict()

    async def now(self, log: UUID) -> SettingsNow:
        """The settings as they are."""
        entry = await self._handler.states.refresh(log, streams.TENANT)
        changes = await self._changes(log, entry.version)
        return SettingsNow(entry.version, entry.state, changes)

    async def _changes(self, log: UUID, version: int) -> dict[Place, Change]:
        """Who said what last, up to a version at least: what came since is read and added."""
        history = self._handler.states.histories
        kept = self._kept.get(log)
        if kept is None or kept.history != history:
            kept = _Kept(history, 0, {})
        while kept.version < version:
            page = await self._store.read_stream(log, streams.TENANT, kept.version, PAGE_EVENTS)
            if not page:
                break
            found = {place: change for event in page for place, change in _changes(event)}
            kept = _Kept(history, page[-1].version, {**kept.changes, **found})
        self._kept[log] = kept
        self._kept.move_to_end(log)
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return kept.changes

    async def define(  # who says what, where, instead of what
        self, caller: Caller, section: str, key: str, value: Value, match: Match | None = None
    ) -> Done:
        """Say what a value is from now on."""
        if isinstance(value, Reply) and value.file is not None:
            await self._check_common(caller.log, value.file)
        return await self._ask(caller, c.Define(self._ids.uuid(), section, value, key, match))

    async def _check_common(self, log: UUID, file: str) -> None:
        """Refuse a reply's file that no agent could send everywhere. What is common stays so."""
        known = ids.is_id(file)  # what is no id is refused where values are looked at
        if known and not (await self._handler.states.refresh(log, streams.file(file))).state.common:
            checks.refuse("file", "is the id of a common file")

    async def remove(
        self, caller: Caller, section: str, key: str, match: Match | None = None
    ) -> Done:
        """Take a value away."""
        return await self._ask(caller, c.Remove(self._ids.uuid(), section, key, match))

    async def set_hours(
        self, caller: Caller, hours: HoursChanged, match: Match | None = None
    ) -> Done:
        """Say when somebody is there to answer."""
        command = c.SetHours(self._ids.uuid(), hours.zone, hours.week, hours.holidays, match)
        return await self._ask(caller, command)

    async def add_site(self, caller: Caller, name: str, origins: tuple[str, ...]) -> NewSite:
        """A further site."""
        checks.line(name, "name", MAX_NAME)
        tenant: Tenant = (await self._handler.states.refresh(caller.log, streams.TENANT)).state
        if any(site.name == name for site in tenant.sites.values()):
            raise Refused("exists", f"There is a site {name!r} already.")
        site = credentials.site_id(caller.log, self._ids.random(credentials.SITE_BYTES))
        secret = self._secret()
        await self._ask(caller, c.AddSite(self._ids.uuid(), site, name, secret, origins))
        return NewSite(site, secret)

    async def change_site(  # who says what of which site, instead of what
        self,
        caller: Caller,
        site: str,
        name: str,
        origins: tuple[str, ...],
        match: Match | None = None,
    ) -> Done:
        """Give a site another name, or other origins."""
        checks.line(name, "name", MAX_NAME)
        return await self._ask(caller, c.ChangeSite(self._ids.uuid(), site, name, origins, match))

    async def remove_site(self, caller: Caller, site: str, match: Match | None = None) -> Done:
        """Have no chat on a site any more; its conversations stay."""
        return await self._ask(caller, c.RemoveSite(self._ids.uuid(), site, match))

    async def restore_site(self, caller: Caller, site: str) -> Done:
        """Have a site that was removed, as it was."""
        return await self._ask(caller, c.RestoreSite(self._ids.uuid(), site))

    async def rotate_secret(self, caller: Caller, site: str, old_until: int) -> str:
        """A site's new secret, which is told this once; those before are good until then."""
        secret = self._secret()
        await self._ask(caller, c.RotateSiteSecret(self._ids.uuid(), site, secret, old_until))
        return secret

    def _secret(self) -> str:
        return base64url.encode(self._ids.random(credentials.SECRET_BYTES))

    async def _ask(self, caller: Caller, command: Command) -> Done:
        sender = Sender(caller.log, caller.actor, caller.rights)
        ack = await self._handler.submit(sender, command)
        if ack.version is not None:
            return Done(ack.version, changed=True)
        entry = await self._handler.states.load(caller.log, streams.TENANT)
        return Done(entry.version, changed=False)


def _changes(event: RecordedEvent) -> list[tuple[Place, Change]]:
    """The places of the values that an event says or takes away."""
    taken = places.taken_by(event.data)
    found = places.said_by(event.data) if taken is None else (taken,)
    return [(place, Change(event.version, event.at, event.actor)) for place in found]
