"""Where somebody comes from: pages by their origin, networks by their address."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.origins import address, is_among, network_address, own_page, parse, same_host


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("https://chat.example", "https://chat.example"),
        ("HTTPS://Chat.Example:443/", "https://chat.example"),
        ("http://chat.example:443", "http://chat.example:443"),
        ("http://[::1]:80", "http://[::1]"),
        ("https://chat.example/path", None),
        ("https://user@chat.example", None),
        ("https://chat.example?", "https://chat.example"),
        ("ftp://chat.example", None),
        ("chat.example", None),
        ("http://[", None),
        ("http://chat.example:99999", None),
        ("http://chat.example:x", None),
        ("http://", None),
        ("null", None),
        ("", None),
    ],
)
def test_origins_have_one_form(text: str, known: str | None) -> None:
    """Case and default ports do not count; what is no origin is none, and no error."""
    found = parse(text)
    assert (None if found is None else str(found)) == known


@given(st.text())
def test_no_text_breaks_it(text: str) -> None:
    """Whatever a header holds, the answer is yes or no."""
    parse(text)
    assert not same_host(text, text, text) or parse(text) is not None
    network_address(text)


def test_a_list_is_met_however_it_is_spelled() -> None:
    """An entry that is no origin matches nothing, not even another such."""
    allowed = ("https://Shop.example:443", "null")
    assert is_among("https://shop.example", allowed)
    assert not is_among("http://shop.example", allowed)
    assert not is_among("null", allowed)


@pytest.mark.parametrize(
    ("origin", "host", "public_url", "own"),
    [
        (None, "chat.example", "", True),
        ("http://chat.example", "chat.example", "", True),
        ("https://chat.example", "chat.example", "", True),
        ("http://Chat.example", "chat.example:80", "", True),
        ("https://chat.example", "chat.example:80", "", False),
        ("http://chat.example:8080", "chat.example", "", False),
        ("http://[::1]:8080", "[::1]:8080", "", True),
        ("https://evil.example", "chat.example", "", False),
        ("http://chat.example.evil", "chat.example", "", False),
        ("null", "null", "", False),
        ("http://[", "[", "", False),
        ("http://chat.example", "", "", False),
        ("https://chat.example", "10.0.0.7:8080", "https://chat.example/", True),
        ("https://chat.example", "10.0.0.7:8080", "https://Chat.example:443/sub", True),
        ("http://10.0.0.7:8080", "10.0.0.7:8080", "https://chat.example", True),
        ("http://chat.example", "chat.example", "https://chat.example", False),
        ("http://chat.example:8080", "chat.example:8080", "https://chat.example", True),
    ],
)
def test_a_page_of_ours_is_told_apart(
    origin: str | None, host: str, public_url: str, own: bool
) -> None:
    """The public address with its scheme, and the address that the request was sent to."""
    assert same_host(origin, host, public_url) is own


@pytest.mark.parametrize(
    ("origin", "host", "public_url", "own"),
    [
        (None, "evil.example:8080", "", True),
        ("http://127.0.0.1:8080", "127.0.0.1:8080", "", True),
        ("http://192.168.1.7:8080", "192.168.1.7:8080", "", True),
        ("http://[fd00::7]", "[fd00::7]", "", True),
        ("http://localhost:8080", "localhost:8080", "", True),
        ("http://server", "server", "", True),
        ("http://server.local", "server.local", "", True),
        ("http://evil.example:8080", "evil.example:8080", "", False),
        ("http://evil.example:8080", "evil.example:8080", "https://chat.example", False),
        ("https://chat.example", "10.0.0.7", "https://chat.example", True),
        ("http://evil.local", "127.0.0.1", "", False),
        ("http://evil.local.example", "evil.local.example", "", False),
        ("null", "null", "", False),
    ],
)
def test_a_name_that_leads_here_makes_no_page_ours(
    origin: str | None, host: str, public_url: str, own: bool
) -> None:
    """Whoever buys a name can let it lead to us; nobody can with an address or a local name."""
    assert own_page(origin, host, public_url) is own


@pytest.mark.parametrize(
    ("host", "counted"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("unix:/" + "x" * 100, "unix:/" + "x" * 58),
        ("", ""),
    ],
)
def test_an_address_is_counted_by_its_network(host: str, counted: str) -> None:
    """Of IPv6 the first 64 bits; an IPv4 address written as one is that one."""
    assert network_address(host) == counted


@pytest.mark.parametrize(
    ("host", "written"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:DB8:0:0::7", "2001:db8::7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("", ""),
        ("/run/" + "x" * 100, "/run/" + "x" * 59),
    ],
)
def test_an_address_is_written_in_one_way(host: str, written: str) -> None:
    """So that two of the same are seen to be; of what is none, so much."""
    assert address(host) == written
