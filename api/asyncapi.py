"""``/asyncapi.json``: the contract of sockets and broker, as it is handed in."""

from __future__ import annotations

import asyncio

from starlette.responses import Response

from api.routing import GET, Call, Route, json


async def asyncapi(call: Call) -> Response:
    """The document, which is made beside the loop when somebody first asks."""
    return json(await asyncio.to_thread(call.deps.asyncapi))


ROUTES = (Route(GET, "/asyncapi.json", asyncapi, "Describe the sockets and RabbitMQ's messages"),)
