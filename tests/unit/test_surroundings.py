"""What a request tells of its sender: where addresses are, and what browsers run on."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest
from mmdb_writer import MMDBWriter
from netaddr import IPSet  # type: ignore[import-untyped]  # has no types

from adapters.geo.places import OfflinePlaces
from adapters.useragent.devices import ParsedDevices
from domain.surroundings import NOWHERE, UNKNOWN, Device, Place

CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.7339.80"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5_1 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/17.5.1 Mobile/15E148 Safari/604.1"
)
GOOGLE = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


@pytest.mark.parametrize(
    ("text", "device"),
    [
        (
            f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {CHROME} Safari/537.36",
            Device("Chrome", "140.0", "Windows", "10", "desktop"),
        ),
        (IPHONE, Device("Mobile Safari", "17.5", "iOS", "17.5", "mobile")),
        (
            f"Mozilla/5.0 (Linux; Android 14; SM-X710) {CHROME} Safari/537.36",
            Device("Chrome", "140.0", "Android", "14", "tablet"),
        ),
        (GOOGLE, Device("Googlebot", "2.1", kind="bot")),
        ("curl/8.5.0", Device("curl", "8.5")),
        ("", UNKNOWN),
        ("(" * 5_000, UNKNOWN),
        ("\x00\ud800 nothing", UNKNOWN),
    ],
)
async def test_browsers_are_recognised(text: str, device: Device) -> None:
    """Names and versions of two parts, and the kind of device; of what is strange, nothing."""
    assert await ParsedDevices().recognise(text) == device


PRIVATE = ["127.0.0.1", "10.1.2.3", "192.168.0.7", "::1", "fd00::1", "224.0.0.1", "unix:", ""]


async def test_countries_are_known_without_a_table_of_ones_own() -> None:
    """Of IPv4 and IPv6; addresses of no country are nowhere, and so is what is no address."""
    places = OfflinePlaces()
    assert await places.find("8.8.8.8") == Place("US")
    assert await places.find("::ffff:8.8.8.8") == Place("US")
    assert await places.find("2a02:810a::1") == Place("DE")
    assert {await places.find(each) for each in PRIVATE} == {NOWHERE}


def table(file: Path, version: int, places: dict[str, dict[str, Any]]) -> None:
    """Write a table as they are given away."""
    writer = MMDBWriter(ip_version=version, database_type="Test")
    for network, record in places.items():
        writer.insert_network(IPSet([network]), record)
    writer.to_db_file(str(file))


async def test_regions_and_cities_come_of_tables(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """In both forms that there are; what a table does not know, or cannot tell, is left out."""
    flat = {"country_code": "DE", "state1": "Bavaria", "city": "Munich"}
    nested = {
        "country": {"iso_code": "CN"},
        "subdivisions": [{"names": {"en": "Sichuan"}}],
        "city": {"names": {"en": "Chengdu", "zh-CN": "成都"}},
    }
    table(tmp_path / "four.mmdb", 4, {"8.8.8.0/24": flat, "8.8.4.0/24": {"city": 7}})
    table(tmp_path / "six.mmdb", 6, {"2a02:810a::/32": nested})
    (tmp_path / "bad.mmdb").write_bytes(b"no table")
    places = OfflinePlaces(tmp_path)
    with caplog.at_level(logging.WARNING):
        assert await places.find("8.8.8.8") == Place("DE", "Bavaria", "Munich")
    assert "bad.mmdb" in caplog.text
    assert await places.find("2a02:810a::1") == Place("CN", "Sichuan", "Chengdu")
    assert await places.find("8.8.4.4") == Place("US")
    assert await places.find("9.9.9.9") == Place("US")
    one = OfflinePlaces(tmp_path / "six.mmdb")
    assert await one.find("2a02:810a::1") == Place("CN", "Sichuan", "Chengdu")


async def test_without_its_table_places_are_countries(tmp_path: Path) -> None:
    """A path at which there is nothing costs the cities, and no visitor its session."""
    assert await OfflinePlaces(tmp_path / "none.mmdb").find("8.8.8.8") == Place("US")
    assert await OfflinePlaces(tmp_path).find("8.8.8.8") == Place("US")
