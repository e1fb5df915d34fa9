"""What goes through RabbitMQ's exchanges: slices of logs, and signals."""

from __future__ import annotations

from msgspec import Struct

from brokers.codec import CONTENT_TYPE
from brokers.rabbitmq import topology
from brokers.rabbitmq.topology import Exchange, SliceHeaders
from brokers.settings import RelaySettings
from domain.broker import Heads
from domain.envelope import StoredEvent, StoredSlice
from domain.passing import Presence, Queue, Typing
from ops.asyncapi import examples
from ops.asyncapi.part import Part, example, reference
from ops.asyncapi.schemas import Json, Schemas

SERVER = "rabbitmq"

BYTES = """\
Bodies are msgpack. What it knows and JSON does not, schemas and examples write as JSON can: \
`format: uuid` stands for 16 bytes, `contentEncoding: base64` for any bytes."""

SLICES = f"""\
A message is one slice: a contiguous range of a tenant's log, of at most \
{RelaySettings().slice_events} events, in order. The relay publishes each log from its first event \
on, and goes on only over what RabbitMQ has confirmed; after a failure slices come again. Nothing \
depends on them, for the log is the truth: go by position, drop what you have, read what you miss \
from the store. An event's `data` is encrypted as it is in the store, and no key is in RabbitMQ.

{BYTES}"""

GROWN = f"""\
Logs that have grown, each with its last position, after commits; for whoever works on logs.

{BYTES}"""

BEACON = f"""\
How far logs were published that moved in the last {RelaySettings().beacon_s:g} s. From each relay \
each {RelaySettings().poll_s:g} s, also of none: whoever hears nothing cannot trust the broker.

{BYTES}"""

PASSING = f"""\
What passes in a log and is never stored, to the nodes that have sockets of its tenant.

{BYTES}"""


NODE = """\
By each node, on a queue of its own, `parley.node.…`: exclusive and bounded, and full it drops \
what is oldest."""

WAKING = """\
By each relay, projector and other follower of logs, on a queue of its own, `parley.waking.…`."""


class Way(Struct, frozen=True, kw_only=True):
    """What goes to one routing key of an exchange: each message by its name, and who takes it."""

    exchange: Exchange
    key: str
    parameters: dict[str, str] = {}
    description: str
    messages: Json
    taken: str


def part() -> Part:
    """The channels of both exchanges."""
    schemas = Schemas(SERVER, [StoredSlice, SliceHeaders, Heads, Typing, Presence, Queue])
    _name_columns(schemas.whole(StoredEvent))
    ways = _ways(schemas)
    return Part(
        channels={name: _channel(name, way) for name, way in ways.items()},
        operations={
            f"{name}.{done}": operation
            for name, way in ways.items()
            for done, operation in _operations(name, way).items()
        },
        schemas=schemas.components,
    )


def server() -> Json:
    """The RabbitMQ that an operator has."""
    return {
        "host": "{host}",
        "protocol": "amqp",
        "protocolVersion": "0.9.1",
        "description": "The operator's RabbitMQ, 3.10 or newer (`PARLEY_BROKER_URL`). Where there"
        " is none, none of this is sent.",
        "variables": {"host": {"default": "127.0.0.1:5672", "description": "Name and port."}},
        "security": [{"type": "userPassword", "description": "RabbitMQ's own users."}],
    }


def _ways(schemas: Schemas) -> dict[str, Way]:
    of = schemas.of
    slices = _message("slice", of(StoredSlice), example(examples.SLICE, examples.SLICE_HEADERS))
    heads, shown = of(Heads), example(examples.HEADS)
    return {
        "slices": Way(
            exchange=topology.LOG,
            key="{tenant}",
            parameters={"tenant": "The tenant's name."},
            description=SLICES,
            messages={"slice": {**slices, "headers": of(SliceHeaders)}},
            taken=NODE,
        ),
        "grown": Way(
            exchange=topology.SIGNALS,
            key=topology.GROWN,
            description=GROWN,
            messages={"grown": _message(topology.GROWN, heads, shown)},
            taken=WAKING,
        ),
        "beacon": Way(
            exchange=topology.SIGNALS,
            key=topology.BEACON,
            description=BEACON,
            messages={"beacon": _message(topology.BEACON, heads, shown)},
            taken=NODE,
        ),
        "passing": Way(
            exchange=topology.SIGNALS,
            key=f"{topology.PASSING}.{{log}}",
            parameters={"log": "The log's id, in hex."},
            description=PASSING,
            messages={
                "typing": _message(topology.PASSING, of(Typing), example(examples.TYPING)),
                "presence": _message(topology.PASSING, of(Presence), example(examples.PRESENCE)),
                "queue": _message(topology.PASSING, of(Queue), example(examples.PLACES)),
            },
            taken=NODE,
        ),
    }


def _message(kind: str, payload: Json, shown: Json) -> Json:
    """A message; ``kind`` is what its property ``type`` says."""
    return {
        "contentType": CONTENT_TYPE,
        "payload": payload,
        "bindings": {"amqp": {"messageType": kind, "bindingVersion": "0.3.0"}},
        "examples": [shown],
    }


def _channel(name: str, way: Way) -> Json:
    exchange = {
        "name": way.exchange.name,
        "type": way.exchange.type.value,
        "durable": way.exchange.durable,
        "autoDelete": False,
    }
    messages = {each: {"name": each, "title": each, **form} for each, form in way.messages.items()}
    channel = {
        "address": way.key,
        "title": name,
        "description": way.description,
        "servers": [reference("servers", SERVER)],
        "messages": messages,
        "bindings": {
            "amqp": {"is": "routingKey", "exchange": exchange, "bindingVersion": "0.3.0"},
        },
    }
    if way.parameters:
        channel["parameters"] = {each: {"description": is_} for each, is_ in way.parameters.items()}
    return channel


def _operations(name: str, way: Way) -> dict[str, Json]:
    """What is published, and who takes it."""
    common = {
        "channel": reference("channels", name),
        "messages": [reference("channels", name, "messages", each) for each in way.messages],
    }
    mode = way.exchange.delivery.value
    sent = {"deliveryMode": mode, "mandatory": False, "bindingVersion": "0.3.0"}
    return {
        "published": {"action": "send", "bindings": {"amqp": sent}, **common},
        "taken": {"action": "receive", "summary": way.taken, **common},
    }


def _name_columns(stored: Json) -> None:
    """An event goes as an array; say which column each item is."""
    columns = zip(StoredEvent.__struct_fields__, stored["items"], strict=True)
    stored["items"] = [{"title": column, **form} for column, form in columns]
