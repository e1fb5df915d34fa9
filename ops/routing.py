"""The router in a process: put together, told of what this process commits, and started."""

from __future__ import annotations

from domain.presence import Presences
from domain.routing.parts import RouterParts
from domain.routing.router import Router
from ops.core import Core
from ops.fan_out import FanOut
from ops.followers import Followers
from ops.roles import Role
from ops.settings import Settings
from projections.offices import Offices


def run_router(
    core: Core, settings: Settings, fan_out: FanOut, presences: Presences, followers: Followers
) -> None:
    """Start the router where its role is."""
    if Role.ROUTER not in settings.roles:
        return
    database = core.database
    router = Router(
        RouterParts(
            store=database.store,
            handler=core.handler,
            offices=Offices(database.read_models, database.cipher, core.clock),
            clock=core.clock,
            pass_on=fan_out.broker.pass_on,
            measures=core.telemetry.measures,
        ),
        fan_out.broker,
        presences,
        settings.router,
        shards=None if settings.embedded else database.router_shards,
    )
    fan_out.also(router.committed)
    database.history.on_change(lambda _: router.forget())
    followers.start("router", router.run())
