"""The two sockets: who may send what there, what is answered, and what is pushed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, get_args

from msgspec import Struct

from adapters.websocket.closing import CLOSE_CODES
from adapters.websocket.endpoint import SUBPROTOCOL
from adapters.websocket.frames import ClientFrame
from adapters.websocket.server_frames import name_of, server_frames
from adapters.websocket.settings import SocketSettings
from api import agent_sessions, sockets, visitor_sessions
from domain.limits import MAX_TEXT, MAX_TITLE, MAX_URL
from domain.permissions import OPS, may
from domain.visibility import Audience
from ops.asyncapi import examples
from ops.asyncapi.part import Part, reference
from ops.asyncapi.schemas import Json, Schemas, markdown

SERVER = "node"

ADDRESSES = {Audience.VISITOR: sockets.VISITOR, Audience.AGENT: sockets.AGENT}

FORMS: dict[str, type[Struct]] = {
    str(form.__struct_config__.tag): form for form in get_args(ClientFrame)
}
"""What a client sends, by operation."""

ANSWERS: dict[str, tuple[str, ...]] = {"hello": ("welcome",), "ping": ("pong",), "typing": ()}
"""What an operation is answered with, where that is not ``ack`` or ``error``."""

ONLY_ANSWERS = {"welcome", "ack", "pong"}
"""Frames that nobody gets who has not asked."""

RULES = """\
On the sockets frames are text: one JSON object each, of at most {settings.frame_bytes} bytes from \
a client. The first one is `hello`, once, within {settings.hello_timeout_s:g} seconds. A client \
ignores fields, frames and events that it does not know, as the server ignores fields. A socket \
follows at most {settings.feeds} feeds.

* **Answer or close.** A frame that can be read and has an `id` is answered by `ack` or `error` \
with that `id`, and the socket stays open.
* **An ack is durable.** It is sent after the commit.
* **Once.** A command that comes again with its `id` is not done again and gets its first answer.
* **In order.** Commands on one conversation happen in the order in which they were sent, without \
waiting for answers. After `busy` or `unavailable` all that follow get the same, until the first \
one is sent again.
* **Continuity.** `events` covers the range beyond `after`, up to and including `upto`. `mine` is \
the client's own offset of the feed. `after == mine`: apply all its events; `after < mine` and \
`mine < upto`: those beyond `mine`; `upto <= mine`: drop it; `after > mine`: something is \
missing, `subscribe` anew from `mine`. Whenever something was applied, `mine` becomes `upto`.

Characters at most: {text} of a message, {url} of a page's address and of its referrer, {title} of \
its title. `file` is reserved.

The server pings on the WebSocket layer, and closes with one of these codes, never with 1011:

| code | meaning |
|---|---|
{codes}"""

DESCRIPTIONS = {
    Audience.VISITOR: f"For visitors. The token in `hello` is from `POST {visitor_sessions.PATH}`."
    " A feed is `conversation:<id>`, one of the visitor's own; its offsets are the `version` of its"
    " events.",
    Audience.AGENT: f"For agents. The token in `hello` is from `POST {agent_sessions.PATH}`. A feed"
    " is `conversation:<id>`, whose offsets are the `version` of its events; or `inbox`, all of the"
    " tenant's log that the agent may see, whose offsets are the `position` of its events.",
}


def rules(settings: SocketSettings) -> str:
    """What holds on both sockets."""
    codes = [f"| {code} | {meaning} |" for code, meaning in CLOSE_CODES.items()]
    limits = {"text": MAX_TEXT, "url": MAX_URL, "title": MAX_TITLE}
    return RULES.format(settings=settings, codes="\n".join(codes), **limits)


def part(audience: Audience) -> Part:
    """The socket of visitors, or that of agents."""
    role = audience.value
    sent = {op: FORMS[op] for op, roles in OPS.items() if op in FORMS and may(role, roles)}
    got = server_frames(audience)
    schemas = Schemas(role, [*sent.values(), *got.values()])
    for op, form in sent.items():
        _leave_out(schemas.whole(form), op, role)
    shown = examples.of_socket(audience)
    messages = {
        name: _message(name, form, schemas.of(form), shown)
        for name, form in {**sent, **got}.items()
    }
    return Part(
        channels={role: _channel(audience, messages)},
        operations={
            **{f"{role}.{op}": _asked(role, op, form) for op, form in sent.items()},
            f"{role}.pushed": _pushed(role, [name for name in got if name not in ONLY_ANSWERS]),
        },
        schemas=schemas.components,
    )


def _leave_out(schema: Json, op: str, role: str) -> None:
    """Take the fields away that the permission table (``post note``) does not give this role."""
    for field in list(schema["properties"]):
        if not may(role, OPS.get(f"{op} {field}", OPS[op])):
            del schema["properties"][field]


def _message(name: str, form: type[Struct], payload: Json, shown: Sequence[Json]) -> Json:
    assert form.__doc__ is not None
    return {
        "name": name,
        "title": name,
        "summary": _summary(form.__doc__),
        "payload": payload,
        "examples": [{"payload": each} for each in shown if name_of(each) == name],
    }


def _channel(audience: Audience, messages: Json) -> Json:
    return {
        "address": ADDRESSES[audience],
        "title": f"The {audience.value}s' socket",
        "description": DESCRIPTIONS[audience],
        "servers": [reference("servers", SERVER)],
        "messages": messages,
        "bindings": {
            "ws": {"method": "GET", "headers": _handshake(), "bindingVersion": "0.1.0"},
        },
        "x-close-codes": {str(code): meaning for code, meaning in CLOSE_CODES.items()},
    }


def _handshake() -> Json:
    return {
        "type": "object",
        "properties": {"Sec-WebSocket-Protocol": {"type": "string", "const": SUBPROTOCOL}},
    }


def _asked(role: str, op: str, form: type[Struct]) -> Json:
    """What a client asks for, and the frames that may be the answer."""
    assert form.__doc__ is not None
    operation: dict[str, Any] = {
        "action": "receive",
        "channel": reference("channels", role),
        "title": op,
        "summary": _summary(form.__doc__),
        "messages": _of_channel(role, [op]),
    }
    answers = ANSWERS.get(op, ("ack", "error"))
    if answers:
        channel = reference("channels", role)
        operation["reply"] = {"channel": channel, "messages": _of_channel(role, answers)}
    return operation


def _pushed(role: str, names: Sequence[str]) -> Json:
    return {
        "action": "send",
        "channel": reference("channels", role),
        "title": "pushed",
        "summary": "What comes of the feeds that are followed, and of the socket itself.",
        "messages": _of_channel(role, names),
    }


def _of_channel(role: str, names: Sequence[str]) -> list[Json]:
    return [reference("channels", role, "messages", name) for name in names]


def _summary(doc: str) -> str:
    """The first sentence or two of a docstring; a summary is no Markdown."""
    return " ".join(markdown(doc).partition("\n\n")[0].replace("`", "").split())
