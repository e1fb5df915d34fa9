"""Browsers by the rules of ua-parser, devices by those of user-agents on top of it.

The rules take a quarter of a second and some 5 MB to load. That is done beside the loop: before the
first is asked for, where there is time, or then. After that one takes about a millisecond, or
nothing where it was asked for before.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from domain.surroundings import BOT, DESKTOP, MOBILE, TABLET, UNKNOWN, Device

MAX_TEXT = 512
"""Characters of a ``User-Agent`` that are looked at; the longest real ones have some 300, and what
is longer only takes time."""

KEPT = 1_000
"""Texts whose meaning is kept in mind: most visitors of a site share a few hundred."""

MAX_NAME = 64
"""Characters of a name or a version that are kept."""


class ParsedDevices:
    """A :class:`~domain.surroundings.Devices`."""

    def __init__(self) -> None:
        self._recognise: Callable[[str], Device] | None = None
        self._loading = asyncio.Lock()

    async def recognise(self, user_agent: str) -> Device:
        text = user_agent[:MAX_TEXT].strip()
        if not text:
            return UNKNOWN
        if self._recognise is None:
            await self.load()
        assert self._recognise is not None
        return self._recognise(text)

    async def load(self) -> None:
        """Have the rules in memory, so that nobody waits for them."""
        async with self._loading:
            if self._recognise is None:
                self._recognise = await asyncio.to_thread(_parser)


def _parser() -> Callable[[str], Device]:
    """What tells devices, with its rules in memory."""
    from user_agents import parse  # noqa: PLC0415  # a process without the door never needs it

    recognise = lru_cache(KEPT)(lambda text: _device(parse(text)))
    recognise("Mozilla/5.0")  # has every rule compiled
    return recognise


def _device(parsed: Any) -> Device:
    return Device(
        _name(parsed.browser.family),
        _version(parsed.browser.version),
        _name(parsed.os.family),
        _version(parsed.os.version),
        _kind(parsed),
    )


def _kind(parsed: Any) -> str | None:
    if parsed.is_bot:
        return BOT
    if parsed.is_tablet:
        return TABLET
    if parsed.is_mobile:
        return MOBILE
    return DESKTOP if parsed.is_pc else None


def _name(family: str) -> str | None:
    """``Other`` is the library's word for what it does not know."""
    return None if family in {"", "Other"} else family[:MAX_NAME]


def _version(parts: tuple[object, ...]) -> str | None:
    """Two parts at most: more tells visitors apart, and changes all the time."""
    return ".".join(str(part) for part in parts[:2])[:MAX_NAME] or None
