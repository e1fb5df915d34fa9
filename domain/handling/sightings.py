"""What a door sees of whoever comes: browser, system, device, language and place, as far as told.

Nothing depends on it: where something goes wrong, a visitor comes in unseen.
"""

from __future__ import annotations

import logging
import re

from msgspec import Struct

from domain.handling.sign_ins import NOWHERE, Whence
from domain.surroundings import Devices, Places
from domain.visitor.events import DeviceSeen

_logger = logging.getLogger("parley.doors")

MAX_LANGUAGE = 35
"""Characters of a language tag, as RFC 5646 advises to provide for."""

_TAG = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")


class Came(Struct, frozen=True):
    """How somebody comes to the visitors' door: whence, and with which ``Accept-Language``."""

    whence: Whence = NOWHERE
    languages: str = ""


UNSEEN = Came()


class Sightings:
    """Sees whoever comes."""

    def __init__(self, places: Places, devices: Devices) -> None:
        self._places = places
        self._devices = devices

    async def see(self, came: Came, locale: str | None) -> DeviceSeen:
        """What there is to be seen; ``locale`` is what the page says of its language."""
        address = came.whence.address
        try:
            device = await self._devices.recognise(came.whence.user_agent)
            place = await self._places.find(address)
        except Exception as error:  # noqa: BLE001  # whatever it is, nobody is kept out for it
            _logger.warning("a visitor could not be seen: %s", type(error).__name__)
            return DeviceSeen()
        return DeviceSeen(
            browser=device.browser,
            browser_version=device.browser_version,
            os=device.os,
            os_version=device.os_version,
            device=device.kind,
            language=language_of(locale or "") or language_of(came.languages),
            country=place.country,
            region=place.region,
            city=place.city,
            address=address or None,
        )


def language_of(said: str) -> str | None:
    """The first language of a list as browsers send it: they have what is read best first."""
    for each in said.split(",", 16)[:16]:
        tag = each.partition(";")[0].strip()
        if len(tag) <= MAX_LANGUAGE and _TAG.fullmatch(tag):
            return tag
    return None
