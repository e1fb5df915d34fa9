"""``/v1/files``: files on their way in, chunk by chunk.

A chunk that was lost is sent again, to whichever node; what arrived twice counts once.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType
from msgspec.structs import replace
from starlette.responses import Response

from api import bodies, throttle
from api.deps import Deps
from api.routing import DELETE, GET, POST, PUT, Call, Route
from domain.errors import Refused
from domain.file.events import FileStored
from domain.file.ports import Upload
from domain.limits import MAX_FILE_NAME

BUSY_MS = 1_000
"""When to come back while as many chunks are on their way in as may be."""


class NewFile(Struct, frozen=True):
    """A file that is to come: its name, its bytes, and which conversation it is for.

    An agent has to say that; a visitor may. Without one an admin's is a common file, which agents
    have at hand for every conversation.
    """

    name: Annotated[str, Meta(min_length=1, max_length=4 * MAX_FILE_NAME)]
    size: Annotated[int, Meta(ge=1, le=2**53)]
    conversation: UUID | None = None


class Begun(Struct, frozen=True):
    """Where it goes: its id, and how many bytes each chunk has but the last."""

    file: str
    chunk_bytes: int


class ChunkQuery(Struct, frozen=True):
    """Where in the file a chunk begins."""

    offset: Annotated[int, Meta(ge=0, le=2**53)]


class Arriving(Struct, frozen=True):
    """How far a file has come. Once all of it has, and was looked at: what it is."""

    file: str
    received: int
    size: int
    chunk_bytes: int | UnsetType = UNSET
    name: str | UnsetType = UNSET
    media_type: str | UnsetType = UNSET
    width: int | UnsetType = UNSET
    height: int | UnsetType = UNSET
    thumbnail: bool | UnsetType = UNSET


async def begin(call: Call) -> Begun:
    """Say that a file is to come."""
    new, deps = call.body, call.deps
    assert isinstance(new, NewFile)
    await throttle.count_chunk(deps, call.caller)
    deps.files.check(new.name, new.size)  # nobody's quota is asked for what is never taken
    async with throttle.file(deps, call.caller, call.request, new.size):
        file = await deps.files.begin(call.caller, new.name, new.size, new.conversation)
    return Begun(str(file), deps.files.settings.chunk_bytes)


async def put(call: Call) -> Arriving:
    """Take a chunk; after the last one the file is looked at.

    A chunk comes into memory, of which no more is given than so many chunks need.
    """
    file, deps, settings = UUID(call.id()), call.deps, call.deps.files.settings
    assert isinstance(call.query, ChunkQuery)
    await throttle.count_chunk(deps, call.caller)
    with _place(deps):
        data = await bodies.take(call.request, settings.chunk_bytes, settings.chunk_s)
        call.unread = False
        upload = await deps.files.add(call.caller, file, call.query.offset, data)
    if upload.received < upload.size:
        return _arriving(upload)
    return _stored(await deps.files.finish(call.caller, upload))


@contextmanager
def _place(deps: Deps) -> Iterator[None]:
    if deps.receiving.now >= deps.files.settings.chunks_at_once:
        raise Refused("busy", "As many chunks come in as may.", retry_after_ms=BUSY_MS)
    deps.receiving.now += 1
    try:
        yield
    finally:
        deps.receiving.now -= 1


async def progress(call: Call) -> Arriving:
    """Say how far a file of the caller's has come; what it is, of one that the caller may read."""
    file, deps = UUID(call.id()), call.deps
    await throttle.count_chunk(deps, call.caller)
    try:
        stored = _stored(await deps.file_reader.find(call.caller, file))
        return replace(stored, chunk_bytes=deps.files.settings.chunk_bytes)
    except Refused as refused:
        if refused.code != "not_found":
            raise
    return _arriving(await deps.files.progress(call.caller, file))


async def give_up(call: Call) -> Response:
    """Let go of a file that will not be finished."""
    await throttle.count_chunk(call.deps, call.caller)
    await call.deps.files.give_up(call.caller, UUID(call.id()))
    return Response(status_code=204)


def _arriving(upload: Upload) -> Arriving:
    return Arriving(str(upload.file), upload.received, upload.size, upload.chunk_bytes)


def _stored(stored: FileStored) -> Arriving:
    return Arriving(
        stored.file,
        stored.size,
        stored.size,
        name=stored.name,
        media_type=stored.media_type,
        width=UNSET if stored.width is None else stored.width,
        height=UNSET if stored.height is None else stored.height,
        thumbnail=stored.thumbnail,
    )


ROUTES = (
    Route(
        POST,
        "/v1/files",
        begin,
        "Begin to send a file",
        body=NewFile,
        answer=Begun,
        status=201,
        cross_origin=True,
    ),
    Route(
        PUT,
        "/v1/files/{id}",
        put,
        "Send a chunk of a file",
        query=ChunkQuery,
        answer=Arriving,
        cross_origin=True,
        raw=True,
    ),
    Route(
        GET,
        "/v1/files/{id}",
        progress,
        "Ask how far a file has come, or what it is",
        answer=Arriving,
        cross_origin=True,
    ),
    Route(DELETE, "/v1/files/{id}", give_up, "Give a file up", status=204, cross_origin=True),
)
"""A visitor's widget asks from its customer's pages, so all of them are open to other origins."""
