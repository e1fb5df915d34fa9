"""What exists in RabbitMQ: exchanges, queues, routing keys, headers. The names are public."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

from aio_pika import DeliveryMode, ExchangeType
from aio_pika.abc import AbstractChannel, AbstractExchange, AbstractIncomingMessage, AbstractQueue
from msgspec import Struct

from brokers.settings import BrokerSettings
from domain.telemetry import TRACEPARENT


class Exchange(NamedTuple):
    """An exchange of ours; ``durable``: it is still there after RabbitMQ has been restarted."""

    name: str
    durable: bool
    delivery: DeliveryMode
    type: ExchangeType = ExchangeType.TOPIC


LOG = Exchange("parley.log", durable=True, delivery=DeliveryMode.PERSISTENT)
"""Slices, by tenant."""

SIGNALS = Exchange("parley.signals", durable=False, delivery=DeliveryMode.NOT_PERSISTENT)
"""What is worth nothing a moment later."""

GROWN = "grown"
"""Routing key of signals that logs have grown, for relays, projectors and other followers."""

BEACON = "beacon"
"""Routing key of beacons, for every node."""


PASSING = "passing"
"""First word of the routing keys of what is passing; the second is the log's id in hex."""


class SliceHeaders(
    Struct,
    frozen=True,
    omit_defaults=True,
    rename={
        "tenant": "parley-tenant",
        "after": "parley-after",
        "upto": "parley-upto",
        "trace": TRACEPARENT,
    },
):
    """The headers of a slice: its tenant's name, its range ``(after, upto]``, and its trace."""

    tenant: str
    after: int
    upto: int
    trace: str | None = None


def is_relays(message: AbstractIncomingMessage) -> bool:
    """Whether a relay has sent it: a slice or a beacon."""
    return message.exchange == LOG.name or message.routing_key == BEACON


def passing_key(log: UUID) -> str:
    """Routing key of what is passing in a log."""
    return f"{PASSING}.{log.hex}"


async def log_exchange(channel: AbstractChannel) -> AbstractExchange:
    """The exchange of slices, declared."""
    return await _declared(channel, LOG)


async def signals_exchange(channel: AbstractChannel) -> AbstractExchange:
    """The exchange of signals, declared."""
    return await _declared(channel, SIGNALS)


async def _declared(channel: AbstractChannel, exchange: Exchange) -> AbstractExchange:
    return await channel.declare_exchange(exchange.name, exchange.type, durable=exchange.durable)


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
