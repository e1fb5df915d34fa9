"""What can have happened to a file. Its content is no event: the log says what it was."""

from __future__ import annotations

from msgspec import Struct


class FileStored(Struct, frozen=True, omit_defaults=True):
    """All of a file arrived and was looked at; from now on it can be sent.

    ``size`` is in bytes, ``digest`` the SHA-256 of its content in hex; ``width`` and ``height`` are
    an image's in pixels, as it is shown. ``conversation`` is the one that an agent stored it for;
    an admin's without one is a common file.
    """

    file: str
    name: str
    media_type: str
    size: int
    digest: str
    width: int | None = None
    height: int | None = None
    thumbnail: bool = False
    conversation: str | None = None


class FileShared(Struct, frozen=True):
    """A message of this conversation has the file: its people may read it from now on."""

    conversation: str
