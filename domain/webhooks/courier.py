"""The courier: works off one line, delivery by delivery, for as long as it holds the lease.

A delivery ends delivered or dead; until then nothing behind it in its line goes out. A request that
was cut off, be it by a kill, is made again with the same ``webhook-id``: at least once, in order.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass

from msgspec.structs import replace

from domain import figures, streams
from domain.breaker import PartAway
from domain.envelope import Actor
from domain.errors import EventDamaged, Refused, StoreUnavailable, UnknownEvent
from domain.handling.commands import CommandHandler
from domain.handling.sender import Sender
from domain.ports import Clock, EventStore, Ids
from domain.telemetry import Measures
from domain.tenant.commands import DisableWebhook
from domain.tenant.state import Tenant
from domain.webhooks import schedule
from domain.webhooks.obstacles import ALARMING, WISHED, obstacle
from domain.webhooks.ports import Claim, Deliveries, Delivery, Hook
from domain.webhooks.sending import Sending, Tried
from domain.webhooks.settings import WebhookSettings

ACTOR = Actor("system", "webhooks")
"""Who disables a webhook whose receiver says that it is gone."""

GONE = 410
"""The status by which a receiver says that it wants no more, ever."""

LEASE_MARGIN_S = 1.0
"""Seconds of a lease that are left to note what came of a request."""

ALARM_S = 60.0
"""Seconds between two alarms about one webhook; the rows tell of every delivery."""

_logger = logging.getLogger("parley.webhooks")


@dataclass(frozen=True)
class CourierParts:
    """What a courier needs."""

    deliveries: Deliveries
    store: EventStore
    handler: CommandHandler
    sending: Sending
    clock: Clock
    ids: Ids
    measures: Measures


class Courier:
    """Works off lines; one of it for any number of them at a time."""

    def __init__(self, parts: CourierParts, settings: WebhookSettings) -> None:
        self._parts = parts
        self._settings = settings
        self._alarmed: dict[Hook, float] = {}

    async def work_off(self, claim: Claim) -> bool:
        """Send what waits in a line, one after the other. False: its webhook is to be left alone.

        Raises StoreUnavailable; the line is then free again when the lease ends.
        """
        following: Claim | None = claim
        for _ in range(self._settings.line_deliveries):
            if following is None:
                return True
            claim = following
            try:
                following = await self._deliver(claim)
            except PartAway:
                await self._give_back(claim, self._settings.rest_s)
                return False
        if following is not None:
            await self._give_back(following, 0.0)
        return True

    async def _deliver(self, claim: Claim) -> Claim | None:
        """Bring a delivery further; the next one of its line, if that may go now."""
        delivery = claim.delivery
        try:
            refreshed = await self._parts.handler.states.refresh(delivery.line.log, streams.TENANT)
            found = await self._parts.store.read_log(delivery.line.log, delivery.position - 1, 1)
        except (EventDamaged, UnknownEvent) as error:
            self._alarm(delivery, f"cannot be sent: {type(error).__name__}")
            await self._give_back(claim, self._settings.rest_s)
            return None
        tenant: Tenant = refreshed.state
        event = found[0] if found else None
        webhook = tenant.webhooks.get(delivery.line.webhook)
        now = self._parts.clock.now()
        late = schedule.too_old(self._settings, delivery.since, now)
        word = obstacle(delivery, event, webhook, late=late)
        if word is not None:
            return await self._end(claim, word)
        assert event is not None
        assert webhook is not None
        within_s = min(self._settings.deadline_s, claim.until - LEASE_MARGIN_S - now)
        try:
            tried = await self._parts.sending.attempt(event, tenant, webhook, within_s)
        except asyncio.CancelledError:
            with suppress(StoreUnavailable):
                await asyncio.shield(self._give_back(claim, 0.0))
            raise
        return await self._settle(claim, tried, webhook.url)

    # --- what came of it ----------------------------------------------------------------------

    async def _settle(self, claim: Claim, tried: Tried, url: str) -> Claim | None:
        now, was = self._parts.clock.now(), claim.delivery
        first_at = now if was.first_at is None else was.first_at
        after = replace(
            was,
            attempts=was.attempts + 1,
            first_at=first_at,
            last_at=now,
            status=tried.status,
            error=tried.error,
        )
        if tried.delivered:
            return await self._note(claim, replace(after, state="delivered", settled_at=now))
        if tried.status == GONE and await self._disable(was, url):
            return await self._note(claim, replace(after, state="dead", settled_at=now))
        due_at = self._next(after.attempts, first_at, now, tried.retry_after_s)
        if due_at is None:
            self._alarm(was, f"is dead after {after.attempts} attempts: {tried}")
            return await self._note(claim, replace(after, state="dead", settled_at=now))
        self._parts.measures.count(figures.WEBHOOK_DELIVERIES, "failed")
        await self._parts.deliveries.postpone(claim, after, due_at)
        return None

    def _next(self, attempts: int, first_at: float, now: float, asked_s: float) -> float | None:
        """When to try again; a receiver may ask for more time, within bounds. None: never."""
        settings = self._settings
        pause = schedule.pause_s(settings, attempts, self._parts.ids.uniform())
        asked = min(asked_s, settings.longest_retry_s)
        return schedule.next_attempt(settings, first_at, now, max(pause, asked))

    async def _end(self, claim: Claim, word: str) -> Claim | None:
        """Give a delivery up without an attempt."""
        if word in ALARMING:
            self._alarm(claim.delivery, ALARMING[word])
        now = self._parts.clock.now()
        return await self._note(
            claim, replace(claim.delivery, state="dead", error=word, settled_at=now)
        )

    async def _note(self, claim: Claim, after: Delivery) -> Claim | None:
        outcome = "dropped" if after.error in WISHED else after.state
        self._parts.measures.count(figures.WEBHOOK_DELIVERIES, outcome)
        until = self._parts.clock.now() + self._settings.lease_s
        return await self._parts.deliveries.settle(claim, after, until)

    async def _give_back(self, claim: Claim, pause_s: float) -> None:
        """Let go of a line without having tried."""
        due_at = self._parts.clock.now() + pause_s
        await self._parts.deliveries.postpone(claim, claim.delivery, due_at)

    async def _disable(self, delivery: Delivery, url: str) -> bool:
        """Whether the webhook is disabled, since nobody at this address wants any more of it.

        False: it has another address by now, or that could not be noted; then its next 410 says it.
        """
        line = delivery.line
        command = DisableWebhook(self._parts.ids.uuid(), line.webhook, "gone", url)
        try:
            await self._parts.handler.submit(Sender(line.log, ACTOR), command)
        except Refused:
            return False
        self._alarm(delivery, "was answered with 410, so the webhook is disabled")
        return True

    def _alarm(self, delivery: Delivery, what: str) -> None:
        now, hook = self._parts.clock.monotonic(), delivery.line.hook
        if now - self._alarmed.get(hook, -ALARM_S) < ALARM_S:
            return
        self._alarmed[hook] = now
        _logger.error(
            "alarm: webhook %s of log %s: position %d %s", hook[1], hook[0], delivery.position, what
        )
