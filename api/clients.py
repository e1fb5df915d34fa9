"""Where a request comes from, and under which address its client reaches us.

Headers of proxies are believed only where the settings say that a proxy of one's own sets them.
"""

from __future__ import annotations

import re
from ipaddress import IPv6Address, IPv6Network, ip_address

from starlette.requests import Request

from api.deps import ApiSettings

NETWORK_BITS = 64
"""Of an IPv6 address: what one customer of a provider has at least, so one limit for it."""

_HOST = re.compile(r"[A-Za-z0-9._\-]+(:\d+)?|\[[0-9A-Fa-f:.]+\](:\d+)?")


def address(request: Request, settings: ApiSettings) -> str:
    """The network address that limits are counted by."""
    host = request.client.host if request.client else ""
    if settings.trust_forwarded:
        forwarded = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
        host = forwarded or host
    try:
        found = ip_address(host)
    except ValueError:
        return host[:NETWORK_BITS]
    if not isinstance(found, IPv6Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(IPv6Network((int(found) >> NETWORK_BITS << NETWORK_BITS, NETWORK_BITS)))


def secure(request: Request, settings: ApiSettings) -> bool:
    """Whether the client came by https."""
    if settings.public_url:
        return settings.public_url.startswith("https:")
    if settings.trust_forwarded:
        forwarded = request.headers.get("X-Forwarded-Proto", "").partition(",")[0].strip()
        if forwarded:
            return forwarded.casefold() in {"https", "wss"}
    return request.url.scheme == "https"


def host(request: Request, settings: ApiSettings) -> str:
    """Host and port as the client knows them; empty where it said nothing usable."""
    if settings.public_url:
        return settings.public_url.partition("://")[2].rstrip("/")
    said = request.headers.get("Host", "")
    if settings.trust_forwarded:
        said = request.headers.get("X-Forwarded-Host", "").partition(",")[0].strip() or said
    return said if _HOST.fullmatch(said) else ""


def socket_url(request: Request, settings: ApiSettings, path: str) -> str:
    """The address of a socket, for a client that came by this request."""
    scheme = "wss" if secure(request, settings) else "ws"
    return f"{scheme}://{host(request, settings) or 'localhost'}{path}"


def same_host(request: Request, settings: ApiSettings) -> bool:
    """Whether the request comes from a page of our own, or from no page at all.

    Our own is the public address, and the one that this request itself was sent to: a browser
    writes both Origin and Host, and a page cannot change either.
    """
    origin = request.headers.get("Origin")
    if origin is None:
        return True
    scheme, _, page = origin.partition("://")
    port = ":443" if scheme == "https" else ":80"
    own = (host(request, settings), request.headers.get("Host", ""))
    return page.casefold() in {name.casefold().removesuffix(port) for name in own if name}
