"""What serves people: doors, sockets and API, over one core, and how they are brought to rest."""

from __future__ import annotations

import asyncio
import logging
from typing import cast

from uvicorn._types import ASGI3Application

from adapters.geo.places import OfflinePlaces
from adapters.passwords.argon2id import Argon2idHasher
from adapters.useragent.devices import ParsedDevices
from adapters.websocket.endpoint import Sockets
from adapters.websocket.hub import Hub
from adapters.websocket.node import Node as SocketNode
from api.app import create_app
from api.deps import Deps, Exposition
from domain import figures
from domain.handling.doors import DoorPorts, Doors
from domain.handling.staff import Staff
from domain.handling.tenant_settings import TenantSettings
from domain.history import Change
from ops import master_key
from ops.core import Core
from ops.credentials import Credentials
from ops.fan_out import FanOut
from ops.followers import Followers
from ops.roles import Role
from ops.settings import Settings
from ops.shared import Shared
from ops.shelf import Shelf
from ops.version import program_version
from ops.views import Views
from ops.watch import DatabaseWatch
from ops.webhooks import Webhooks

_logger = logging.getLogger("parley.node")

RESTARTING = "restarting"

LOOK_S = 0.01
"""Seconds between two looks at whether all commands have their answer."""


class Parts:
    """The serving parts of a node. ``draining``: no load balancer may send anybody any more."""

    def __init__(  # noqa: PLR0913  # the composition root wires it once, by name
        self,
        core: Core,
        *,
        views: Views,
        passwords: Argon2idHasher,
        settings: Settings,
        fan_out: FanOut,
        webhooks: Webhooks,
        shared: Shared,
        shelf: Shelf,
    ) -> None:
        self._core = core
        self._views = views
        self._settings = settings
        self._passwords = passwords
        self.draining = False
        self.watch = DatabaseWatch(core.database.store, core.clock, core.database.history)
        self.hub = Hub(core.telemetry)
        self._fan_out = fan_out
        self._webhooks = webhooks
        self._tail = fan_out.serve(core, self.hub)
        self._fan_out.broker.on_passing(self.hub.pass_on)
        self._shared = shared
        self._shelf = shelf
        self._devices = ParsedDevices()
        self._loading: asyncio.Task[None] | None = None
        self.doors = _doors(core, passwords, settings, self._devices)
        self.sockets = Sockets(self._socket_node())
        core.database.history.on_change(self._another_history)
        measures = core.telemetry.measures
        measures.read(figures.READY, lambda: {(): self.ready})
        measures.read(figures.DATABASE_UP, lambda: {(): self.watch.well})

    def _socket_node(self) -> SocketNode:
        core, settings = self._core, self._settings
        return SocketNode(
            store=core.database.store,
            handler=core.handler,
            doors=self.doors,
            hub=self.hub,
            logs=self._tail,
            limits=self._shared.limits,
            presences=self._shared.presences,
            clock=core.clock,
            ids=core.ids,
            settings=settings.sockets,
            presence=settings.presence,
            epoch=self.watch.epoch,
            pass_on=self._fan_out.broker.pass_on,
            telemetry=core.telemetry,
        )

    @property
    def ready(self) -> bool:
        """Whether a load balancer may send clients here."""
        return self.watch.well and not self.draining

    def run(self, followers: Followers) -> None:
        """Start what looks after the serving parts."""
        followers.start("database watch", self.watch.run())
        self._shared.run(followers)
        self._shelf.run(followers)
        if self._settings.roles & {Role.VISITOR, Role.AGENT}:
            followers.start("sockets", self.sockets.run())
            followers.start("presence", self.sockets.node.attendance.run())
        if Role.VISITOR in self._settings.roles:
            self._loading = asyncio.get_running_loop().create_task(self._devices.load())

    def app(self, shown: Credentials | None, exposition: Exposition) -> ASGI3Application:
        """The application over these parts."""
        deps = Deps(
            doors=self.doors,
            store=self._core.database.store,
            sessions=self._views.sessions,
            past=self._views.past,
            search=self._views.search,
            analytics=self._views.analytics,
            agents=self._views.agents,
            visitors=self._views.visitors,
            present=self._views.present,
            visits=self._views.visits,
            audit=self._views.audit,
            exports=self._views.exports,
            files=self._shelf.files,
            file_reader=self._shelf.reader,
            limits=self._shared.limits,
            presences=self._shared.presences,
            states=self._core.handler.states,
            clock=self._core.clock,
            ready=lambda: self.ready,
            probes={
                "database": self._database_probe,
                "broker": self._broker_probe,
                "redis": self._shared.probe,
                "files": self._shelf.probe,
                "websocket": self._sockets_probe,
            },
            visitor_socket=self.sockets.visitor,
            agent_socket=self.sockets.agent,
            asyncapi=self._asyncapi,
            web=self._settings.web,
            version=program_version(),
            configured=TenantSettings(
                self._core.database.store, self._core.handler, self._core.ids
            ),
            staff=Staff(self._core.handler, self._core.ids, self._passwords),
            demo_site=lambda: None if shown is None else shown.site,
            settings=self._settings.api,
            exposition=exposition,
            telemetry=self._core.telemetry,
        )
        # Starlette and uvicorn each have their own words for one and the same interface.
        return cast("ASGI3Application", create_app(deps))

    def _asyncapi(self) -> bytes:
        # Here, since with aio-pika it is a tenth of what a start loads, and few ask for it.
        from ops.asyncapi import document  # noqa: PLC0415  # as said

        return document.document(program_version(), self._settings.sockets)

    async def _database_probe(self) -> str | None:
        return await self.watch.fresh()

    async def _broker_probe(self) -> str | None:
        return await self._fan_out.probe() or await self._webhooks.probe()

    async def _sockets_probe(self) -> str | None:
        return "draining" if self.draining else None

    def _another_history(self, change: Change) -> None:
        """Let go of what is known of the store: after a failover or a restore it is another one.

        Clients are told by the epoch and their marks when they come back. Where the server was but
        started anew they stay; should it have lost something, the heads of its logs show that.
        """
        self._views.recent.forget()
        if change is Change.SERVER:
            _logger.warning("%s; what is kept of it is let go", change.value)
            return
        _logger.error("alarm: the history in the store is another one; all sockets begin anew")
        self._tail.forget()
        self.sockets.send_away("another history")

    async def leave(self) -> None:
        """Let every client go over to another node, each at a moment of its own."""
        await self.sockets.leave(RESTARTING, self._settings.stop.spread_ms / 1000)

    async def drain(self) -> None:
        """Ask every client to come back later, and answer what was taken."""
        stop = self._settings.stop
        await self.sockets.drain(RESTARTING, stop.spread_ms / 1000, stop.commands_s)
        await self.sockets.node.attendance.look()  # who does not come back is gone all the sooner
        while not self._core.handler.idle:
            await self._core.clock.sleep(LOOK_S)


def _doors(
    core: Core, passwords: Argon2idHasher, settings: Settings, devices: ParsedDevices
) -> Doors:
    ports = DoorPorts(
        store=core.database.store,
        sessions=core.database.sessions,
        handler=core.handler,
        clock=core.clock,
        ids=core.ids,
        passwords=passwords,
        places=OfflinePlaces(settings.geo_data),
        devices=devices,
    )
    return Doors(ports, master_key.token_keys(core.keys), settings.doors)
