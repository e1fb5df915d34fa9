"""The doors: every way in, for visitors, agents and the customer's servers.

This is the whole interface; the rooms behind it are ``callers`` (who is calling), ``visitor_door``,
``agent_door``, ``identities`` and ``renewals``. Nothing here knows HTTP, cookies or sockets.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from domain.handling.agent_door import AgentCredentials, AgentDoor, AgentSession
from domain.handling.callers import Caller, Callers, origin_allowed
from domain.handling.commands import CommandHandler
from domain.handling.door_settings import DoorSettings
from domain.handling.identities import Identities
from domain.handling.renewals import Renewals
from domain.handling.sightings import UNSEEN, Came, Sightings
from domain.handling.sign_ins import NOWHERE, SignIns, Whence
from domain.handling.tenants import Tenants
from domain.handling.visitor_door import VisitorDoor, VisitorRequest, VisitorSession
from domain.passwords import PasswordHasher
from domain.permissions import VISITOR
from domain.ports import Clock, EventStore, Ids, Sessions
from domain.surroundings import Devices, NoDevices, NoPlaces, Places
from domain.tokens import Tokens

__all__ = ["Caller", "DoorPorts", "Doors"]


class DoorPorts(Struct, frozen=True):
    """What the doors stand on."""

    store: EventStore
    sessions: Sessions
    handler: CommandHandler
    clock: Clock
    ids: Ids
    passwords: PasswordHasher
    places: Places = NoPlaces()
    devices: Devices = NoDevices()


class Doors:
    """Lets in whoever may come in. ``token_keys``: the first signs, each verifies.

    Every method raises :class:`~domain.errors.Refused`, and StoreUnavailable while the store is
    away.
    """

    def __init__(
        self,
        ports: DoorPorts,
        token_keys: Sequence[bytes],
        settings: DoorSettings | None = None,
    ) -> None:
        settings = settings or DoorSettings()
        states = ports.handler.states
        tokens = Tokens(token_keys)
        self.tenants = Tenants(ports.store, states)
        self._renewals = Renewals(ports.sessions, ports.clock, ports.ids, settings)
        self._callers = Callers(self.tenants, states, tokens, ports.clock)
        self._visitors = VisitorDoor(
            store=ports.store,
            handler=ports.handler,
            clock=ports.clock,
            ids=ports.ids,
            states=states,
            tenants=self.tenants,
            tokens=tokens,
            renewals=self._renewals,
            identities=Identities(ports.sessions, ports.clock, settings),
            sightings=Sightings(ports.places, ports.devices),
            settings=settings,
        )
        self._agents = AgentDoor(
            store=ports.store,
            clock=ports.clock,
            states=states,
            tenants=self.tenants,
            tokens=tokens,
            renewals=self._renewals,
            passwords=ports.passwords,
            sign_ins=SignIns(ports.handler, ports.ids),
            settings=settings,
        )

    async def authenticate(self, token: str) -> Caller:
        """Who calls with this token or API key, with its present name and rights.

        Raises ``unauthorized`` for everything that is not good now.
        """
        return await self._callers.authenticate(token)

    @staticmethod
    def origin_allowed(caller: Caller, origin: str | None) -> bool:
        """Whether a page of this origin may act for this caller (None: it is no browser)."""
        return origin_allowed(caller.origins, origin)

    async def open_visitor(
        self,
        request: VisitorRequest,
        origin: str | None = None,
        trace: str | None = None,
        came: Came = UNSEEN,
    ) -> VisitorSession:
        """A session for a visitor; see :meth:`VisitorDoor.open`."""
        return await self._visitors.open(request, origin, trace, came)

    async def close_visitor(self, secret: str) -> None:
        """This renewal secret and its kin are worth nothing any more. Unknown ones are not told."""
        await self._renewals.revoke(VISITOR, secret)

    async def open_agent(self, given: AgentCredentials, whence: Whence = NOWHERE) -> AgentSession:
        """A session for an agent who is there. Raises ``bad_credentials``."""
        return await self._agents.open(given, whence)

    async def renew_agent(self, secret: str) -> AgentSession:
        """A fresh session for a renewal secret. Raises ``unauthorized``."""
        return await self._agents.renew(secret)

    async def close_agent(self, secret: str, whence: Whence = NOWHERE) -> None:
        """This renewal secret and its kin are worth nothing any more. Unknown ones are not told."""
        await self._agents.close(secret, whence)
