"""Where each value of a tenant's settings stands, and at which version it was said last."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from domain.matching import Match
from domain.tenant import commands as c
from domain.tenant import events as e
from domain.tenant import sections

if TYPE_CHECKING:
    from domain.tenant.state import Tenant

HOURS, SITES, SECRETS, APPEARANCES = "hours", "sites", "secrets", "appearances"
"""What changes beside the sections of ``domain.tenant.sections``, and the one of those that is a
site's."""

Place = tuple[str, str]
"""A section, and a key in it; empty where the section is one value."""

Versions = dict[str, dict[str, int]]
"""By section and key the version of the tenant's stream at which a value was said last."""


def said_by(event: object) -> tuple[Place, ...]:
    """The places of the values that an event says."""
    match event:
        case e.HoursChanged():
            return ((HOURS, ""),)
        case e.SiteAdded():
            return (SITES, event.site), (SECRETS, event.site)
        case e.SiteChanged() | e.SiteRestored():
            return ((SITES, event.site),)
        case e.SiteSecretRotated():
            return ((SECRETS, event.site),)
        case _:
            place = sections.place_of(event)
            return () if place is None else (place,)


def taken_by(event: object) -> Place | None:
    """The place of the value that an event takes away."""
    if isinstance(event, e.SiteRemoved):
        return SITES, event.site
    return sections.removed_by(event)


def evolve(versions: Versions, event: object, version: int) -> Versions:
    """The versions after an event, which is at this one."""
    taken = taken_by(event)
    if taken is not None:
        section, gone = taken
        left = {key: each for key, each in versions.get(section, {}).items() if key != gone}
        return {**versions, section: left}
    for section, key in said_by(event):
        versions = {**versions, section: {**versions.get(section, {}), key: version}}
    return versions


def without_sites(versions: Versions, sites: Collection[str]) -> Versions:
    """The versions once sites are gone for good."""
    kept = {
        section: {key: each for key, each in versions.get(section, {}).items() if key not in sites}
        for section in (SECRETS, APPEARANCES)
    }
    return {**versions, **kept}


def check(command: object, state: Tenant) -> None:
    """Refuse a change that rests on another value than there is."""
    match: Match | None = getattr(command, "match", None)
    if match is not None:
        match.check(version_at(_place_of(command), state))


def version_at(place: Place, state: Tenant) -> int | None:
    """At which version a value was said last; 0: it is as it comes; None: there is none."""
    section, key = place
    said = state.versions.get(section, {}).get(key)
    if said is not None:
        return said
    comes_so = not key or (section == APPEARANCES and key in state.sites)
    return 0 if comes_so else None


def _place_of(command: object) -> Place:
    match command:
        case c.SetHours():
            return HOURS, ""
        case c.ChangeSite() | c.RemoveSite():
            return SITES, command.site
        case c.Define() | c.Remove():
            return command.section, command.key
    raise TypeError(f"{type(command).__name__} rests on no version")
