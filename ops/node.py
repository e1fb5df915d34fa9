"""The composition root: the parts of a running node, put together and taken apart in order.

Starting: address, PostgreSQL, core, demonstration, followers, server. Until all of it is there,
whoever asks is told that it is starting, and by nothing else. Stopping goes the other way, each
step bounded: not ready, ``goaway``, commands, sockets, followers, pools, PostgreSQL.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from uvicorn._types import ASGI3Application

from adapters.passwords.argon2id import Argon2idHasher
from domain.breaker import NO_BREAKER
from ops import credentials
from ops.addresses import addresses, url_of
from ops.analysts_views import analysts_views
from ops.breakers import Breakers
from ops.core import Core, opened, served_database
from ops.credentials import Credentials
from ops.demo import Demo
from ops.demo import ensure as ensure_demo
from ops.entrance import Entrance
from ops.fan_out import FanOut
from ops.followers import Followers
from ops.gate import gated
from ops.inherited import Inherited
from ops.operator import Operator, passwords_of
from ops.parts import Parts
from ops.roles import Role
from ops.routing import run_router
from ops.server import allow_many_files
from ops.settings import Settings
from ops.shared import Shared
from ops.shelf import Shelf
from ops.stopping import Stop
from ops.supervision.lifeline import beating
from ops.system import SystemClock
from ops.telemetry import seen, show_breakers, watch_the_loop
from ops.views import views_of
from ops.webhooks import Webhooks

_logger = logging.getLogger("parley.node")

GC_ALLOCATIONS = 20_000
"""Objects more between two looks for cycles; a message makes some hundred and frees them all."""

HEARD_S = 0.5
"""Seconds for a connection that was let in to say what it wants before a node leaves the others;
browsers keep some that never do."""

Announce = Callable[[str, Credentials | None], None]
"""Tells the operator, once the node serves: its URL, and the demonstration's credentials."""


async def serve(settings: Settings, *, demo: Demo, announce: Announce, inherited: Inherited) -> int:
    """Run a node until it is told to stop; the exit status.

    Raises:
        CannotRun, EmbeddedPostgresError, CannotStart, StoreUnavailable: it could not start.
    """
    stop = Stop()
    if settings.embedded:
        stop.alone.set()
    allow_many_files()
    patience_s = settings.supervisor.database_s if inherited.lifeline is not None else 0.0
    try:
        with stop.listening(), addresses(settings, inherited) as (own, shared):
            url = url_of(settings, shared or own)
            async with (
                beating(inherited.lifeline, SystemClock(), stop.abandon),
                Entrance(settings, own, shared) as entrance,
                _running(settings, url, entrance, stop, demo=demo, patience_s=patience_s) as node,
            ):
                stop.started()
                collect_garbage_seldom()
                announce(url, node.credentials)
                return await _until_stopped(stop, node.followers)
    except asyncio.CancelledError:
        if not stop.asked.is_set():
            raise
        return 0


def collect_garbage_seldom() -> None:
    """Look for cycles seldom: messages make none, and each look stops every socket.

    What a start has made lives as long as the node, so it is never looked at again. What that saves
    is in ``docs/performance.md``.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(GC_ALLOCATIONS, 20, 50)


async def _until_stopped(stop: Stop, followers: Followers) -> int:
    """Wait for a signal (status 0), or for a part that has ended by itself (status 1)."""
    reasons = [asyncio.ensure_future(event.wait()) for event in (stop.asked, followers.broken)]
    try:
        await asyncio.wait(reasons, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for reason in reasons:
            reason.cancel()
    _logger.info("stopping")
    return 1 if followers.broken.is_set() else 0


@dataclass(frozen=True)
class _Running:
    """What the operator is told of a node that runs."""

    credentials: Credentials | None
    followers: Followers


@contextlib.asynccontextmanager
async def _running(  # noqa: PLR0913  # a start from end to end
    settings: Settings,
    url: str,
    entrance: Entrance,
    stop: Stop,
    *,
    demo: Demo,
    patience_s: float,
) -> AsyncIterator[_Running]:
    breakers = Breakers(settings.breakers)
    fan_out = FanOut(settings, breakers)
    async with contextlib.AsyncExitStack() as stack:
        followers = Followers()
        sight = await stack.enter_async_context(seen(settings))
        telemetry = sight.telemetry
        show_breakers(breakers, telemetry.measures)
        served = await stack.enter_async_context(
            served_database(settings, followers.watch, telemetry.measures, patience_s=patience_s)
        )
        breaker = breakers.of("postgresql")
        core = await stack.enter_async_context(
            opened(settings, served.url, fan_out, telemetry, breaker, nearest=served.nearest)
        )
        files_away = breakers.of("files") if settings.files.url else NO_BREAKER
        shelf = Shelf(core, settings, files_away)
        stack.callback(shelf.close)
        passwords = stack.enter_context(passwords_of(settings))
        webhooks = Webhooks(core, settings, telemetry.measures)
        views = await views_of(core, settings, fan_out.broker, webhooks.written)
        await stack.enter_async_context(analysts_views(core))
        shown = await _credentials(core, passwords, settings, url, demo=demo)
        await stack.enter_async_context(_ending(followers, settings, stop))
        shared = Shared(core, settings, breakers.of("redis") if settings.redis_url else NO_BREAKER)
        parts = Parts(
            core,
            views=views,
            passwords=passwords,
            settings=settings,
            fan_out=fan_out,
            webhooks=webhooks,
            shared=shared,
            shelf=shelf,
        )
        await parts.watch.probe()
        parts.run(followers)
        if Role.PROJECTOR in settings.roles:
            fan_out.keep(views.recent)
            followers.start("projector", views.projector.run())
        webhooks.run(followers)
        run_router(core, settings, fan_out, shared.presences, followers)
        fan_out.run(core, followers)
        await fan_out.begin()
        followers.start("loop watch", watch_the_loop(core.clock, telemetry.measures))
        app = gated(parts.app(shown, sight.exposition), settings.roles)
        await stack.enter_async_context(_serving(settings, parts, entrance, app, stop))
        yield _Running(shown, followers)


async def _credentials(
    core: Core, passwords: Argon2idHasher, settings: Settings, url: str, *, demo: Demo
) -> Credentials | None:
    """The demonstration's credentials: made if asked for, else those that are there."""
    if demo is not Demo.NONE:
        operator = Operator(core, passwords)
        sample = demo is Demo.SAMPLE
        return await ensure_demo(core, operator, settings.data, url, serving=True, sample=sample)
    return credentials.read(credentials.path_of(settings.data))


@contextlib.asynccontextmanager
async def _ending(followers: Followers, settings: Settings, stop: Stop) -> AsyncIterator[None]:
    try:
        yield
    finally:
        await stop.within(settings.stop.followers_s, "projector and relay", followers.stop())


@contextlib.asynccontextmanager
async def _serving(
    settings: Settings, parts: Parts, entrance: Entrance, app: ASGI3Application, stop: Stop
) -> AsyncIterator[None]:
    await entrance.open(app)
    try:
        yield
    finally:
        parts.draining = True  # and say so to whoever asks: a load balancer sends nobody any more
        entrance.leave()
        await stop.while_others_serve(HEARD_S, "connections without a request", entrance.heard())
        spread_s = settings.stop.spread_ms / 1000 + 0.5
        await stop.while_others_serve(spread_s, "clients", parts.leave())
        await stop.within(settings.stop.commands_s + 0.5, "commands on their way", parts.drain())
        await entrance.close()
