"""Files on their way out: whoever may read one gets it chunk by chunk."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from uuid import UUID

from msgspec import Struct

from domain.errors import Refused
from domain.file import names
from domain.file.events import FileStored
from domain.file.ports import Blobs, FileCipher, Upload, Uploads
from domain.handling.callers import Caller
from domain.handling.file_reach import no_file, readable
from domain.handling.files import content, opened
from domain.handling.states import States


class Opened(Struct, frozen=True):
    """A file's content as it is read: no more than a chunk of it is in memory."""

    stored: FileStored
    chunks: AsyncGenerator[bytes, None]


class FileReader:
    """Gives files to those who may read them."""

    def __init__(self, uploads: Uploads, blobs: Blobs, cipher: FileCipher, states: States) -> None:
        self._uploads = uploads
        self._states = states
        self.blobs = blobs
        self.cipher = cipher

    async def find(self, caller: Caller, file: UUID) -> FileStored:
        """What a file is."""
        state = await readable(self._states, caller, file)
        assert state.stored is not None
        return state.stored

    async def open(self, caller: Caller, file: UUID) -> Opened:
        """A file's content. What can be refused is, before its first byte."""
        stored = await self.find(caller, file)
        chunks = content(self, await self._upload(caller, file))
        first = await anext(chunks)
        return Opened(stored, _after(first, chunks))

    async def thumbnail(self, caller: Caller, file: UUID) -> bytes:
        """The small image of an image."""
        await self.find(caller, file)
        upload = await self._upload(caller, file)
        if upload.thumbnail is None:
            raise Refused("not_found", "This file has no thumbnail.")
        name = names.thumbnail(upload.log, file, upload.thumbnail)
        sealed = await self.blobs.get(name)
        return await opened(self, upload, names.thumbnail_purpose(file), sealed)

    async def _upload(self, caller: Caller, file: UUID) -> Upload:
        upload = await self._uploads.find(caller.log, file)
        if upload is None:
            raise no_file()
        return upload


async def _after(first: bytes, rest: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    yield first
    async with aclosing(rest):
        async for chunk in rest:
            yield chunk
