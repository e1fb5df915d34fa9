"""Reading a request's body: bounded in size, time and depth, and then of exactly one type.

Nothing that a body can contain is more than a refusal.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any, TypeVar

import msgspec
from msgspec import Struct
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request

from api import problems
from api.deps import ApiSettings
from domain.errors import Refused
from domain.forms import stray

T = TypeVar("T")

JSON = "application/json"
BYTES = "application/octet-stream"

MAX_DIGITS = 15
"""Digits of a length that is worth reading as a number."""


MAX_PLACE = 100
"""Characters that are said of the place of a field."""

DISCARD_BYTES = 64 * 1024 * 1024
"""Bytes of a refused body that are read and thrown away, so that its sender hears the answer: a
connection that is closed with input unread is reset, and the answer with it."""


async def take(request: Request, limit: int, timeout_s: float) -> bytes:
    """A whole body of any bytes, of at most so many, in time.

    Raises :class:`Refused`: ``too_large``, and ``bad_request`` where it does not come in time.
    """
    return await _taken(_Body(request, limit), timeout_s)


def is_sent(headers: Headers) -> bool:
    """Whether a request comes with a body."""
    return headers.get("Content-Length", "0") != "0" or "Transfer-Encoding" in headers


def closing(headers: Headers) -> dict[str, str]:
    """What an answer to a request says whose body, if it has one, nobody reads."""
    return problems.CLOSE if is_sent(headers) else {}


async def skip(request: Request, settings: ApiSettings) -> None:
    """Read a body that nobody asked for, within the limits of one that is. Raises as ``read``."""
    if is_sent(request.headers):
        await _taken(_Body(request, settings.body_bytes), settings.body_timeout_s)


async def read(request: Request, settings: ApiSettings) -> bytes:
    """The whole body, which must say that it is JSON: no form of another site's page can say so.

    Raises :class:`Refused`: ``unsupported_media_type``, ``too_large``, and ``bad_request`` where it
    does not come in time.
    """
    if _is_json(request):
        return await _taken(_Body(request, settings.body_bytes), settings.body_timeout_s)
    with suppress(Refused):
        await _taken(_Body(request, 0), settings.body_timeout_s)
    raise Refused("unsupported_media_type")


async def _taken(body: _Body, timeout_s: float) -> bytes:
    """All of a body, in time."""
    in_time = True
    try:
        async with asyncio.timeout(timeout_s):
            await body.take()
    except TimeoutError:
        in_time = False
    except ClientDisconnect:
        raise Refused("bad_request", "The body ended early.") from None
    if body.too_large:
        raise Refused("too_large")
    if not in_time:
        raise Refused("bad_request", "The body did not come in time.")
    return bytes(body.kept)


class _Body:
    """A body as it comes: kept up to the limit, counted and thrown away beyond it."""

    def __init__(self, request: Request, limit: int) -> None:
        said = request.headers.get("Content-Length", "")
        self._request = request
        self._limit = limit
        self._said = DISCARD_BYTES + 1 if len(said) > MAX_DIGITS else 0
        if said.isdecimal() and not self._said:
            self._said = int(said)
        self._size = 0
        self.kept = bytearray()

    @property
    def too_large(self) -> bool:
        """Whether there is, or is said to be, more than the limit."""
        return max(self._said, self._size) > self._limit

    async def take(self) -> None:
        """Read to the end, or to where even throwing away ends."""
        if self._said > DISCARD_BYTES:
            return
        async for chunk in self._request.stream():
            self._size += len(chunk)
            if self._size > DISCARD_BYTES:
                return
            if self._size <= self._limit:
                self.kept += chunk


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


def check_exact(raw: bytes, body: Struct) -> None:
    """Refuse a body that has a field which is none. Raises :class:`Refused` ``bad_request``."""
    place = stray(parse(raw, Any), body)
    if place is not None:
        raise Refused("bad_request", f"There is no field {place[:MAX_PLACE]!r} here.")


def convert(values: dict[str, Any], form: type[T]) -> T:
    """Query parameters as this type. Raises :class:`Refused` ``bad_request``."""
    try:
        return msgspec.convert(values, form, strict=False)
    except msgspec.ValidationError as error:
        raise Refused("bad_request", f"The query does not fit: {error}.") from None
