"""What may happen to a tenant's webhooks, and what of their past that rests on."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from domain.errors import Refused
from domain.limits import MAX_WEBHOOKS
from domain.tenant import commands as c
from domain.tenant import events as e
from domain.tenant import secrets
from domain.tenant.secrets import OldSecret
from domain.webhooks import signing, urls
from domain.webhooks.catalogue import SENDABLE

WebhookCommand = (
    c.AddWebhook
    | c.ChangeWebhook
    | c.RotateWebhookSecret
    | c.DisableWebhook
    | c.EnableWebhook
    | c.RemoveWebhook
)


class Webhook(Struct, frozen=True):
    """A webhook as it is. ``disabled``: the word that says why it is told nothing; else empty."""

    webhook: str
    url: str
    secret: str
    format: str
    types: tuple[str, ...]
    old: tuple[OldSecret, ...] = ()
    disabled: str = ""

    def secrets(self, now: float) -> tuple[str, ...]:
        """Those that sign at this time, the present one first."""
        return secrets.good(self.secret, self.old, now)


Webhooks = dict[str, Webhook]


def decide(command: WebhookCommand, state: Webhooks) -> list[Struct]:
    """The events that follow from a command about a webhook. Raises :class:`Refused`."""
    if isinstance(command, c.AddWebhook):
        return _add(command, state)
    webhook = state.get(command.webhook)
    if webhook is None:
        raise Refused("not_found", "There is no such webhook.")
    match command:
        case c.ChangeWebhook():
            return _change(command, webhook)
        case c.RotateWebhookSecret():
            _check_secret(command.secret)
            return [e.WebhookSecretRotated(command.webhook, command.secret, command.old_until)]
        case c.DisableWebhook():
            if command.url not in {"", webhook.url}:
                raise Refused("not_found", "There is no such webhook at this address any more.")
            done = bool(webhook.disabled)
            return [] if done else [e.WebhookDisabled(command.webhook, command.reason)]
        case c.EnableWebhook():
            return [e.WebhookEnabled(command.webhook)] if webhook.disabled else []
        case c.RemoveWebhook():
            return [e.WebhookRemoved(command.webhook)]


def _add(command: c.AddWebhook, state: Webhooks) -> list[Struct]:
    if command.webhook in state:
        raise Refused("exists", "This webhook exists already.")
    if len(state) >= MAX_WEBHOOKS:
        raise Refused("too_many", f"There may be {MAX_WEBHOOKS} webhooks.")
    _check_wishes(command.url, command.format, command.types)
    _check_secret(command.secret)
    added = e.WebhookAdded(
        command.webhook, command.url, command.secret, command.format, command.types
    )
    return [added]


def _change(command: c.ChangeWebhook, webhook: Webhook) -> list[Struct]:
    _check_wishes(command.url, command.format, command.types)
    now = (webhook.url, webhook.format, webhook.types)
    if now == (command.url, command.format, command.types):
        return []
    return [e.WebhookChanged(command.webhook, command.url, command.format, command.types)]


def _check_wishes(url: str, format_: str, types: tuple[str, ...]) -> None:
    wrong = urls.fault(url)
    if wrong is not None:
        raise Refused("bad_request", f"The webhook's address {wrong}.")
    if format_ not in SENDABLE:
        raise Refused("bad_request", f"A webhook's format is one of {', '.join(SENDABLE)}.")
    unknown = sorted(set(types) - SENDABLE[format_])
    if unknown:
        known = ", ".join(sorted(SENDABLE[format_]))
        raise Refused("bad_request", f"{unknown[0]!r} is not sent; what is: {known}.")


def _check_secret(secret: str) -> None:
    if signing.key_of(secret) is None:
        raise Refused(
            "bad_request",
            f"A webhook's secret is {signing.PREFIX} and base64 of {signing.LEAST_BYTES} to"
            f" {signing.MOST_BYTES} bytes.",
        )


def evolve(webhooks: Webhooks, event: object) -> Webhooks:
    """The webhooks after an event; those given stay as they are."""
    match event:
        case e.WebhookAdded():
            added = Webhook(event.webhook, event.url, event.secret, event.format, event.types)
            return {**webhooks, event.webhook: added}
        case e.WebhookRemoved():
            return {name: each for name, each in webhooks.items() if name != event.webhook}
        case (
            e.WebhookChanged() | e.WebhookSecretRotated() | e.WebhookDisabled() | e.WebhookEnabled()
        ):
            return {**webhooks, event.webhook: _changed(webhooks[event.webhook], event)}
        case _:
            return webhooks


def _changed(webhook: Webhook, event: object) -> Webhook:
    match event:
        case e.WebhookChanged():
            return replace(webhook, url=event.url, format=event.format, types=event.types)
        case e.WebhookSecretRotated():
            old = secrets.rotated(webhook.secret, webhook.old, event.old_until)
            return replace(webhook, secret=event.secret, old=old)
        case e.WebhookDisabled():
            return replace(webhook, disabled=event.reason)
        case _:
            return replace(webhook, disabled="")
