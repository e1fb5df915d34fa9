"""The work queues: what FastStream says of them, fitted into the one document."""

from __future__ import annotations

import msgspec

from ops.asyncapi import examples, exchanges
from ops.asyncapi.part import Part, example, reference
from ops.asyncapi.schemas import Json


def part(version: str) -> Part:
    """The channels of webhooks' tasks; they are at the RabbitMQ that everything else is at."""
    # Here, since the library takes 0.25 s and 18 MB, which a node need not spend that nobody asks.
    from brokers.rabbitmq.work_queue import QUEUE, Task, asyncapi  # noqa: PLC0415  # as said

    document = asyncapi(version)
    task = Task(examples.LOG, examples.WEBHOOK, examples.RECORDED.stream)
    shown: Json = {"name": "task", "examples": [example(task)]}
    at: Json = {
        "servers": [reference("servers", exchanges.SERVER)],
        "x-queue-arguments": msgspec.to_builtins(QUEUE.arguments),
    }
    return Part(
        channels={name: {**each, **at} for name, each in document["channels"].items()},
        operations=document["operations"],
        schemas=document["components"]["schemas"],
        messages={
            name: {**each, **shown} for name, each in document["components"]["messages"].items()
        },
    )
