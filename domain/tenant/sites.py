"""What may happen to a tenant's web sites, and what of their past that rests on.

A site that was removed is kept for a while as it was: its id stands in the pages of somebody who
may have removed the wrong one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from domain.errors import Refused
from domain.limits import MAX_ORIGIN, MAX_ORIGINS, MAX_REMOVED_SITES, MAX_SITES
from domain.origins import parse
from domain.tenant import commands as c
from domain.tenant import events as e
from domain.tenant import places, secrets

if TYPE_CHECKING:
    from domain.tenant.state import Tenant

SiteCommand = c.AddSite | c.ChangeSite | c.RemoveSite | c.RestoreSite | c.RotateSiteSecret


def decide(command: SiteCommand, state: Tenant) -> list[Struct]:
    """The events that follow from a command about a site. Raises :class:`Refused`."""
    match command:
        case c.AddSite():
            return _add(command, state)
        case c.RestoreSite():
            return _restore(command, state)
    site = state.sites.get(command.site)
    if site is None:
        raise Refused("not_found", "There is no such site.")
    match command:
        case c.ChangeSite():
            return _change(command, site)
        case c.RemoveSite():
            return [e.SiteRemoved(command.site)]
        case c.RotateSiteSecret():
            return [e.SiteSecretRotated(command.site, command.secret, command.old_until)]


def _add(command: c.AddSite, state: Tenant) -> list[Struct]:
    if command.site in state.sites or command.site in state.removed_sites:
        raise Refused("exists", "This site exists already.")
    _check_room(state)
    _check_origins(command.origins)
    return [e.SiteAdded(command.site, command.name, command.secret, command.origins)]


def _restore(command: c.RestoreSite, state: Tenant) -> list[Struct]:
    if command.site in state.sites:
        return []
    if command.site not in state.removed_sites:
        raise Refused("not_found", "There is no such site.")
    _check_room(state)
    return [e.SiteRestored(command.site)]


def _change(command: c.ChangeSite, site: e.SiteAdded) -> list[Struct]:
    _check_origins(command.origins)
    if (site.name, site.origins) == (command.name, command.origins):
        return []
    return [e.SiteChanged(command.site, command.name, command.origins)]


def _check_room(state: Tenant) -> None:
    if len(state.sites) >= MAX_SITES:
        raise Refused("too_many", f"There may be {MAX_SITES} sites.")


def _check_origins(origins: tuple[str, ...]) -> None:
    if len(origins) > MAX_ORIGINS:
        raise Refused("too_many", f"A site has {MAX_ORIGINS} origins at most.")
    for origin in origins:
        if len(origin) > MAX_ORIGIN or parse(origin) is None:
            raise Refused(
                "bad_request",
                f"An origin is such as https://shop.example, not {origin[:MAX_ORIGIN]!r}.",
            )


def evolve(state: Tenant, event: object) -> Tenant:
    """The state after an event; what is no site's leaves it as it is."""
    match event:
        case e.SiteAdded():
            return replace(state, sites={**state.sites, event.site: event})
        case e.SiteChanged():
            site = replace(state.sites[event.site], name=event.name, origins=event.origins)
            return replace(state, sites={**state.sites, event.site: site})
        case e.SiteSecretRotated():
            return _rotated(state, event)
        case e.SiteRemoved():
            return _bounded(_moved(state, event.site, "sites", "removed_sites"))
        case e.SiteRestored():
            return _moved(state, event.site, "removed_sites", "sites")
        case _:
            return state


def _rotated(state: Tenant, event: e.SiteSecretRotated) -> Tenant:
    site = state.sites[event.site]
    old = secrets.rotated(site.secret, state.old_secrets.get(event.site, ()), event.old_until)
    return replace(
        state,
        sites={**state.sites, event.site: replace(site, secret=event.secret)},
        old_secrets={**state.old_secrets, event.site: old},
    )


def _moved(state: Tenant, site: str, source: str, target: str) -> Tenant:
    left = dict(getattr(state, source))
    there = {**getattr(state, target), site: left.pop(site)}
    return replace(state, **{source: left, target: there})


def _bounded(state: Tenant) -> Tenant:
    """Of the removed ones the last, with what is kept of them."""
    over = list(state.removed_sites)[:-MAX_REMOVED_SITES]
    if not over:
        return state
    names = ("removed_sites", "old_secrets", "appearances")
    kept = {
        name: {key: each for key, each in getattr(state, name).items() if key not in over}
        for name in names
    }
    return replace(state, **kept, versions=places.without_sites(state.versions, over))
