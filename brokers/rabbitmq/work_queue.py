"""What webhooks have in RabbitMQ: a quorum queue of tasks, where dead ones go, and the message.

FastStream makes the AsyncAPI document of what is declared here, without connecting.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

import msgspec
from faststream import AckPolicy
from faststream.exceptions import RejectMessage
from faststream.rabbit import (
    Channel,
    ExchangeType,
    QueueType,
    RabbitBroker,
    RabbitExchange,
    RabbitMessage,
    RabbitQueue,
)
from faststream.rabbit.publisher import RabbitPublisher
from faststream.rabbit.subscriber import RabbitSubscriber
from faststream.specification import AsyncAPI

from brokers.settings import BrokerSettings
from brokers.work import TRIES

NAME = "parley.work.webhooks"

# A queue that is there keeps its arguments, and another wish is refused: so none is a setting.
MOST_WAITING = 100_000
"""Tasks in the queue; more are refused, since what is due is found without them."""

MOST_DEAD = 10_000
"""Dead tasks that are kept to be looked at; the oldest go first."""

_NEVER_S = 24 * 3600.0
"""Seconds until the client library would mend a connection, which is long made anew by then."""

DEAD = RabbitExchange("parley.work.dead", type=ExchangeType.DIRECT, durable=True)
"""Where tasks go that nobody could read, or whose handler failed every time."""

QUEUE = RabbitQueue(
    NAME,
    queue_type=QueueType.QUORUM,
    durable=True,
    arguments={
        "x-delivery-limit": TRIES - 1,
        "x-dead-letter-exchange": DEAD.name,
        "x-dead-letter-routing-key": NAME,
        "x-max-length": MOST_WAITING,
        "x-overflow": "reject-publish",
    },
)

DEAD_QUEUE = RabbitQueue(
    f"{NAME}.dead",
    queue_type=QueueType.QUORUM,
    durable=True,
    routing_key=NAME,
    arguments={"x-max-length": MOST_DEAD},
)


@dataclass(frozen=True)
class Task:
    """Something is due to a webhook in one conversation.

    `tenant` is the id of the tenant's log, `stream` that of the conversation. A task holds nothing
    of what is due: who takes it looks at the rows.
    """

    tenant: UUID
    webhook: str
    stream: str


TakeTask = Callable[[Task], Awaitable[None]]
Lost = Callable[..., None]
"""Is called when a connection is lost."""


def consuming(
    url: str, take: TakeTask, lost: Lost, settings: BrokerSettings
) -> tuple[RabbitBroker, RabbitSubscriber]:
    """What takes tasks up, not connected yet: so many at a time, each acknowledged when done."""
    broker = _broker(url, Channel(prefetch_count=settings.work_prefetch), lost, settings)
    subscriber = broker.subscriber(
        QUEUE,
        ack_policy=AckPolicy.NACK_ON_ERROR,
        decoder=_decode,
        no_reply=True,
        title="webhook tasks taken up",
        description="By every process with the role `webhooks`. Acknowledged when worked off.",
    )

    @subscriber
    async def taken(task: Task) -> None:
        await take(task)

    return broker, subscriber


def publishing(
    url: str, lost: Lost, settings: BrokerSettings
) -> tuple[RabbitBroker, RabbitPublisher]:
    """What gives tasks out, not connected yet: persistent, confirmed, and returned if nowhere."""
    channel = Channel(publisher_confirms=True, on_return_raises=True)
    broker = _broker(url, channel, lost, settings)
    publisher = broker.publisher(
        QUEUE,
        persist=True,
        schema=Task,
        title="webhook tasks given out",
        description="By the projector, for what has just become due.",
    )
    return broker, publisher


def _broker(url: str, channel: Channel, lost: Lost, settings: BrokerSettings) -> RabbitBroker:
    return RabbitBroker(
        url,
        default_channel=channel,
        reconnect_interval=_NEVER_S,
        on_close=(lost,),
        timeout=settings.connect_timeout_s,
        graceful_timeout=None,
        apply_types=False,
        logger=None,
        app_id="parley",
    )


async def _decode(message: RabbitMessage) -> Task:
    """A task; what is none goes to the dead ones at once."""
    try:
        return msgspec.json.decode(message.body, type=Task)
    except msgspec.MsgspecError:
        raise RejectMessage from None


async def declare(broker: RabbitBroker) -> None:
    """Have the queues, and the way from one to the other."""
    await broker.declare_exchange(DEAD)
    dead = await broker.declare_queue(DEAD_QUEUE)
    await dead.bind(DEAD.name, routing_key=NAME)
    await broker.declare_queue(QUEUE)


async def delete(broker: RabbitBroker) -> None:
    """Throw the queue away, with the tasks in it."""
    connection = await broker.connect()
    channel = await connection.channel()
    await channel.queue_delete(NAME)


def asyncapi(version: str) -> dict[str, Any]:
    """The AsyncAPI 3 document of the work queues. Connects to nothing."""

    async def nobody(_: Task) -> None:
        raise AssertionError("this one is never run")

    def never(*_: object) -> None:
        raise AssertionError("nothing is connected")

    url, settings = "amqp://rabbitmq/", BrokerSettings()
    document = AsyncAPI(
        consuming(url, nobody, never, settings)[0],
        publishing(url, never, settings)[0],
        title="Parley's work queues",
        version=version,
    )
    return cast("dict[str, Any]", document.to_specification().to_jsonable())
