"""What exists in RabbitMQ: exchanges, queues, routing keys. The names are public."""

from __future__ import annotations

from uuid import UUID

from aio_pika import ExchangeType
from aio_pika.abc import AbstractChannel, AbstractExchange, AbstractQueue

from brokers.settings import BrokerSettings

LOG = "parley.log"
"""Durable topic exchange: slices, by tenant."""

SIGNALS = "parley.signals"
"""Topic exchange, not durable: what is worth nothing a moment later."""

GROWN = "grown"
"""Routing key of signals that logs have grown, for relays, projectors and other followers."""

BEACON = "beacon"
"""Routing key of beacons, for every node."""


def passing_key(log: UUID) -> str:
    """Routing key of what is passing in a log."""
    return f"passing.{log.hex}"


async def log_exchange(channel: AbstractChannel) -> AbstractExchange:
    """The exchange of slices, declared."""
    return await channel.declare_exchange(LOG, ExchangeType.TOPIC, durable=True)


async def signals_exchange(channel: AbstractChannel) -> AbstractExchange:
    """The exchange of signals, declared."""
    return await channel.declare_exchange(SIGNALS, ExchangeType.TOPIC, durable=False)


async def own_queue(channel: AbstractChannel, name: str, settings: BrokerSettings) -> AbstractQueue:
    """A queue of this connection alone, gone with it. Full, it drops what is oldest."""
    return await channel.declare_queue(
        name,
        exclusive=True,
        auto_delete=True,
        arguments={
            "x-max-length": settings.queue_messages,
            "x-max-length-bytes": settings.queue_bytes,
            "x-overflow": "drop-head",
        },
    )
