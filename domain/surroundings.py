"""The ports to what a request tells of its sender: where its address is, and what its browser is.

Both are guesses from tables that somebody keeps; nothing may depend on them. What cannot be told
is left out, and no question ever fails.
"""

from __future__ import annotations

from typing import Protocol

from msgspec import Struct

DESKTOP, MOBILE, TABLET, BOT = "desktop", "mobile", "tablet", "bot"
"""The kinds of device."""


class Place(Struct, frozen=True):
    """Where an address is: an ISO 3166 code, and names in English."""

    country: str | None = None
    region: str | None = None
    city: str | None = None


class Device(Struct, frozen=True):
    """What a browser runs on. Versions have two parts at most; ``kind`` is a word above."""

    browser: str | None = None
    browser_version: str | None = None
    os: str | None = None
    os_version: str | None = None
    kind: str | None = None


NOWHERE = Place()
UNKNOWN = Device()


class Places(Protocol):
    """Knows where network addresses are."""

    async def find(self, address: str) -> Place:
        """Where an address is; ``NOWHERE`` for one of this machine or of a private network."""


class Devices(Protocol):
    """Knows browsers by what they say of themselves."""

    async def recognise(self, user_agent: str) -> Device:
        """What a ``User-Agent`` tells; ``UNKNOWN`` for one that says nothing."""


class NoPlaces:
    """A :class:`Places` that knows none."""

    async def find(self, address: str) -> Place:  # noqa: ARG002  # the port's
        return NOWHERE


class NoDevices:
    """A :class:`Devices` that knows none."""

    async def recognise(self, user_agent: str) -> Device:  # noqa: ARG002  # the port's
        return UNKNOWN
