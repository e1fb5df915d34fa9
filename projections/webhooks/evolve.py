"""From events to what is due: which webhook wanted which event, at that event's position. Pure.

A rebuild folds everything again, and must send nothing again: so an event at or before ``followed``
changes what webhooks there are, and is due to nobody.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from domain.envelope import RecordedEvent
from domain.tenant import events as e
from domain.webhooks.catalogue import SENDABLE, STANDARD, wants

_CONFIGURING = frozenset(
    {
        "tenant.webhook_added",
        "tenant.webhook_changed",
        "tenant.webhook_disabled",
        "tenant.webhook_enabled",
        "tenant.webhook_removed",
    }
)

TYPES = _CONFIGURING | SENDABLE[STANDARD]
"""Whatever configures webhooks, and all that any format has."""


class Hook(Struct, frozen=True):
    """What a webhook wants. Its address and its secret are nobody's business here."""

    id: str
    format: str
    types: tuple[str, ...]
    active: bool = True


class Due(Struct, frozen=True):
    """An event that is to be sent to a webhook."""

    webhook: str
    position: int
    stream: str
    event: UUID
    type: str


class Webhooks(Struct, frozen=True):
    """A tenant's webhooks; up to which position they have been told; what is due beyond that."""

    hooks: dict[str, Hook] = {}
    followed: int = 0
    due: tuple[Due, ...] = ()


def evolve(webhooks: Webhooks, events: Iterable[RecordedEvent]) -> Webhooks:
    """The webhooks, and what is due, after the events."""
    hooks, followed, due = dict(webhooks.hooks), webhooks.followed, list(webhooks.due)
    for event in events:
        if event.type in _CONFIGURING:
            _configure(hooks, event.data)
        elif event.position > followed:
            due += [_due(hook, event) for hook in hooks.values() if _wants(hook, event)]
        followed = max(followed, event.position)
    return Webhooks(hooks, followed, tuple(due))


def _wants(hook: Hook, event: RecordedEvent) -> bool:
    return hook.active and wants(hook.format, hook.types, event.type)


def _due(hook: Hook, event: RecordedEvent) -> Due:
    return Due(hook.id, event.position, event.stream, event.id, event.type)


def _configure(hooks: dict[str, Hook], data: object) -> None:
    match data:
        case e.WebhookAdded():
            hooks[data.webhook] = Hook(data.webhook, data.format, data.types)
        case e.WebhookChanged():
            hooks[data.webhook] = replace(hooks[data.webhook], format=data.format, types=data.types)
        case e.WebhookDisabled():
            hooks[data.webhook] = replace(hooks[data.webhook], active=False)
        case e.WebhookEnabled():
            hooks[data.webhook] = replace(hooks[data.webhook], active=True)
        case e.WebhookRemoved():
            del hooks[data.webhook]
        case _:
            pass
