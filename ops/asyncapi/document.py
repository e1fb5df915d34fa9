"""``/asyncapi.json``: the sockets and what goes over RabbitMQ, as AsyncAPI 3, made of the code."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from urllib.parse import urlsplit

import msgspec

from adapters.websocket.settings import SocketSettings
from domain.errors import CODES
from domain.visibility import Audience
from ops.asyncapi import exchanges, sockets, work_queues
from ops.asyncapi.schemas import Json

DESCRIPTION = """\
What goes over Parley's WebSockets and through its RabbitMQ; HTTP is in `/openapi.json`. It is \
said from the server's side: it receives what clients ask for, and sends what it pushes.

{rules}

The codes of `error`, which HTTP has too:

| code | meaning |
|---|---|
{codes}"""


@cache
def document(version: str, settings: SocketSettings) -> bytes:
    """The document of this version, of nodes with these settings, as JSON."""
    return msgspec.json.encode(described(version, settings))


def described(version: str, settings: SocketSettings) -> Json:
    """The same before it is written out."""
    parts = [*map(sockets.part, Audience), exchanges.part(), work_queues.part(version)]
    codes = [f"| `{code}` | {meaning} |" for code, (_, meaning) in CODES.items()]
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Parley",
            "version": version,
            "description": DESCRIPTION.format(
                rules=sockets.rules(settings), codes="\n".join(codes)
            ),
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "servers": {
            sockets.SERVER: _node(settings.public_url),
            exchanges.SERVER: exchanges.server(),
        },
        "channels": merged(each.channels for each in parts),
        "operations": merged(each.operations for each in parts),
        "components": {
            "schemas": merged(each.schemas for each in parts),
            "messages": merged(each.messages for each in parts),
        },
    }


def merged(maps: Iterable[Json]) -> Json:
    """All in one. Two of the same name would be our mistake."""
    whole: Json = {}
    for each in maps:
        assert not whole.keys() & each.keys(), whole.keys() & each.keys()
        whole.update(each)
    return whole


def _node(public_url: str) -> Json:
    """Where clients reach a node, if the operator has said so."""
    known = urlsplit(public_url)
    if known.netloc:
        protocol = "wss" if known.scheme == "https" else "ws"
        return {"host": known.netloc, "pathname": known.path, "protocol": protocol}
    return {
        "host": "{host}",
        "protocol": "wss",
        "description": "Wherever this document was got from; `ws` where that was not over TLS.",
        "variables": {"host": {"default": "127.0.0.1:8080", "description": "Name and port."}},
    }
