"""Countries from the table in a package; regions and cities from an operator's files, if any.

Everything is looked up on this machine. Files are mapped into memory, not read: of a table of
130 MB only the pages that are looked at take any.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from typing import Any

import iptocc
import maxminddb
from msgspec import Struct, ValidationError, convert

from domain.surroundings import NOWHERE, Place

_logger = logging.getLogger("parley.geo")

MAX_NAME = 100
"""Characters of a region's or a city's name; the longest real ones have some 80."""


class OfflinePlaces:
    """A :class:`~domain.surroundings.Places`. ``data``: a file ``.mmdb``, or a folder of them."""

    def __init__(self, data: Path | None = None) -> None:
        self._data = data
        self._cities: list[maxminddb.Reader] | None = None
        self._opening = asyncio.Lock()

    async def find(self, address: str) -> Place:
        public = public_address(address)
        if public is None:
            return NOWHERE
        if self._cities is None:
            await self._open()
        found = self._city(public)
        return Place(found.country or _country(public), found.region, found.city)

    def _city(self, address: IPv4Address | IPv6Address) -> Place:
        for reader in self._cities or ():
            with suppress(ValueError, maxminddb.InvalidDatabaseError, ValidationError):
                record = reader.get(address)
                if isinstance(record, dict):
                    return place_of(record)
        return NOWHERE

    async def _open(self) -> None:
        async with self._opening:
            if self._cities is None:
                self._cities = await asyncio.to_thread(lambda: list(_readers(self._data)))


def public_address(text: str) -> IPv4Address | IPv6Address | None:
    """The address, if it is one of the whole internet's."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    address = mapped or address
    return address if address.is_global and not address.is_multicast else None


class _Flat(Struct, frozen=True):
    """A record of DB-IP's tables for npm."""

    country_code: str = ""
    state1: str = ""
    city: str = ""


class _Named(Struct, frozen=True):
    """What MaxMind's tables call something, by language, and a country's code."""

    names: dict[str, str] = {}
    iso_code: str = ""


class _Nested(Struct, frozen=True):
    """A record of MaxMind's tables, and of those made like them."""

    country: _Named = _Named()
    subdivisions: list[_Named] = []
    city: _Named = _Named()


def place_of(record: dict[str, Any]) -> Place:
    """What a record tells, in either form. Raises msgspec.ValidationError for other ones."""
    if "country_code" in record:
        flat = convert(record, _Flat)
        return Place(_name(flat.country_code), _name(flat.state1), _name(flat.city))
    nested = convert(record, _Nested)
    region = nested.subdivisions[0] if nested.subdivisions else _Named()
    return Place(_name(nested.country.iso_code), *map(_english, (region, nested.city)))


def _english(named: _Named) -> str | None:
    return _name(named.names.get("en", ""))


def _name(value: str) -> str | None:
    return value[:MAX_NAME] or None


def _country(address: IPv4Address | IPv6Address) -> str | None:
    """The country to which an address was given, as the five registries say."""
    return iptocc.country_code(str(address))


def _readers(data: Path | None) -> Iterator[maxminddb.Reader]:
    """The tables that can be opened; one that cannot is told of, and done without."""
    if data is None:
        return
    files = sorted(data.glob("*.mmdb")) if data.is_dir() else [data]
    if not files:
        _logger.warning("no table of places (*.mmdb) is in %s", data)
    for file in files:
        try:
            yield maxminddb.open_database(file)
        except (OSError, ValueError, maxminddb.InvalidDatabaseError) as error:
            _logger.warning("the table of places %s cannot be used: %s", file, error)
