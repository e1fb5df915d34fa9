"""``/v1/settings/sites``: web sites are added, named, and opened to the pages of some origins."""

from __future__ import annotations

from msgspec import Struct

from api import throttle
from api.routing import POST, PUT, Call, Route
from api.settings_answers import Done, NewSite


class SiteGiven(Struct, frozen=True):
    """A site. Pages of these origins may use its chat; none are named: any."""

    name: str
    origins: tuple[str, ...] = ()


async def add(call: Call) -> NewSite:
    """A further site."""
    await throttle.count_change(call.deps, call.caller)
    given: SiteGiven = call.body
    return NewSite(await call.deps.configured.add_site(call.caller, given.name, given.origins))


async def change(call: Call) -> Done:
    """Another name, or other origins."""
    await throttle.count_change(call.deps, call.caller)
    given: SiteGiven = call.body
    site = call.request.path_params["site"]
    done = await call.deps.configured.change_site(call.caller, site, given.name, given.origins)
    return Done(done.version, done.changed)


ROUTES = (
    Route(
        POST,
        "/v1/settings/sites",
        add,
        "Add a site",
        body=SiteGiven,
        answer=NewSite,
        status=201,
        exact=True,
    ),
    Route(
        PUT,
        "/v1/settings/sites/{site}",
        change,
        "Give a site another name, or other origins",
        body=SiteGiven,
        answer=Done,
        exact=True,
    ),
)
