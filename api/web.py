"""The web files: the visitor's script, the demo page, the agents' desk, the admins' console.

They are built from ``web/`` and are not in the repository; without them these addresses say so.
Nothing is ever loaded from elsewhere, and the headers hold the browser to that.
"""

from __future__ import annotations

import asyncio
from hashlib import sha256
from html import escape
from pathlib import Path

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
"""What stands in the demo page in place of the site's id."""

NOT_BUILT = "The web files of this installation are not built; `./dev up` builds them.\n"
HTML = "text/html"
SCRIPT = "text/javascript"


async def widget(call: Call) -> Response:
    """The visitor's script, which customers' pages embed."""
    response = await _file(call, call.deps.web, "widget.js", ALWAYS_ASK)
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


async def asset(call: Call) -> Response:
    """A file that pages name with its hash."""
    path = call.request.path_params["path"]
    response = await _file(call, call.deps.web / "assets", path, NEVER_CHANGES)
    if response.status_code >= 400:  # noqa: PLR2004  # an error
        raise Refused("not_found")
    return response


async def demo(call: Call) -> Response:
    """A page of a shop with the widget in it."""
    site = escape(call.deps.demo_site() or "", quote=True)
    return await _page(call, "demo", site)


async def desk(call: Call) -> Response:
    """The agents' desk."""
    return await _page(call, "desk", "")


async def admin(call: Call) -> Response:
    """The console of those who administer a workspace."""
    return await _page(call, "admin", "")


async def home(call: Call) -> Response:
    """Whoever comes to the bare address most likely works here."""
    return RedirectResponse("/desk", 303, _headers(call))


async def _page(call: Call, name: str, site: str) -> Response:
    """A page, which browsers ask for each time and get anew only if it has changed."""
    text = await asyncio.to_thread(_read, call.deps.web, name)
    if text is None:
        return _not_built(call)
    raw = text.replace(SITE, site).encode()
    etag = f'"{sha256(raw).hexdigest()[:32]}"'
    headers = {**_headers(call), "Cache-Control": ALWAYS_ASK, "ETag": etag}
    if call.request.headers.get("If-None-Match") == etag:
        return Response(status_code=304, headers=headers)
    return HTMLResponse(raw, headers=headers)


def _read(web: Path, name: str) -> str | None:
    """A page's text, wherever the build puts it."""
    for path in (web / f"{name}.html", web / name / "index.html"):
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
    Route(GET, "/demo", demo, "A page that embeds the widget", media=HTML),
    Route(GET, "/desk", desk, "The agents' desk", media=HTML),
    Route(GET, "/admin", admin, "The admins' console", media=HTML),
    Route(GET, "/assets/{path:path}", asset, "A file of the pages", media="*/*"),
)
