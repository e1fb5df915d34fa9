"""``/asyncapi.json``: valid, true of the code, and nobody is told of what is not for them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, get_args
from urllib.parse import unquote
from uuid import UUID

import jsonschema_rs
import msgspec
import pytest

from adapters.websocket import frames
from adapters.websocket.closing import CLOSE_CODES
from adapters.websocket.server_frames import server_frames
from adapters.websocket.session import op_of
from adapters.websocket.settings import SocketSettings
from brokers import codec
from brokers.rabbitmq import topology
from brokers.rabbitmq.work_queue import NAME, Task
from domain.envelope import StoredSlice
from domain.errors import CODES
from domain.event_forms import fields_shown
from domain.event_types import REGISTRY
from domain.passing import Passing
from domain.permissions import OPS, may
from domain.visibility import VISIBLE, Audience
from ops.asyncapi import examples
from ops.asyncapi.document import described
from ops.asyncapi.sockets import FORMS
from tests.fixtures.asyncapi import DOCUMENT, at, problems_of, reached, references
from tests.fixtures.frames import problem_of
from tests.unit.websocket.chat import Chat

ROOT = Path(__file__).resolve().parents[3]
OFFICIAL = ROOT / "web/node_modules/@asyncapi/specs/schemas/3.0.0.json"
ROLES = [each.value for each in Audience]
MESSAGES = [
    (channel, name) for channel, form in DOCUMENT["channels"].items() for name in form["messages"]
]

OF_AGENTS_ALONE = {"position", "note", "tags", "departments", "user", "password", "secret"}
"""Names of fields that a visitor meets nowhere, whatever they are of."""


def message(channel: str, name: str) -> dict[str, Any]:
    """A message of a channel."""
    found: dict[str, Any] = DOCUMENT["channels"][channel]["messages"][name]
    return at(found["$ref"]) if "$ref" in found else found


def sent_fields(op: str, role: str) -> set[str]:
    """The fields of an operation that the permission table gives a role."""
    fields = FORMS[op].__struct_fields__
    return {each for each in fields if may(role, OPS.get(f"{op} {each}", OPS[op]))}


def events_of(role: str) -> dict[str, dict[str, Any]]:
    """The schema of each type of event in a role's ``events`` frames."""
    items = at(f"#/components/schemas/{role}.Events")["properties"]["events"]["items"]
    forms = [at(each["$ref"]) for each in items["anyOf"]]
    return {form["properties"]["type"]["enum"][0]: form for form in forms}


def data_of(form: dict[str, Any]) -> dict[str, Any]:
    """The schema of an event's data."""
    data: dict[str, Any] = at(form["properties"]["data"]["anyOf"][0]["$ref"])
    return data


# --- the whole ------------------------------------------------------------------------------------


@pytest.mark.skipif(not OFFICIAL.exists(), reason="AsyncAPI's schema is in web's packages")
def test_it_is_as_asyncapi_says() -> None:
    """AsyncAPI's own schema of version 3.0.0 finds nothing wrong."""
    validator = jsonschema_rs.Draft7Validator(json.loads(OFFICIAL.read_bytes()))
    assert [str(error) for error in validator.iter_errors(DOCUMENT)] == []
    assert DOCUMENT["asyncapi"] == "3.0.0"


def test_every_reference_leads_somewhere() -> None:
    """And every schema and message is one that something refers to."""
    for reference in references(DOCUMENT):
        assert at(reference)
    named = {
        f"#/components/{kind}/{name}"
        for kind, each in DOCUMENT["components"].items()
        for name in each
    }
    assert {unquote(each) for each in reached(DOCUMENT["channels"])} == named


def test_what_an_operation_names_is_its_channels() -> None:
    """Messages of an operation and of its reply are those of the channel that it names."""
    for operation in DOCUMENT["operations"].values():
        for side in filter(None, (operation, operation.get("reply"))):
            within = side["channel"]["$ref"] + "/messages/"
            assert side["messages"]
            assert all(each["$ref"].startswith(within) for each in side["messages"])


def test_a_known_address_is_told() -> None:
    """Where the operator has said it; else it is left to whoever reads."""

    def node(public_url: str) -> Any:
        return described("1", SocketSettings(public_url=public_url))["servers"]["node"]

    assert node("https://chat.example/help") == {
        "host": "chat.example",
        "pathname": "/help",
        "protocol": "wss",
    }
    assert node("http://127.0.0.1:8080")["protocol"] == "ws"
    assert node("")["host"] == "{host}"


# --- the sockets ----------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ROLES)
def test_the_permission_table_says_who_may_send_what(role: str) -> None:
    """Each operation of the table, field by field, is there for whoever may ask for it."""
    asked = {
        name.partition(".")[2]
        for name, each in DOCUMENT["operations"].items()
        if name.startswith(f"{role}.") and each["action"] == "receive"
    }
    assert asked == {op for op in OPS if " " not in op and may(role, OPS[op])}
    for op in asked:
        form = at(message(role, op)["payload"]["$ref"])
        assert set(form["properties"]) == {"op", *sent_fields(op, role)}
    assert set(FORMS) == {str(each.__struct_config__.tag) for each in get_args(frames.ClientFrame)}


def test_a_field_may_be_for_some_only() -> None:
    """Notes are of agents: a visitor's ``post`` has no such field."""
    fields = {role: at(message(role, "post")["payload"]["$ref"])["properties"] for role in ROLES}
    assert "note" in fields["agent"]
    assert "note" not in fields["visitor"]


@pytest.mark.parametrize("role", ROLES)
def test_every_frame_of_the_server_is_described(role: str) -> None:
    """What is sent only as an answer is nobody's push; all else may come at any time."""
    got = set(server_frames(Audience(role)))
    assert got <= set(DOCUMENT["channels"][role]["messages"])
    pushed = {
        each["$ref"].rpartition("/")[2]
        for each in DOCUMENT["operations"][f"{role}.pushed"]["messages"]
    }
    assert pushed == got - {"welcome", "ack", "pong"}


@pytest.mark.parametrize("role", ROLES)
def test_codes_are_told(role: str) -> None:
    """Every code of errors, and every one that a socket is closed with."""
    code = at(message(role, "error")["payload"]["$ref"])["properties"]["code"]
    assert code["enum"] == list(CODES)
    channel = DOCUMENT["channels"][role]
    assert channel["x-close-codes"] == {str(code): text for code, text in CLOSE_CODES.items()}
    told = DOCUMENT["info"]["description"]
    assert all(f"| {code} | {text} |" in told for code, text in CLOSE_CODES.items())
    assert all(f"| `{code}` | {text} |" in told for code, (_, text) in CODES.items())


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("name", VISIBLE)
def test_events_have_what_the_visibility_table_says(name: str, role: str) -> None:
    """Type by type and field by field, for each audience."""
    shown = fields_shown(name, Audience(role))
    form = events_of(role).get(name)
    assert (form is None) is (shown is None)
    if form is not None and shown is not None:
        assert set(data_of(form)["properties"]) == set(shown)


def test_a_visitor_is_told_of_nothing_hidden() -> None:
    """Wherever one looks from its channel: no type, no field and no number that it never sees."""
    channel = DOCUMENT["channels"]["visitor"]
    schemas = reached(channel)
    assert all(each.startswith("#/components/schemas/visitor.") for each in schemas)
    for name, form in events_of("visitor").items():
        shown = VISIBLE[name].visitor
        assert shown is not None
        hidden = set(REGISTRY.named(name).cls.__struct_fields__) - set(shown)
        told = [data_of(form), *reached(data_of(form)).values()]
        assert [each for each in told if hidden & set(each["properties"])] == []
    properties = {field for each in schemas.values() for field in each.get("properties", {})}
    assert properties.isdisjoint(OF_AGENTS_ALONE)
    text = json.dumps([channel, schemas])
    unseen = [name for name, each in VISIBLE.items() if each.visitor is None]
    assert [name for name in unseen if f'"{name}"' in text] == []


# --- examples -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("channel", "name"), MESSAGES)
def test_examples_are_as_their_schemas_say(channel: str, name: str) -> None:
    """Every message has one, and it passes."""
    form = message(channel, name)
    assert form["examples"]
    for each in form["examples"]:
        assert problems_of(form["payload"], each["payload"]) == []
        assert problems_of(form.get("headers", {}), each.get("headers", {})) == []


@pytest.mark.parametrize("role", ROLES)
def test_examples_of_clients_are_read_by_the_server(role: str) -> None:
    """By the real decoder, as the operation they are of, and the table lets them."""
    for op in {op for op in FORMS if may(role, OPS[op])}:
        for each in message(role, op)["examples"]:
            frame = frames.decode(json.dumps(each["payload"]))
            assert isinstance(frame, FORMS[op])
            assert not isinstance(frame, frames.BadFrame)
            assert may(role, OPS[op_of(frame)])


@pytest.mark.parametrize("role", ROLES)
def test_examples_of_the_server_are_as_what_it_sends(role: str) -> None:
    """They pass the check that every frame of every test has to pass."""
    for name in server_frames(Audience(role)):
        for each in message(role, name)["examples"]:
            assert problem_of(role, json.dumps(each["payload"])) is None


def test_examples_of_the_broker_are_read_by_its_codec() -> None:
    """Encoded as they would be, they come back."""
    (slice_,) = message("slices", "slice")["examples"]
    committed = msgspec.convert(slice_["payload"], StoredSlice)
    assert codec.decode_slice(codec.encode(committed)) == committed
    headers = msgspec.convert(slice_["headers"], topology.SliceHeaders)
    assert (headers.tenant, headers.after, headers.upto) == (
        committed.tenant,
        committed.after,
        committed.upto,
    )
    for channel in ("grown", "beacon"):
        (example,) = message(channel, channel)["examples"]
        heads = msgspec.convert(example["payload"], list[tuple[UUID, int]])
        assert codec.decode_heads(codec.encode(heads)) == heads
    for name in ("typing", "presence"):
        (example,) = message("passing", name)["examples"]
        passing: Passing = msgspec.convert(example["payload"], Passing)
        assert codec.decode_passing(codec.encode(passing)) == passing


def test_what_faststream_says_is_part_of_it() -> None:
    """The queue of tasks, at the same RabbitMQ, with what it was declared with, and an example."""
    queues = {name: each for name, each in DOCUMENT["channels"].items() if each["address"] == NAME}
    assert {each["$ref"] for one in queues.values() for each in one["servers"]} == {
        "#/servers/rabbitmq"
    }
    assert {each["x-queue-arguments"]["x-queue-type"] for each in queues.values()} == {"quorum"}
    actions = {
        each["action"]
        for each in DOCUMENT["operations"].values()
        if unquote(each["channel"]["$ref"]).rpartition("/")[2] in queues
    }
    assert actions == {"send", "receive"}
    for channel, each in queues.items():
        for name in each["messages"]:
            (example,) = message(channel, name)["examples"]
            task = msgspec.json.decode(json.dumps(example["payload"]), type=Task)
            assert task.tenant == examples.LOG


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("op", [op for op in FORMS if op != "hello"])
async def test_the_server_answers_as_it_is_described(role: str, op: str) -> None:
    """Each example, sent to a node, gets one of the frames that the operation names, or none."""
    if not may(role, OPS[op]):
        return
    chat = await Chat().open()
    client = await (chat.visitor() if role == "visitor" else chat.agent(await chat.add_agent()))
    assert client.ops()[0] == "welcome"
    reply = DOCUMENT["operations"][f"{role}.{op}"].get("reply", {"messages": []})
    answers = {each["$ref"].rpartition("/")[2] for each in reply["messages"]}
    for each in message(role, op)["examples"]:
        before = len(client.frames)
        client.say_raw(json.dumps(each["payload"]))
        await chat.idle()
        got = [frame["op"] for frame in client.frames[before:]]
        assert bool(got) is bool(answers)
        assert set(got) <= answers
    client.hang_up()
    await client.task
