"""``/api/healthz`` and ``/readyz``: is everything well, and may this node get requests?

Two questions with two askers: a person or an alarm asks the first; a load balancer asks the second
often, and must not take a node out because the broker is away: chat goes on without it.
"""

from __future__ import annotations

import asyncio
import logging

from msgspec import Struct
from starlette.responses import Response

from api.deps import Probe
from api.routing import GET, Call, Route, json

_logger = logging.getLogger("parley.api")

OK = "OK"
REASON = 120
"""Characters of a reason."""


class Health(Struct, frozen=True):
    """``OK`` or a short reason, part by part."""

    database: str
    broker: str
    redis: str
    files: str
    websocket: str
    version: str


class Readiness(Struct, frozen=True):
    """Whether this node can serve chat now."""

    ready: bool


PARTS = tuple(part for part in Health.__struct_fields__ if part != "version")
"""What is looked after, by name."""


async def health(call: Call) -> Response:
    """How every part is. 503 when one is not well."""
    deps = call.deps
    found = await asyncio.gather(
        *(_ask(part, deps.probes.get(part), deps.settings.probe_timeout_s) for part in PARTS)
    )
    answer = Health(**dict(zip(PARTS, found, strict=True)), version=deps.version)
    return json(answer, 200 if set(found) == {OK} else 503)


async def readiness(call: Call) -> Response:
    """Whether a load balancer may send clients here."""
    ready = call.deps.ready()
    return json(Readiness(ready), 200 if ready else 503)


async def _ask(part: str, probe: Probe | None, timeout_s: float) -> str:
    """What a part says of itself; one without a probe is in this process, so as well as we are."""
    if probe is None:
        return OK
    try:
        async with asyncio.timeout(timeout_s):
            return (await probe() or OK)[:REASON]
    except TimeoutError:
        return "no answer in time"
    except Exception as error:  # noqa: BLE001  # whatever it is, it is the part's illness
        _logger.warning("%s is not well: %s", part, error)
        return type(error).__name__


ROUTES = (
    Route(GET, "/api/healthz", health, "Tell how every part is", answer=Health, ill=503),
    Route(
        GET,
        "/readyz",
        readiness,
        "Tell whether this node can serve chat",
        answer=Readiness,
        ill=503,
    ),
)
