"""``/v1/settings``: what a tenant has set up. Agents see what they work with, admins all of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, TypeVar

from msgspec import Struct
from msgspec.structs import asdict

from api import clients, throttle
from api import settings_answers as a
from api.routing import GET, PUT, Call, Route
from domain.handling.tenant_settings import HOURS, SITES, SettingsNow
from domain.permissions import AGENT
from domain.tenant.calendar import ALWAYS, calendar_of
from domain.tenant.events import Holiday, Shifts
from domain.tenant.values import Appearance

T = TypeVar("T", bound=Struct)


class HoursGiven(Struct, frozen=True):
    """Opening hours: shifts are ``[begin, end]`` in minutes from midnight, by ``zone``'s clock."""

    zone: str
    week: tuple[Shifts, ...]
    holidays: tuple[Holiday, ...] = ()


async def show(call: Call) -> Struct:
    """The settings as they are now."""
    await throttle.count_read(call.deps, call.caller)
    now = await call.deps.configured.now(call.caller.log)
    shown = _for_agents(call, now)
    if call.caller.role == AGENT and not call.caller.is_admin:
        return a.Settings(**shown, sites=[_site(each) for each in now.tenant.sites.values()])
    return a.WholeSettings(
        **shown,
        welcomes=_entries(a.Welcome, now, "welcomes", "rule"),
        receptions=_entries(a.Reception, now, "receptions", "rule"),
        sites=[_whole_site(call, now, each) for each in now.tenant.sites.values()],
    )


async def set_hours(call: Call) -> a.Done:
    """Say when somebody is there to answer."""
    await throttle.count_change(call.deps, call.caller)
    hours: HoursGiven = call.body
    done = await call.deps.configured.set_hours(call.caller, hours.zone, hours.week, hours.holidays)
    return a.Done(done.version, done.changed)


def _for_agents(call: Call, now: SettingsNow) -> dict[str, Any]:
    tenant, hours = now.tenant, now.tenant.hours
    moment = datetime.fromtimestamp(call.deps.clock.now(), UTC)
    return {
        "version": now.version,
        "departments": _entries(a.Department, now, "departments", "department"),
        "replies": _entries(a.Reply, now, "replies", "reply"),
        "statuses": _entries(a.Status, now, "statuses", "status"),
        "routing": _entry(a.Routing, now, "routing", tenant.routing),
        "tags": _entry(a.Tags, now, "tags", tenant.tags),
        "hours": None if hours is None else _entry(a.Hours, now, HOURS, hours),
        "open": calendar_of(hours or ALWAYS).is_open(moment),
    }


def _entries(form: type[T], now: SettingsNow, section: str, key: str) -> list[T]:
    """The values of a section, each with its key."""
    values = getattr(now.tenant, section)
    return [_entry(form, now, section, each, key, name) for name, each in values.items()]


def _entry(  # noqa: PLR0913, PLR0917  # a value, its place, and what it becomes
    form: type[T], now: SettingsNow, section: str, value: Struct, key: str = "", name: str = ""
) -> T:
    """A value as it is answered, with who said it when."""
    named = {key: name} if key else {}
    return form(**asdict(value), **named, **_said(now, section, name))


def _said(now: SettingsNow, section: str, name: str) -> dict[str, Any]:
    change = now.changes.get((section, name))
    return {} if change is None else {"changed_at": change.at, "changed_by": change.by}


def _site(site: Any) -> a.Site:
    return a.Site(site.site, site.name)


def _whole_site(call: Call, now: SettingsNow, site: Any) -> a.WholeSite:
    appearance = now.tenant.appearances.get(site.site, Appearance())
    said = _said(now, "appearances", site.site)
    return a.WholeSite(
        site.site,
        site.name,
        origins=site.origins,
        appearance=a.Appearance(**asdict(appearance), **said),
        snippet=snippet(call, site.site),
        **_said(now, SITES, site.site),
    )


def snippet(call: Call, site: str) -> str:
    """What a page is given so that it has the chat."""
    settings = call.deps.settings
    scheme = "https" if clients.secure(call.request, settings) else "http"
    server = f"{scheme}://{clients.host(call.request, settings) or 'localhost'}"
    return f'<script src="{server}/widget.js" data-site="{site}" async></script>'


ROUTES = (
    Route(
        GET,
        "/v1/settings",
        show,
        "Show a tenant's settings; all of them to admins and servers",
        answer=a.WholeSettings,
    ),
    Route(
        PUT,
        "/v1/settings/hours",
        set_hours,
        "Set the opening hours",
        body=HoursGiven,
        answer=a.Done,
        exact=True,
    ),
)
