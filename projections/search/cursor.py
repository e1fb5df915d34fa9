"""Where a search goes on, as clients keep it. What they send back is not believed."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from domain import base64url
from domain.errors import Refused
from projections.search.walk import BEYOND


class Cursor(Struct, frozen=True, array_like=True):
    """What is below this position was not looked at."""

    below: Annotated[int, Meta(ge=0, le=BEYOND)]

    def text(self) -> str:
        """The cursor as clients keep it."""
        return base64url.encode(msgspec.msgpack.encode(self))

    @classmethod
    def of(cls, text: str) -> Cursor:
        """The cursor again. Raises Refused for anything that is none."""
        try:
            return msgspec.msgpack.decode(base64url.decode(text) or b"", type=cls)
        except (msgspec.MsgspecError, UnicodeError):
            raise Refused("bad_request", "This cursor is not one of ours.") from None
