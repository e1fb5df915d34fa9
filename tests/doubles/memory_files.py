"""Files in memory: twins of the register, the store and the cipher, and a shelf made of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from msgspec.structs import replace

from adapters.files.inspection import ContentInspector
from domain.errors import FilesAway
from domain.file.ports import Upload
from domain.file.settings import FileSettings
from domain.handling.commands import CommandHandler
from domain.handling.file_reading import FileReader
from domain.handling.file_sweep import FileSweep
from domain.handling.files import FileParts, Files

Key = tuple[UUID, UUID]


class MemoryUploads:
    """The register. ``logged`` says whether a file is in the log."""

    def __init__(self) -> None:
        self.kept: dict[Key, Upload] = {}
        self.doomed: dict[Key, float] = {}
        self.logged: set[Key] = set()

    async def begin(self, upload: Upload, since: float, most: int | None) -> bool:
        begun = sum(
            max(each.size, each.chunk_bytes)
            for each in self.kept.values()
            if (each.log, each.owner) == (upload.log, upload.owner) and each.created_at > since
        )
        if most is not None and begun + max(upload.size, upload.chunk_bytes) > most:
            return False
        self.kept[upload.log, upload.file] = upload
        return True

    async def find(self, log: UUID, file: UUID) -> Upload | None:
        return None if (log, file) in self.doomed else self.kept.get((log, file))

    async def add(self, upload: Upload, token: str, due_at: float) -> bool:
        now = await self.find(upload.log, upload.file)
        if now is None or now.due_at is None or len(now.chunks) != len(upload.chunks):
            return False
        self._put(replace(now, chunks=(*now.chunks, token), due_at=due_at))
        return True

    async def note(
        self,
        upload: Upload,
        due_at: float | None,
        *,
        thumbnail: str | None = None,
        refused: str | None = None,
    ) -> bool:
        now = await self.find(upload.log, upload.file)
        if now is None:
            return False
        self._put(
            replace(
                now,
                due_at=None if now.due_at is None else due_at,
                thumbnail=thumbnail or now.thumbnail,
                refused=refused or now.refused,
            )
        )
        return True

    async def doom(self, log: UUID, file: UUID, until: float) -> None:
        now = self.kept.get((log, file))
        if now is not None and now.due_at is not None:
            self.doomed[log, file] = until

    async def claim(self, now: float, until: float, limit: int) -> list[Key]:
        due = dict(self.doomed)
        for key, upload in self.kept.items():
            if key not in due and upload.due_at is not None and upload.due_at <= now:
                if key in self.logged:
                    self._put(replace(upload, due_at=None))
                else:
                    due[key] = upload.due_at
        first = sorted((key for key in due if due[key] <= now), key=lambda key: due[key])[:limit]
        self.doomed |= dict.fromkeys(first, until)
        return first

    async def gone(self, log: UUID, file: UUID) -> None:
        if (log, file) in self.doomed:
            del self.kept[log, file], self.doomed[log, file]

    def erase(self, log: UUID, subject: str) -> None:
        """What the destruction of a subject's key does here."""
        for key, upload in self.kept.items():
            if (upload.log, upload.subject) == (log, subject):
                self.doomed[key] = 0

    def _put(self, upload: Upload) -> None:
        self.kept[upload.log, upload.file] = upload


class MemoryBlobs:
    """The store. ``away``: it does nothing that is asked."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}
        self.away = False

    async def put(self, name: str, data: bytes) -> None:
        self._look()
        assert name not in self.kept
        self.kept[name] = data

    async def get(self, name: str) -> bytes | None:
        self._look()
        return self.kept.get(name)

    async def remove(self, names: Sequence[str]) -> None:
        self._look()
        for name in names:
            self.kept.pop(name, None)

    async def remove_below(self, name: str) -> None:
        await self.remove([each for each in self.kept if each.startswith(f"{name}/")])

    def _look(self) -> None:
        if self.away:
            raise FilesAway("away")


class MarkingCipher:
    """Writes before what is to be encrypted what it is bound to. ``erased`` has no key."""

    def __init__(self) -> None:
        self.erased: set[str] = set()

    async def encrypt(
        self, log: UUID, purpose: str, labels: Sequence[tuple[str, bytes]]
    ) -> list[bytes | None]:
        return [
            None if subject in self.erased else _mark(log, subject, purpose) + plain
            for subject, plain in labels
        ]

    async def decrypt(
        self, log: UUID, purpose: str, labels: Sequence[tuple[str, bytes]]
    ) -> list[bytes | None]:
        return [
            stored[len(mark) :]
            if subject not in self.erased
            and stored.startswith(mark := _mark(log, subject, purpose))
            else None
            for subject, stored in labels
        ]


def _mark(log: UUID, subject: str, purpose: str) -> bytes:
    return f"{log} {subject} {purpose}:".encode()


class MemoryShelf:
    """All that works on files, over the twins; what looks at content is the real thing."""

    def __init__(self, handler: CommandHandler, clock: Any, ids: Any, **settings: Any) -> None:
        self.settings = FileSettings(**settings)
        self.uploads, self.blobs, self.cipher = MemoryUploads(), MemoryBlobs(), MarkingCipher()
        parts = FileParts(
            uploads=self.uploads,
            blobs=self.blobs,
            cipher=self.cipher,
            inspector=ContentInspector(self.settings),
            handler=handler,
            clock=clock,
            ids=ids,
        )
        self.files = Files(parts, self.settings)
        self.reader = FileReader(self.uploads, self.blobs, self.cipher, handler.states)
        self.sweep = FileSweep(self.uploads, self.blobs, clock, self.settings)
