"""The register of files: :class:`domain.file.ports.Uploads`, and for all tenants ``Doomed``."""

from __future__ import annotations

from uuid import UUID

from adapters.postgres.pools import Pool
from adapters.postgres.sql import statement
from domain.file.ports import Upload


class PostgresUploads:
    """Files in ``es.file``, as whoever serves a tenant sees them."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def begin(self, upload: Upload, since: float, most: int | None) -> bool:
        begun: bool = await self._value(
            "begin_file",
            upload.log,
            upload.file,
            upload.subject,
            upload.role,
            upload.owner,
            upload.conversation,
            upload.size,
            upload.chunk_bytes,
            upload.name,
            upload.created_at,
            upload.due_at,
            since,
            most,
        )
        return begun

    async def find(self, log: UUID, file: UUID) -> Upload | None:
        async with self._pool.connection() as connection:
            row = await connection.fetchrow(statement("find_file"), log, file)
        if row is None:
            return None
        known = dict(row)
        chunks = tuple(known.pop("chunks"))
        return Upload(log=log, file=file, chunks=chunks, **known)

    async def add(self, upload: Upload, token: str, due_at: float) -> bool:
        added: bool = await self._value(
            "add_chunk", upload.log, upload.file, len(upload.chunks), token, due_at
        )
        return added

    async def note(
        self,
        upload: Upload,
        due_at: float | None,
        *,
        thumbnail: str | None = None,
        refused: str | None = None,
    ) -> bool:
        noted: bool = await self._value(
            "note_file", upload.log, upload.file, due_at, thumbnail, refused
        )
        return noted

    async def doom(self, log: UUID, file: UUID, until: float) -> None:
        await self._value("doom_file", log, file, until)

    async def _value(self, name: str, *arguments: object) -> bool:
        async with self._pool.connection() as connection:
            return bool(await connection.fetchval(statement(name), *arguments))


class PostgresDoomed:
    """What is to be removed. The pool's connections see the files of every tenant."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def claim(self, now: float, until: float, limit: int) -> list[tuple[UUID, UUID]]:
        async with self._pool.connection() as connection:
            rows = await connection.fetch(statement("claim_files"), now, until, limit)
        return [(log, file) for log, file in rows]

    async def gone(self, log: UUID, file: UUID) -> None:
        async with self._pool.connection() as connection:
            await connection.execute(statement("drop_file"), log, file)
