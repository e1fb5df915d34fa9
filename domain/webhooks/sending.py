"""One attempt: an event is written out, signed, and its receiver asked.

What is sent is read from the log at that moment: what was erased since goes out as erased. Nothing
is noted here.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from msgspec import Struct

from domain import figures
from domain.breaker import Breaker, PartAway
from domain.envelope import RecordedEvent
from domain.errors import StoreUnavailable, described
from domain.ports import Clock, EventStore
from domain.telemetry import Measures
from domain.tenant.state import Tenant
from domain.tenant.webhooks import Webhook
from domain.webhooks import chatwoot, signing, standard
from domain.webhooks.catalogue import CHATWOOT
from domain.webhooks.ports import Answer, NoAnswer, Post
from domain.webhooks.threads import Threads

_TOO_MANY, _SERVER_ERROR = 429, 500

_logger = logging.getLogger("parley.webhooks")


@dataclass(frozen=True)
class SendingParts:
    """What sending needs. ``breaker_of`` has the breaker before each webhook."""

    store: EventStore
    post: Post
    clock: Clock
    breaker_of: Callable[[str], Breaker]
    measures: Measures


class Tried(Struct, frozen=True):
    """What came of an attempt: the answer's status, or a word for why there is none."""

    status: int | None = None
    error: str | None = None
    retry_after_s: float = 0.0

    @property
    def delivered(self) -> bool:
        """Whether the receiver has it: 2xx, and nothing else."""
        return self.status is not None and is_success(self.status)

    def __str__(self) -> str:
        return f"status {self.status}" if self.error is None else self.error


class _Unsound(Exception):
    """An answer of a receiver that is ill, which its breaker is to know of."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer


class Sending:
    """Makes attempts."""

    def __init__(self, parts: SendingParts) -> None:
        self._parts = parts
        self._threads = Threads(parts.store)

    async def attempt(
        self, event: RecordedEvent, tenant: Tenant, webhook: Webhook, within_s: float
    ) -> Tried:
        """Ask once, for so long. Raises StoreUnavailable, and PartAway where nobody was asked."""
        if within_s <= 0:
            return Tried(error="timeout")
        try:
            body = await self._body(event, tenant, webhook)
            return _tried(await self._ask(event, webhook, body, within_s))
        except _Unsound as unsound:
            return _tried(unsound.answer)
        except NoAnswer as error:
            return Tried(error=error.code)
        except (PartAway, StoreUnavailable):
            raise
        except Exception as error:  # noqa: BLE001  # one event's trouble ends like any other attempt
            _logger.error(  # noqa: TRY400  # an error's text may quote what people wrote
                "alarm: position %d of log %s cannot be sent to webhook %s: %s",
                event.position,
                event.log,
                webhook.webhook,
                described(error),
            )
            return Tried(error="internal")

    async def _body(self, event: RecordedEvent, tenant: Tenant, webhook: Webhook) -> bytes:
        if webhook.format == CHATWOOT:
            return chatwoot.body(event, await self._threads.before(event), tenant)
        return standard.body(event, tenant.name)

    async def _ask(
        self, event: RecordedEvent, webhook: Webhook, body: bytes, within_s: float
    ) -> Answer:
        clock, now = self._parts.clock, self._parts.clock.now()
        headers = signing.headers(str(event.id), int(now), body, webhook.secrets(now))
        with self._parts.breaker_of(f"webhook {webhook.webhook}").guard():
            begun = clock.monotonic()
            try:
                answer = await self._parts.post(webhook.url, headers, body, within_s)
            finally:
                self._parts.measures.observe(figures.WEBHOOK_SECONDS, clock.monotonic() - begun)
            if is_unsound(answer.status):
                raise _Unsound(answer)
        return answer


def is_success(status: int) -> bool:
    """Whether a receiver that answers so has what it was sent."""
    return status // 100 == 2  # noqa: PLR2004  # the class of successes


def is_unsound(status: int) -> bool:
    """Whether a receiver that answers so is overburdened or ill, whatever it was asked."""
    return status == _TOO_MANY or status >= _SERVER_ERROR


def _tried(answer: Answer) -> Tried:
    return Tried(status=answer.status, retry_after_s=answer.retry_after_s or 0.0)
