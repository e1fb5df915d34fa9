"""What can be asked of a file. It comes from ``domain.handling.files``, never from a socket."""

from __future__ import annotations

from uuid import UUID

from msgspec import Struct


class StoreFile(Struct, frozen=True, omit_defaults=True, tag_field="op", tag="store_file"):
    """Enter a file that has arrived. ``id`` is the file's own, so that it is entered once."""

    id: UUID
    name: str
    media_type: str
    size: int
    digest: str
    width: int | None = None
    height: int | None = None
    thumbnail: bool = False
    conversation: UUID | None = None
