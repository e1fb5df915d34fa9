"""``/v1/settings``: what a tenant has set up. Agents see what they work with, admins all of it."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar

from msgspec import Struct
from msgspec.structs import asdict

from api import clients, throttle
from api import settings_answers as a
from api.conditions import Present, held, match_of
from api.routing import GET, PUT, Call, Route
from domain.handling.tenant_settings import SettingsNow
from domain.permissions import AGENT
from domain.tenant.calendar import ALWAYS, calendar_of
from domain.tenant.events import Holiday, HoursChanged, Shifts, SiteAdded
from domain.tenant.places import HOURS, SECRETS, SITES
from domain.tenant.values import Appearance

T = TypeVar("T", bound=Struct)

FORMS: dict[str, tuple[type[Struct], str]] = {
    "departments": (a.Department, "department"),
    "replies": (a.Reply, "reply"),
    "welcomes": (a.Welcome, "rule"),
    "receptions": (a.Reception, "rule"),
    "statuses": (a.Status, "status"),
    "routing": (a.Routing, ""),
    "tags": (a.Tags, ""),
}
"""How the values of each section are answered, and what their keys are called there."""


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
        removed_sites=[_removed_site(now, each) for each in now.tenant.removed_sites.values()],
    )


async def set_hours(call: Call) -> a.Done:
    """Say when somebody is there to answer."""
    await throttle.count_change(call.deps, call.caller)
    given: HoursGiven = call.body
    hours = HoursChanged(given.zone, given.week, given.holidays)
    change = call.deps.configured.set_hours(call.caller, hours, match_of(call.request))
    done = await held(change, partial(present, call, HOURS, ""))
    return a.Done(done.version, done.changed)


async def present(call: Call, section: str, key: str) -> Present:
    """A value as it is now, in the form in which ``GET /v1/settings`` has it."""
    now = await call.deps.configured.now(call.caller.log)
    change = now.changes.get((section, key))
    value = _value(call, now, section, key)
    return Present(value) if change is None else Present(value, change.at, change.by)


def _value(call: Call, now: SettingsNow, section: str, key: str) -> Struct | None:
    tenant = now.tenant
    if section == HOURS:
        return None if tenant.hours is None else _entry(a.Hours, now, HOURS, tenant.hours)
    if section == SITES:
        site = tenant.sites.get(key)
        return None if site is None else _whole_site(call, now, site)
    if section == "appearances":
        return _appearance(now, key) if key in tenant.sites else None
    form, field = FORMS[section]
    values = getattr(tenant, section)
    if not field:
        return _entry(form, now, section, values)
    return _entry(form, now, section, values[key], field, key) if key in values else None


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
    if change is None:
        return {}
    return {"version": change.version, "changed_at": change.at, "changed_by": change.by}


def _site(site: SiteAdded) -> a.Site:
    return a.Site(site.site, site.name)


def _whole_site(call: Call, now: SettingsNow, site: SiteAdded) -> a.WholeSite:
    secret = now.changes.get((SECRETS, site.site))
    return a.WholeSite(
        site.site,
        site.name,
        origins=site.origins,
        appearance=_appearance(now, site.site),
        snippet=snippet(call, site.site),
        secret_changed_at=None if secret is None else secret.at,
        secret_changed_by=None if secret is None else secret.by,
        **_said(now, SITES, site.site),
    )


def _appearance(now: SettingsNow, site: str) -> a.Appearance:
    appearance = now.tenant.appearances.get(site, Appearance())
    return a.Appearance(**asdict(appearance), **_said(now, "appearances", site))


def _removed_site(now: SettingsNow, site: SiteAdded) -> a.RemovedSite:
    change = now.changes[SITES, site.site]
    return a.RemovedSite(site.site, site.name, changed_at=change.at, changed_by=change.by)


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
        conditional=True,
    ),
)
