"""What files need of the outside: a register of them, a place for their bytes, an eye on those."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Protocol
from uuid import UUID

from msgspec import Struct


class Upload(Struct, frozen=True):
    """A file as the register has it, from its first chunk until its subject is erased.

    All of it is in clear but ``name``, which is encrypted under the key of ``subject``. ``chunks``
    are the tokens of those that have arrived, in order; ``thumbnail`` is the token of that.
    ``refused``: the code for which it was refused, once it was looked at. ``due_at``: when it is to
    be removed, in seconds since 1970; None for one that is in the log.
    """

    log: UUID
    file: UUID
    subject: str
    role: str
    owner: str
    conversation: UUID | None
    size: int
    chunk_bytes: int
    name: bytes
    created_at: float
    due_at: float | None
    chunks: tuple[str, ...] = ()
    thumbnail: str | None = None
    refused: str | None = None

    @property
    def count(self) -> int:
        """How many chunks it has in all."""
        return -(-self.size // self.chunk_bytes)

    @property
    def received(self) -> int:
        """How many bytes have arrived."""
        return min(len(self.chunks) * self.chunk_bytes, self.size)


class Uploads(Protocol):
    """The register of files, for every node. What is to be removed is not found any more.

    Each method raises StoreUnavailable.
    """

    async def begin(self, upload: Upload, since: float, most: int | None) -> bool:
        """Enter a file. False where its owner has begun more than ``most`` bytes since then.

        Each file counts as one chunk at least.
        """

    async def find(self, log: UUID, file: UUID) -> Upload | None:
        """The file of this id."""

    async def add(self, upload: Upload, token: str, due_at: float) -> bool:
        """One more chunk has arrived. False where it is not the next any more."""

    async def note(
        self,
        upload: Upload,
        due_at: float | None,
        *,
        thumbnail: str | None = None,
        refused: str | None = None,
    ) -> bool:
        """It was looked at, or is in the log (no ``due_at``). False where it is there no more."""

    async def doom(self, log: UUID, file: UUID, until: float) -> None:
        """It is to be removed, by whoever asks for that; by others if it still is there then."""


class Doomed(Protocol):
    """What is to be removed, of all tenants: unfinished for too long, given up, or erased."""

    async def claim(self, now: float, until: float, limit: int) -> list[tuple[UUID, UUID]]:
        """Logs and ids of files to remove now, which nobody else claims before ``until``."""

    async def gone(self, log: UUID, file: UUID) -> None:
        """Nothing is left of a file that was to be removed."""


class Blobs(Protocol):
    """Where bytes lie, under names with slashes. What was put is durable, and never changed.

    Each method raises :class:`~domain.errors.FilesAway`.
    """

    async def put(self, name: str, data: bytes) -> None:
        """Keep these bytes under a name that is new."""

    async def get(self, name: str) -> bytes | None:
        """The bytes of this name; None where there are none."""

    async def remove(self, names: Sequence[str]) -> None:
        """Forget these; those that are not there are no error."""

    async def remove_below(self, name: str) -> None:
        """Forget all whose names begin with this one and a slash."""


class FileCipher(Protocol):
    """Encrypts under subjects' keys what is bound to a purpose."""

    async def encrypt(
        self, log: UUID, purpose: str, labels: Sequence[tuple[str, bytes]]
    ) -> list[bytes | None]:
        """Encrypt each (subject, bytes); None where the subject was erased."""

    async def decrypt(
        self, log: UUID, purpose: str, labels: Sequence[tuple[str, bytes]]
    ) -> list[bytes | None]:
        """Decrypt each; None where the subject was erased, or where it does not decrypt."""


class Seen(Struct, frozen=True):
    """What a file turned out to be. ``digest`` is its SHA-256 in hex.

    ``media_type`` is what its name said, unless it is another kind of image. An image that could
    be decoded has its measures as it is shown, and a small one of itself.
    """

    media_type: str
    digest: str
    width: int | None = None
    height: int | None = None
    thumbnail: bytes | None = None


class Inspector(Protocol):
    """Looks at a file's content."""

    async def inspect(self, media_type: str, chunks: AsyncIterator[bytes]) -> Seen:
        """Look at all of it, once. Refused where it is not of this type.

        Programs save images under each other's endings, so any image that is taken will do for one.
        """
