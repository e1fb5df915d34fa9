"""Webhooks in a process: the projector hands out what is due, the role ``webhooks`` sends it."""

from __future__ import annotations

from uuid import UUID

from adapters.webhooks.client import ClientSettings, WebhookClient
from brokers.work import Work
from brokers.work_in_process import InProcessWork
from domain.telemetry import NO_MEASURES, Measures
from domain.webhooks.courier import Courier, CourierParts
from domain.webhooks.dispatcher import Dispatcher
from domain.webhooks.sending import Sending, SendingParts
from ops.breakers import Breakers, BreakerSettings
from ops.core import Core
from ops.followers import Followers
from ops.roles import Role
from ops.settings import Settings
from ops.version import program_version
from projections.projection import Write
from projections.webhooks.projection import Adding


class Webhooks:
    """What of webhooks runs here, as far as the process's roles go."""

    def __init__(self, core: Core, settings: Settings, measures: Measures = NO_MEASURES) -> None:
        self._core = core
        self._settings = settings
        self._measures = measures
        self._work = _work_of(core, settings)

    def written(self, _: UUID, write: Write) -> None:
        """Take note of what the projector has committed: something of it may be due now."""
        if isinstance(write, Adding):
            self._work.give(write.lines)

    def run(self, followers: Followers) -> None:
        """Start what sends, and what hands out and takes up tasks."""
        roles, handler = self._settings.roles, None
        if Role.WEBHOOKS in roles:
            dispatcher = self._dispatcher()
            followers.start("webhooks", dispatcher.run())
            handler = dispatcher.take
        if roles & {Role.WEBHOOKS, Role.PROJECTOR}:
            followers.start("work", self._work.run(handler))

    async def probe(self) -> str | None:
        """What is wrong with the queue of tasks; None when nothing is, or it is of no use here."""
        used = self._settings.roles & {Role.WEBHOOKS, Role.PROJECTOR}
        return self._work.illness if used else None

    def _dispatcher(self) -> Dispatcher:
        core, settings, measures = self._core, self._settings.webhooks, self._measures
        # Of their own, since what others see of breakers must not name tenants' webhooks.
        breakers = Breakers(BreakerSettings(settings.failures, settings.rest_s))
        post = client_of(core, self._settings)
        store, clock, ids = core.database.store, core.clock, core.ids
        sending = Sending(SendingParts(store, post, clock, breakers.of, measures))
        deliveries = core.database.deliveries
        courier = Courier(
            CourierParts(
                deliveries=deliveries,
                store=store,
                handler=core.handler,
                sending=sending,
                clock=clock,
                ids=ids,
                measures=measures,
            ),
            settings,
        )
        return Dispatcher(deliveries, courier, clock, ids, settings, measures=measures)


def client_of(core: Core, settings: Settings) -> WebhookClient:
    """What asks receivers, under these settings."""
    webhooks = settings.webhooks
    asking = ClientSettings(webhooks.networks, webhooks.answer_bytes, webhooks.lines)
    return WebhookClient(asking, core.clock, f"Parley/{program_version()}")


def _work_of(core: Core, settings: Settings) -> Work:
    if settings.broker_url is None:
        return InProcessWork(settings.broker)
    # Here, since the library takes 0.25 s and 18 MB, which a small site need not spend.
    from brokers.rabbitmq.work import RabbitWork  # noqa: PLC0415  # as said

    return RabbitWork(settings.broker_url, core.clock, settings.broker)
