"""Reading a request's body: bounded in size, time and depth, and then of exactly one type.

Nothing that a body can contain is more than a refusal.
"""

from __future__ import annotations

import asyncio
from typing import Any, TypeVar

import msgspec
from starlette.requests import ClientDisconnect, Request

from api.deps import ApiSettings
from domain.errors import Refused

T = TypeVar("T")

JSON = "application/json"

MAX_DIGITS = 15
"""Digits of a length that is worth reading as a number."""


DISCARD_BYTES = 64 * 1024 * 1024
"""Bytes of a refused body that are read and thrown away, so that its sender hears the answer: a
connection that is closed with input unread is reset, and the answer with it."""


async def read(request: Request, settings: ApiSettings) -> bytes:
    """The whole body, which must say that it is JSON: no form of another site's page can say so.

    Raises :class:`Refused`: ``unsupported_media_type``, ``too_large``, and ``bad_request`` where it
    does not come in time.
    """
    typed = _is_json(request)
    try:
        async with asyncio.timeout(settings.body_timeout_s):
            body = await _collect(request, settings.body_bytes if typed else 0)
    except TimeoutError:
        raise Refused("bad_request", "The body did not come in time.") from None
    except ClientDisconnect:
        raise Refused("bad_request", "The body ended early.") from None
    if not typed:
        raise Refused("unsupported_media_type")
    if body is None:
        raise Refused("too_large")
    return body


async def _collect(request: Request, limit: int) -> bytes | None:
    """The body's bytes, counted as they come; None, and nothing kept, beyond the limit."""
    said = request.headers.get("Content-Length", "")
    if len(said) > MAX_DIGITS:
        return None
    length = int(said) if said.isdecimal() else 0
    if length > DISCARD_BYTES:
        return None
    body, size = bytearray(), 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > DISCARD_BYTES:
            break
        if size <= limit:
            body += chunk
    return bytes(body) if max(size, length) <= limit else None


def _is_json(request: Request) -> bool:
    media_type = request.headers.get("Content-Type", "").partition(";")[0]
    return media_type.strip().casefold() == JSON


def parse(raw: bytes, form: type[T]) -> T:
    """The body as this type. Raises :class:`Refused` ``bad_request`` and says what does not fit."""
    try:
        return msgspec.json.decode(raw, type=form)
    except msgspec.ValidationError as error:
        raise Refused("bad_request", f"The body does not fit: {error}.") from None
    except (msgspec.MsgspecError, UnicodeError):
        raise Refused("bad_request", "The body is not JSON.") from None
    except RecursionError:
        raise Refused("bad_request", "The body is nested too deeply.") from None


def convert(values: dict[str, Any], form: type[T]) -> T:
    """Query parameters as this type. Raises :class:`Refused` ``bad_request``."""
    try:
        return msgspec.convert(values, form, strict=False)
    except msgspec.ValidationError as error:
        raise Refused("bad_request", f"The query does not fit: {error}.") from None
