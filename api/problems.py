"""Problems: every refusal as ``application/problem+json`` (RFC 9457), from the one error table.

Whatever goes wrong, the answer has this form and says nothing about the inside.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime
from math import ceil
from typing import Any

import msgspec
from msgspec import UNSET, Struct, UnsetType
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from domain.envelope import Actor
from domain.errors import CODES, EventDamaged, FilesAway, ParleyError, Refused, StoreUnavailable

_logger = logging.getLogger("parley.api")

MEDIA_TYPE = "application/problem+json"
STORE_RETRY_MS = 1000
"""When to come back while the store is away."""

FILES_AWAY = "The store of files is away for a moment; try it again."

CLOSE = {"Connection": "close"}
"""For an answer that is given before the request was read to its end."""

HTTP_CODES = {404: "not_found", 405: "method_not_allowed"}
"""What the router, and the folder of files, refuse themselves."""


class Problem(Struct, frozen=True):
    """What is wrong: ``code`` is stable, ``detail`` is for people.

    With ``changed`` come the value as it is now (``current``, null: there is none), and when and by
    whom it was changed.
    """

    type: str
    title: str
    status: int
    code: str
    detail: str
    retry_after_ms: int | UnsetType = UNSET
    current: Any = UNSET
    changed_at: datetime | UnsetType | None = UNSET
    changed_by: Actor | UnsetType | None = UNSET


class Overtaken(Refused):
    """A change that came too late, with what there is now."""

    def __init__(self, current: Any, changed_at: datetime | None, changed_by: Actor | None) -> None:
        super().__init__("changed")
        self.now = {"current": current, "changed_at": changed_at, "changed_by": changed_by}


def respond(refused: Refused, headers: Mapping[str, str] | None = None) -> Response:
    """The response to a refusal."""
    body = Problem(
        type=f"urn:parley:problem:{refused.code}",
        title=CODES[refused.code][1],
        status=refused.status,
        code=refused.code,
        detail=refused.message,
        retry_after_ms=UNSET if refused.retry_after_ms is None else refused.retry_after_ms,
        **(refused.now if isinstance(refused, Overtaken) else {}),
    )
    response = Response(
        msgspec.json.encode(body),
        refused.status,
        {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", **(headers or {})},
        MEDIA_TYPE,
    )
    if refused.retry_after_ms is not None:
        response.headers["Retry-After"] = str(ceil(refused.retry_after_ms / 1000))
    if refused.code == "unauthorized":
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def of(error: Exception, request: Request) -> Refused:
    """What to say of an error; what is not the client's business is logged and not said."""
    if isinstance(error, Refused):
        return error
    if isinstance(error, HTTPException):
        return Refused(HTTP_CODES.get(error.status_code, "bad_request"))
    if isinstance(error, StoreUnavailable):
        _logger.warning("%s: the store is away", request.url.path)
        return Refused("unavailable", retry_after_ms=STORE_RETRY_MS)
    if isinstance(error, FilesAway):
        _logger.warning("%s: %s", request.url.path, error)
        return Refused("unavailable", FILES_AWAY, retry_after_ms=STORE_RETRY_MS)
    if isinstance(error, EventDamaged):
        return Refused("damaged")
    kind = "damage" if isinstance(error, ParleyError) else "error"
    _logger.error("%s in %s %s", kind, request.method, request.url.path, exc_info=error)
    return Refused("internal")
