"""What an operator asks of a tenant's webhooks, and of the deliveries to them.

Secrets are drawn here and told once; the log keeps them encrypted, since it signs with them.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

from msgspec import Struct

from adapters.webhooks.client import WebhookClient
from domain.tenant import commands as c
from domain.tenant.webhooks import Webhook
from domain.webhooks import chatwoot, signing, standard
from domain.webhooks.catalogue import CHATWOOT
from domain.webhooks.ports import Answer, Delivery, Sought
from domain.webhooks.settings import WebhookSettings
from ops.asking import Asking
from ops.core import Core
from ops.errors import CannotRun

BY_OPERATOR = "operator"
"""Why a webhook is disabled that an operator disabled."""

PAGE_ROWS = 500
"""Deliveries looked at, or sent again, at a time."""


class Wishes(Struct, frozen=True):
    """What a webhook is to be; None: as before."""

    url: str | None = None
    format: str | None = None
    types: tuple[str, ...] | None = None


class WebhookOperator(Asking):
    """The operator's commands about webhooks, on a core."""

    def __init__(self, core: Core, settings: WebhookSettings) -> None:
        super().__init__(core)
        self._settings = settings

    async def webhooks(self, log: UUID) -> list[Webhook]:
        """Those that there are."""
        return list((await self.tenant(log)).webhooks.values())

    async def webhook(self, log: UUID, webhook: str) -> Webhook:
        """One of them. Raises CannotRun where it is not there."""
        found = (await self.tenant(log)).webhooks.get(webhook)
        if found is None:
            raise CannotRun(
                f"There is no webhook {webhook!r} here; `parley webhook list` names them."
            )
        return found

    async def add(self, log: UUID, url: str, format_: str, types: tuple[str, ...]) -> Webhook:
        """A further webhook. Raises Refused for wishes that cannot be fulfilled."""
        webhook, secret = str(self._id()), self._secret()
        await self._ask(log, c.AddWebhook(self._id(), webhook, url, secret, format_, types))
        return await self.webhook(log, webhook)

    async def change(self, log: UUID, webhook: str, wishes: Wishes) -> None:
        """Another address or format, or other wishes."""
        now = await self.webhook(log, webhook)
        command = c.ChangeWebhook(
            self._id(),
            webhook,
            now.url if wishes.url is None else wishes.url,
            now.format if wishes.format is None else wishes.format,
            now.types if wishes.types is None else wishes.types,
        )
        await self._ask(log, command)

    async def switch(self, log: UUID, webhook: str, *, on: bool) -> None:
        """Tell it again, or nothing more for now."""
        await self.webhook(log, webhook)
        enable, disable = c.EnableWebhook, c.DisableWebhook
        command = enable(self._id(), webhook) if on else disable(self._id(), webhook, BY_OPERATOR)
        await self._ask(log, command)

    async def rotate(self, log: UUID, webhook: str, *, at_once: bool) -> tuple[str, int]:
        """A new secret, and until when (Unix seconds) the old one signs beside it."""
        await self.webhook(log, webhook)
        beside_s = 0.0 if at_once else self._settings.old_secret_s
        secret, until = self._secret(), int(self._core.clock.now() + beside_s)
        await self._ask(log, c.RotateWebhookSecret(self._id(), webhook, secret, until))
        return secret, until

    async def remove(self, log: UUID, webhook: str) -> None:
        """Forget it, and tell it nothing more."""
        await self.webhook(log, webhook)
        await self._ask(log, c.RemoveWebhook(self._id(), webhook))

    async def ping(self, log: UUID, webhook: Webhook, post: WebhookClient) -> Answer:
        """Send it something that it can tell from what happens. Raises NoAnswer."""
        now, name = self._core.clock.now(), (await self.tenant(log)).name
        at = datetime.fromtimestamp(now, UTC)
        if webhook.format == CHATWOOT:
            body = chatwoot.ping(log, name, at)
        else:
            body = standard.ping(name, webhook.webhook, at)
        headers = signing.headers(str(self._id()), int(now), body, webhook.secrets(now))
        return await post(webhook.url, headers, body, self._settings.deadline_s)

    # --- deliveries ---------------------------------------------------------------------------

    async def deliveries(self, log: UUID, sought: Sought, limit: int) -> list[Delivery]:
        """The newest of them."""
        found = await self._core.database.deliveries.find(log, sought, None, limit)
        return found[:limit]

    async def dead(self, log: UUID, webhook: str) -> list[int]:
        """The positions of a webhook's dead deliveries, in order."""
        rows, before, sought = self._core.database.deliveries, None, Sought(webhook, state="dead")
        positions: list[int] = []
        while page := await rows.find(log, sought, before, PAGE_ROWS):
            positions += [each.position for each in page]
            before = positions[-1]
        return positions[::-1]

    async def settled(self, log: UUID, webhook: str, event: UUID) -> list[int]:
        """Where the delivery of an event is. Raises CannotRun where none is, or it still waits."""
        sought = Sought(webhook, event=event)
        found = await self._core.database.deliveries.find(log, sought, None, 1)
        if not found:
            raise CannotRun(f"No delivery of the event {event} to this webhook is kept.")
        if found[0].state == "waiting":
            raise CannotRun(f"The delivery of the event {event} still waits, and will be sent.")
        return [found[0].position]

    async def send_again(
        self, log: UUID, webhook: str, positions: list[int], progressed: Callable[[int], None]
    ) -> int:
        """Let these wait anew, the oldest first; how many there were."""
        await self._demand_enabled(log, webhook)
        count = 0
        for start in range(0, len(positions), PAGE_ROWS):
            page = positions[start : start + PAGE_ROWS]
            count += await self._core.database.deliveries.send_again(
                log, webhook, page, self._core.clock.now()
            )
            progressed(start + len(page))
        return count

    async def _demand_enabled(self, log: UUID, webhook: str) -> None:
        reason = (await self.webhook(log, webhook)).disabled
        if reason:
            raise CannotRun(
                f"This webhook is disabled ({reason}); `parley webhook set --enable` first."
            )

    def _secret(self) -> str:
        return signing.secret_of(self._core.ids.random(signing.SECRET_BYTES))
