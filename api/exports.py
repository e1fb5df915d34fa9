"""``/v1/exports``: all of a tenant's conversations as one answer that flows while it is read.

It is of one position and as long as it is: nothing of it is kept here beyond a piece. Its end is
told by the connection: one that breaks off is not all of it. What is exported, and how it is
written, is the business of ``projections.exports``.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any, Literal

from msgspec import Struct
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api import throttle, times
from api.conversations import PlainTag
from api.deps import Exporting
from api.flowing import Flowing
from api.routing import GET, Call, Route
from domain.conversation.commands import Department
from domain.errors import Refused
from projections.exports.formats import FORMATS, Format, Writer
from projections.exports.pieces import Piece, Wanted
from projections.exports.records import Stand, Totals, counted
from projections.sessions.rows import Status

RETRY_MS = 30_000
"""When to ask again while as many exports run as may."""


class ExportQuery(Struct, frozen=True, rename={"since": "from", "until": "to"}):
    """Which conversations, and in which form.

    ``from`` and ``to`` are times or dates between which a conversation began, ``to`` itself not
    among them. ``table`` is which of two an export in CSV is of.
    """

    format: Literal["jsonl", "csv", "sql"] = "jsonl"
    table: Literal["conversations", "messages"] = "conversations"
    since: times.Time | None = None
    until: times.Time | None = None
    status: Status | None = None
    department: Department | None = None
    tag: PlainTag | None = None


async def export_conversations(call: Call) -> Response:
    """Begin an export; what can be refused is, before its first byte."""
    query, deps, log = call.query, call.deps, call.caller.log
    assert isinstance(query, ExportQuery)
    await throttle.count_read(deps, call.caller)
    wanted = await _wanted(call, query)
    stand = await deps.exports.stand(log)
    form = FORMATS[query.format]
    headers = _headers(stand, query, form)
    if call.request.method == "HEAD":
        return Response(headers=headers, media_type=form.media)
    if deps.exporting.now >= deps.settings.exports:
        raise Refused("rate_limited", "As many exports run as may.", retry_after_ms=RETRY_MS)
    table = form.tables.index(query.table) if len(form.tables) > 1 else 0
    pieces = deps.exports.pieces(log, stand.position, wanted)
    body = _written(pieces, form.writer(stand), table)
    return _Exported(deps.exporting, body, headers, form.media, deps.settings.export_stall_s)


async def _wanted(call: Call, query: ExportQuery) -> Wanted:
    since, until = await times.bounds(call, query.since, query.until)
    return Wanted(since, until, query.status, query.department, query.tag)


def _headers(stand: Stand, query: ExportQuery, form: Format) -> dict[str, str]:
    table = query.table if len(form.tables) > 1 else "conversations"
    return {
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "Content-Disposition": f'attachment; filename="{stand.tenant}-{table}{form.suffix}"',
        "Parley-As-Of": str(stand.position),
        "Parley-Mark": stand.mark,
    }


async def _written(
    pieces: AsyncGenerator[Piece, None], writer: Writer, table: int
) -> AsyncGenerator[bytes, None]:
    """The bytes of one of the tables, piece by piece."""
    totals = Totals()
    async with aclosing(pieces):
        yield writer.begin()[table]
        async for piece in pieces:
            totals = counted(totals, piece.chunks, piece.unreadable)
            yield writer.write(piece.chunks)[table]
        yield writer.end(totals)[table]


class _Exported(Flowing):
    """An export, which takes one of the places there are for them."""

    def __init__(self, exporting: Exporting, *flowing: Any) -> None:
        super().__init__(*flowing)
        self._exporting = exporting

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._exporting.now += 1
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._exporting.now -= 1


ROUTES = (
    Route(
        GET,
        "/v1/exports/conversations",
        export_conversations,
        "Export conversations as a file that flows",
        query=ExportQuery,
        media="*/*",
    ),
)
