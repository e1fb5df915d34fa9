"""``/v1/sites/{site}/widget``: how a site's chat looks and what it says, for whoever opens a page.

Anyone may ask, from any page: nothing here is a secret, and browsers keep it for a minute. What
follows from the settings alone is kept for as long as they are the same.
"""

from __future__ import annotations

from collections import OrderedDict
from datetime import UTC, datetime
from hashlib import blake2b

import msgspec
from msgspec import Struct
from msgspec.structs import asdict
from starlette.responses import Response

from api import bodies, clients, throttle
from api.routing import GET, Call, Route
from domain.errors import Refused
from domain.handling.callers import origin_allowed
from domain.tenant import values as v
from domain.tenant.calendar import calendar_of
from domain.tenant.reception import in_order
from domain.tenant.state import Tenant

MAX_AGE_S = 60
"""Seconds for which a browser keeps the answer: how late a change of colours may be seen."""

KEPT = 1_000
"""Sites of which the answer is kept."""

ETAG_BYTES = 12


class Welcome(v.Welcome, frozen=True, kw_only=True):
    """A rule by which visitors are spoken to."""

    rule: str


class Choice(Struct, frozen=True):
    """A department that visitors may choose."""

    department: str
    name: str


class Widget(Struct, frozen=True, kw_only=True):
    """All that a widget is made by. ``open``: somebody is there by the hours; else ``opens_at``.

    ``allowed``: the page that asks is one of the site's. ``max_file_bytes``: of a file, at most.
    """

    name: str
    appearance: v.Appearance
    welcomes: list[Welcome]
    departments: list[Choice]
    open: bool
    opens_at: datetime | None
    allowed: bool = True
    max_file_bytes: int = 0


class Kept:
    """What each site's answer is made of, for as long as its tenant's state is the same object."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, tuple[Tenant, Widget]] = OrderedDict()

    def of(self, site: str, tenant: Tenant) -> Widget:
        """The answer but for the time."""
        there, widget = self._kept.get(site, (None, None))
        if widget is None or there is not tenant:
            widget = _made(site, tenant)
            self._kept[site] = (tenant, widget)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return widget


_widgets = Kept()


async def widget(call: Call) -> Response:
    """How a site's chat looks, and what it says."""
    await throttle.count_site(call.deps, call.request)
    site = call.request.path_params["site"]
    found = await call.deps.doors.tenants.at_site(site)
    if found is None:
        raise Refused("not_found", "There is no such site.")
    _, tenant = found
    made = _at(_widgets.of(site, tenant), tenant, call.deps.clock.now())
    origin = clients.page_origin(call.request, call.deps.settings)
    made = msgspec.structs.replace(
        made,
        allowed=origin_allowed(tenant.sites[site].origins, origin),
        max_file_bytes=call.deps.files.settings.max_bytes,
    )
    raw = msgspec.json.encode(made)
    etag = f'"{blake2b(raw, digest_size=ETAG_BYTES).hexdigest()}"'
    headers = {
        "Cache-Control": f"public, max-age={MAX_AGE_S}",
        "ETag": etag,
        "X-Content-Type-Options": "nosniff",
    }
    if etag in call.request.headers.get("If-None-Match", ""):
        return Response(status_code=304, headers=headers)
    return Response(raw, 200, headers, bodies.JSON)


def _made(site: str, tenant: Tenant) -> Widget:
    welcomes = [
        Welcome(**asdict(each), rule=key)
        for key, each in in_order(tenant.welcomes)
        if each.enabled and (not each.sites or site in each.sites)
    ]
    offered = [Choice(key, each.name) for key, each in tenant.departments.items() if each.offered]
    return Widget(
        name=tenant.sites[site].name,
        appearance=tenant.appearances.get(site, v.Appearance()),
        welcomes=welcomes,
        departments=offered,
        open=True,
        opens_at=None,
    )


def _at(widget: Widget, tenant: Tenant, now: float) -> Widget:
    """The answer at a time."""
    if tenant.hours is None:
        return widget
    calendar, moment = calendar_of(tenant.hours), datetime.fromtimestamp(now, UTC)
    if calendar.is_open(moment):
        return widget
    return msgspec.structs.replace(widget, open=False, opens_at=calendar.opens_at(moment))


ROUTES = (
    Route(
        GET,
        "/v1/sites/{site}/widget",
        widget,
        "Show how a site's chat looks, and what it says",
        answer=Widget,
        cross_origin=True,
    ),
)
