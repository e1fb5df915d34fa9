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


async def read(request: Request, settings: ApiSettings) -> bytes:
    """The whole body.

    Raises :class:`Refused`: ``too_large``, and ``bad_request`` where it does not come in time.
    """
    try:
        async with asyncio.timeout(settings.body_timeout_s):
            return await _collect(request, settings.body_bytes)
    except TimeoutError:
        raise Refused("bad_request", "The body did not come in time.") from None
    except ClientDisconnect:
        raise Refused("bad_request", "The body ended early.") from None


async def _collect(request: Request, limit: int) -> bytes:
    """The body's bytes, counted as they come: what the header says is only what it says."""
    length = request.headers.get("Content-Length", "")
    if length.isdecimal() and (len(length) > MAX_DIGITS or int(length) > limit):
        raise Refused("too_large")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise Refused("too_large")
    return bytes(body)


def check_type(request: Request) -> None:
    """Refuse a body that does not say it is JSON: no form of another site's page can say so."""
    media_type = request.headers.get("Content-Type", "").partition(";")[0]
    if media_type.strip().casefold() != JSON:
        raise Refused("unsupported_media_type")


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
