"""The self-check of RabbitMQ, where one is given. It connects as a node would; it makes nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from urllib.parse import urlsplit

from domain.errors import BrokerAway
from ops.doctor.findings import Finding, State
from ops.settings import Settings

OLDEST = (3, 10)


async def examine_broker(settings: Settings) -> AsyncIterator[Finding]:
    """What is found of RabbitMQ; nothing where there is to be none."""
    if settings.broker_url is None:
        return
    parts = urlsplit(settings.broker_url)
    where = f"{parts.hostname}:{parts.port or (5671 if parts.scheme == 'amqps' else 5672)}"
    state, found = await _examined(settings, settings.broker_url)
    yield Finding("RabbitMQ", state, f"{where} {found}")


async def _examined(settings: Settings, url: str) -> tuple[State, str]:
    from brokers.rabbitmq.version import version_of  # noqa: PLC0415  # only where there is one

    try:
        version = await version_of(url, settings.broker)
    except BrokerAway as away:
        return State.FAIL, str(away)
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdecimal())
    if numbers < OLDEST:
        return State.FAIL, f"is {version}, older than {'.'.join(map(str, OLDEST))}"
    return State.OK, f"is {version}"
