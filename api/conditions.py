"""``If-Match`` and ``If-None-Match`` (RFC 9110): a change holds only for what its maker has seen.

Values have the version of their stream as their tag. Without either header the last one wins, as
ever; whoever comes too late with one learns what there is now, and whose it is.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, TypeVar

from msgspec import Struct
from starlette.requests import Request

from api.problems import Overtaken
from domain.envelope import Actor
from domain.errors import Refused
from domain.matching import Match

T = TypeVar("T")

MATCH, NONE_MATCH = "If-Match", "If-None-Match"
MAX_HEADER = 1_000
"""Characters of such a header that are looked at."""

_TAGS = re.compile(r'\s*(W/)?"[^"]*"(\s*,\s*(W/)?"[^"]*")*\s*')
_VERSION = re.compile(r'(?<!W/)"(0|[1-9]\d{0,17})"')


class Present(Struct, frozen=True):
    """A value as it is now (None: there is none), and who said or took it away when."""

    value: Any
    changed_at: datetime | None = None
    changed_by: Actor | None = None


def match_of(request: Request) -> Match | None:
    """What a request asks to be so still; None: nothing. Raises :class:`Refused`."""
    said, none = (_header(request, name) for name in (MATCH, NONE_MATCH))
    if said is not None and none is not None:
        raise Refused("bad_request", f"Send {MATCH} or {NONE_MATCH}, not both.")
    if none is not None:
        if none.strip() != "*":
            raise Refused("bad_request", f"{NONE_MATCH} is * here: there is no such value yet.")
        return Match(absent=True)
    if said is None:
        return None
    if said.strip() == "*":
        return Match(there=True)
    if len(said) > MAX_HEADER or not _TAGS.fullmatch(said):
        raise Refused("bad_request", f'{MATCH} is the version of what you have seen, such as "17".')
    return Match(tuple(int(version) for version in _VERSION.findall(said)))


def _header(request: Request, name: str) -> str | None:
    """The header; sent several times it is one list."""
    return ",".join(request.headers.getlist(name)) if name in request.headers else None


def tag(version: int) -> str:
    """The tag of a version."""
    return f'"{version}"'


async def held(change: Awaitable[T], present: Callable[[], Awaitable[Present]]) -> T:
    """What comes of a change; where it came too late, a refusal that says what there is now."""
    try:
        return await change
    except Refused as refused:
        if refused.code != "changed":
            raise
    now = await present()
    raise Overtaken(now.value, now.changed_at, now.changed_by)
