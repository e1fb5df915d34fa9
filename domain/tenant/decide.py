"""What may happen to a tenant."""

from __future__ import annotations

from msgspec import Struct

from domain.errors import Refused
from domain.limits import MAX_SITES
from domain.origins import parse
from domain.tenant import commands as c
from domain.tenant import events as e
from domain.tenant import goals, hours, sections, webhooks
from domain.tenant.goals import GoalCommand
from domain.tenant.state import Tenant
from domain.tenant.webhooks import WebhookCommand

TenantCommand = (
    c.CreateTenant
    | c.AddSite
    | c.ChangeSite
    | c.CreateApiKey
    | c.RevokeApiKey
    | c.SetHours
    | GoalCommand
    | WebhookCommand
    | c.Define
    | c.Remove
)


def decide(command: TenantCommand, state: Tenant) -> list[Struct]:
    """The events that follow from a command to a tenant. Raises :class:`Refused`."""
    match command:
        case c.CreateTenant():
            if state.name:
                raise Refused("exists", "This tenant exists already.")
            return [e.TenantCreated(command.name, command.secret)]
        case c.AddSite():
            return _add_site(command, state)
        case c.ChangeSite():
            return _change_site(command, state)
        case c.CreateApiKey():
            return _create_key(command, state)
        case c.RevokeApiKey():
            return _revoke_key(command, state)
        case c.SetHours():
            return hours.decide(command, state.hours)
        case c.AddGoal() | c.ChangeGoal() | c.RemoveGoal():
            return goals.decide(command, state.goals)
        case c.Define() | c.Remove():
            return sections.decide(command, state)
        case _:
            return webhooks.decide(command, state.webhooks)


def _add_site(command: c.AddSite, state: Tenant) -> list[Struct]:
    if command.site in state.sites:
        raise Refused("exists", "This site exists already.")
    if len(state.sites) >= MAX_SITES:
        raise Refused("too_many", f"There may be {MAX_SITES} sites.")
    _check_origins(command.origins)
    return [e.SiteAdded(command.site, command.name, command.secret, command.origins)]


def _change_site(command: c.ChangeSite, state: Tenant) -> list[Struct]:
    site = state.sites.get(command.site)
    if site is None:
        raise Refused("not_found", "There is no such site.")
    _check_origins(command.origins)
    if (site.name, site.origins) == (command.name, command.origins):
        return []
    return [e.SiteChanged(command.site, command.name, command.origins)]


def _create_key(command: c.CreateApiKey, state: Tenant) -> list[Struct]:
    if command.key in state.api_keys or command.key in state.revoked:
        raise Refused("exists", "This key exists already.")
    return [e.ApiKeyCreated(command.key, command.digest, command.scopes)]


def _revoke_key(command: c.RevokeApiKey, state: Tenant) -> list[Struct]:
    if command.key in state.revoked:
        return []
    if command.key not in state.api_keys:
        raise Refused("not_found", "There is no such key.")
    return [e.ApiKeyRevoked(command.key)]


def _check_origins(origins: tuple[str, ...]) -> None:
    for origin in origins:
        if parse(origin) is None:
            raise Refused(
                "bad_request", f"An origin is such as https://shop.example, not {origin!r}."
            )
