"""Cross-origin requests: a widget lives on its customer's pages, and nowhere else.

No credentials are ever allowed: a visitor shows a token or a secret in the request itself. What a
page may do is decided by the site's origins in the doors; here is only what the browser is told.
"""

from __future__ import annotations

from collections.abc import Iterable

from starlette.requests import Request
from starlette.responses import Response

PREFLIGHT = "OPTIONS"
MAX_AGE_S = 3600
"""How long a browser may remember that it may ask; browsers cap it themselves at 2 h."""


def preflight(request: Request, methods: Iterable[str]) -> Response:
    """Whether a page may ask at all. Which site it asks for is in what it then sends."""
    response = Response(status_code=204)
    let_read(request, response)
    if "Origin" in request.headers:
        response.headers["Access-Control-Allow-Methods"] = ", ".join(sorted(methods))
        response.headers["Access-Control-Allow-Headers"] = "Authorization, Content-Type"
        response.headers["Access-Control-Max-Age"] = str(MAX_AGE_S)
    return response


def let_read(request: Request, response: Response) -> None:
    """Let the page that asked read this answer."""
    response.headers.add_vary_header("Origin")
    origin = request.headers.get("Origin")
    if origin is not None and origin.isprintable():
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Expose-Headers"] = "Retry-After"
