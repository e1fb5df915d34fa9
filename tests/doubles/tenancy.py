"""A small tenant over the simulated store, with everything that a door or a request needs.

Real handling, real doors, real tokens; only store, sessions, clock, chance and the cost of
passwords are doubles.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from domain import credentials, digests
from domain.agent.commands import CreateAgent, Deactivate, SetPassword, SetRights
from domain.envelope import Actor, Slice
from domain.group_commit import GroupCommit
from domain.handling.agent_door import AgentCredentials
from domain.handling.commands import Ack, CommandHandler
from domain.handling.door_settings import DoorSettings
from domain.handling.doors import DoorPorts, Doors
from domain.handling.identities import Identity
from domain.handling.plan import Command
from domain.handling.sender import Sender
from domain.handling.visitor_door import VisitorRequest, VisitorSession
from domain.permissions import SCOPES
from domain.surroundings import Devices, NoDevices, NoPlaces, Places
from domain.tenant.commands import (
    AddSite,
    ChangeSite,
    CreateApiKey,
    CreateTenant,
    RevokeApiKey,
)
from tests.doubles.clock import ManualClock, SeededIds
from tests.doubles.memory_sessions import MemorySessions
from tests.doubles.memory_store import MemoryEventStore

SITE_SECRET = "the site's secret"
PASSWORD = "correct horse battery staple"
TOKEN_KEYS = [b"k" * 32, b"o" * 32]
SYSTEM = Actor("system", "cli")


class PlainPasswords:
    """Passwords without cost. ``checked`` has what each check was against."""

    def __init__(self) -> None:
        self.checked: list[str | None] = []

    async def hash(self, password: str) -> str:
        return f"plain:{password}"

    async def verify(self, password: str, kept: str | None) -> bool:
        self.checked.append(kept)
        return kept == f"plain:{password}"


class Tenancy:
    """One store with its doors, and tenants in it.

    ``real`` puts a real store's parts in place of the doubles of the same name.
    """

    def __init__(self, settings: DoorSettings | None = None, **real: Any) -> None:
        self.clock: Any = real.get("clock") or ManualClock()
        self.ids: Any = real.get("ids") or SeededIds(self.clock)
        self.store: Any = real.get("store") or MemoryEventStore(self.clock, self.ids)
        self.sessions: Any = real.get("sessions") or MemorySessions()
        self.passwords = PlainPasswords()
        self.places: Places = real.get("places") or NoPlaces()
        self.devices: Devices = real.get("devices") or NoDevices()
        self.committed: list[Slice] = []
        self.settings = settings or DoorSettings()
        self.handler = self.node()
        self.doors = self.doors_of(self.handler)

    def node(self) -> CommandHandler:
        """Handling as a further node would have it."""
        commits = GroupCommit(self.store, self.committed.append)
        return CommandHandler(self.store, commits, self.clock, self.ids)

    def doors_of(self, handler: CommandHandler, keys: list[bytes] | None = None) -> Doors:
        """Doors as a further node would have them."""
        ports = DoorPorts(
            store=self.store,
            sessions=self.sessions,
            handler=handler,
            clock=self.clock,
            ids=self.ids,
            passwords=self.passwords,
            places=self.places,
            devices=self.devices,
        )
        return Doors(ports, keys or TOKEN_KEYS, self.settings)

    async def send(self, log: UUID, command: Command, actor: Actor = SYSTEM) -> Ack:
        """Let this command have its effect."""
        return await self.handler.submit(Sender(log, actor), command)

    async def tenant(self, name: str = "demo", **site: Any) -> Tenant:
        """A new tenant with a site."""
        log = self.ids.uuid()
        await self.store.create_log(log, name)
        secret = self.ids.random(32)
        await self.send(log, CreateTenant(self.ids.uuid(), name, secret))
        tenant = Tenant(self, log, name, secret)
        await tenant.add_site(**site)
        return tenant


class Tenant:
    """A tenant; ``site`` is the site that was added last."""

    def __init__(self, world: Tenancy, log: UUID, name: str, secret: bytes) -> None:
        self.world = world
        self.log = log
        self.name = name
        self.secret = secret
        self.site = ""

    async def add_site(self, origins: tuple[str, ...] = ()) -> str:
        """A further site."""
        self.site = credentials.site_id(self.log, self.world.ids.random(6))
        command = AddSite(self.world.ids.uuid(), self.site, "Shop", SITE_SECRET, origins)
        await self.world.send(self.log, command)
        return self.site

    async def add_key(self, *scopes: str) -> str:
        """An API key, for everything if nothing is said."""
        text = credentials.api_key(self.log, self.world.ids.random(8), self.world.ids.random(32))
        parsed = credentials.parse_api_key(text)
        assert parsed is not None
        command = CreateApiKey(
            self.world.ids.uuid(), parsed.key, parsed.digest, scopes or tuple(SCOPES)
        )
        await self.world.send(self.log, command)
        return text

    async def add_agent(
        self, email: str = "grace@example.org", role: str = "agent", *departments: str
    ) -> str:
        """An agent; the answer is its id."""
        agent = self.world.ids.uuid()
        command = CreateAgent(
            id=self.world.ids.uuid(),
            agent=agent,
            email=email,
            name="Grace",
            role=role,
            password=await self.world.passwords.hash(PASSWORD),
            key=digests.email_key(self.secret, email),
            departments=departments,
        )
        await self.world.send(self.log, command)
        return str(agent)

    async def set_rights(self, agent: str, role: str, *departments: str) -> None:
        """Change what an agent may do."""
        command = SetRights(self.world.ids.uuid(), UUID(agent), role, departments)
        await self.world.send(self.log, command)

    async def set_password(self, agent: str, password: str) -> None:
        """Give an agent a new password."""
        kept = await self.world.passwords.hash(password)
        await self.world.send(self.log, SetPassword(self.world.ids.uuid(), UUID(agent), kept))

    async def revoke_key(self, key: str) -> None:
        """Let an API key open nothing any more."""
        parsed = credentials.parse_api_key(key)
        assert parsed is not None
        await self.world.send(self.log, RevokeApiKey(self.world.ids.uuid(), parsed.key))

    async def set_origins(self, *origins: str) -> None:
        """Let pages of these origins use the site."""
        command = ChangeSite(self.world.ids.uuid(), self.site, "Shop", origins)
        await self.world.send(self.log, command)

    async def deactivate(self, agent: str) -> None:
        """Let an agent no longer sign in."""
        await self.world.send(self.log, Deactivate(self.world.ids.uuid(), UUID(agent)))

    def credentials(self, email: str = "grace@example.org", **other: str) -> AgentCredentials:
        """What an agent signs in with."""
        given = {"tenant": self.name, "email": email, "password": PASSWORD, **other}
        return AgentCredentials(**given)

    async def agent_token(self, email: str = "grace@example.org") -> str:
        """A token of this agent."""
        return (await self.world.doors.open_agent(self.credentials(email))).token

    async def visit(self, doors: Doors | None = None, **fields: Any) -> VisitorSession:
        """A visitor comes to the site."""
        request = VisitorRequest(**{"site": self.site, **fields})
        return await (doors or self.world.doors).open_visitor(request)

    def identity(self, user: str = "ada", nonce: str | None = None, **fields: Any) -> Identity:
        """What the site's back end says of its user; ``fields`` are put in after signing."""
        timestamp = fields.pop("signed_at", int(self.world.clock.now()))
        nonce = nonce or self.world.ids.random(8).hex()
        signature = digests.identity_signature(SITE_SECRET, self.site, user, timestamp, nonce)
        signed = {"user": user, "timestamp": timestamp, "nonce": nonce, "signature": signature}
        return Identity(**{**signed, **fields})
