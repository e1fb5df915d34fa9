"""Where a request comes from, and under which address its client reaches us.

Headers of proxies are the server's business: it believes those that the operator trusts, and what
stands in the request afterwards is the client's own address and scheme.
"""

from __future__ import annotations

import re

from starlette.requests import Request

from api.deps import ApiSettings
from domain import origins
from domain.handling.sightings import Came
from domain.handling.sign_ins import Whence

MAX_USER_AGENT = 512
"""Characters kept of what a browser says it is. 512: the longest real ones have some 300."""

MAX_LANGUAGES = 512
"""Characters of ``Accept-Language`` that are looked at; the first of a list is enough."""

_HOST = re.compile(r"[A-Za-z0-9._\-]+(:\d+)?|\[[0-9A-Fa-f:.]+\](:\d+)?")


def address(request: Request) -> str:
    """The network address that limits are counted by."""
    return origins.network_address(request.client.host if request.client else "")


def whence(request: Request) -> Whence:
    """Where a client is and what its browser says it is, for the record."""
    host = request.client.host if request.client else ""
    said = request.headers.get("User-Agent", "")[:MAX_USER_AGENT]
    return Whence(origins.address(host), said)


def came(request: Request) -> Came:
    """How a visitor comes, for the record."""
    languages = request.headers.get("Accept-Language", "")[:MAX_LANGUAGES]
    return Came(whence(request), languages)


def language(request: Request, spoken: tuple[str, ...]) -> str:
    """The first language that the reader asks for and that is spoken; else the first spoken.

    ``?lang=`` goes before what the browser says, whose list begins with what it likes best.
    """
    said = request.headers.get("Accept-Language", "")[:MAX_LANGUAGES]
    wanted = [request.query_params.get("lang", ""), *said.split(",")]
    bases = (re.split("[-;]", each.strip().lower())[0] for each in wanted)
    return next((each for each in bases if each in spoken), spoken[0])


def secure(request: Request, settings: ApiSettings) -> bool:
    """Whether the client came by https."""
    if settings.public_url:
        return settings.public_url.startswith("https:")
    return request.url.scheme == "https"


def host(request: Request, settings: ApiSettings) -> str:
    """Host and port as the client knows them; empty where it said nothing usable."""
    if settings.public_url:
        return settings.public_url.partition("://")[2].rstrip("/")
    return _own(request)


def _own(request: Request) -> str:
    """The host that this request was sent to; empty where that is none."""
    said = request.headers.get("Host", "")
    return said if _HOST.fullmatch(said) else ""


def hosts(request: Request, settings: ApiSettings) -> list[str]:
    """Every host and port under which this client may reach us, each once."""
    found = dict.fromkeys((host(request, settings).partition("/")[0], _own(request)))
    return [each for each in found if each]


def socket_url(request: Request, settings: ApiSettings, path: str) -> str:
    """The address of a socket, for a client that came by this request."""
    scheme = "wss" if secure(request, settings) else "ws"
    return f"{scheme}://{host(request, settings) or 'localhost'}{path}"


def url(request: Request, settings: ApiSettings, path: str) -> str:
    """An address of ours as people are to be given it."""
    scheme = "https" if secure(request, settings) else "http"
    return f"{scheme}://{host(request, settings) or 'localhost'}{path}"


def page_origin(request: Request, settings: ApiSettings) -> str | None:
    """The origin of the page that asks, by which a site's own list goes.

    None: it is no page, or one of ours, such as a site's chat as a page of its own.
    """
    origin, host = request.headers.get("Origin"), request.headers.get("Host", "")
    return None if origins.own_page(origin, host, settings.public_url) else origin


def same_host(request: Request, settings: ApiSettings) -> bool:
    """Whether the request comes from a page of our own, or from no page at all."""
    headers = request.headers
    return origins.same_host(headers.get("Origin"), headers.get("Host", ""), settings.public_url)
