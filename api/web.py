"""The web files: the visitor's script and page, the demo, the agents' desk, the admins' console.

They are built from ``web/`` and are not in the repository; without them these addresses say so.
Nothing is ever loaded from elsewhere, and the headers hold the browser to that.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import Mapping
from hashlib import sha256
from html import escape
from pathlib import Path
from types import MappingProxyType
from urllib.parse import quote

import segno
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.staticfiles import StaticFiles

from api import clients
from api.routing import GET, Call, Route
from domain.errors import Refused

POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "connect-src 'self'{sockets}; frame-ancestors 'self'; base-uri 'none'; form-action 'self'; "
    "object-src 'none'"
)
"""What a page of ours may load, and where it may speak to: here. ``'self'`` covers sockets in
browsers of today; those that go by the letter of older rules need them named."""

ALWAYS_ASK = "no-cache"
NEVER_CHANGES = "public, max-age=31536000, immutable"
"""For files whose name has a hash of what is in them. A year: the longest that is understood."""

SITE = "__PARLEY_SITE__"
"""What stands in a page in place of the site's id."""

NAME = "__PARLEY_NAME__"
"""What stands in a page in place of the site's name."""

ANYWHERE = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}
"""The visitor's script, and the parts that it fetches, run on their customer's pages."""

SVG = "image/svg+xml"

NOT_BUILT = "The web files of this installation are not built; `./dev up` builds them.\n"
HTML = "text/html"
LANGUAGE, TITLE, TEXT = "__PARLEY_LANGUAGE__", "__PARLEY_TITLE__", "__PARLEY_TEXT__"
"""What stands in a page in place of its language and of what it says."""

NOWHERE = {
    "en": (
        "There is no such chat",
        "The link or code may be old. Please look for a new one where you found it.",
    ),
    "zh": ("此聊天不存在", "链接或二维码可能已失效。请在原处查找新的。"),
}
"""What is said where there is no chat, in each language. The first is for everybody else."""

SCRIPT = "text/javascript"


async def widget(call: Call) -> Response:
    """The visitor's script, which customers' pages embed."""
    response = await _file(call, call.deps.web, "widget.js", ALWAYS_ASK)
    response.headers.update(ANYWHERE)
    return response


async def asset(call: Call) -> Response:
    """A file that pages name with its hash."""
    path = call.request.path_params["path"]
    response = await _file(call, call.deps.web / "assets", path, NEVER_CHANGES)
    if response.status_code >= 400:  # noqa: PLR2004  # an error
        raise Refused("not_found")
    response.headers.update(ANYWHERE)
    return response


async def chat(call: Call) -> Response:
    """A site's chat as a page of its own, for a link or a code on paper.

    Whoever follows one that leads nowhere is told so as people are.
    """
    try:
        site, name = await _site(call)
    except Refused:
        if HTML not in call.request.headers.get("Accept", ""):
            raise
        return await _nowhere(call)
    return await _page(call, "chat", {SITE: site, NAME: name})


async def _nowhere(call: Call) -> Response:
    """That there is no such chat, in the reader's language."""
    language = clients.language(call.request, tuple(NOWHERE))
    title, text = NOWHERE[language]
    page = await _page(call, "nowhere", {LANGUAGE: language, TITLE: title, TEXT: text}, 404)
    page.headers["Vary"] = "Accept-Language"
    return page


async def qr(call: Call) -> Response:
    """The address of a site's chat as a code that phones read."""
    site, _ = await _site(call)
    picture = io.BytesIO()
    code = segno.make_qr(clients.url(call.request, call.deps.settings, f"/chat/{quote(site)}"))
    code.save(picture, kind="svg", scale=8, xmldecl=False, omitsize=True)
    headers = {**_headers(call), "Cache-Control": ALWAYS_ASK}
    return Response(picture.getvalue(), headers=headers, media_type=SVG)


async def _site(call: Call) -> tuple[str, str]:
    """The site of this address and its name. Raises :class:`Refused` ``not_found``."""
    site: str = call.request.path_params["site"]
    found = await call.deps.doors.tenants.site(site)
    if found is None:
        raise Refused("not_found", "There is no such site.")
    return site, found.added.name


async def demo(call: Call) -> Response:
    """A page of a shop with the widget in it."""
    return await _page(call, "demo", {SITE: call.deps.demo_site() or ""})


async def desk(call: Call) -> Response:
    """The agents' desk."""
    return await _page(call, "desk")


async def admin(call: Call) -> Response:
    """The console of those who administer a workspace."""
    return await _page(call, "admin")


async def home(call: Call) -> Response:
    """Whoever comes to the bare address most likely works here."""
    return RedirectResponse("/desk", 303, _headers(call))


async def _page(
    call: Call, page: str, says: Mapping[str, str] = MappingProxyType({}), status: int = 200
) -> Response:
    """A page, which browsers ask for each time and get anew only if it has changed.

    ``says``: what is put in the place of which mark.
    """
    text = await asyncio.to_thread(_read, call.deps.web, page)
    if text is None:
        return _not_built(call)
    for mark, said in says.items():
        text = text.replace(mark, escape(said, quote=True))
    raw = text.encode()
    etag = f'"{sha256(raw).hexdigest()[:32]}"'
    headers = {**_headers(call), "Cache-Control": ALWAYS_ASK, "ETag": etag}
    if call.request.headers.get("If-None-Match") == etag:
        return Response(status_code=304, headers=headers)
    return HTMLResponse(raw, status, headers)


def _read(web: Path, page: str) -> str | None:
    """A page's text, wherever the build puts it."""
    for path in (web / f"{page}.html", web / page / "index.html"):
        if path.is_file():
            return path.read_text(encoding="utf-8")
    return None


async def _file(call: Call, folder: Path, path: str, caching: str) -> Response:
    """A file below a folder of the web files, and never one beside it; always the whole."""
    if "\0" in path:
        raise Refused("not_found")
    if not (call.deps.web / "widget.js").exists():
        return _not_built(call)
    scope = call.request.scope
    scope["headers"] = [each for each in scope["headers"] if each[0] != b"range"]
    files = StaticFiles(directory=folder, check_dir=False)
    response = await files.get_response(path, scope)
    response.headers.update({**_headers(call), "Cache-Control": caching})
    return response


def _not_built(call: Call) -> Response:
    return PlainTextResponse(NOT_BUILT, 503, {**_headers(call), "Cache-Control": "no-store"})


def _headers(call: Call) -> dict[str, str]:
    """What holds a browser to what is ours."""
    hosts = clients.hosts(call.request, call.deps.settings)
    sockets = "".join(f" ws://{host} wss://{host}" for host in hosts)
    return {
        "Content-Security-Policy": POLICY.format(sockets=sockets),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "strict-origin-when-cross-origin",
    }


ROUTES = (
    Route(GET, "/", home, "Go to the desk", status=303, media=HTML),
    Route(GET, "/widget.js", widget, "The visitor's script", media=SCRIPT),
    Route(GET, "/chat/{site}", chat, "A site's chat as a page of its own", media=HTML),
    Route(GET, "/chat/{site}/qr.svg", qr, "Its address as a QR code", media=SVG),
    Route(GET, "/demo", demo, "A page that embeds the widget", media=HTML),
    Route(GET, "/desk", desk, "The agents' desk", media=HTML),
    Route(GET, "/admin", admin, "The admins' console", media=HTML),
    Route(GET, "/assets/{path:path}", asset, "A file of the pages", media="*/*"),
)
