"""What a stranger gets who binds to RabbitMQ's exchanges is as ``/asyncapi.json`` describes it."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import aio_pika
import msgspec
from aio_pika.abc import AbstractIncomingMessage

from brokers import codec
from domain.passing import Place, Presence, Queue, Typing
from tests.contract.test_broker_contract import LOG, OTHER, a_slice
from tests.fixtures.asyncapi import DOCUMENT, problems_of
from tests.integration.brokers.test_rabbitmq import node

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
CHANNELS: dict[str, dict[str, Any]] = {
    name: each
    for name, each in DOCUMENT["channels"].items()
    if each["bindings"].get("amqp", {}).get("exchange", {}).get("name", "").startswith("parley.")
}
READERS = {"slice": codec.decode_slice, "grown": codec.decode_heads, "beacon": codec.decode_heads}


async def got(broker_url: str) -> list[AbstractIncomingMessage]:
    """One message of each kind, as it comes to a queue bound to what the document names.

    RabbitMQ refuses an exchange that is declared otherwise than it is.
    """
    taken: list[AbstractIncomingMessage] = []
    async with node(broker_url) as one, await aio_pika.connect(broker_url) as connection:
        channel = await connection.channel()
        queue = await channel.declare_queue(exclusive=True)
        for each in CHANNELS.values():
            described = each["bindings"]["amqp"]["exchange"]
            exchange = await channel.declare_exchange(
                described["name"],
                described["type"],
                durable=described["durable"],
                auto_delete=described["autoDelete"],
            )
            await queue.bind(exchange, re.sub(r"{\w+}", "*", each["address"]))
        await one.broker.publish(a_slice(4, 6), TRACE)
        one.broker.signal(LOG, 6)
        one.broker.beacon([(LOG, 6), (OTHER, 1)])
        one.broker.pass_on(Typing(LOG, "agent", "a", "c", on=True, name="Mia"))
        one.broker.pass_on(Presence(LOG, "visitor", "v", online=False))
        one.broker.pass_on(Queue(LOG, (Place("c", 1, 2, staffed=True, open=True),)))
        async with queue.iterator(timeout=10) as messages:
            async for message in messages:
                taken.append(message)
                if len(taken) == 6:
                    return taken
    raise AssertionError(taken)


def described(message: AbstractIncomingMessage) -> tuple[str, str]:
    """The channel and the message of the document that this is, by where it came from."""
    for name, each in CHANNELS.items():
        pattern = re.sub(r"{\w+}", r"[^.]+", each["address"])
        exchange = each["bindings"]["amqp"]["exchange"]["name"]
        if exchange == message.exchange and re.fullmatch(pattern, message.routing_key or ""):
            names = list(each["messages"])
            passing = name == "passing"
            return name, msgspec.msgpack.decode(message.body)["type"] if passing else names[0]
    raise AssertionError(f"nobody is told of {message.exchange} {message.routing_key}")


async def test_messages_are_as_described(broker_url: str) -> None:
    """Exchange, key, headers, type, delivery and body of each; none is left out."""
    seen = set()
    for message in await got(broker_url):
        channel, name = described(message)
        seen.add((channel, name))
        form = CHANNELS[channel]["messages"][name]
        sent = DOCUMENT["operations"][f"{channel}.published"]["bindings"]["amqp"]
        assert message.content_type == form["contentType"]
        assert message.type == form["bindings"]["amqp"]["messageType"]
        assert message.delivery_mode == sent["deliveryMode"]
        assert set(message.headers) == set(_properties(form.get("headers", {})))
        assert problems_of(form.get("headers", {}), dict(message.headers)) == []
        read: Any = READERS.get(name, codec.decode_passing)(message.body)
        assert problems_of(form["payload"], msgspec.to_builtins(read)) == []
        assert msgspec.msgpack.decode(message.body, type=object) == _on_the_wire(read)
    assert seen == {
        (channel, name) for channel in CHANNELS for name in CHANNELS[channel]["messages"]
    }


def _properties(headers: dict[str, Any]) -> dict[str, Any]:
    name = headers.get("$ref", "").rpartition("/")[2]
    found: dict[str, Any] = DOCUMENT["components"]["schemas"].get(name, {}).get("properties", {})
    return found


def _on_the_wire(read: Any) -> Any:
    """What the document's notation stands for: ids are 16 bytes, bytes are bytes."""
    return _with_bytes(msgspec.to_builtins(read, builtin_types=(bytes, UUID)))


def _with_bytes(form: Any) -> Any:
    if isinstance(form, dict):
        return {name: _with_bytes(each) for name, each in form.items()}
    if isinstance(form, list | tuple):
        return [_with_bytes(each) for each in form]
    return form.bytes if isinstance(form, UUID) else form
