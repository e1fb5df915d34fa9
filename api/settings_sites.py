"""``/v1/settings/sites``: web sites come and go.

They are named, opened to the pages of some origins, and given another secret.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

from msgspec import UNSET, Struct

from api import throttle
from api.conditions import held, match_of
from api.routing import DELETE, POST, PUT, Call, Route
from api.settings import present
from api.settings_answers import Done, NewSite, SiteSecret
from domain.limits import SITE_SECRET_GRACE_S
from domain.tenant.places import SITES


class SiteGiven(Struct, frozen=True):
    """A site. Pages of these origins may use its chat; none are named: any."""

    name: str
    origins: tuple[str, ...] = ()


class Rotation(Struct, frozen=True):
    """Another secret. ``at_once``: those before are good no more, for one has leaked."""

    at_once: bool = False


async def add(call: Call) -> NewSite:
    """A further site.

    Its secret says who a visitor is at every site of the tenant: an admin's to know, not a key's.
    """
    await throttle.count_change(call.deps, call.caller)
    given: SiteGiven = call.body
    made = await call.deps.configured.add_site(call.caller, given.name, given.origins)
    return NewSite(made.site, made.secret if call.caller.is_admin else UNSET)


async def change(call: Call) -> Done:
    """Another name, or other origins."""
    await throttle.count_change(call.deps, call.caller)
    given: SiteGiven = call.body
    site, match = _site(call), match_of(call.request)
    change = call.deps.configured.change_site(call.caller, site, given.name, given.origins, match)
    done = await held(change, partial(present, call, SITES, site))
    return Done(done.version, done.changed)


async def remove(call: Call) -> Done:
    """Have no chat there any more."""
    await throttle.count_change(call.deps, call.caller)
    site, match = _site(call), match_of(call.request)
    change = call.deps.configured.remove_site(call.caller, site, match)
    done = await held(change, partial(present, call, SITES, site))
    return Done(done.version, done.changed)


async def restore(call: Call) -> Done:
    """Have it again, as it was."""
    await throttle.count_change(call.deps, call.caller)
    done = await call.deps.configured.restore_site(call.caller, _site(call))
    return Done(done.version, done.changed)


async def rotate(call: Call) -> SiteSecret:
    """Another secret for its server."""
    await throttle.count_change(call.deps, call.caller)
    given: Rotation = call.body
    grace = 0 if given.at_once else SITE_SECRET_GRACE_S
    until = int(call.deps.clock.now()) + grace
    secret = await call.deps.configured.rotate_secret(call.caller, _site(call), until)
    return SiteSecret(secret, datetime.fromtimestamp(until, UTC))


def _site(call: Call) -> str:
    """The site in the address. What cannot be one is refused where it is decided."""
    site: str = call.request.path_params["site"]
    return site


OF_ONE = "/v1/settings/sites/{site}"
ROUTES = (
    Route(
        POST,
        "/v1/settings/sites",
        add,
        "Add a site; admins are told its secret, this once",
        body=SiteGiven,
        answer=NewSite,
        status=201,
        exact=True,
    ),
    Route(
        PUT,
        OF_ONE,
        change,
        "Give a site another name, or other origins",
        body=SiteGiven,
        answer=Done,
        exact=True,
        conditional=True,
    ),
    Route(DELETE, OF_ONE, remove, "Remove a site", answer=Done, conditional=True),
    Route(POST, f"{OF_ONE}/restore", restore, "Restore a site that was removed", answer=Done),
    Route(
        POST,
        f"{OF_ONE}/secret",
        rotate,
        "Draw another secret for a site; it is told this once",
        body=Rotation,
        answer=SiteSecret,
        exact=True,
    ),
)
