"""``/metrics``: this process's figures, for Prometheus.

What they are is one table, ``domain.figures``. None says anything of a tenant or a person, so
nobody is asked who calls.
"""

from __future__ import annotations

from starlette.responses import Response

from api.routing import GET, Call, Route

TEXT = "text/plain"


async def figures(call: Call) -> Response:
    """The figures as they are now, in the form that is asked for."""
    text, media = call.deps.exposition(call.request.headers.get("Accept", ""))
    headers = {"Content-Type": media, "Cache-Control": "no-store"}
    return Response(text, headers={**headers, "X-Content-Type-Options": "nosniff"})


ROUTES = (Route(GET, "/metrics", figures, "Tell this process's figures", media=TEXT),)
