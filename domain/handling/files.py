"""Files on their way in: chunk by chunk, each encrypted as it comes, and looked at in the end.

What is known of an unfinished file is in the register, so any node goes on with it. A chunk is
written under a name of its own and counts once the register has it: whoever sends one again, or
two at once, changes nothing that has arrived.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Protocol
from uuid import UUID

from msgspec import Struct

from domain import streams
from domain.errors import Refused
from domain.file import names
from domain.file.commands import StoreFile
from domain.file.events import FileStored
from domain.file.ports import Blobs, FileCipher, Inspector, Seen, Upload, Uploads
from domain.file.settings import DAY_S, FileSettings
from domain.file.types import type_of
from domain.handling.callers import Caller
from domain.handling.commands import CommandHandler
from domain.handling.file_reach import no_file, placed
from domain.handling.sender import Sender
from domain.permissions import VISITOR
from domain.ports import Clock, Ids

TOKEN_BYTES = 8
REFUSED_S = 600.0
"""Seconds for which a refusal is remembered, for a sender who did not hear it."""


class FileParts(Struct, frozen=True):
    """What files need of the outside."""

    uploads: Uploads
    blobs: Blobs
    cipher: FileCipher
    inspector: Inspector
    handler: CommandHandler
    clock: Clock
    ids: Ids


class Files:
    """Takes files in, and gives them out again."""

    def __init__(self, parts: FileParts, settings: FileSettings) -> None:
        self._parts = parts
        self.settings = settings
        self._states = parts.handler.states

    def check(self, name: str, size: int) -> str:
        """What a file will be called. Refused for what cannot be taken, whoever sends it."""
        name = names.clean(name)
        type_of(name, self.settings.types)
        if size > self.settings.max_bytes:
            kib = self.settings.max_bytes // 1024
            raise Refused("too_large", f"A file has at most {kib:,} KiB.")
        return name

    async def begin(self, caller: Caller, name: str, size: int, conversation: UUID | None) -> UUID:
        """A file is to come; its id. Refused for what cannot be taken, before any of it comes."""
        name = self.check(name, size)
        subject = await self._subject(caller, conversation)
        log, file, now = caller.log, self._parts.ids.uuid(), self._parts.clock.now()
        upload = Upload(
            log=log,
            file=file,
            subject=subject,
            role=caller.role,
            owner=caller.actor.id,
            conversation=conversation,
            size=size,
            chunk_bytes=self.settings.chunk_bytes,
            name=await self._sealed(log, subject, names.name_purpose(file), name.encode()),
            created_at=now,
            due_at=now + self.settings.unfinished_s,
        )
        most = self.settings.visitor_daily_bytes if caller.role == VISITOR else None
        if not await self._parts.uploads.begin(upload, now - DAY_S, most):
            raise Refused("file_quota")
        return file

    async def _subject(self, caller: Caller, conversation: UUID | None) -> str:
        """Under whose key a file will be."""
        if conversation is not None:
            state = await placed(self._states, caller, conversation)
            return streams.visitor(state.visitor)
        if caller.role == VISITOR:
            return streams.visitor(caller.actor.id)
        if not caller.is_admin:
            raise Refused("bad_request", "An agent sends a file to a conversation: say which.")
        return streams.TENANT

    async def progress(self, caller: Caller, file: UUID) -> Upload:
        """How far a file of this caller's has come."""
        upload = await self._parts.uploads.find(caller.log, file)
        if upload is None or (upload.role, upload.owner) != (caller.role, caller.actor.id):
            raise no_file()
        if upload.refused is not None:
            raise Refused(upload.refused)
        return upload

    async def give_up(self, caller: Caller, file: UUID) -> None:
        """The rest of a file will not come, so what came of it goes. One in the log stays."""
        upload = await self.progress(caller, file)
        entered = await self._states.refresh(upload.log, streams.file(file))
        if upload.due_at is None or entered.version:  # a node may have died before it noted that
            raise Refused("exists", "The file has been stored already.")
        until = self._parts.clock.now() + self.settings.lease_s
        await self._parts.uploads.doom(upload.log, file, until)
        await self._parts.blobs.remove_below(names.folder(upload.log, file))

    async def add(self, caller: Caller, file: UUID, offset: int, data: bytes) -> Upload:
        """Take a chunk, perhaps again; how far the file has come by then."""
        upload = await self.progress(caller, file)
        number = _number(upload, offset, len(data))
        if number < len(upload.chunks):
            return upload
        return await self._add(caller, upload, number, data)

    async def _add(self, caller: Caller, upload: Upload, number: int, data: bytes) -> Upload:
        log, file, parts = upload.log, upload.file, self._parts
        purpose = names.chunk_purpose(file, number, upload.count)
        sealed = await self._sealed(log, upload.subject, purpose, data)
        token = parts.ids.random(TOKEN_BYTES).hex()
        await parts.blobs.put(names.chunk(log, file, number, token), sealed)
        if not await parts.uploads.add(upload, token, self._later()):
            await parts.blobs.remove([names.chunk(log, file, number, token)])
        return await self.progress(caller, file)

    async def finish(self, caller: Caller, upload: Upload) -> FileStored:
        """Look at a file all of which has come, and enter it in the log.

        Every step of it may be taken again, and at two nodes at once.
        """
        log, file, uploads = upload.log, upload.file, self._parts.uploads
        found = await self._states.refresh(log, streams.file(file))
        if found.state.stored is None:
            if not await uploads.note(upload, self._later()):
                raise no_file()
            await self._enter(caller, upload)
            found = await self._states.refresh(log, streams.file(file))
        await uploads.note(upload, None)
        stored: FileStored | None = found.state.stored
        if stored is None:
            raise Refused("erased")
        return stored

    async def _enter(self, caller: Caller, upload: Upload) -> None:
        name = await self._name(upload)
        seen = await self._seen(upload, type_of(name, self.settings.types))
        if seen.thumbnail is not None:
            await self._keep_thumbnail(upload, seen.thumbnail)
        command = StoreFile(
            upload.file,
            name,
            seen.media_type,
            upload.size,
            seen.digest,
            seen.width,
            seen.height,
            seen.thumbnail is not None,
            upload.conversation,
        )
        sender = Sender(upload.log, caller.actor, caller.rights, caller.site)
        await self._parts.handler.submit(sender, command)

    async def _name(self, upload: Upload) -> str:
        labels = [(upload.subject, upload.name)]
        purpose = names.name_purpose(upload.file)
        (name,) = await self._parts.cipher.decrypt(upload.log, purpose, labels)
        if name is None:
            raise Refused("erased")
        return name.decode()

    async def _seen(self, upload: Upload, media_type: str) -> Seen:
        """What it is. A refusal is remembered for a while, for one who did not hear it."""
        try:
            return await self._parts.inspector.inspect(media_type, content(self._parts, upload))
        except Refused as refused:
            due_at = self._parts.clock.now() + REFUSED_S
            await self._parts.uploads.note(upload, due_at, refused=refused.code)
            raise

    async def _keep_thumbnail(self, upload: Upload, picture: bytes) -> None:
        log, file, token = upload.log, upload.file, self._parts.ids.random(TOKEN_BYTES).hex()
        purpose = names.thumbnail_purpose(file)
        sealed = await self._sealed(log, upload.subject, purpose, picture)
        await self._parts.blobs.put(names.thumbnail(log, file, token), sealed)
        await self._parts.uploads.note(upload, self._later(), thumbnail=token)

    async def _sealed(self, log: UUID, subject: str, purpose: str, data: bytes) -> bytes:
        (sealed,) = await self._parts.cipher.encrypt(log, purpose, [(subject, data)])
        if sealed is None:
            raise Refused("erased")
        return sealed

    def _later(self) -> float:
        return self._parts.clock.now() + self.settings.unfinished_s


class Opening(Protocol):
    """What is needed to read a file again."""

    @property
    def blobs(self) -> Blobs:
        """Where its bytes lie."""

    @property
    def cipher(self) -> FileCipher:
        """What opens them."""


async def content(parts: Opening, upload: Upload) -> AsyncGenerator[bytes, None]:
    """The content, chunk by chunk. Refused ``damaged`` where it cannot be opened."""
    for number, token in enumerate(upload.chunks):
        sealed = await parts.blobs.get(names.chunk(upload.log, upload.file, number, token))
        purpose = names.chunk_purpose(upload.file, number, upload.count)
        yield await opened(parts, upload, purpose, sealed)


async def opened(parts: Opening, upload: Upload, purpose: str, sealed: bytes | None) -> bytes:
    """What was encrypted for a file. What was erased is not found before it comes to this."""
    if sealed is None:
        raise Refused("damaged")
    (plain,) = await parts.cipher.decrypt(upload.log, purpose, [(upload.subject, sealed)])
    if plain is None:
        raise Refused("damaged")
    return plain


def _number(upload: Upload, offset: int, length: int) -> int:
    """Which chunk begins there: the next one, or one that has arrived already."""
    number, rest = divmod(offset, upload.chunk_bytes)
    if rest or number > len(upload.chunks) or number >= upload.count:
        raise Refused("wrong_offset")
    if length != min(upload.chunk_bytes, upload.size - offset):
        raise Refused("bad_request", "A chunk has all its bytes: chunk_bytes, or the rest.")
    return number
