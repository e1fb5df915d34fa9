"""A part of the AsyncAPI document: channels, what is done on them, and the schemas they need."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Struct

from ops.asyncapi.schemas import Json


class Part(Struct, frozen=True):
    """Each map by the names in the document, of which no other part may have one.

    ``messages`` are those that more than one channel may have.
    """

    channels: Json
    operations: Json
    schemas: Json
    messages: Json = {}


def reference(*path: str) -> Json:
    """A reference to something in the document."""
    return {"$ref": "#/" + "/".join(each.replace("~", "~0").replace("/", "~1") for each in path)}


def example(payload: Any, headers: Any = None) -> Json:
    """An example of a message, made of what a program would send."""
    shown = {"payload": msgspec.to_builtins(payload)}
    return shown if headers is None else {"headers": msgspec.to_builtins(headers), **shown}
