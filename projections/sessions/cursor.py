"""Where the next part of a list begins, as clients keep it. What they send back is not believed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import replace

from domain import base64url
from domain.errors import Refused

_Position = Annotated[int, Meta(ge=0, le=2**53)]


class Cursor(Struct, frozen=True, array_like=True):
    """Where the next part begins; ``as_of`` is the first page's.

    Before (last_at, id), or after ``position`` when the list was gone through and only what
    changed meanwhile is left.
    """

    as_of: _Position
    last_at: Annotated[datetime, Meta(tz=True)] | None = None
    id: Annotated[str, Meta(max_length=36, pattern=r"^[0-9a-f-]*$(?!\n)")] = ""
    position: _Position | None = None

    def text(self) -> str:
        """The cursor as clients keep it."""
        return base64url.encode(msgspec.msgpack.encode(self))

    @classmethod
    def of(cls, text: str) -> Cursor:
        """The cursor again. Raises Refused for anything that is none."""
        try:
            cursor = msgspec.msgpack.decode(base64url.decode(text) or b"", type=cls)
            # A time that UTC cannot express cannot be asked for either.
            last_at = cursor.last_at and cursor.last_at.astimezone(UTC)
            return replace(cursor, last_at=last_at)
        except (msgspec.MsgspecError, UnicodeError, OverflowError):
            raise Refused("bad_request", "This cursor is not one of ours.") from None
