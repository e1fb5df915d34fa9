"""``/files``: what was sent, as a download and as nothing else.

Whatever a file says it is, a browser must not run or show it here, beside what is ours: it comes as
an attachment, of a type that is not guessed at, into a sandbox. No cache but the reader's own keeps
it, and that asks each time whether it still may be read.
"""

from __future__ import annotations

from urllib.parse import quote
from uuid import UUID

from starlette.responses import Response

from api import throttle
from api.flowing import Flowing
from api.routing import GET, Call, Route
from domain.file.events import FileStored

POLICY = "sandbox; default-src 'none'"
THUMBNAIL = "image/webp"
ANY = "*/*"

_PLAIN = frozenset(map(chr, range(0x20, 0x7F))) - set('"\\%')
"""What a name may be made of that old programs read."""


async def content(call: Call) -> Response:
    """A file, whole."""
    deps = call.deps
    await throttle.count_read(deps, call.caller)
    file = UUID(call.id())
    stored = await deps.file_reader.find(call.caller, file)
    headers = _headers(str(file), stored)
    if call.request.headers.get("If-None-Match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    headers["Content-Length"] = str(stored.size)
    if call.request.method == "HEAD":
        return Response(headers=headers, media_type=stored.media_type)
    opened = await deps.file_reader.open(call.caller, file)
    stall_s = deps.files.settings.download_stall_s
    return Flowing(opened.chunks, headers, stored.media_type, stall_s)


async def thumbnail(call: Call) -> Response:
    """The small image of an image, without what its camera wrote into it."""
    deps = call.deps
    await throttle.count_read(deps, call.caller)
    file = UUID(call.id())
    stored = await deps.file_reader.find(call.caller, file)
    headers = _headers(f"{file}-thumbnail", stored)
    if call.request.headers.get("If-None-Match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    picture = await deps.file_reader.thumbnail(call.caller, file)
    return Response(picture, 200, headers, THUMBNAIL)


def _headers(tag: str, stored: FileStored) -> dict[str, str]:
    return {
        "Content-Disposition": disposition(stored.name),
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": POLICY,
        "Cross-Origin-Resource-Policy": "cross-origin",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "private, no-cache",
        "ETag": f'"{tag}"',
    }


def disposition(name: str) -> str:
    """An attachment of this name (RFC 6266): in full, and for old programs without its accents."""
    plain = "".join(each if each in _PLAIN else "_" for each in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


ROUTES = (
    Route(GET, "/files/{id}", content, "Download a file", media=ANY, cross_origin=True),
    Route(
        GET,
        "/files/{id}/thumbnail",
        thumbnail,
        "Download an image's small image",
        media=THUMBNAIL,
        cross_origin=True,
    ),
)
