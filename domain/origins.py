"""Where somebody comes from: the page in a browser, and the network address.

One rule each, for HTTP and sockets alike, over plain texts: nothing here knows either.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

from msgspec import Struct

NETWORK_BITS = 64
"""Of an IPv6 address: what one customer of a provider has at least, so one limit for it."""

MAX_ADDRESS = 64
"""Characters of an address that is none, such as a socket's path, that are counted by."""

DEFAULT_PORTS = {"http": 80, "https": 443}

NOBODYS = ("localhost", "local", "internal", "home.arpa", "test")
"""Names below which nobody can have one from the public (RFC 6761, 6762 and 8375; ICANN)."""


class Origin(Struct, frozen=True):
    """What a browser calls an origin, in the one form by which two of them are compared."""

    scheme: str
    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if DEFAULT_PORTS[self.scheme] == self.port else f":{self.port}"
        return f"{self.scheme}://{host}{port}"


def parse(text: str) -> Origin | None:
    """The origin that a text names; None for one that names none, whatever it is."""
    if not text.isprintable():
        return None
    try:
        parts = urlsplit(text.strip().removesuffix("/"))
        port = parts.port
    except ValueError:
        return None
    beside = (parts.path, parts.query, parts.fragment, parts.username, parts.password)
    if parts.scheme not in DEFAULT_PORTS or not parts.hostname or any(beside):
        return None
    if port is None:
        port = DEFAULT_PORTS[parts.scheme]
    return Origin(parts.scheme, parts.hostname, port)


def is_among(origin: str, allowed: Iterable[str]) -> bool:
    """Whether an origin is one of these, however they are spelled."""
    asked = parse(origin)
    return asked is not None and asked in map(parse, allowed)


def same_host(origin: str | None, host: str, public_url: str = "") -> bool:
    """Whether a request comes from a page of our own, or from no page at all (None).

    Our own is the public address, and the one that the request itself was sent to (``host``, its
    header): a browser writes both, and a page cannot change either. What stands in front may speak
    TLS for us, so ``host`` goes with either scheme; what came by the public address, with its own.
    """
    if origin is None:
        return True
    asked, public = parse(origin), _of_url(public_url)
    if asked is None:
        return False
    if asked == public:
        return True
    if public is not None and parse(f"{public.scheme}://{host}") == public:
        return False
    return asked == parse(f"{asked.scheme}://{host}")


def own_page(origin: str | None, host: str, public_url: str = "") -> bool:
    """Whether a request comes from a page that we gave out ourselves, or from none at all (None).

    Stricter than ``same_host``: whoever has a name can let it lead here, and then the browser takes
    that one's page for ours (DNS rebinding). So a name that somebody may have bought counts only as
    the public address.
    """
    asked = None if origin is None else parse(origin)
    if origin is None or (asked is not None and asked == _of_url(public_url)):
        return True
    return asked is not None and _unsold(asked.host) and same_host(origin, host, public_url)


def _unsold(host: str) -> bool:
    """Whether nobody from outside can have this host: an address, or a name of this network."""
    try:
        ip_address(host)
    except ValueError:
        return "." not in host or host.endswith(tuple(f".{name}" for name in NOBODYS))
    return True


def _of_url(url: str) -> Origin | None:
    """The origin of the public address, which may have a path."""
    scheme, mark, rest = url.partition("://")
    return parse(f"{scheme}{mark}{rest.partition('/')[0]}") if mark else None


def address(host: str) -> str:
    """A network address in the one way in which it is written; at most so much of what is none."""
    try:
        found = ip_address(host)
    except ValueError:
        return host[:MAX_ADDRESS]
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return str(mapped or found)


def network_address(host: str) -> str:
    """The address that limits are counted by; an IPv6 address counts by its first 64 bits."""
    try:
        found = ip_address(host)
    except ValueError:
        return host[:MAX_ADDRESS]
    if not isinstance(found, IPv6Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(IPv6Network((int(found) >> NETWORK_BITS << NETWORK_BITS, NETWORK_BITS)))
